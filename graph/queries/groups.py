"""Complaints near one another in time and text: what group events are found in."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from graph.database import Reader, Row
from graph.domain.copies import received_at, received_key
from graph.domain.groups import Event, Member, Past, Star
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
RETURN row.look AS look,
  COUNT { MATCH (c:Complaint) WHERE c.receivedKey >= row.from AND c.receivedKey < row.since }
    AS before,
  COUNT { MATCH (c:Complaint) WHERE c.receivedKey >= row.since AND c.receivedKey <= row.key }
    AS within
"""
_EVENTS = """
CYPHER 25
MATCH (a:Alert {kind: 'GROUP_EVENT'})-[:COVERS]->(c:Complaint) WHERE c.id IN $ids
WITH DISTINCT a
CALL (a) {
  MATCH (a)-[:COVERS]->(m:Complaint)
  RETURN collect(m.id) AS members, min(m.receivedKey) AS key
}
RETURN a.id AS id, members, key
"""


@dataclass(frozen=True, slots=True)
class Matter:
    """What makes two complaints of one matter: a group rule in one embedding space.

    ``same_product``: the cosine needed where both are about one product or one is about a wider
    one; ``otherwise``: where the product of one is not known. Two products are two matters.
    """

    rule: GroupRule
    space: EmbeddingSpace
    same_product: float
    otherwise: float


def _near(matter: Matter, bounds: str, limit: int) -> str:
    """Those near a row's complaint within bounds of the sort key; ``floor``: the search's end."""
    space = matter.space
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
        WHEN cosine >= CASE
            WHEN m.productCode IS NULL OR c.productCode IS NULL THEN $otherwise
            WHEN c.productCode IN m.productCodes OR m.productCode IN c.productCodes THEN $same
            ELSE 2.0 END
        THEN c {{.id, .receivedKey, .customerId, .branchCode, cosine: cosine}}
        END) AS near
    }}
    RETURN row.look AS look, seen = {limit} AS full, floor, near,
           m {{.id, .receivedKey, .customerId, .branchCode}} AS centre
    """


async def stars(
    read: Reader, matter: Matter, targets: Sequence[tuple[str, datetime]]
) -> dict[str, tuple[Star, float]]:
    """Each complaint with those near it in the window before it, by id; one statement.

    With it the cosine down to which the search is complete. Duplicates and complaints without a
    vector have no star.
    """
    window = timedelta(days=matter.rule.days)
    rows = [{"id": identity, "since": received_key(at - window)} for identity, at in targets]
    bounds = "c.receivedKey >= row.since AND c.receivedKey < m.receivedKey"
    found = await read(
        _near(matter, bounds, WINDOW_LIMIT),
        rows=rows,
        same=matter.same_product,
        otherwise=matter.otherwise,
    )
    return {
        row["centre"]["id"]: (
            Star(_member(row["centre"]), tuple(_member(each) for each in row["near"])),
            _floor(row),
        )
        for row in found
    }


async def stars_around(
    read: Reader, matter: Matter, some: Sequence[Star]
) -> list[tuple[Star, float]]:
    """The stars of these complaints around each of those near them; one statement."""
    window = timedelta(days=matter.rule.days)
    rows = [
        {
            "look": star.centre.id,
            "id": member.id,
            "since": received_key(star.centre.at - window),
            "until": star.centre.key,
        }
        for star in some
        for member in star.near
    ]
    bounds = "c.receivedKey >= row.since AND c.receivedKey <= row.until"
    found = await read(
        _near(matter, bounds, WINDOW_LIMIT),
        rows=rows,
        same=matter.same_product,
        otherwise=matter.otherwise,
    )
    centres = {star.centre.id: star.centre for star in some}
    return [
        (
            Star(
                centres[row["look"]],
                # The one that they are near is near itself.
                tuple(_member(each) for each in row["near"] if each["id"] != row["look"]),
                row["centre"]["id"],
            ),
            _floor(row),
        )
        for row in found
    ]


async def later_near(
    read: Reader, matter: Matter, targets: Sequence[tuple[str, datetime]]
) -> list[str]:
    """Those near any of these that were received in the window after it: it may complete them."""
    window = timedelta(days=matter.rule.days)
    rows = [{"id": identity, "until": received_key(at + window)} for identity, at in targets]
    bounds = "c.receivedKey > m.receivedKey AND c.receivedKey <= row.until"
    found = await read(
        _near(matter, bounds, WINDOW_LIMIT),
        rows=rows,
        same=matter.same_product,
        otherwise=matter.otherwise,
    )
    return sorted({each["id"] for row in found for each in row["near"]})


async def with_past(
    read: Reader, matter: Matter, some: Sequence[tuple[Star, float]]
) -> list[tuple[Star, Past]]:
    """Stars with what came before their windows; at most three statements.

    Whose hub turned out to be a duplicate since the star was read, or lost its text, is left out.
    Where a search ended before it had seen all, both counts are taken down to where it ended, so
    that a busy matter is compared like with like.
    """
    rows = _spans(matter.rule, [star for star, _ in some])
    pasts = await _pasts(read, matter, rows, PAST_PROBE)
    least = min(matter.same_product, matter.otherwise)
    cut = {place for place, past in pasts.items() if _floor(past) >= least}
    if cut:
        more = [row for row in rows if (row["look"], row["id"]) in cut]
        pasts |= await _pasts(read, matter, more, PAST_LIMIT)
    first = (await read(_FIRST))[0]["at"]
    return [
        _compared(star, floor, past, matter.rule, first)
        for star, floor in some
        if (past := pasts.get((star.centre.id, star.hub))) is not None
    ]


async def _pasts(
    read: Reader, matter: Matter, rows: Sequence[Mapping[str, str]], limit: int
) -> dict[tuple[str, str], Row]:
    bounds = "c.receivedKey >= row.from AND c.receivedKey < row.since"
    found = await read(
        _near(matter, bounds, limit),
        rows=list(rows),
        same=matter.same_product,
        otherwise=matter.otherwise,
    )
    return {(row["look"], row["centre"]["id"]): row for row in found}


def _compared(
    star: Star, floor: float, past: Row, rule: GroupRule, first: datetime
) -> tuple[Star, Past]:
    least = max(floor, _floor(past))
    begins = star.centre.at - timedelta(days=rule.days)
    near = (_member(each) for each in past["near"])
    return star.nearer_than(least), Past(
        near=tuple(member for member in near if member.cosine >= least),
        days=min(timedelta(days=rule.past_days), max(timedelta(0), begins - first)),
    )


async def with_volumes(
    read: Reader, rule: GroupRule, some: Sequence[tuple[Star, Past]]
) -> list[tuple[Star, Past]]:
    """The same with the complaints of any matter counted; one statement."""
    rows = _spans(rule, [star for star, _ in some])
    counts = {row["look"]: row for row in await read(_VOLUMES, rows=rows)}
    return [
        (star, replace(past, before=found["before"], within=found["within"]))
        for star, past in some
        for found in (counts[star.centre.id],)
    ]


def _spans(rule: GroupRule, some: Sequence[Star]) -> list[dict[str, str]]:
    """Sort keys at which each star's past begins, its window begins, and it ends."""
    return [
        {
            "look": star.centre.id,
            "id": star.hub,
            "key": star.centre.key,
            "since": received_key(star.centre.at - timedelta(days=rule.days)),
            "from": received_key(star.centre.at - timedelta(days=rule.days + rule.past_days)),
        }
        for star in some
    ]


async def events_of(read: Reader, ids: Sequence[str]) -> list[Event]:
    """The group events on record that cover any of these complaints."""
    rows = await read(_EVENTS, ids=list(ids))
    return [Event(row["id"], set(row["members"]), key=row["key"]) for row in rows]


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
