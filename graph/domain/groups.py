"""Group events: several customers with one subject in a window, improbable against its own past.

Pure: the graph gives the complaints near one another (a *neighbourhood*: one complaint and those
near it that came before it, or those near one of these), this module tells which neighbourhoods are
groups and to which event each belongs.
"""

import hashlib
import math
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from graph.domain.evidence import GroupEvidence
from graph.domain.rules import GroupRule

#: Shape of what is known of a subject's rate before anything is counted (Jeffreys' prior of a
#: Poisson rate): a subject that never occurred is rare, not impossible.
_PRIOR_COUNT = 0.5
#: An unknown subject is taken to occur so often a year, or to have the part of all complaints that
#: is near one by chance, whichever is more.
_PRIOR_YEARLY = 1.0
#: Where the graph is younger than the window, a group must be this much more sudden: a stream that
#: began with the graph fills the window evenly.
_SUDDEN = 2
#: Complaints a year up to which the rule's probability holds as it is. Every complaint is a look,
#: so in a graph with more of them each must be as much more improbable.
_TESTS = 2_500
#: A neighbourhood this improbable is looked at from its other members too.
_NEARLY = 0.01
_YEAR = timedelta(days=365)
#: Customers of an event among those near a complaint, so that it joins the event.
_JOINS = 2
#: Share of the customers near a complaint that must be an event's, so that the complaint joins it.
_HALF = 0.5
#: The same so that nothing more is asked: a bystander, who is near some of them but was found to be
#: no part of the event, must not send all who follow the long way.
_NEARLY_ALL = 0.9


@dataclass(frozen=True, slots=True)
class Member:
    """A complaint in a neighbourhood; ``customer``: its own id where none is known."""

    id: str
    key: str
    at: datetime
    customer: str
    branch: str | None = None
    cosine: float = 1.0


@dataclass(frozen=True, slots=True)
class Neighbourhood:
    """A complaint, and those near it in the window before it, without itself.

    ``around``: the id of that one of them which they are near; the centre's own id or empty where
    they are near the centre.
    """

    centre: Member
    near: tuple[Member, ...]
    around: str = ""

    @property
    def members(self) -> tuple[Member, ...]:
        """All of them, by receipt."""
        return (*sorted(self.near, key=lambda member: member.key), self.centre)

    @property
    def hub(self) -> str:
        """The id of the complaint that all others are near."""
        return self.around or self.centre.id

    @property
    def hub_key(self) -> str:
        """The hub's sort key: unlike its id, the same in every installation."""
        return next(member.key for member in self.members if member.id == self.hub)

    @property
    def customers(self) -> int:
        return len({member.customer for member in self.members})

    def nearer_than(self, cosine: float) -> "Neighbourhood":
        return replace(self, near=tuple(m for m in self.near if m.cosine >= cosine))

    def since(self, at: datetime) -> "Neighbourhood":
        return replace(self, near=tuple(m for m in self.near if m.at >= at))


@dataclass(frozen=True, slots=True)
class Past:
    """What came before a neighbourhood's window.

    ``near``: complaints near the centre; ``days``: how long the past is that the graph knows;
    ``before`` and ``within``: complaints of any subject in the past and in the window, 0 while
    they are not counted.
    """

    near: tuple[Member, ...]
    days: timedelta
    before: int = 0
    within: int = 0


def predictive_tail(count: int, shape: float, exposure: float) -> float:
    """P(X >= count) where X is Poisson and its mean only known from a past.

    The mean is Gamma(shape, exposure), so X is negative binomial; with a long past that is the
    Poisson tail (Gelman et al., Bayesian Data Analysis, 3rd ed., section 2.6). Summed as a series:
    exact also where it is tiny.
    """
    if count <= 0:
        return 1.0
    if shape / exposure > count:
        # Far from a tail: the complement has fewer terms.
        return max(0.0, 1.0 - math.fsum(_predictive(n, shape, exposure) for n in range(count)))
    term, total, n = _predictive(count, shape, exposure), 0.0, count
    while term > total * 1e-16:
        total += term
        term *= (n + shape) / ((n + 1) * (exposure + 1))
        n += 1
    return total


def _predictive(count: int, shape: float, exposure: float) -> float:
    ways = math.lgamma(count + shape) - math.lgamma(shape) - math.lgamma(count + 1)
    never = shape * (math.log(exposure) - math.log1p(exposure))
    return math.exp(ways + never - count * math.log1p(exposure))


def expected(rule: GroupRule, neighbourhood: Neighbourhood, past: Past) -> float:
    """Distinct customers to be expected in the window."""
    shape, exposure = _known(rule, neighbourhood, past)
    return shape / exposure


def _known(rule: GroupRule, neighbourhood: Neighbourhood, past: Past) -> tuple[float, float]:
    """Shape and exposure, in windows, of the Gamma distribution of what is to be expected.

    Of two exposures the smaller, which expects more: by the days of the past, and by how many
    complaints of any subject it has for each of the window, which knows that a bank may have begun
    to record only lately, or records more now.
    """
    shape = _PRIOR_COUNT + _periods(neighbourhood, past.near, timedelta(days=rule.days))
    exposure = (past.days + _PRIOR_COUNT / _PRIOR_YEARLY * _YEAR) / timedelta(days=rule.days)
    if past.within:
        prior = _PRIOR_COUNT / (1 - rule.likeness)
        exposure = min(exposure, (past.before + prior) / past.within)
    return shape, exposure


def _periods(neighbourhood: Neighbourhood, near: Iterable[Member], window: timedelta) -> int:
    """Distinct customers in each window's length of the past, added up."""
    return len(
        {(member.customer, (neighbourhood.centre.at - member.at) // window) for member in near}
    )


def _bound(rule: GroupRule, past: Past) -> float:
    """How improbable a group must be: the rule's probability shared by all looks at it.

    The smallest group is looked at from each of its members, and there is a look for each complaint
    of a year (Bonferroni's correction).
    """
    span = past.days + timedelta(days=rule.days)
    tests = (past.before + past.within) * (_YEAR / span)
    return rule.probability / rule.customers * (_TESTS / max(tests, _TESTS))


def nearly_group(rule: GroupRule, neighbourhood: Neighbourhood, past: Past) -> bool:
    """Whether a neighbourhood is worth a look from its other members too.

    Texts of one subject are not all near one another: the complaint that completes a group may lie
    at its edge, one customer short or near to what is no part of the group.
    """
    shape, exposure = _known(rule, neighbourhood, past)
    return (
        neighbourhood.customers >= rule.customers - 1
        and predictive_tail(neighbourhood.customers, shape, exposure) < _NEARLY
    )


def most_improbable(
    rule: GroupRule, own: tuple[Neighbourhood, Past], others: Iterable[tuple[Neighbourhood, Past]]
) -> tuple[Neighbourhood, GroupEvidence | None]:
    """The most improbable group of a complaint's neighbourhoods; its own when none is a group."""
    results = [
        (neighbourhood, group_of(rule, neighbourhood, past))
        for neighbourhood, past in (own, *others)
    ]
    groups = [
        (neighbourhood, evidence) for neighbourhood, evidence in results if evidence is not None
    ]
    if not groups:
        return own[0], None
    return min(groups, key=lambda pair: (pair[1].probability, pair[0].hub_key))


def group_of(rule: GroupRule, neighbourhood: Neighbourhood, past: Past) -> GroupEvidence | None:
    """The evidence that a neighbourhood is a group event; None when it is not."""
    if not past.days:
        neighbourhood = neighbourhood.since(
            neighbourhood.centre.at - timedelta(days=rule.days) / _SUDDEN
        )
    customers = neighbourhood.customers
    if customers < rule.customers:
        return None
    shape, exposure = _known(rule, neighbourhood, past)
    probability = predictive_tail(customers, shape, exposure)
    if probability >= _bound(rule, past):
        return None
    return GroupEvidence(
        customers=customers,
        days=rule.days,
        expected=round(shape / exposure, 3),
        probability=float(f"{probability:.3g}"),
        past=_periods(neighbourhood, past.near, timedelta(days=rule.days)),
        branches=len({member.branch for member in neighbourhood.members if member.branch}),
        unknown=sum(member.customer == member.id for member in neighbourhood.members),
    )


@dataclass(slots=True)
class GroupEvent:
    """A group event with all that it covers; ``evidence`` None: it was on record before."""

    id: str
    members: set[str]
    evidence: GroupEvidence | None = None
    added: set[str] = field(default_factory=set)
    #: The complaint by which it grew first, which completes a new one, and when it was received.
    completed_by: str = ""
    at: datetime = datetime.min
    #: Of one on record: the sort key of its first complaint.
    key: str = ""

    def cover(self, neighbourhood: Neighbourhood, ids: Iterable[str]) -> None:
        new = set(ids) - self.members
        if new and not self.added:
            self.completed_by, self.at = neighbourhood.centre.id, neighbourhood.centre.at
        self.members |= new
        self.added |= new


def assign(
    rule: GroupRule,
    results: Sequence[tuple[Neighbourhood, GroupEvidence | None]],
    standing: Collection[GroupEvent],
) -> list[GroupEvent]:
    """The events that neighbourhoods begin or extend, taking neighbourhoods in order of receipt.

    A group that shares two complaints with an event extends it; so does a single complaint when at
    least half of the customers near it are the event's.
    """
    events = sorted(standing, key=lambda event: event.key)
    for neighbourhood, evidence in sorted(results, key=lambda pair: pair[0].centre.key):
        ids = [member.id for member in neighbourhood.members]
        event = max(events, key=lambda e: len(e.members & set(ids)), default=None)
        if event is not None and evidence is not None and len(event.members & set(ids)) >= _JOINS:
            event.cover(neighbourhood, ids)
        elif event is not None and _belongs(neighbourhood, event):
            event.cover(neighbourhood, [neighbourhood.centre.id])
        elif evidence is not None:
            made = GroupEvent(event_id(neighbourhood, rule), set(), evidence)
            made.cover(neighbourhood, ids)
            events.append(made)
    return [event for event in events if event.added]


def joining(neighbourhoods: Iterable[Neighbourhood], known: Iterable[GroupEvent]) -> set[str]:
    """Complaints that are near hardly anything but what one event covers, or others that join it.

    They belong to that event whatever their evidence, as ``assign`` has it.
    """
    events = [GroupEvent(event.id, set(event.members)) for event in known]
    joined: set[str] = set()
    for neighbourhood in sorted(neighbourhoods, key=lambda neighbourhood: neighbourhood.centre.key):
        for event in events:
            if _belongs(neighbourhood, event, _NEARLY_ALL):
                event.members.add(neighbourhood.centre.id)
                joined.add(neighbourhood.centre.id)
                break
    return joined


def undecided(
    neighbourhoods: Iterable[Neighbourhood], known: Collection[GroupEvent]
) -> dict[str, datetime]:
    """Complaints that no event covers, near those that are near one; with their receipt.

    Most were registered at the same moment, and join it, too, once they are looked at.
    """
    covered = {identity for event in known for identity in event.members}
    return {
        member.id: member.at
        for neighbourhood in neighbourhoods
        if len({each.customer for each in neighbourhood.near if each.id in covered}) >= _JOINS
        for member in neighbourhood.near
        if member.id not in covered
    }


def event_id(neighbourhood: Neighbourhood, rule: GroupRule) -> str:
    """Derived from the complaint that completes it: whoever writes it twice writes one.

    A hash of it: who sees another complaint of the event learns nothing of that one.
    """
    name = f"{neighbourhood.centre.id}.{rule.code}"
    return hashlib.blake2b(name.encode(), digest_size=16).hexdigest()


def _belongs(neighbourhood: Neighbourhood, event: GroupEvent, share: float = _HALF) -> bool:
    near = {m.customer for m in neighbourhood.near if m.customer != neighbourhood.centre.customer}
    covered = {m.customer for m in neighbourhood.near if m.id in event.members}
    shared = near & covered
    return len(shared) >= _JOINS and len(shared) >= share * len(near)
