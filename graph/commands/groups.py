"""Find group events so that, of those who look at the same moment, one finds what is there."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from graph.commands.escalation import Alert
from graph.commands.locks import Kind, WiderError
from graph.database import Reader, Transaction
from graph.domain.evidence import Evidence, GroupEvidence
from graph.domain.groups import (
    GroupEvent,
    Neighbourhood,
    Past,
    assign,
    joining,
    most_improbable,
    nearly_group,
    undecided,
)
from graph.domain.rules import GroupRule
from graph.domain.wording import one_wording
from graph.queries.groups import (
    GroupCriteria,
    events_of,
    neighbourhoods,
    neighbourhoods_around,
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
    neighbourhoods: Sequence[tuple[Neighbourhood, GroupEvidence | None]]
    known: Sequence[GroupEvent]

    def events(self) -> list[GroupEvent]:
        """The events that they begin or extend."""
        fresh = [GroupEvent(event.id, set(event.members)) for event in self.known]
        return assign(self.rule, self.neighbourhoods, fresh)


async def detect(
    read: Reader, criteria: GroupCriteria, targets: Targets, *, on_record: bool = True
) -> Detection:
    """What these complaints complete or join; at most thirteen statements.

    Whoever is near hardly anything but complaints of one event joins that: no more is asked, so a
    group that grows fast costs little; who is registered at the same moment is covered with it, so
    that one detection serves all of them. Where a complaint is nearly a group, the neighbourhood
    around another of its complaints may show the group instead. ``on_record``: whether known events
    count.
    """
    rule = criteria.rule
    near = await neighbourhoods(read, criteria, targets)
    own = [neighbourhood for neighbourhood, _ in near.values()]
    known = await _known(read, own) if on_record else []
    beside, known = await _beside(read, criteria, own, known)
    joined = joining([*own, *beside], known)
    result: dict[str, tuple[Neighbourhood, GroupEvidence | None]] = {
        neighbourhood.centre.id: (neighbourhood, None)
        for neighbourhood in (*own, *(each for each in beside if each.centre.id in joined))
        if neighbourhood.near
    }
    large = [
        pair
        for name, pair in near.items()
        if name not in joined and pair[0].customers >= rule.customers - 1
    ]
    compared = await with_past(read, criteria, large) if large else []
    # Counting all complaints costs more than comparing one subject: last, and for few.
    pairs = [pair for pair in compared if nearly_group(rule, *pair)]
    counted = await with_volumes(read, rule, pairs) if pairs else []
    rare = [pair for pair in counted if nearly_group(rule, *pair)]
    around = await _around(read, criteria, rare) if rare else {}
    for neighbourhood, past in rare:
        name = neighbourhood.centre.id
        result[name] = most_improbable(rule, (neighbourhood, past), around[name])
    return Detection(rule, list(result.values()), known)


async def _known(read: Reader, around: Sequence[Neighbourhood]) -> Sequence[GroupEvent]:
    """The events on record that cover any of these neighbourhoods' members."""
    members = sorted({member.id for neighbourhood in around for member in neighbourhood.members})
    return await events_of(read, members) if members else []


async def _beside(
    read: Reader, criteria: GroupCriteria, own: Sequence[Neighbourhood], known: Sequence[GroupEvent]
) -> tuple[list[Neighbourhood], Sequence[GroupEvent]]:
    """Neighbourhoods of those whom no event covers, near ``own`` that are near one; and the events.

    Two rounds: those are near one another and near what was registered just before them.
    """
    beside: dict[str, Neighbourhood] = {}
    for _ in range(2):
        around = [*own, *beside.values()]
        fresh = undecided(around, known)
        seen = {neighbourhood.centre.id for neighbourhood in around}
        targets = [(each, at) for each, at in sorted(fresh.items()) if each not in seen]
        if not targets or len(targets) > BESIDE:
            break
        results = await neighbourhoods(read, criteria, targets)
        beside |= {name: neighbourhood for name, (neighbourhood, _) in results.items()}
        known = await _known(read, [*own, *beside.values()])
    return list(beside.values()), known


async def _around(
    read: Reader, criteria: GroupCriteria, pairs: Sequence[tuple[Neighbourhood, Past]]
) -> Mapping[str, Sequence[tuple[Neighbourhood, Past]]]:
    """The neighbourhoods around those near each complaint, by its id.

    What is counted of all complaints is the same.
    """
    results = await neighbourhoods_around(
        read, criteria, [neighbourhood for neighbourhood, _ in pairs]
    )
    large = [pair for pair in results if pair[0].customers >= criteria.rule.customers]
    result: dict[str, list[tuple[Neighbourhood, Past]]] = {
        neighbourhood.centre.id: [] for neighbourhood, _ in pairs
    }
    own = {neighbourhood.centre.id: past for neighbourhood, past in pairs}
    for neighbourhood, past in await with_past(read, criteria, large) if large else ():
        counts = own[neighbourhood.centre.id]
        result[neighbourhood.centre.id].append(
            (neighbourhood, replace(past, before=counts.before, within=counts.within))
        )
    return result


async def group_alerts(
    transaction: Transaction, criteria: GroupCriteria, targets: Targets
) -> list[Alert]:
    """The alerts of the groups that these complaints complete or join.

    They are detected again under the caller's locks: whoever else completes the group at this
    moment has waited for us or we for them, and finds the event on record.

    Raises:
        WiderError: the events cover complaints that are not locked.
    """
    events = (await detect(transaction.run, criteria, targets)).events()
    added = {identity for event in events for identity in event.added}
    if not added <= transaction.locked.get(Kind.COMPLAINT, set()):
        raise WiderError(added)
    return [await _alert(transaction, criteria.rule, event) for event in events]


async def _alert(transaction: Transaction, rule: GroupRule, event: GroupEvent) -> Alert:
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
