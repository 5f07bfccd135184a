"""How a filing is graded once someone has read it: severity, urgency, risks, timeliness."""

from dataclasses import dataclass
from random import Random

from graph.domain.enums import CaseStatus, Level, Severity, Timeliness, Urgency
from ingest.demo.filings import Filing

_IMMEDIATE_DAYS = 7
_DELAYED_DAYS = 90
_UNGRADED_SHARE = 0.04
_SEVERITIES = (Severity.MINOR, Severity.MODERATE, Severity.SEVERE)
_URGENCIES = (Urgency.LOW, Urgency.NORMAL, Urgency.HIGH, Urgency.IMMEDIATE)


@dataclass(frozen=True, slots=True)
class Grade:
    severity: Severity | None = None
    urgency: Urgency | None = None
    risk_types: tuple[str, ...] = ()


def level(filing: Filing) -> Level:
    if not filing.escalated:
        return Level.GREEN
    return Level.RED if filing.red else Level.YELLOW


def timeliness(filing: Filing) -> Timeliness:
    days = (filing.received.date() - filing.incident.occurred).days
    if days <= _IMMEDIATE_DAYS:
        return Timeliness.IMMEDIATE
    return Timeliness.DELAYED if days <= _DELAYED_DAYS else Timeliness.LONG_STANDING


def grade(random: Random, filing: Filing) -> Grade:
    """A registered filing has no grade yet, and now and then a grade was forgotten."""
    if filing.course.status is CaseStatus.REGISTERED or random.random() < _UNGRADED_SHARE:
        return Grade()
    severities = (10, 40, 50) if filing.escalated else (55, 42, 3)
    urgencies = (0, 20, 55, 25) if filing.escalated else (25, 62, 12, 1)
    share = 0.8 if filing.escalated else 0.3
    return Grade(
        random.choices(_SEVERITIES, severities)[0],
        random.choices(_URGENCIES, urgencies)[0],
        tuple(risk for risk in filing.incident.theme.risks if random.random() < share),
    )
