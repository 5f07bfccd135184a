"""Bring a database to the newest step, from any number of processes at once."""

from collections.abc import Sequence

import structlog

from graph.database import WRITE_SECONDS, Database
from graph.errors import CapabilityError
from graph.migrations.steps import STEPS, Step

log = structlog.get_logger(__name__)

# A uniqueness constraint comes before anything else, so that two processes share one record.
_GUARD = """
CREATE CONSTRAINT migration_name_unique IF NOT EXISTS FOR (n:Migration) REQUIRE n.name IS UNIQUE
"""
_APPLIED = "MATCH (m:Migration) RETURN m.name AS name"
# MERGE: two processes may have run the same step, which its IF NOT EXISTS allows.
_RECORD = "MERGE (m:Migration {name: $name}) ON CREATE SET m.appliedAt = datetime()"
_WAIT = "CALL db.awaitIndexes($wait)"
_FAILED = """
SHOW INDEXES YIELD name, state, failureMessage WHERE state = 'FAILED' RETURN name, failureMessage
"""
INDEX_WAIT_SECONDS = 600


async def migrate(database: Database, steps: Sequence[Step] = STEPS) -> list[str]:
    """Apply what is missing, in order, and wait until every index serves; the names applied.

    Raises:
        CapabilityError: the graph was written by a newer version, or an index cannot be built.
    """
    await database.run(_GUARD)
    applied = {row["name"] for row in await database.read(_APPLIED)}
    unknown = applied - {step.name for step in steps}
    if unknown:
        raise CapabilityError(
            f"The graph was written by a newer complaint-graph (step {max(unknown)}): update this "
            "installation."
        )
    missing = [step for step in steps if step.name not in applied]
    for step in missing:
        for statement in step.statements:
            await database.run(statement, seconds=INDEX_WAIT_SECONDS)
        await database.run(_RECORD, name=step.name)
        log.info("migration applied", step=step.name)
    await await_indexes(database)
    return [step.name for step in missing]


async def await_indexes(database: Database) -> None:
    """Return when all indexes are online.

    Raises:
        CapabilityError: an index failed; the message names it.
    """
    wait = INDEX_WAIT_SECONDS
    await database.run(_WAIT, seconds=wait + WRITE_SECONDS, wait=wait)
    failed = await database.run(_FAILED)
    if failed:
        names = ", ".join(row["name"] for row in failed)
        raise CapabilityError(
            f"Neo4j could not build these indexes: {names}. Drop them and run "
            "`complaint-graph migrate`."
        )
