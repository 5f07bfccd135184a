"""Webhooks made, changed and removed, and how far each of them has been told."""

from collections.abc import Sequence
from datetime import datetime
from uuid import uuid4

from graph.database import Database
from graph.domain.webhooks import pause_after
from graph.errors import NotFoundError
from graph.queries.stream import settled_position

_ADD = """
CYPHER 25
CREATE (:Webhook {
  id: $id, url: $url, topics: $topics, position: $position, createdAt: $now, createdBy: $by,
  key: 1, epoch: 0, paused: false, failures: 0
})
"""
_REMOVE = "CYPHER 25 MATCH (w:Webhook {id: $id}) DELETE w RETURN count(*) AS webhooks"
_ROTATE = """
CYPHER 25
MATCH (w:Webhook {id: $id}) SET w.key = w.key + 1, w.rotatedAt = $now RETURN count(*) AS webhooks
"""
_WELL = "w.failures = 0, w.failingSince = null, w.nextAt = null, w.error = null"
_PAUSE = f"""
CYPHER 25
MATCH (w:Webhook {{id: $id}}) SET w.paused = $paused, {_WELL} RETURN count(*) AS webhooks
"""
# Another epoch: what was sent before does not count any more.
_REPLAY = f"""
CYPHER 25
MATCH (w:Webhook {{id: $id}})
SET w.position = $after, w.epoch = w.epoch + 1, w.paused = false, {_WELL}
RETURN count(*) AS webhooks
"""
# A process that was stopped for a while comes late with less than the next one has reached.
_TAKEN = f"""
CYPHER 25
MATCH (w:Webhook {{id: $id, epoch: $epoch}}) WHERE w.position <= $position
SET w.position = $position, {_WELL}
RETURN w.paused AS paused
"""
_FAILED = """
CYPHER 25
MATCH (w:Webhook {id: $id, epoch: $epoch})
SET w.failures = w.failures + 1, w.failingSince = coalesce(w.failingSince, $now),
    w.nextAt = $next, w.error = $error, w.paused = w.paused OR $gone
"""


async def add_webhook(
    database: Database,
    url: str,
    topics: Sequence[str],
    *,
    after: int | None,
    by: str,
    now: datetime,
) -> str:
    """The id of a new one, told what happens ``after`` a position (None: from now on)."""
    identity = uuid4().hex[:12]
    position = await settled_position(database) if after is None else after
    await database.write(
        lambda transaction: transaction.run(
            _ADD, id=identity, url=url, topics=list(topics), position=position, now=now, by=by
        )
    )
    return identity


async def remove_webhook(database: Database, identity: str) -> None:
    """Raises NotFoundError, as all that follow: there is none of this id."""
    await _changed(database, _REMOVE, identity)


async def rotate_key(database: Database, identity: str, now: datetime) -> None:
    """Sign with the next key from now on, and with the old one for a while."""
    await _changed(database, _ROTATE, identity, now=now)


async def pause_webhook(database: Database, identity: str, *, paused: bool) -> None:
    """Send nothing until it goes on; nothing is lost meanwhile."""
    await _changed(database, _PAUSE, identity, paused=paused)


async def replay(database: Database, identity: str, after: int) -> None:
    """Tell everything after a position again."""
    await _changed(database, _REPLAY, identity, after=after)


async def taken(database: Database, identity: str, epoch: int, position: int) -> bool:
    """Everything up to a position was taken, or is of no interest; whether it goes on there."""
    rows = await database.write(
        lambda transaction: transaction.run(_TAKEN, id=identity, epoch=epoch, position=position)
    )
    return bool(rows) and not rows[0]["paused"]


async def failed(
    database: Database,
    identity: str,
    epoch: int,
    *,
    failures: int,
    error: str,
    gone: bool,
    now: datetime,
) -> None:
    """A message was not taken: it is sent again after a pause; not if the receiver is ``gone``."""
    await database.write(
        lambda transaction: transaction.run(
            _FAILED,
            id=identity,
            epoch=epoch,
            now=now,
            next=now + pause_after(failures),
            error=error,
            gone=gone,
        )
    )


async def _changed(database: Database, statement: str, identity: str, **parameters: object) -> None:
    rows = await database.write(
        lambda transaction: transaction.run(statement, id=identity, **parameters)
    )
    if not rows[0]["webhooks"]:
        raise NotFoundError("There is no webhook of this id: see `complaint-graph webhooks list`.")
