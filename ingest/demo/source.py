"""The demo bank as a source: its complaints as any other source would give them."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

from graph.domain.catalogue import CatalogueEntry
from graph.domain.enums import CaseStatus, CatalogueKind, DepartmentRole
from graph.domain.money import Money
from ingest.demo.bank import bank
from ingest.demo.course import TIMELY_DAYS, Verdict
from ingest.demo.facts import PlantedFact
from ingest.demo.filings import Filing
from ingest.demo.grading import grade, level, timeliness
from ingest.demo.history import history
from ingest.demo.options import SYSTEM, DemoOptions
from ingest.demo.report import report
from ingest.demo.streams import stream
from ingest.demo.writing import Written, write
from ingest.record import (
    Chain,
    IncomingCause,
    IncomingComplaint,
    IncomingCustomer,
    IncomingDecision,
    Row,
)
from ingest.sources.files import Meter

_CURRENCY = "CNY"
_MISSING_AMOUNT_SHARE = 0.08
_CAUSE_SHARE = 0.97
_SECOND_CAUSE_SHARE = 0.06
_ASSISTED_SHARE = 0.4
_HANDLERS = 6
_UNREAD = frozenset({CaseStatus.REGISTERED})
_UNASSIGNED = frozenset({CaseStatus.REGISTERED, CaseStatus.CLASSIFIED})


def catalogue(options: DemoOptions) -> tuple[CatalogueEntry, ...]:
    """All places, products, departments and causes, the wider ones before the narrower."""
    return bank().entries


def complaints(options: DemoOptions) -> Iterator[IncomingComplaint]:
    """The bank's complaints in order of receipt."""
    for number, filing in enumerate(history(options)):
        random = stream(options, filing.key)
        yield _complaint(random, source_id(options, number), filing)


def source_id(options: DemoOptions, number: int) -> str:
    """The id of the bank's complaint with this place in the order of receipt, from 0."""
    return f"{options.prefix}-{number:06d}"


def planted_facts(options: DemoOptions) -> tuple[PlantedFact, ...]:
    """The facts in this bank, in the order of ``planted.toml``; none in a bank without."""
    filings = history(options)
    named = [(source_id(options, number), each) for number, each in enumerate(filings)]
    return report(options, named)


class _NoFile(Meter):
    """Who reads no file is at byte 0 of 0."""

    @property
    def size(self) -> int:
        return 0


@dataclass(frozen=True, slots=True)
class DemoSource:
    """A demo bank's complaints, as rows; lines count from 1. ``path`` only names it."""

    options: DemoOptions = field(default_factory=DemoOptions)
    system: str = SYSTEM
    path: Path = Path("demo")
    meter: Meter = field(default_factory=lambda: _NoFile(Path("demo")), compare=False, repr=False)
    used: frozenset[str] = frozenset()

    def fingerprint(self) -> str:
        """The bank that this is; its rows follow from it."""
        return f"{self.options.prefix}:{self.options.last_day}"

    def rows(self) -> Iterator[Row]:
        for line, complaint in enumerate(complaints(self.options), start=1):
            yield Row(line, complaint)


def _complaint(random: Random, identity: str, filing: Filing) -> IncomingComplaint:
    event, status = filing.incident, filing.course.status
    text = write(random, filing)
    graded = grade(random, filing)
    read = status not in _UNREAD
    return IncomingComplaint(
        source_system=SYSTEM,
        source_id=identity,
        received_at=filing.received,
        channel=filing.channel,
        status=status,
        level=level(filing),
        subject=text.subject,
        narrative=text.narrative,
        occurred_at=event.occurred,
        type=event.theme.type if read else None,
        severity=graded.severity,
        urgency=graded.urgency,
        risk_types=graded.risk_types,
        timeliness=timeliness(filing) if read else None,
        amount=_amount(random, filing),
        assignee=_assignee(filing) if status not in _UNASSIGNED else None,
        product=bank().chain(CatalogueKind.PRODUCT, event.theme.product),
        branch=bank().chain(CatalogueKind.BRANCH, event.place),
        departments=_departments(random, filing) if read else (),
        causes=_causes(random, filing),
        customer=_customer(random, filing),
        decisions=decisions(filing, text),
    )


def _amount(random: Random, filing: Filing) -> Money | None:
    """In some records nobody noted the amount."""
    disputed = filing.incident.disputed
    if disputed is None or random.random() < _MISSING_AMOUNT_SHARE:
        return None
    return Money(disputed, _CURRENCY)


def _assignee(filing: Filing) -> str:
    """A handler of the lead department; always the same for one incident."""
    number = int(filing.incident.clerk * 1_000_003) % _HANDLERS + 1
    return f"{filing.incident.theme.lead.lower()}-{number:02d}"


def _departments(random: Random, filing: Filing) -> tuple[tuple[Chain, DepartmentRole], ...]:
    theme = filing.incident.theme
    lead = (bank().chain(CatalogueKind.DEPARTMENT, theme.lead), DepartmentRole.LEAD)
    if theme.assisting is None or random.random() >= _ASSISTED_SHARE:
        return (lead,)
    chain = bank().chain(CatalogueKind.DEPARTMENT, theme.assisting)
    return (lead, (chain, DepartmentRole.ASSISTING))


def _causes(random: Random, filing: Filing) -> tuple[IncomingCause, ...]:
    """Known once a case is decided; sometimes a second cause has a part in it."""
    if not filing.course.rounds or random.random() >= _CAUSE_SHARE:
        return ()
    event = filing.incident
    cause = bank().chain(CatalogueKind.ROOT_CAUSE, event.case.cause)
    others = sorted({case.cause for case in event.theme.cases} - {event.case.cause})
    if not others or random.random() >= _SECOND_CAUSE_SHARE:
        return (IncomingCause(cause, share=1.0),)
    second = bank().chain(CatalogueKind.ROOT_CAUSE, random.choice(others))
    return (IncomingCause(cause, share=0.7), IncomingCause(second, share=0.3))


def _customer(random: Random, filing: Filing) -> IncomingCustomer | None:
    if filing.incident.anonymous:
        return None
    return filing.incident.person.incoming(random, filing.received.date())


def decisions(filing: Filing, text: Written) -> tuple[IncomingDecision, ...]:
    """How the rounds of a filing ended, each with what the bank wrote."""
    rounds = zip(filing.course.rounds, text.summaries, strict=True)
    return tuple(_decision(filing, verdict, summary) for verdict, summary in rounds)


def _decision(filing: Filing, verdict: Verdict, summary: str) -> IncomingDecision:
    refund = verdict.refund
    return IncomingDecision(
        verdict.outcome,
        verdict.remedy,
        None if refund is None else Money(refund, _CURRENCY),
        verdict.at,
        verdict.satisfaction,
        (verdict.at - filing.received).total_seconds() <= TIMELY_DAYS * 86_400,
        summary,
    )
