"""Keep what becomes of jobs: begun, heard of, cancelled, ended, and in the end forgotten."""

from collections.abc import Collection, Sequence
from datetime import timedelta
from typing import Any
from uuid import uuid4

from graph.commands.locks import take_turn
from graph.commands.requests import RequestKey, claim
from graph.database import Database, Transaction
from graph.domain.copies import received_key
from graph.domain.jobs import Beat, Job, JobState, NewJob, Result
from graph.errors import ConflictError, NotFoundError
from graph.queries.jobs import FIELDS, by_id

# One turn for all that begin: those that run are counted.
_TURN = "jobs"
_NOW = "CYPHER 25 RETURN datetime() AS now"
_BEGIN = f"""
CYPHER 25
CREATE (n:Job {{
  id: $id, key: $key, kind: $kind, state: 'RUNNING', person: $person, title: $title,
  startedAt: $now, heartbeatAt: $now, done: 0
}})
RETURN {FIELDS} AS own
"""
# One that reads as interrupted and is heard of again has only been slow.
_BEAT = """
CYPHER 25
UNWIND $beats AS beat
MATCH (j:Job {id: beat.id}) WHERE j.state = 'RUNNING'
SET j.phaseAt = CASE WHEN j.phase = beat.phase THEN j.phaseAt ELSE datetime() END
SET j.heartbeatAt = datetime(), j.phase = beat.phase, j.done = beat.done, j.total = beat.total
RETURN j.id AS id, coalesce(j.cancelled, false) AS cancelled
"""
_CANCEL = "CYPHER 25 MATCH (j:Job {id: $id}) SET j.cancelled = true"
_END = """
CYPHER 25
MATCH (j:Job {id: $id}) WHERE j.state = 'RUNNING'
SET j.state = $state, j.endedAt = datetime(), j.heartbeatAt = datetime(),
    j.report = $report, j.error = $error, j.file = $file,
    j.fileUntil = CASE
      WHEN $kept IS NULL THEN null ELSE datetime() + duration({milliseconds: $kept})
    END
"""
_INTERRUPT = """
CYPHER 25
MATCH (j:Job) WHERE j.id IN $ids AND j.state = 'RUNNING'
SET j.state = 'INTERRUPTED', j.endedAt = datetime()
"""
_FORGET = """
CYPHER 25
MATCH (j:Job) WHERE j.heartbeatAt < datetime() - duration({milliseconds: $kept})
WITH j LIMIT 1000 DELETE j RETURN count(*) AS forgotten
"""
_RUNNING = f"""
CYPHER 25
MATCH (n:Job {{state: 'RUNNING', kind: $kind}}) WITH {FIELDS} AS own
WHERE own.state = 'RUNNING' AND ($person IS NULL OR own.person = $person)
RETURN count(*) AS running
"""


async def begin(database: Database, new: NewJob, key: RequestKey | None = None) -> tuple[Job, bool]:
    """A job from now on, and whether it is new: a retry gets the one of the first time.

    Raises:
        ConflictError: as many run as may.
        NotFoundError: the one of the first time has been forgotten since.
    """
    identity = uuid4().hex

    async def work(transaction: Transaction) -> tuple[Job, bool]:
        await take_turn(transaction, _TURN)
        now = (await transaction.run(_NOW))[0]["now"]
        known = await claim(transaction, key, {"job": identity}, now)
        if known is not None:
            return await _stored(transaction, known["job"]), False
        await _within(transaction, new)
        rows = await transaction.run(
            _BEGIN,
            id=identity,
            key=received_key(now, identity),
            kind=new.kind,
            person=new.person,
            title=new.title,
            now=now,
        )
        return Job.from_record(rows[0]["own"]), True

    return await database.write(work)


async def _within(transaction: Transaction, new: NewJob) -> None:
    if new.bound is None:
        return
    person = None if new.bound.everybody else new.person
    rows = await transaction.run(_RUNNING, kind=new.kind, person=person)
    if rows[0]["running"] >= new.bound.most:
        raise ConflictError(new.bound.message, path=new.bound.path)


async def beat(database: Database, beats: Sequence[Beat]) -> frozenset[str]:
    """Say how far jobs are; the ids of those that are to be cancelled."""
    rows = await database.write(lambda transaction: transaction.run(_BEAT, beats=_sent(beats)))
    return frozenset(row["id"] for row in rows if row["cancelled"])


def _sent(beats: Sequence[Beat]) -> list[dict[str, Any]]:
    return [
        {"id": each.id, "phase": each.phase, "done": each.done, "total": each.total}
        for each in beats
    ]


async def cancel(database: Database, identity: str, key: RequestKey | None = None) -> Job:
    """Ask a job to stop, whichever process it runs in; it does so within seconds.

    Raises:
        NotFoundError: there is no such job.
        ConflictError: it has ended.
    """

    async def work(transaction: Transaction) -> Job:
        now = (await transaction.run(_NOW))[0]["now"]
        known = await claim(transaction, key, {}, now)
        job = await _stored(transaction, identity)
        if known is not None:
            return job
        if not job.running:
            raise ConflictError("This job has ended: there is nothing to cancel.", path=["job"])
        await transaction.run(_CANCEL, id=identity)
        return job

    return await database.write(work)


async def end(
    database: Database,
    identity: str,
    state: JobState,
    result: Result | None = None,
    last: Beat | None = None,
) -> None:
    """Write what became of a job, and how far it was; one that has ended stays as it is."""
    of = result or Result()

    async def work(transaction: Transaction) -> None:
        if last is not None:
            await transaction.run(_BEAT, beats=_sent([last]))
        await transaction.run(
            _END,
            id=identity,
            state=state,
            report=of.report.to_json() if of.report else None,
            error=of.error,
            file=of.file,
            kept=None if of.kept is None else round(of.kept.total_seconds() * 1000),
        )

    await database.write(work)


async def interrupt(database: Database, ids: Collection[str]) -> None:
    """Write that the process of these jobs ends."""
    await database.write(lambda transaction: transaction.run(_INTERRUPT, ids=list(ids)))


async def forget(database: Database, kept: timedelta) -> int:
    """Remove the jobs of which nothing was heard for so long; how many."""
    total = 0
    while forgotten := await database.write(
        lambda transaction: _forgotten(transaction, kept),
    ):
        total += forgotten
    return total


async def _forgotten(transaction: Transaction, kept: timedelta) -> int:
    rows = await transaction.run(_FORGET, kept=round(kept.total_seconds() * 1000))
    return int(rows[0]["forgotten"])


async def _stored(transaction: Transaction, identity: str) -> Job:
    job = await by_id(transaction.run, identity)
    if job is None:
        raise NotFoundError("There is no job with this id.", path=["job"])
    return job
