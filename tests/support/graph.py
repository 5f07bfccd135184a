"""A migrated database on the session's engine, emptied between tests; cases to fill it with."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pytest
import pytest_asyncio

from graph.commands.catalogue import KnownCodes
from graph.commands.rows import Act, Prepared
from graph.commands.spaces import create_space
from graph.commands.store import Stored, store
from graph.database import Database, Row
from graph.domain.case import Case
from graph.domain.catalogue import CatalogueEntry
from graph.domain.enums import CaseStatus, Channel
from graph.domain.identity import Keyring
from graph.domain.moments import Moment
from graph.domain.spaces import EmbeddingSpace, SpaceState
from graph.embedded import Connection
from graph.migrations.runner import migrate

KEYRING = Keyring(b"k" * 32)
NOW = datetime(2026, 6, 1, 8, 0, tzinfo=UTC)
ACT = Act("test", NOW, KEYRING)
#: A small space for tests that need vectors but no model.
TINY = EmbeddingSpace(
    name="tiny",
    model="tiny",
    dimension=16,
    threshold=0.3,
    duplicate_threshold=0.2,
    calibration=[-1.0, 0.0, 1.0],
    centre=[0.0] * 16,
    state=SpaceState.ACTIVE,
)

_WIPE = """
CYPHER 25
MATCH (n) WHERE NOT n:Migration
CALL (n) { DETACH DELETE n } IN TRANSACTIONS OF 2000 ROWS
"""


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def session_database(neo4j_engine: Connection) -> AsyncIterator[Database]:
    """The session's database, migrated; refuses one that already holds complaints."""
    async with Database.open(
        neo4j_engine.uri, neo4j_engine.user, neo4j_engine.password
    ) as database:
        rows = await database.read("MATCH (c:Complaint) RETURN count(*) AS n")
        if rows[0]["n"]:
            pytest.exit("The configured Neo4j holds complaints: tests never empty another's data.")
        await migrate(database)
        yield database


@pytest_asyncio.fixture(loop_scope="session")
async def database(session_database: Database) -> Database:
    """The session's database, empty."""
    await wipe(session_database)
    return session_database


async def wipe(database: Database) -> None:
    """Remove all nodes; indexes stay (dropping one throws away every cached query plan)."""
    await database.run(_WIPE)


@pytest_asyncio.fixture(loop_scope="session")
async def tiny(database: Database) -> EmbeddingSpace:
    """The tiny space, active, with its index online."""
    return await create_space(database, TINY)


def case(number: int, **changes: Any) -> Case:
    """A complaint that differs from the others by its number."""
    received = Moment(NOW - timedelta(days=500) + timedelta(hours=number))
    plain = Case(
        id=KEYRING.complaint_id("test", str(number)),
        reference=f"TEST-{number}",
        source_system="test",
        source_id=str(number),
        content_hash=f"hash-{number}",
        channel=Channel.WEB,
        status=CaseStatus.REGISTERED,
        received=received,
        narrative=f"complaint number {number} about a fee",
        due_at=received.at + timedelta(days=15),
        due_soon_at=received.at + timedelta(days=12),
    )
    return replace(plain, **changes)


def with_vector(case: Case, vector: Sequence[float], space: EmbeddingSpace = TINY) -> Prepared:
    return Prepared(case, {space.vector_key: [float(value) for value in vector]})


def random_vectors(count: int, seed: int, dimension: int = TINY.dimension) -> np.ndarray:
    vectors = np.random.default_rng(seed).normal(size=(count, dimension))
    return np.asarray(vectors / np.linalg.norm(vectors, axis=1, keepdims=True))


async def put(
    database: Database,
    cases: Sequence[Prepared | Case],
    catalogue: Sequence[CatalogueEntry] = (),
    act: Act = ACT,
) -> dict[str, Stored]:
    """Store cases as one batch."""
    codes = KnownCodes()
    await codes.ensure(database, catalogue)
    prepared = [c if isinstance(c, Prepared) else Prepared(c) for c in cases]
    return await store(database, prepared, codes.wider, act)


async def snapshot(database: Database) -> list[str]:
    """Every node and relation with its properties, wall-clock times left out; order-free.

    Less the access log: reading adds to it.
    """
    rows = await database.read(
        """
        CYPHER 25
        MATCH (n)
        WHERE NOT n:Migration|AccessLog|AccessSegment|AccessRecord
          AND NOT (n:Lease AND n.name = 'access-log')
        RETURN labels(n) AS labels, properties(n) AS properties,
          COLLECT {
            MATCH (n)-[r]->(m)
            RETURN type(r) + toString(coalesce(m.id, m.code, m.hmac, m.name)) +
              toString(coalesce(r.score, r.round, r.role, ''))
          } AS relations
        """
    )
    clocks = {
        "recordedAt", "startedAt", "lastAt", "appliedAt", "createdAt", "expiresAt", "textChangedAt",
        "retiredAt",
    }  # fmt: skip
    of_changes = {*clocks, "at"}

    def kept(row: Row) -> list[tuple[str, Any]]:
        left_out = of_changes if "Change" in row["labels"] else clocks
        return sorted((k, v) for k, v in row["properties"].items() if k not in left_out)

    return sorted(
        repr(
            (
                sorted(row["labels"]),
                kept(row),
                sorted(row["relations"]),
            )
        )
        for row in rows
    )
