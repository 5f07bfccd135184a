"""Build, activate and retire embedding spaces."""

import json
from collections.abc import Sequence
from dataclasses import asdict, replace
from typing import Any

from graph.commands.locks import Kind, lock
from graph.commands.waiting import Work, marked
from graph.database import Database, Transaction
from graph.domain.record import NARROWING
from graph.domain.spaces import EmbeddingSpace, OwnCalibration, SpaceState
from graph.migrations.runner import await_indexes

_CREATE = """
CYPHER 25
MERGE (s:EmbeddingSpace {name: $space.name})
ON CREATE SET s = $space
RETURN s.state AS state
"""
_SHARE = """
CYPHER 25
UNWIND $rows AS row
MATCH (c:Complaint {id: row.id})
WHERE c.narrative IS NOT NULL
"""
_RETIRE = """
CYPHER 25
MATCH (s:EmbeddingSpace {state: 'ACTIVE'}) WHERE s.name <> $name
SET s.state = 'RETIRED', s.retiredAt = datetime()
"""
_ACTIVATE = """
CYPHER 25
MATCH (s:EmbeddingSpace {name: $name}) SET s.state = 'ACTIVE', s.retiredAt = null
"""
_OWN = "CYPHER 25 MATCH (s:EmbeddingSpace {name: $name}) SET s.own = $own"
# Links are of one space: all are found anew in the new one.
_RELINK = f"""
CYPHER 25
UNWIND $ids AS id
MATCH (c:Complaint {{id: id}}) WHERE c.narrative IS NOT NULL OR c.customerId IS NOT NULL
{marked("c", Work.LINK)}
"""
_PAGE = """
CYPHER 25
MATCH (c:Complaint) WHERE c.receivedKey > $after
RETURN c.id AS id, c.receivedKey AS key ORDER BY c.receivedKey LIMIT $limit
"""
#: Complaints that are written in one transaction.
_BATCH = 2_000


async def create_space(database: Database, space: EmbeddingSpace) -> EmbeddingSpace:
    """Record the space (if it is new) and build its vector index; the space as it now stands.

    Every index option is written out: no quantisation, because recall at ten is what handlers
    feel (docs/measurements.md has the figures for each choice).
    """
    columns = ", ".join(f"n.{name}" for name in NARROWING)
    await database.run(
        f"""
        CYPHER 25
        CREATE VECTOR INDEX {space.index} IF NOT EXISTS
        FOR (n:Complaint) ON n.{space.vector_key} WITH [{columns}]
        OPTIONS {{indexConfig: {{
          `vector.dimensions`: {space.dimension},
          `vector.similarity_function`: 'cosine',
          `vector.quantization.type`: 'NONE',
          `vector.default_search_expansion_factor`: 1.0,
          `vector.hnsw.m`: 32,
          `vector.hnsw.ef_construction`: 200
        }}}}
        """
    )
    await await_indexes(database)
    values = {
        "name": space.name,
        "model": space.model,
        "dimension": space.dimension,
        "property": space.vector_key,
        "index": space.index,
        "threshold": space.threshold,
        "duplicateThreshold": space.duplicate_threshold,
        "calibration": list(space.calibration),
        "centre": list(space.centre),
        "state": space.state,
        "base": space.base,
        "adapter": space.adapter,
    }

    async def work(transaction: Transaction) -> str:
        return str((await transaction.run(_CREATE, space=values))[0]["state"])

    return replace(space, state=SpaceState(await database.write(work)))


async def write_vectors(
    database: Database,
    space: EmbeddingSpace,
    rows: Sequence[tuple[str, str, Sequence[float]]],
) -> None:
    """Give complaints their vectors: (id, text that was encoded, vector).

    A complaint whose text has changed since it was read is left for the next round.
    """
    statement = f"""{_SHARE}
      AND row.text =
        CASE WHEN c.subject IS NULL THEN c.narrative ELSE c.subject + '\\n' + c.narrative END
    SET c.{space.vector_key} = row.vector
    """
    written: list[dict[str, Any]] = [
        {"id": identity, "text": text, "vector": vector} for identity, text, vector in rows
    ]

    async def work(transaction: Transaction) -> None:
        await lock(transaction, Kind.COMPLAINT, [row["id"] for row in written])
        await transaction.run(statement, rows=written)

    await database.write(work)


async def record_calibrations(
    database: Database, space: EmbeddingSpace, results: Sequence[OwnCalibration]
) -> None:
    """Keep what the bank's own texts say of cosines, beside what is known of other languages."""
    own = {**space.own, **{each.language: each for each in results}}
    text = json.dumps(
        [{**asdict(own[name]), "at": own[name].at.isoformat()} for name in sorted(own)]
    )

    async def work(transaction: Transaction) -> None:
        await transaction.run(_OWN, name=space.name, own=text)

    await database.write(work)


async def activate_space(database: Database, space: EmbeddingSpace) -> None:
    """Make it the space that searches use: one write, which running processes notice."""

    async def work(transaction: Transaction) -> None:
        await transaction.run(_RETIRE, name=space.name)
        await transaction.run(_ACTIVATE, name=space.name)

    await database.write(work)
    await relink_all(database)


async def relink_all(database: Database) -> None:
    """Let every complaint wait to be linked anew."""
    await _change_all(database, _RELINK)


async def drop_space(database: Database, space: EmbeddingSpace) -> None:
    """Remove a retired space: its index, its vectors, its record."""
    await database.run(f"DROP INDEX {space.index} IF EXISTS")
    await _change_all(
        database,
        f"""
        CYPHER 25
        UNWIND $ids AS id
        MATCH (c:Complaint {{id: id}}) REMOVE c.{space.vector_key}
        """,
    )
    await database.run("MATCH (s:EmbeddingSpace {name: $name}) DELETE s", name=space.name)


async def _change_all(database: Database, statement: str) -> None:
    """Run a statement on the ``$ids`` of all complaints, page by page."""
    after = ""
    while rows := await database.read(_PAGE, after=after, limit=_BATCH):
        ids, after = [row["id"] for row in rows], rows[-1]["key"]

        async def work(transaction: Transaction, ids: Sequence[str] = ids) -> None:
            await lock(transaction, Kind.COMPLAINT, ids)
            await transaction.run(statement, ids=list(ids))

        await database.write(work)
