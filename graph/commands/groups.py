"""Find group events so that, of those who look at the same moment, one finds what is there."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from graph.commands.escalation import Alert
from graph.commands.locks import Kind, WiderError
from graph.database import Reader, Transaction
from graph.domain.evidence import Evidence, GroupEvidence
from graph.domain.groups import (
    Event,
    Past,
    Star,
    assign,
    joining,
    most_improbable,
    nearly_group,
    undecided,
)
from graph.domain.rules import GroupRule
from graph.domain.wording import one_wording
from graph.queries.groups import (
    Matter,
    events_of,
    stars,
    stars_around,
    with_past,
    with_volumes,
)

#: Complaints without an event that are looked at beside those that are near one.
BESIDE = 100
#: Texts of a group that are compared with one another.
COMPARED = 40

_TEXTS = """
CYPHER 25
MATCH (c:Complaint) WHERE c.id IN $ids AND c.narrative IS NOT NULL
RETURN c.customerId AS customer, c.id AS id, c.narrative AS text ORDER BY c.receivedKey LIMIT $limit
"""

Targets = Sequence[tuple[str, datetime]]


@dataclass(frozen=True, slots=True)
class Detection:
    """Complaints with those near them, the evidence that they are a group, and the events known.

    ``known``: the events on record that cover any of them.
    """

    rule: GroupRule
    stars: Sequence[tuple[Star, GroupEvidence | None]]
    known: Sequence[Event]

    def events(self) -> list[Event]:
        """The events that they begin or extend."""
        fresh = [Event(event.id, set(event.members)) for event in self.known]
        return assign(self.rule, self.stars, fresh)


async def detect(
    read: Reader, matter: Matter, targets: Targets, *, on_record: bool = True
) -> Detection:
    """What these complaints complete or join; at most thirteen statements.

    Whoever is near hardly anything but complaints of one event joins that: no more is asked, so a
    group that grows fast costs little; who is registered at the same moment is covered with it, so
    that one detection serves all of them. Where a complaint is nearly a group, the star around
    another of its complaints may show the group instead. ``on_record``: whether known events count.
    """
    rule = matter.rule
    near = await stars(read, matter, targets)
    own = [star for star, _ in near.values()]
    known = await _known(read, own) if on_record else []
    beside, known = await _beside(read, matter, own, known)
    joined = joining([*own, *beside], known)
    result: dict[str, tuple[Star, GroupEvidence | None]] = {
        star.centre.id: (star, None)
        for star in (*own, *(each for each in beside if each.centre.id in joined))
        if star.near
    }
    large = [
        pair
        for name, pair in near.items()
        if name not in joined and pair[0].customers >= rule.customers - 1
    ]
    compared = await with_past(read, matter, large) if large else []
    # Counting all complaints costs more than comparing one matter: last, and for few.
    some = [pair for pair in compared if nearly_group(rule, *pair)]
    counted = await with_volumes(read, rule, some) if some else []
    rare = [pair for pair in counted if nearly_group(rule, *pair)]
    around = await _around(read, matter, rare) if rare else {}
    for star, past in rare:
        name = star.centre.id
        result[name] = most_improbable(rule, (star, past), around[name])
    return Detection(rule, list(result.values()), known)


async def _known(read: Reader, some: Sequence[Star]) -> Sequence[Event]:
    """The events on record that cover any of these stars' members."""
    members = sorted({member.id for star in some for member in star.members})
    return await events_of(read, members) if members else []


async def _beside(
    read: Reader, matter: Matter, own: Sequence[Star], known: Sequence[Event]
) -> tuple[list[Star], Sequence[Event]]:
    """Stars of those whom no event covers yet, near ``own`` that are near one; and the events.

    Two rounds: those are near one another and near what was registered just before them.
    """
    beside: dict[str, Star] = {}
    for _ in range(2):
        some = [*own, *beside.values()]
        fresh = undecided(some, known)
        seen = {star.centre.id for star in some}
        targets = [(each, at) for each, at in sorted(fresh.items()) if each not in seen]
        if not targets or len(targets) > BESIDE:
            break
        found = await stars(read, matter, targets)
        beside |= {name: star for name, (star, _) in found.items()}
        known = await _known(read, [*own, *beside.values()])
    return list(beside.values()), known


async def _around(
    read: Reader, matter: Matter, some: Sequence[tuple[Star, Past]]
) -> Mapping[str, Sequence[tuple[Star, Past]]]:
    """The stars around those near each complaint, by its id; what is counted of all is the same."""
    found = await stars_around(read, matter, [star for star, _ in some])
    large = [pair for pair in found if pair[0].customers >= matter.rule.customers]
    result: dict[str, list[tuple[Star, Past]]] = {star.centre.id: [] for star, _ in some}
    own = {star.centre.id: past for star, past in some}
    for star, past in await with_past(read, matter, large) if large else ():
        counts = own[star.centre.id]
        result[star.centre.id].append(
            (star, replace(past, before=counts.before, within=counts.within))
        )
    return result


async def group_alerts(transaction: Transaction, matter: Matter, targets: Targets) -> list[Alert]:
    """The alerts of the groups that these complaints complete or join.

    They are detected again under the caller's locks: whoever else completes the group at this
    moment has waited for us or we for them, and finds the event on record.

    Raises:
        WiderError: the events cover complaints that are not locked.
    """
    events = (await detect(transaction.run, matter, targets)).events()
    added = {identity for event in events for identity in event.added}
    if not added <= transaction.locked.get(Kind.COMPLAINT, set()):
        raise WiderError(added)
    return [await _alert(transaction, matter.rule, event) for event in events]


async def _alert(transaction: Transaction, rule: GroupRule, event: Event) -> Alert:
    texts = await transaction.run(_TEXTS, ids=sorted(event.members), limit=COMPARED)
    # One text a customer: somebody who files twice is no template.
    of_customers = {row["customer"] or row["id"]: row["text"] for row in texts}
    return Alert(
        id=event.id,
        kind=rule.kind,
        rule=rule.code,
        level=rule.level,
        chain=rule.chain,
        at=event.at,
        evidence=Evidence(group=event.evidence).to_json(),
        raised_for=event.completed_by,
        covers=tuple(sorted(event.added)),
        template=one_wording(list(of_customers.values())),
        new=event.evidence is not None,
    )
