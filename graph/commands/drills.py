"""Keep what people answer in drills: one node for each person and drill, nothing of a complaint."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from graph.commands.requests import RequestKey, claim
from graph.database import Database, Transaction
from graph.domain.drills import DrillAnswer, Sitting, answers_json
from graph.errors import ConflictError, InvalidInputError

# A property that is written takes the node's lock: what was answered before is read behind it.
_SIT = """
CYPHER 25
MERGE (s:Sitting {id: $id})
ON CREATE SET s += $facts
SET s.lock = true REMOVE s.lock
RETURN properties(s) AS own
"""
_ANSWER = "CYPHER 25 MATCH (s:Sitting {id: $id}) SET s.answers = $answers"
_FORGET = """
CYPHER 25
MATCH (s:Sitting) WHERE coalesce(s.finishedAt, s.startedAt) < $before
WITH s LIMIT 1000
DETACH DELETE s
RETURN count(*) AS forgotten
"""
_FINISH = "CYPHER 25 MATCH (s:Sitting {id: $id}) SET s.finishedAt = $now"


async def answer(
    database: Database,
    sitting: Sitting,
    answers: Mapping[int, DrillAnswer],
    key: RequestKey | None = None,
) -> None:
    """Write answers by the number of their case, or change them; the first one begins.

    Raises:
        ConflictError: the person has finished this drill.
    """

    async def work(transaction: Transaction) -> None:
        if await claim(transaction, key, {}, sitting.started_at) is not None:
            return
        known = await _sit(transaction, sitting)
        if known.finished_at is not None:
            raise ConflictError(
                "You have finished this drill: its answers stay as they are.", path=["drill"]
            )
        text = answers_json({**known.answers, **answers})
        await transaction.run(_ANSWER, id=identity(sitting), answers=text)

    await database.write(work)


async def finish(
    database: Database, sitting: Sitting, size: int, now: datetime, key: RequestKey | None = None
) -> None:
    """End a drill of so many cases; one that is finished stays as it is.

    Raises:
        InvalidInputError: cases are left to answer.
    """

    async def work(transaction: Transaction) -> None:
        if await claim(transaction, key, {}, now) is not None:
            return
        known = await _sit(transaction, sitting)
        if known.finished_at is not None:
            return
        left = [str(number) for number in range(1, size + 1) if number not in known.answers]
        if left:
            raise InvalidInputError(
                f"Answer all cases first; left are {', '.join(left)}.", path=["drill"]
            )
        await transaction.run(_FINISH, id=identity(sitting), now=now)

    await database.write(work)


async def forget_old(database: Database, before: datetime) -> int:
    """Delete what was answered in drills that ended before a moment; how many those were.

    One that was never finished ended when it began.
    """

    async def work(transaction: Transaction) -> int:
        return int((await transaction.run(_FORGET, before=before))[0]["forgotten"])

    total = 0
    while forgotten := await database.write(work):
        total += forgotten
    return total


async def _sit(transaction: Transaction, sitting: Sitting) -> Sitting:
    """The person's node, locked; made by the first answer."""
    facts: dict[str, Any] = {
        "person": sitting.person,
        "drill": sitting.drill,
        "edition": sitting.edition,
        "branch": sitting.branch,
        "startedAt": sitting.started_at,
        "answers": answers_json(sitting.answers),
    }
    rows = await transaction.run(_SIT, id=identity(sitting), facts=facts)
    return Sitting.from_record(rows[0]["own"])


def identity(sitting: Sitting) -> str:
    """The node's id."""
    return f"{sitting.person}:{sitting.drill}:{sitting.edition}"
