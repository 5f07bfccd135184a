"""The nearest complaints of vectors, narrowed by a filter: in the index, and exact where needed."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from graph.database import Database, Row, present
from graph.domain.scope import Scope
from graph.domain.spaces import EmbeddingSpace
from graph.domain.tokens import EVERY
from graph.migrations.steps import TEXT_INDEX
from graph.queries.conditions import CompiledFilter, within

#: An approximate search asked for a hundred finds the true ten (docs/measurements.md).
FETCHED = 100
#: How far an index search is widened before all matches are compared exactly.
WIDEST = 2_000
#: Of a scope with so many cases, or so many for each that is asked for, all are compared at once:
#: among all others the index would find too few of them.
SMALL_SCOPE, SMALL_PART = 200, 7
#: Conditions of scopes whose size is remembered.
REMEMBERED = 10_000


@dataclass(frozen=True, slots=True)
class Sought:
    """Whose neighbours: a complaint by ``id`` (it is left out itself), or a ``vector``."""

    key: str
    id: str | None = None
    vector: Sequence[float] | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Neighbour:
    id: str
    cosine: float


class ScopeSizes:
    """Which scopes were small at their last search, so that the next one asks one question alone.

    Memory that is no longer true costs a trip, never a neighbour: a scope that has grown is then
    searched in the vector index, one that has shrunk is compared behind it. Both correct it.
    """

    def __init__(self) -> None:
        self._small: dict[tuple[str, int], bool] = {}

    def is_small(self, condition: str, most: int) -> bool | None:
        """Whether at most ``most`` cases meet the condition; None: nobody has asked yet."""
        return self._small.get((condition, most))

    def remember(self, condition: str, most: int, *, small: bool) -> None:
        self._small.pop((condition, most), None)
        self._small[condition, most] = small
        if len(self._small) > REMEMBERED:
            del self._small[next(iter(self._small))]

    def forget(self, condition: str, most: int) -> None:
        self._small.pop((condition, most), None)


async def nearest(
    database: Database,
    space: EmbeddingSpace,
    sought: Sequence[Sought],
    narrowed: CompiledFilter,
    first: int,
    sizes: ScopeSizes,
    *,
    enough: int | None = None,
) -> Mapping[str, list[Neighbour]]:
    """The ``first`` nearest of each, best first, by key; one statement for all of them.

    What the index cannot check is checked behind it. Where that leaves fewer than ``enough``
    (default: ``first``), the search is widened once, and then all complaints that match are
    compared: whoever matches is found. Those of a small scope are compared at once; while nobody
    knows whether it is small, both are begun together, so that a reach costs no second trip.
    """
    enough = first if enough is None else enough
    if not sought:
        return {}
    condition = None if narrowed.scope.everything else narrowed.lucene
    most = max(SMALL_SCOPE, SMALL_PART * enough)
    small = False if condition is None else sizes.is_small(condition, most)
    of_few, in_index = await asyncio.gather(
        _none() if small is False else _all_of_few(database, space, sought, narrowed, first, most),
        _none() if small else _in_index(database, space, sought, narrowed, first, _limit(first)),
    )
    if condition is not None and small is not False:
        sizes.remember(condition, most, small=of_few is not None)
    if of_few is not None:
        return of_few
    if in_index is None:
        in_index = await _in_index(database, space, sought, narrowed, first, _limit(first))
    results, short = await _widened(database, space, sought, narrowed, (first, enough), in_index)
    if short:
        if condition is not None:
            sizes.forget(condition, most)
        results.update(await _exact(database, space, short, narrowed, first))
    return results


async def _none() -> None:
    """What is not asked."""


async def _widened(
    database: Database,
    space: EmbeddingSpace,
    sought: Sequence[Sought],
    narrowed: CompiledFilter,
    wanted: tuple[int, int],
    in_index: tuple[dict[str, list[Neighbour]], dict[str, int]],
) -> tuple[dict[str, list[Neighbour]], list[Sought]]:
    """The neighbours after a wider search where it may help, and those that have too few still.

    ``wanted``: how many at most, and how many are enough.
    """
    first, enough = wanted
    results, seen = in_index
    if narrowed.beside_index is None:
        return results, []
    fetch = _limit(first)
    short = [s for s in sought if len(results[s.key]) < enough and seen[s.key] >= fetch]
    promising = [s for s in short if len(results[s.key]) * WIDEST >= enough * fetch * 2]
    if promising:
        wider, wider_seen = await _in_index(database, space, promising, narrowed, first, WIDEST)
        results.update(wider)
        complete = {
            s.key for s in promising if len(wider[s.key]) >= enough or wider_seen[s.key] < WIDEST
        }
        short = [s for s in short if s.key not in complete]
    return results, short


async def _all_of_few(
    database: Database,
    space: EmbeddingSpace,
    sought: Sequence[Sought],
    narrowed: CompiledFilter,
    first: int,
    most: int,
) -> dict[str, list[Neighbour]] | None:
    """Compared with all that match, if these are at most ``most``; None: they are more."""
    statement = f"""
    CYPHER 25
    CALL db.index.fulltext.queryNodes('{TEXT_INDEX}', $lucene, {{limit: $most + 1}}) YIELD node
    WITH collect(node) AS few
    WITH CASE WHEN size(few) <= $most THEN few END AS few
    UNWIND CASE WHEN few IS NULL THEN [null] ELSE $sought END AS s
    OPTIONAL MATCH (m:Complaint {{id: s.id}})
    WITH few, s, m, coalesce(s.vector, m.{space.vector_key}) AS vector
    CALL (few, m, vector) {{
      UNWIND few AS c
      WITH c, m, vector
      WHERE {_comparable(space, narrowed)} AND vector IS NOT NULL
      {_NEAREST_OF.format(vector=space.vector_key)}
    }}
    RETURN s.key AS key, few IS NOT NULL AS are_few, found
    """
    rows = await database.read(
        statement,
        sought=_rows(sought),
        first=first,
        most=most,
        lucene=f"+filterTokens:{EVERY} {narrowed.lucene}",
        **narrowed.parameters,
    )
    if not all(row["are_few"] for row in rows):
        return None
    return {row["key"]: _neighbours(row["found"]) for row in rows}


#: Ends a subquery that has a complaint ``c`` and a ``vector`` to compare it with.
_NEAREST_OF = """
      WITH c, 2 * vector.similarity.cosine(c.{vector}, vector) - 1 AS cosine
      ORDER BY cosine DESC, c.receivedKey DESC LIMIT $first
      RETURN collect({{id: c.id, cosine: cosine}}) AS found"""


def _comparable(space: EmbeddingSpace, narrowed: CompiledFilter) -> str:
    """Whether a complaint ``c`` counts for ``m``, what the text index has checked left out."""
    rest = (narrowed.beside_lucene or "true") if narrowed.lucene else narrowed.predicate
    return f"c.{space.vector_key} IS NOT NULL AND (m IS NULL OR c <> m) AND ({rest})"


def _limit(first: int) -> int:
    return max(FETCHED, 2 * first + 1)


async def _in_index(
    database: Database,
    space: EmbeddingSpace,
    sought: Sequence[Sought],
    narrowed: CompiledFilter,
    first: int,
    fetch: int,
) -> tuple[dict[str, list[Neighbour]], dict[str, int]]:
    inside = " AND ".join(narrowed.index)
    statement = f"""
    CYPHER 25
    UNWIND $sought AS s
    OPTIONAL MATCH (m:Complaint {{id: s.id}})
    WITH s, m, coalesce(s.vector, m.{space.vector_key}) AS vector
    WHERE vector IS NOT NULL
    CALL (s, m, vector) {{
      MATCH (c:Complaint)
      SEARCH c IN (
        VECTOR INDEX {space.index} FOR vector {"WHERE " + inside if inside else ""} LIMIT $fetch
      ) SCORE AS score
      WITH c, 2 * score - 1 AS cosine,
           (m IS NULL OR c <> m) AND coalesce({narrowed.beside_index or "true"}, false) AS fits
      ORDER BY cosine DESC, c.receivedKey DESC
      RETURN count(*) AS seen,
             collect(CASE WHEN fits THEN {{id: c.id, cosine: cosine}} END)[..$first] AS found
    }}
    RETURN s.key AS key, seen, found
    """
    rows = await database.read(
        statement, sought=_rows(sought), fetch=fetch, first=first, **narrowed.parameters
    )
    results: dict[str, list[Neighbour]] = {s.key: [] for s in sought}
    results.update({row["key"]: _neighbours(row["found"]) for row in rows})
    seen = {s.key: 0 for s in sought} | {row["key"]: row["seen"] for row in rows}
    return results, seen


async def _exact(
    database: Database,
    space: EmbeddingSpace,
    sought: Sequence[Sought],
    narrowed: CompiledFilter,
    first: int,
) -> dict[str, list[Neighbour]]:
    """Compare with every complaint that matches, found by codes in the text index if possible."""
    if narrowed.lucene:
        source = f"CALL db.index.fulltext.queryNodes('{TEXT_INDEX}', $lucene) YIELD node AS c"
    else:
        source = "MATCH (c:Complaint)"
    statement = f"""
    CYPHER 25
    UNWIND $sought AS s
    OPTIONAL MATCH (m:Complaint {{id: s.id}})
    WITH s, m, coalesce(s.vector, m.{space.vector_key}) AS vector
    WHERE vector IS NOT NULL
    CALL (s, m, vector) {{
      {source}
      WITH c, m, vector WHERE {_comparable(space, narrowed)}
      {_NEAREST_OF.format(vector=space.vector_key)}
    }}
    RETURN s.key AS key, found
    """
    rows = await database.read(
        statement,
        sought=_rows(sought),
        first=first,
        lucene=f"+filterTokens:{EVERY} {narrowed.lucene}",
        **narrowed.parameters,
    )
    return {row["key"]: _neighbours(row["found"]) for row in rows}


def _rows(sought: Sequence[Sought]) -> list[dict[str, Any]]:
    return [
        {"key": s.key, "id": s.id, "vector": None if s.vector is None else list(s.vector)}
        for s in sought
    ]


def _neighbours(results: Sequence[Row]) -> list[Neighbour]:
    return [Neighbour(row["id"], row["cosine"]) for row in present(results)]


async def nearest_in_branch(
    database: Database,
    space: EmbeddingSpace,
    ids: Sequence[str],
    scope: Scope,
    *,
    days: int,
    first: int,
) -> Mapping[str, list[Neighbour]]:
    """The nearest in the scope, of the same branch in the ``days`` before and after each; one
    statement.
    """
    bounds = within(scope)
    statement = f"""
    CYPHER 25
    UNWIND $ids AS id
    MATCH (m:Complaint {{id: id}})
    WHERE m.{space.vector_key} IS NOT NULL AND m.branchCode IS NOT NULL
    WITH m, m.receivedAt - duration({{days: $days}}) AS since,
         m.receivedAt + duration({{days: $days}}) AS until
    CALL (m, since, until) {{
      MATCH (c:Complaint)
      SEARCH c IN (
        VECTOR INDEX {space.index} FOR m.{space.vector_key}
        WHERE c.branchCode = m.branchCode AND c.duplicate = false
          AND c.receivedAt >= since AND c.receivedAt <= until
        LIMIT {FETCHED}
      ) SCORE AS score
      WITH c, 2 * score - 1 AS cosine WHERE c <> m AND {bounds.predicate}
      ORDER BY cosine DESC, c.receivedKey DESC LIMIT $first
      RETURN collect({{id: c.id, cosine: cosine}}) AS found
    }}
    RETURN m.id AS key, found
    """
    rows = await database.read(
        statement, ids=list(ids), days=days, first=first, **bounds.parameters
    )
    return {row["key"]: _neighbours(row["found"]) for row in rows}


async def cosines(
    database: Database, space: EmbeddingSpace, vector: Sequence[float], ids: Sequence[str]
) -> Mapping[str, float]:
    """The exact cosine of each of these complaints that has a vector."""
    statement = f"""
    CYPHER 25
    MATCH (c:Complaint) WHERE c.id IN $ids AND c.{space.vector_key} IS NOT NULL
    RETURN c.id AS id, 2 * vector.similarity.cosine(c.{space.vector_key}, $vector) - 1 AS cosine
    """
    rows = await database.read(statement, ids=list(ids), vector=list(vector))
    return {row["id"]: row["cosine"] for row in rows}


async def vectors(
    database: Database, space: EmbeddingSpace, ids: Sequence[str]
) -> Mapping[str, Sequence[float]]:
    """The vectors of these complaints, for comparing them with one another."""
    statement = f"""
    CYPHER 25
    MATCH (c:Complaint) WHERE c.id IN $ids AND c.{space.vector_key} IS NOT NULL
    RETURN c.id AS id, c.{space.vector_key} AS vector
    """
    rows = await database.read(statement, ids=list(ids))
    return {row["id"]: row["vector"] for row in rows}
