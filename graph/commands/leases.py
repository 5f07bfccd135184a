"""Work that one process of many does at a time: whoever holds its lease.

A lease ends by itself when its holder has died. The clock is the database's, so that those of the
processes do not matter.
"""

import asyncio
import math
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
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


async def lead(
    database: Database, name: str, work: Callable[[], Awaitable[None]], *, seconds: float = SECONDS
) -> bool:
    """Do the work while this process holds the lease; False: another process holds it.

    The work is cancelled when the lease has passed to another process, and when it could not be
    renewed for as long as it lasts.
    """
    owner = uuid4().hex
    if not await _take(database, name, owner, seconds):
        return False
    tasks = {
        asyncio.ensure_future(work()),
        asyncio.create_task(_renew(database, name, owner, seconds, patience=seconds)),
    }
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        # It ends by itself where the graph is away.
        with suppress(UnavailableError):
            await database.write(lambda own: own.run(_RELEASE, name=name, owner=owner))
    for task in done:
        task.result()
    return True


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


async def _renew(
    database: Database, name: str, owner: str, seconds: float, *, patience: float = math.inf
) -> None:
    """Until the lease has passed on, or nobody has answered for ``patience`` seconds."""
    renewed = time.monotonic()
    while time.monotonic() < renewed + patience:
        await asyncio.sleep(seconds / 3)
        asked = time.monotonic()
        try:
            if not await _take(database, name, owner, seconds):
                break
            renewed = asked
        except UnavailableError:
            # The work itself finds out; until the lease ends it may be renewed again.
            log.warning("a lease could not be renewed", lease=name)
    log.warning("a lease has passed to another process", lease=name)
