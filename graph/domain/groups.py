"""Group events: several customers with one matter in a window, improbable against its own past.

Pure: the graph gives the complaints near one another (a *star*: one complaint and those near it
that came before it, or those near one of these), this module tells which stars are groups and to
which event each belongs.
"""

import math
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from graph.domain.evidence import GroupEvidence
from graph.domain.rules import GroupRule

#: Shape of what is known of a matter's rate before anything is counted (Jeffreys' prior of a
#: Poisson rate): a matter that never occurred is rare, not impossible.
_PRIOR_COUNT = 0.5
#: An unknown matter is taken to occur so often a year, or to have the part of all complaints that
#: is near one by chance, whichever is more.
_PRIOR_YEARLY = 1.0
#: Where the graph is younger than the window, a group must be this much more sudden: a stream that
#: began with the graph fills the window evenly.
_SUDDEN = 2
#: Complaints a year up to which the rule's probability holds as it is. Every complaint is a look,
#: so in a graph with more of them each must be as much more improbable.
_LOOKS = 2_500
#: A star this improbable is looked at from its other members too.
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
    """A complaint in a star; ``customer``: its own id where nobody is known to have filed it."""

    id: str
    key: str
    at: datetime
    customer: str
    branch: str | None = None
    cosine: float = 1.0


@dataclass(frozen=True, slots=True)
class Star:
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


def expected(rule: GroupRule, star: Star, past: Past) -> float:
    """Distinct customers to be expected in the window."""
    shape, exposure = _known(rule, star, past)
    return shape / exposure


def _known(rule: GroupRule, star: Star, past: Past) -> tuple[float, float]:
    """Shape and exposure, in windows, of the Gamma distribution of what is to be expected.

    Of two exposures the smaller, which expects more: by the days of the past, and by how many
    complaints of any matter it has for each of the window, which knows that a bank may have begun
    to record only lately, or records more now.
    """
    shape = _PRIOR_COUNT + _periods(star, past.near, timedelta(days=rule.days))
    exposure = (past.days + _PRIOR_COUNT / _PRIOR_YEARLY * _YEAR) / timedelta(days=rule.days)
    if past.within:
        prior = _PRIOR_COUNT / (1 - rule.likeness)
        exposure = min(exposure, (past.before + prior) / past.within)
    return shape, exposure


def _periods(star: Star, near: Iterable[Member], window: timedelta) -> int:
    """Distinct customers in each window's length of the past, added up."""
    return len({(member.customer, (star.centre.at - member.at) // window) for member in near})


def _bound(rule: GroupRule, past: Past) -> float:
    """How improbable a group must be: the rule's probability shared by all looks at it.

    The smallest group is looked at from each of its members, and there is a look for each complaint
    of a year (Bonferroni's correction).
    """
    span = past.days + timedelta(days=rule.days)
    looks = (past.before + past.within) * (_YEAR / span)
    return rule.probability / rule.customers * (_LOOKS / max(looks, _LOOKS))


def nearly_group(rule: GroupRule, star: Star, past: Past) -> bool:
    """Whether a star is worth a look from its other members too.

    Texts of one matter are not all near one another: the complaint that completes a group may lie
    at its edge, one customer short or near to what is no part of the group.
    """
    shape, exposure = _known(rule, star, past)
    return (
        star.customers >= rule.customers - 1
        and predictive_tail(star.customers, shape, exposure) < _NEARLY
    )


def most_improbable(
    rule: GroupRule, own: tuple[Star, Past], others: Iterable[tuple[Star, Past]]
) -> tuple[Star, GroupEvidence | None]:
    """The most improbable group of a complaint's stars; its own star when none is a group."""
    found = [(star, group_of(rule, star, past)) for star, past in (own, *others)]
    groups = [(star, evidence) for star, evidence in found if evidence is not None]
    if not groups:
        return own[0], None
    return min(groups, key=lambda pair: (pair[1].probability, pair[0].hub_key))


def group_of(rule: GroupRule, star: Star, past: Past) -> GroupEvidence | None:
    """The evidence that a star is a group event; None when it is not."""
    if not past.days:
        star = star.since(star.centre.at - timedelta(days=rule.days) / _SUDDEN)
    customers = star.customers
    if customers < rule.customers:
        return None
    shape, exposure = _known(rule, star, past)
    probability = predictive_tail(customers, shape, exposure)
    if probability >= _bound(rule, past):
        return None
    return GroupEvidence(
        customers=customers,
        days=rule.days,
        expected=round(shape / exposure, 3),
        probability=float(f"{probability:.3g}"),
        past=_periods(star, past.near, timedelta(days=rule.days)),
        branches=len({member.branch for member in star.members if member.branch}),
        unknown=sum(member.customer == member.id for member in star.members),
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
    #: Of one on record: the sort key of its first complaint.
    key: str = ""

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
    events = sorted(standing, key=lambda event: event.key)
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


def joining(stars: Iterable[Star], known: Iterable[Event]) -> set[str]:
    """Complaints that are near hardly anything but what one event covers, or others that join it.

    They belong to that event whatever their evidence, as ``assign`` has it.
    """
    events = [Event(event.id, set(event.members)) for event in known]
    joined: set[str] = set()
    for star in sorted(stars, key=lambda star: star.centre.key):
        for event in events:
            if _belongs(star, event, _NEARLY_ALL):
                event.members.add(star.centre.id)
                joined.add(star.centre.id)
                break
    return joined


def undecided(stars: Iterable[Star], known: Collection[Event]) -> dict[str, datetime]:
    """Complaints that no event covers, near those that are near one; with their receipt.

    Most were registered at the same moment, and join it, too, once they are looked at.
    """
    covered = {identity for event in known for identity in event.members}
    return {
        member.id: member.at
        for star in stars
        if len({each.customer for each in star.near if each.id in covered}) >= _JOINS
        for member in star.near
        if member.id not in covered
    }


def event_id(star: Star, rule: GroupRule) -> str:
    """Derived from the complaint that completes it: whoever writes it twice writes one."""
    return f"{star.centre.id}.{rule.code}"


def _belongs(star: Star, event: Event, share: float = _HALF) -> bool:
    near = {m.customer for m in star.near if m.customer != star.centre.customer}
    covered = {m.customer for m in star.near if m.id in event.members}
    shared = near & covered
    return len(shared) >= _JOINS and len(shared) >= share * len(near)
