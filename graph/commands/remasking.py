"""Keep what the present version of masking leaves of texts that another one has made.

A complaint keeps the version (``maskVersion``) that made all its texts, those of its decisions and
events too. Vectors go with the text, in every space; the text index follows by itself.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from graph.commands.events import append_events
from graph.commands.linking import unlink
from graph.commands.locks import Kind, lock, widening
from graph.commands.texts import KEEP_TEXTS, CaseTexts, forget_vectors, texts_of
from graph.commands.waiting import Work, marked
from graph.database import BATCH_SECONDS, Database, Row, Transaction
from graph.domain.enums import EventKind
from graph.domain.events import Event

_OLDER = "(c.maskVersion IS NULL OR c.maskVersion <> $version)"
_COUNT = f"CYPHER 25 MATCH (c:Complaint) WHERE {_OLDER} RETURN count(*) AS older"
_PAGE = f"""
CYPHER 25
MATCH (c:Complaint) WHERE c.receivedKey > $after AND {_OLDER}
RETURN c.receivedKey AS key, c.id AS id ORDER BY c.receivedKey LIMIT $limit
"""
_KEEP = "CYPHER 25 MATCH (c:Complaint) WHERE c.id IN $ids SET c.maskVersion = $version"
_WRITE = f"""
CYPHER 25
UNWIND $rows AS row
MATCH (c:Complaint {{id: row.id}})
{forget_vectors("row.rewritten")}
SET c += row.properties, c.version = c.version + 1
WITH c, row
CALL (c, row) {{ WITH c, row WHERE row.rewritten {marked("c", Work.LINK)} }}
{KEEP_TEXTS}
"""
_STAND = """
CYPHER 25
MATCH (c:Complaint) WHERE c.id IN $ids
RETURN c.id AS id, c.version AS version, c.eventSeq AS seq ORDER BY c.receivedKey
"""


@dataclass(frozen=True, slots=True)
class Remasked:
    """What was read of a complaint, what to keep instead, and the vectors of the new text."""

    read: CaseTexts
    texts: CaseTexts
    vectors: Mapping[str, Sequence[float]]

    @property
    def rewritten(self) -> bool:
        """Whether its own text is another one; else only what its events or decisions hold is."""
        old, new = self.read, self.texts
        return (old.subject, old.narrative) != (new.subject, new.narrative)


async def count_older(database: Database, version: str) -> int:
    """How many complaints have texts of another version of masking."""
    return int((await database.read(_COUNT, version=version))[0]["older"])


async def page_older(
    database: Database, version: str, *, after: str, limit: int
) -> list[tuple[str, str]]:
    """Sort keys and ids of the next complaints with texts of another version, by receipt."""
    rows = await database.read(_PAGE, version=version, after=after, limit=limit)
    return [(row["key"], row["id"]) for row in rows]


async def remask(
    database: Database,
    same: Sequence[CaseTexts],
    changed: Sequence[Remasked],
    version: str,
    *,
    actor: str,
    now: datetime,
) -> int:
    """Keep the texts and the version that made them; how many complaints were changed.

    ``same``: of which nothing changes but the version. What somebody has written since it was read
    is left as it stands, with its old version: it is to be read again.
    """
    read = {texts.id: texts for texts in (*same, *(each.read for each in changed))}

    async def work(transaction: Transaction, locked: frozenset[str]) -> int:
        await lock(transaction, Kind.COMPLAINT, {*read, *locked})
        stand = await texts_of(transaction.run, sorted(read))
        mine = [each for each in changed if stand.get(each.read.id) == each.read]
        await unlink(transaction, [each.read.id for each in mine if each.rewritten])
        ids = sorted(one for one, texts in stand.items() if texts == read[one])
        await transaction.run(_KEEP, ids=ids, version=version)
        if mine:
            await transaction.run(_WRITE, rows=[_row(each) for each in mine])
            rows = await transaction.run(_STAND, ids=[each.read.id for each in mine])
            await append_events(transaction, [_event(row, actor, now) for row in rows])
        return len(mine)

    return await widening(database, (), work, seconds=BATCH_SECONDS)


def _row(each: Remasked) -> Row:
    return {**each.texts.to_row(each.vectors), "rewritten": each.rewritten}


def _event(row: Row, actor: str, now: datetime) -> Event:
    return Event(
        complaint=row["id"],
        seq=row["seq"] + 1,
        kind=EventKind.REMASKED,
        at=now,
        recorded_at=now,
        actor=actor,
        before="{}",
        after="{}",
        version=row["version"],
    )
