"""Work that one process of many does at a time: whoever holds its lease.

A lease ends by itself when its holder has died. The clock is the database's, so that those of the
processes do not matter.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from uuid import uuid4

import structlog

from graph.database import Database, Transaction
from graph.errors import UnavailableError

log = structlog.get_logger(__name__)

#: A lease that is not renewed ends after so many seconds.
SECONDS = 120.0

# The first SET locks: of two at the same moment, the second reads what the first has written.
_TAKE = """
CYPHER 25
MERGE (l:Lease {name: $name})
SET l.lock = true REMOVE l.lock
WITH l
WHERE l.owner IS NULL OR l.owner = $owner OR l.expiresAt <= datetime()
SET l.owner = $owner, l.expiresAt = datetime() + duration({milliseconds: $milliseconds})
RETURN l.owner AS owner
"""
_RELEASE = """
CYPHER 25
MATCH (l:Lease {name: $name, owner: $owner})
REMOVE l.owner, l.expiresAt
"""
_NEXT = """
CYPHER 25
MERGE (l:Lease {name: $name})
SET l.lock = true REMOVE l.lock
WITH l
WHERE (l.nextAt IS NULL OR l.nextAt <= datetime())
  AND (l.owner IS NULL OR l.expiresAt <= datetime())
SET l.nextAt = datetime() + duration({milliseconds: $milliseconds})
RETURN l.name AS name
"""


@asynccontextmanager
async def lease(database: Database, name: str, *, seconds: float = SECONDS) -> AsyncIterator[bool]:
    """Hold a lease, renewed for as long as the block lasts; False: another process holds it."""
    owner = uuid4().hex
    if not await _take(database, name, owner, seconds):
        yield False
        return
    renewing = asyncio.create_task(_renew(database, name, owner, seconds))
    try:
        yield True
    finally:
        renewing.cancel()
        await asyncio.gather(renewing, return_exceptions=True)
        await database.write(lambda transaction: transaction.run(_RELEASE, name=name, owner=owner))


async def turn(database: Database, name: str, *, seconds: float) -> bool:
    """Whether this process is the one to look now: true once in so many seconds, for one of all."""

    async def work(transaction: Transaction) -> bool:
        milliseconds = round(seconds * 1000)
        return bool(await transaction.run(_NEXT, name=name, milliseconds=milliseconds))

    return await database.write(work)


async def _take(database: Database, name: str, owner: str, seconds: float) -> bool:
    async def work(transaction: Transaction) -> bool:
        milliseconds = round(seconds * 1000)
        rows = await transaction.run(_TAKE, name=name, owner=owner, milliseconds=milliseconds)
        return bool(rows)

    return await database.write(work)


async def _renew(database: Database, name: str, owner: str, seconds: float) -> None:
    while True:
        await asyncio.sleep(seconds / 3)
        try:
            if not await _take(database, name, owner, seconds):
                log.warning("a lease has passed to another process", lease=name)
                return
        except UnavailableError:
            # The work itself finds out; until the lease ends it may be renewed again.
            log.warning("a lease could not be renewed", lease=name)
