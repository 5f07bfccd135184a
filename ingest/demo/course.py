"""How the bank handles a filing: level, answer, outcome, what the customer says of it."""

import math
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from random import Random

from graph.domain.enums import CaseStatus, OutcomeKind, RemedyKind
from ingest.demo.incidents import Incident

#: Median days to the answer, by lead department.
_PACE = {
    "CARD-CENTRE": 6.0,
    "RETAIL": 5.0,
    "WEALTH-DEPT": 8.5,
    "LENDING": 7.0,
    "DIGITAL-DEPT": 4.5,
    "OPERATIONS": 5.0,
    "RISK": 8.0,
    "CONSUMER": 7.5,
}
_PACE_SPREAD = 0.5
_ESCALATED_PACE = 1.2
TIMELY_DAYS = 15
_WITHDRAWN_SHARE = 0.025
_SECOND_ROUND_SHARE = 0.012
_REVIEW_SHARE = 0.004
_ANSWERED_DAYS = 7
_SATISFACTION_SHARE = 0.68
_SATISFACTION = {
    OutcomeKind.UPHELD: 4.15,
    OutcomeKind.PARTLY_UPHELD: 3.5,
    OutcomeKind.EXPLAINED: 3.0,
    OutcomeKind.NOT_UPHELD: 2.1,
}
_JUSTIFIED = (OutcomeKind.UPHELD, OutcomeKind.PARTLY_UPHELD)
#: The status of an open case by the part of its time that has passed.
_OPEN = (
    (0.06, CaseStatus.REGISTERED),
    (0.14, CaseStatus.CLASSIFIED),
    (0.28, CaseStatus.DISPATCHED),
    (0.8, CaseStatus.INVESTIGATING),
    (0.92, CaseStatus.REMEDY_PROPOSED),
    (1.0, CaseStatus.AGREED),
)


@dataclass(frozen=True, slots=True)
class Verdict:
    """One round's end; ``refund`` in fen."""

    outcome: OutcomeKind
    remedy: RemedyKind
    refund: int | None
    at: datetime
    satisfaction: int | None


@dataclass(frozen=True, slots=True)
class Course:
    status: CaseStatus
    rounds: tuple[Verdict, ...] = ()

    @property
    def answered(self) -> datetime | None:
        return self.rounds[-1].at if self.rounds else None


def course(
    random: Random,
    incident: Incident,
    received: datetime,
    end: datetime,
    *,
    escalated: bool,
    outcome: OutcomeKind | None = None,
) -> Course:
    """What comes of a filing until ``end``; ``outcome`` fixes how it is decided."""
    pace = _PACE[incident.theme.lead] * (_ESCALATED_PACE if escalated else 1.0)
    days = max(0.2, random.lognormvariate(math.log(pace), _PACE_SPREAD))
    at = (received + timedelta(days=days)).replace(microsecond=0)
    if at >= end:
        return Course(_open_status((end - received) / timedelta(days=days)))
    withdrawn = outcome is None and random.random() < _WITHDRAWN_SHARE
    kind = OutcomeKind.WITHDRAWN if withdrawn else outcome or _outcome(random, incident)
    verdict = _verdict(random, incident, kind, at, received, escalated)
    if kind is OutcomeKind.WITHDRAWN:
        return Course(CaseStatus.WITHDRAWN, (verdict,))
    if outcome is None and kind not in _JUSTIFIED and random.random() < _SECOND_ROUND_SHARE:
        return _second_round(random, incident, verdict, end)
    return Course(_status(random, at, end), (verdict,))


def _open_status(passed: float) -> CaseStatus:
    return next(status for until, status in _OPEN if passed <= until)


def _status(random: Random, at: datetime, end: datetime) -> CaseStatus:
    recent = end - at < timedelta(days=_ANSWERED_DAYS)
    if random.random() < _REVIEW_SHARE:
        return CaseStatus.REVIEW_REQUESTED if recent else CaseStatus.REVIEWED
    return CaseStatus.ANSWERED if recent else CaseStatus.CLOSED


def _outcome(random: Random, incident: Incident) -> OutcomeKind:
    outcomes = incident.case.outcomes
    return random.choices(list(outcomes), list(outcomes.values()))[0]


def _verdict(
    random: Random,
    incident: Incident,
    kind: OutcomeKind,
    at: datetime,
    received: datetime,
    escalated: bool,
) -> Verdict:
    refund = _refund(random, incident, kind)
    late = at - received > timedelta(days=TIMELY_DAYS)
    satisfaction = None
    if kind in _SATISFACTION and random.random() < _SATISFACTION_SHARE:
        mean = _SATISFACTION[kind] - 0.5 * late - 0.4 * escalated
        satisfaction = min(5, max(1, round(random.gauss(mean, 0.9))))
    return Verdict(kind, _remedy(incident, kind, refund), refund, at, satisfaction)


def _refund(random: Random, incident: Incident, kind: OutcomeKind) -> int | None:
    """What is paid back, in fen: all of it, or by agreement a part in whole yuan."""
    if kind not in incident.case.refunds or incident.amount is None:
        return None
    if kind is OutcomeKind.UPHELD:
        return incident.amount
    part = random.choice((0.3, 0.4, 0.5, 0.5, 0.6, 0.7))
    return max(100, round(incident.amount * part / 100) * 100)


def _remedy(incident: Incident, kind: OutcomeKind, refund: int | None) -> RemedyKind:
    if refund is not None:
        return RemedyKind.MONETARY
    if kind in _JUSTIFIED:
        return incident.case.remedy
    return RemedyKind.EXPLANATION if kind is OutcomeKind.EXPLAINED else RemedyKind.NONE


def _second_round(random: Random, incident: Incident, first: Verdict, end: datetime) -> Course:
    """The customer does not accept; the case is reopened and ends a little better for him."""
    first = replace(first, satisfaction=1)
    reopened = first.at + timedelta(days=random.uniform(1, 6))
    at = (reopened + timedelta(days=random.uniform(3, 12))).replace(microsecond=0)
    if at >= end:
        return Course(CaseStatus.REOPENED, (first,))
    better = [kind for kind in _JUSTIFIED if kind in incident.case.outcomes]
    kind = better[-1] if better else OutcomeKind.EXPLAINED
    second = _verdict(random, incident, kind, at, reopened, escalated=False)
    return Course(CaseStatus.CLOSED, (first, second))
