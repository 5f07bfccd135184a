"""Complaints near one another in time and text: what group events are found in."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from graph.database import Reader, Row, present
from graph.domain.copies import received_at, received_key
from graph.domain.groups import GroupEvent, Member, Neighbourhood, Past
from graph.domain.rules import GroupRule
from graph.domain.spaces import EmbeddingSpace

#: Nearest complaints that a window is compared with, and a past.
WINDOW_LIMIT = 200
PAST_LIMIT = 1_000
#: Nearly always so many of a past show all that is near: the search ends where nothing is any more.
PAST_PROBE = 100

_FIRST = """
CYPHER 25
MATCH (c:Complaint) WHERE c.receivedKey IS NOT NULL
RETURN c.receivedAt AS at ORDER BY c.receivedKey LIMIT 1
"""
_VOLUMES = """
CYPHER 25
UNWIND $rows AS row
RETURN row.place AS place,
  COUNT { MATCH (c:Complaint) WHERE c.receivedKey >= row.from AND c.receivedKey < row.since }
    AS before,
  COUNT { MATCH (c:Complaint) WHERE c.receivedKey >= row.since AND c.receivedKey <= row.key }
    AS within
"""
# What people took out counts as a member here: it was looked at, and is not to be added again.
_EVENTS = """
CYPHER 25
MATCH (a:Alert {kind: 'GROUP_EVENT'})-[:COVERS|EXCLUDES]->(c:Complaint) WHERE c.id IN $ids
WITH DISTINCT a
CALL (a) {
  MATCH (a)-[:COVERS|EXCLUDES]->(m:Complaint)
  RETURN collect(m.id) AS members, min(m.receivedKey) AS key
}
RETURN a.id AS id, members, key
"""


@dataclass(frozen=True, slots=True)
class GroupCriteria:
    """What makes two complaints about one subject: a group rule in one embedding space.

    ``same_product``: the cosine needed where both are about one product or one is about a wider
    one; ``otherwise``: where the product of one is not known. Two products are two subjects.
    """

    rule: GroupRule
    space: EmbeddingSpace
    same_product: float
    otherwise: float


#: What every complaint has: null of one that was removed while a statement ran.
_KEYS = ("id", "receivedKey")


def _near(criteria: GroupCriteria, bounds: str, limit: int) -> str:
    """Those near a row's complaint within bounds of the sort key; ``floor``: the search's end."""
    space = criteria.space
    return f"""
    CYPHER 25
    UNWIND $rows AS row
    MATCH (m:Complaint {{id: row.id}})
    WHERE m.{space.vector_key} IS NOT NULL AND m.duplicate = false
    CALL (m, row) {{
      MATCH (c:Complaint)
      SEARCH c IN (
        VECTOR INDEX {space.index} FOR m.{space.vector_key}
        WHERE c.duplicate = false AND {bounds} LIMIT {limit}
      ) SCORE AS score
      WITH m, c, 2 * score - 1 AS cosine
      RETURN count(*) AS seen, min(cosine) AS floor, collect(CASE
        WHEN EXISTS {{ (m)-[:SAME_CASE]-(c) }} OR cosine >= CASE
            WHEN EXISTS {{ (m)-[:OTHER_CASE]-(c) }} THEN 2.0
            WHEN m.productCode IS NULL OR c.productCode IS NULL THEN $otherwise
            WHEN c.productCode IN m.productCodes OR m.productCode IN c.productCodes THEN $same
            ELSE 2.0 END
        THEN c {{.id, .receivedKey, .customerId, .branchCode, cosine: cosine}}
        END) AS near
    }}
    RETURN row.place AS place, seen = {limit} AS full, floor, near,
           m {{.id, .receivedKey, .customerId, .branchCode}} AS centre
    """


async def _rows_near(
    read: Reader,
    criteria: GroupCriteria,
    bounds: str,
    limit: int,
    rows: Sequence[Mapping[str, str]],
) -> list[Row]:
    """The rows of ``_near`` without complaints that were removed while it ran."""
    results = await read(
        _near(criteria, bounds, limit),
        rows=list(rows),
        same=criteria.same_product,
        otherwise=criteria.otherwise,
    )
    return [
        row | {"near": list(present(row["near"], *_KEYS))}
        for row in results
        if all(row["centre"][key] is not None for key in _KEYS)
    ]


async def neighbourhoods(
    read: Reader, criteria: GroupCriteria, targets: Sequence[tuple[str, datetime]]
) -> dict[str, tuple[Neighbourhood, float]]:
    """Each complaint with those near it in the window before it, by id; one statement.

    With it the cosine down to which the search is complete. Duplicates and complaints without a
    vector have no neighbourhood.
    """
    window = timedelta(days=criteria.rule.days)
    rows = [{"id": identity, "since": received_key(at - window)} for identity, at in targets]
    bounds = "c.receivedKey >= row.since AND c.receivedKey < m.receivedKey"
    results = await _rows_near(read, criteria, bounds, WINDOW_LIMIT, rows)
    return {
        row["centre"]["id"]: (
            Neighbourhood(_member(row["centre"]), tuple(_member(each) for each in row["near"])),
            _floor(row),
        )
        for row in results
    }


async def neighbourhoods_around(
    read: Reader, criteria: GroupCriteria, items: Sequence[Neighbourhood]
) -> list[tuple[Neighbourhood, float]]:
    """The neighbourhoods of these complaints around each of those near them; one statement."""
    window = timedelta(days=criteria.rule.days)
    rows = [
        {
            "place": neighbourhood.centre.id,
            "id": member.id,
            "since": received_key(neighbourhood.centre.at - window),
            "until": neighbourhood.centre.key,
        }
        for neighbourhood in items
        for member in neighbourhood.near
    ]
    bounds = "c.receivedKey >= row.since AND c.receivedKey <= row.until"
    results = await _rows_near(read, criteria, bounds, WINDOW_LIMIT, rows)
    centres = {neighbourhood.centre.id: neighbourhood.centre for neighbourhood in items}
    return [
        (
            Neighbourhood(
                centres[row["place"]],
                # The one that they are near is near itself.
                tuple(_member(each) for each in row["near"] if each["id"] != row["place"]),
                row["centre"]["id"],
            ),
            _floor(row),
        )
        for row in results
    ]


async def later_near(
    read: Reader, criteria: GroupCriteria, targets: Sequence[tuple[str, datetime]]
) -> list[str]:
    """Those near any of these that were received in the window after it: it may complete them."""
    window = timedelta(days=criteria.rule.days)
    rows = [{"id": identity, "until": received_key(at + window)} for identity, at in targets]
    bounds = "c.receivedKey > m.receivedKey AND c.receivedKey <= row.until"
    results = await _rows_near(read, criteria, bounds, WINDOW_LIMIT, rows)
    return sorted({each["id"] for row in results for each in row["near"]})


async def with_past(
    read: Reader, criteria: GroupCriteria, pairs: Sequence[tuple[Neighbourhood, float]]
) -> list[tuple[Neighbourhood, Past]]:
    """Neighbourhoods with what came before their windows; at most three statements.

    Whose hub turned out to be a duplicate since it was read, or lost its text, is left out.
    Where a search ended before it had seen all, both counts are taken down to where it ended, so
    that a busy subject is compared like with like.
    """
    rows = _spans(criteria.rule, [neighbourhood for neighbourhood, _ in pairs])
    pasts = await _pasts(read, criteria, rows, PAST_PROBE)
    least = min(criteria.same_product, criteria.otherwise)
    cut = {place for place, past in pasts.items() if _floor(past) >= least}
    if cut:
        more = [row for row in rows if (row["place"], row["id"]) in cut]
        pasts |= await _pasts(read, criteria, more, PAST_LIMIT)
    first = (await read(_FIRST))[0]["at"]
    return [
        _compared(neighbourhood, floor, past, criteria.rule, first)
        for neighbourhood, floor in pairs
        if (past := pasts.get((neighbourhood.centre.id, neighbourhood.hub))) is not None
    ]


async def _pasts(
    read: Reader, criteria: GroupCriteria, rows: Sequence[Mapping[str, str]], limit: int
) -> dict[tuple[str, str], Row]:
    bounds = "c.receivedKey >= row.from AND c.receivedKey < row.since"
    results = await _rows_near(read, criteria, bounds, limit, rows)
    return {(row["place"], row["centre"]["id"]): row for row in results}


def _compared(
    neighbourhood: Neighbourhood, floor: float, past: Row, rule: GroupRule, first: datetime
) -> tuple[Neighbourhood, Past]:
    least = max(floor, _floor(past))
    begins = neighbourhood.centre.at - timedelta(days=rule.days)
    near = (_member(each) for each in past["near"])
    return neighbourhood.nearer_than(least), Past(
        near=tuple(member for member in near if member.cosine >= least),
        days=min(timedelta(days=rule.past_days), max(timedelta(0), begins - first)),
    )


async def with_volumes(
    read: Reader, rule: GroupRule, items: Sequence[tuple[Neighbourhood, Past]]
) -> list[tuple[Neighbourhood, Past]]:
    """The same with the complaints of any subject counted; one statement."""
    rows = _spans(rule, [neighbourhood for neighbourhood, _ in items])
    counts = {row["place"]: row for row in await read(_VOLUMES, rows=rows)}
    return [
        (neighbourhood, replace(past, before=results["before"], within=results["within"]))
        for neighbourhood, past in items
        for results in (counts[neighbourhood.centre.id],)
    ]


def _spans(rule: GroupRule, items: Sequence[Neighbourhood]) -> list[dict[str, str]]:
    """Sort keys at which each neighbourhood's past begins, its window begins, and it ends."""
    return [
        {
            "place": neighbourhood.centre.id,
            "id": neighbourhood.hub,
            "key": neighbourhood.centre.key,
            "since": received_key(neighbourhood.centre.at - timedelta(days=rule.days)),
            "from": received_key(
                neighbourhood.centre.at - timedelta(days=rule.days + rule.past_days)
            ),
        }
        for neighbourhood in items
    ]


async def events_of(read: Reader, ids: Sequence[str]) -> list[GroupEvent]:
    """The group events on record that cover any of these complaints."""
    rows = await read(_EVENTS, ids=list(ids))
    return [GroupEvent(row["id"], set(row["members"]), key=row["key"]) for row in rows]


def _floor(row: Row) -> float:
    return float(row["floor"]) if row["full"] else -1.0


def _member(values: Mapping[str, Any]) -> Member:
    return Member(
        id=values["id"],
        key=values["receivedKey"],
        at=received_at(values["receivedKey"]),
        customer=values["customerId"] or values["id"],
        branch=values["branchCode"],
        cosine=values.get("cosine", 1.0),
    )
