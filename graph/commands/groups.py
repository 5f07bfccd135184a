"""Find group events so that, of those who look at the same moment, one finds what is there."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from graph.commands.escalation import Alert, lock
from graph.database import Reader, Transaction
from graph.domain.evidence import Evidence, GroupEvidence
from graph.domain.groups import Event, Past, Star, assign, most_improbable, nearly_group
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

#: Texts of a group that are compared with one another.
COMPARED = 40

_TEXTS = """
CYPHER 25
MATCH (c:Complaint) WHERE c.id IN $ids AND c.narrative IS NOT NULL
RETURN c.customerId AS customer, c.id AS id, c.narrative AS text ORDER BY c.receivedKey LIMIT $limit
"""

Targets = Sequence[tuple[str, datetime]]
Found = Sequence[tuple[Star, GroupEvidence | None]]


async def look(read: Reader, matter: Matter, targets: Targets) -> Found:
    """Each complaint's star, and the evidence that it is a group; at most nine statements.

    Where it is nearly one, the star around another of its complaints may show the group instead.
    """
    rule = matter.rule
    found = await stars(read, matter, targets)
    result: dict[str, tuple[Star, GroupEvidence | None]] = {
        name: (star, None) for name, (star, _) in found.items() if star.near
    }
    large = [pair for pair in found.values() if pair[0].customers >= rule.customers - 1]
    compared = await with_past(read, matter, large) if large else []
    # Counting all complaints costs more than looking at one matter: last, and for few.
    some = [pair for pair in compared if nearly_group(rule, *pair)]
    counted = await with_volumes(read, rule, some) if some else []
    rare = [pair for pair in counted if nearly_group(rule, *pair)]
    around = await _around(read, matter, rare) if rare else {}
    for star, past in rare:
        name = star.centre.id
        result[name] = most_improbable(rule, (star, past), around[name])
    return list(result.values())


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


async def candidates(read: Reader, matter: Matter, found: Found) -> list[Star]:
    """Stars that begin or extend an event, by what is on record now; at most one statement."""
    members = sorted({member.id for star, _ in found for member in star.members})
    standing = await events_of(read, members) if members else []
    grown = {identity for event in assign(matter.rule, found, standing) for identity in event.added}
    return [star for star, _ in found if grown & {member.id for member in star.members}]


async def settle_groups(
    transaction: Transaction, matter: Matter, some: Sequence[Star]
) -> list[Alert]:
    """The alerts of the groups that the centres of these stars complete or join.

    The caller has locked their members. They are counted again: whoever else completes the group
    at this moment has waited for us or we for them, and finds the event on record.
    """
    targets = [(star.centre.id, star.centre.at) for star in some]
    found = await look(transaction.run, matter, targets)
    members = sorted({member.id for star, _ in found for member in star.members})
    standing = await events_of(transaction.run, members)
    events = assign(matter.rule, found, standing)
    # A member that joined while we waited is not locked yet.
    await lock(transaction, {identity for event in events for identity in event.added})
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
