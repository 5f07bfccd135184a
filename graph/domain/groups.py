"""Group events: several customers with one matter in a window, improbable against its own past.

Pure: the graph gives the complaints near one another (a *star*: one complaint and those near it
that came before it), this module tells which stars are groups and to which event each belongs.
"""

import math
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from graph.domain.evidence import GroupEvidence
from graph.domain.rules import GroupRule

#: Added to what was counted: a matter that never occurred is rare, not impossible.
_PRIOR_COUNT = 0.5
#: The part of all complaints that an unknown matter is taken to have, so that a young graph, whose
#: past tells nothing, does not take every stream for a group.
_PRIOR_SHARE = 0.02
#: A matter that never occurred is as rare as a past of this length tells, also in a younger graph.
_PRIOR_PAST = timedelta(days=90)
#: Where the graph is younger than the window, a group must be this much more sudden: a stream that
#: began with the graph fills the window evenly.
_SUDDEN = 2
#: Customers of an event among those near a complaint, so that it joins the event.
_JOINS = 2


@dataclass(frozen=True, slots=True)
class Member:
    """A complaint in a star; ``customer``: its own id where nobody is known to have filed it."""

    id: str
    key: str
    at: datetime
    customer: str
    branch: str | None = None
    cosine: float = 1.0


@dataclass(frozen=True, slots=True)
class Star:
    """A complaint, and those near it in the window before it, without itself."""

    centre: Member
    near: tuple[Member, ...]

    @property
    def members(self) -> tuple[Member, ...]:
        """All of them, by receipt."""
        return (*sorted(self.near, key=lambda member: member.key), self.centre)

    @property
    def customers(self) -> int:
        return len({member.customer for member in self.members})

    def nearer_than(self, cosine: float) -> "Star":
        return replace(self, near=tuple(m for m in self.near if m.cosine >= cosine))

    def since(self, at: datetime) -> "Star":
        return replace(self, near=tuple(m for m in self.near if m.at >= at))


@dataclass(frozen=True, slots=True)
class Past:
    """What came before a star's window.

    ``near``: complaints near the centre; ``days``: how long the past is that the graph knows;
    ``before`` and ``within``: complaints of any matter in the past and in the window, 0 while they
    are not counted.
    """

    near: tuple[Member, ...]
    days: timedelta
    before: int = 0
    within: int = 0


def poisson_tail(count: int, mean: float) -> float:
    """P(X >= count) for a Poisson variable, by its series: exact also where it is tiny."""
    if count <= 0:
        return 1.0
    if mean <= 0:
        return 0.0
    if mean > count:
        # Far from a tail: the complement has fewer terms.
        return max(0.0, 1.0 - math.fsum(_poisson(n, mean) for n in range(count)))
    term, total, n = _poisson(count, mean), 0.0, count
    while term > total * 1e-16:
        total += term
        n += 1
        term *= mean / n
    return total


def _poisson(count: int, mean: float) -> float:
    return math.exp(count * math.log(mean) - mean - math.lgamma(count + 1))


def expected(rule: GroupRule, star: Star, past: Past) -> float:
    """Distinct customers to be expected in the window.

    The larger of two: by the days of the past, and by the matter's part of all complaints, which
    knows that a bank may have begun to record only lately, or records more now.
    """
    window = timedelta(days=rule.days)
    counted = _periods(star, past.near, window)
    by_days = counted * (window / max(past.days, window))
    by_days += _PRIOR_COUNT * (window / max(past.days, _PRIOR_PAST))
    share = (counted + _PRIOR_COUNT) / (past.before + _PRIOR_COUNT / _PRIOR_SHARE)
    return max(by_days, share * past.within)


def _periods(star: Star, near: Iterable[Member], window: timedelta) -> int:
    """Distinct customers in each window's length of the past, added up."""
    return len({(member.customer, (star.centre.at - member.at) // window) for member in near})


def group_of(rule: GroupRule, star: Star, past: Past) -> GroupEvidence | None:
    """The evidence that a star is a group event; None when it is not."""
    if not past.days:
        star = star.since(star.centre.at - timedelta(days=rule.days) / _SUDDEN)
    customers = star.customers
    if customers < rule.customers:
        return None
    mean = expected(rule, star, past)
    probability = poisson_tail(customers, mean)
    if probability >= rule.probability:
        return None
    return GroupEvidence(
        customers=customers,
        days=rule.days,
        expected=round(mean, 3),
        probability=float(f"{probability:.3g}"),
        past=_periods(star, past.near, timedelta(days=rule.days)),
        branches=len({member.branch for member in star.members if member.branch}),
    )


@dataclass(slots=True)
class Event:
    """A group event with all that it covers; ``evidence`` None: it was on record before."""

    id: str
    members: set[str]
    evidence: GroupEvidence | None = None
    added: set[str] = field(default_factory=set)
    #: The complaint by which it grew first, which completes a new one, and when it was received.
    completed_by: str = ""
    at: datetime = datetime.min

    def cover(self, star: Star, ids: Iterable[str]) -> None:
        new = set(ids) - self.members
        if new and not self.added:
            self.completed_by, self.at = star.centre.id, star.centre.at
        self.members |= new
        self.added |= new


def assign(
    rule: GroupRule,
    found: Sequence[tuple[Star, GroupEvidence | None]],
    standing: Collection[Event],
) -> list[Event]:
    """The events that stars begin or extend, taking stars in order of receipt.

    A group that shares two complaints with an event extends it; so does a single complaint when at
    least half of the customers near it are the event's.
    """
    events = sorted(standing, key=lambda event: event.id)
    for star, evidence in sorted(found, key=lambda pair: pair[0].centre.key):
        ids = [member.id for member in star.members]
        event = max(events, key=lambda e: len(e.members & set(ids)), default=None)
        if event is not None and evidence is not None and len(event.members & set(ids)) >= _JOINS:
            event.cover(star, ids)
        elif event is not None and _belongs(star, event):
            event.cover(star, [star.centre.id])
        elif evidence is not None:
            made = Event(event_id(star, rule), set(), evidence)
            made.cover(star, ids)
            events.append(made)
    return [event for event in events if event.added]


def event_id(star: Star, rule: GroupRule) -> str:
    """Derived from the complaint that completes it: whoever writes it twice writes one."""
    return f"{star.centre.id}.{rule.code}"


def _belongs(star: Star, event: Event) -> bool:
    near = {m.customer for m in star.near if m.customer != star.centre.customer}
    covered = {m.customer for m in star.near if m.id in event.members}
    shared = near & covered
    return len(shared) >= _JOINS and 2 * len(shared) >= len(near)
