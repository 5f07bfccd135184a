"""How many of the true nearest the vector index finds, on the graph's own texts."""

from collections.abc import Mapping
from datetime import datetime

from graph.database import Database
from graph.domain.filters import ComplaintFilter
from graph.domain.scope import WHOLE_BANK
from graph.domain.spaces import EmbeddingSpace
from graph.errors import InvalidInputError
from graph.progress import Progress
from graph.queries.conditions import NO_DUPLICATE, CompiledFilter, Covered, compile_filter
from graph.queries.neighbours import ScopeSizes, Sought, nearest

DEPTH = 10
#: Parts of the texts that a filter leaves.
SHARES = (1.0, 0.5, 0.05, 0.001)


async def index_recall(
    database: Database, space: EmbeddingSpace, sample: int, now: datetime, progress: Progress
) -> Mapping[str, float]:
    """Recall@10 of the index against exact comparison, for filters that leave these shares.

    The sample is spread evenly; a filter is a range of dates of receipt.

    Raises:
        InvalidInputError: the graph has fewer than 1,000 texts, too few to measure.
    """
    rows = await database.read(
        f"""
        CYPHER 25
        MATCH (c:Complaint) WHERE c.{space.vector_key} IS NOT NULL
        RETURN c.id AS id, c.receivedAt AS at ORDER BY c.receivedKey
        """
    )
    if len(rows) < 1_000:
        raise InvalidInputError(
            f"The graph has {len(rows)} texts: recall is measured from 1,000 on."
        )
    ids = [row["id"] for row in rows[:: max(1, len(rows) // sample)]][:sample]
    results: dict[str, float] = {}
    for number, share in enumerate(SHARES, start=1):
        since = rows[round(len(rows) * (1 - share))]["at"] if share < 1 else None
        requested = ComplaintFilter(received_from=since)
        narrowed = compile_filter(requested, Covered(), WHOLE_BANK, now=now).and_also(NO_DUPLICATE)
        results[f"{share:.1%}"] = await _recall(database, space, ids, narrowed)
        progress("recall", number, len(SHARES))
    return results


async def _recall(
    database: Database, space: EmbeddingSpace, ids: list[str], narrowed: CompiledFilter
) -> float:
    hits = expected = 0
    for start in range(0, len(ids), 20):
        items = ids[start : start + 20]
        sought = [Sought(identity, id=identity) for identity in items]
        index = await nearest(database, space, sought, narrowed, DEPTH, ScopeSizes())
        exact = await _exact(database, space, items, narrowed)
        for identity in items:
            true = set(exact[identity])
            hits += len(true & {n.id for n in index[identity]})
            expected += len(true)
    return round(hits / expected, 4)


async def _exact(
    database: Database, space: EmbeddingSpace, ids: list[str], narrowed: CompiledFilter
) -> Mapping[str, list[str]]:
    rows = await database.read(
        f"""
        CYPHER 25
        MATCH (m:Complaint) WHERE m.id IN $ids
        CALL (m) {{
          MATCH (c:Complaint)
          WHERE c <> m AND c.{space.vector_key} IS NOT NULL AND ({narrowed.predicate})
          WITH c, vector.similarity.cosine(c.{space.vector_key}, m.{space.vector_key}) AS score
          ORDER BY score DESC, c.receivedKey DESC LIMIT {DEPTH}
          RETURN collect(c.id) AS nearest
        }}
        RETURN m.id AS id, nearest
        """,
        ids=ids,
        **narrowed.parameters,
    )
    return {row["id"]: row["nearest"] for row in rows}
