"""Take out of a complaint's texts what masking missed, in every version that was kept.

From then on its source's texts are not taken any more (see ``record``), everything else is.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from graph.commands.desk import CASE
from graph.commands.events import append_events
from graph.commands.linking import unlink
from graph.commands.locks import Kind, lock, widening
from graph.commands.requests import RequestKey, claim
from graph.commands.texts import forget_vectors
from graph.commands.versioned import check_version
from graph.commands.waiting import Work, marked
from graph.database import Database, Row, Transaction
from graph.domain.desk import Taking
from graph.domain.enums import EventKind
from graph.domain.events import Event
from graph.domain.record import REDACTED
from graph.errors import ConflictError, NotFoundError

# Every place that holds a text: the complaint, its decisions, and what its events refer to.
_TEXTS = """
CYPHER 25
MATCH (c:Complaint {id: $id})
RETURN c.version AS version, c.eventSeq AS seq, c.subject AS subject, c.narrative AS narrative,
  COLLECT { MATCH (c)-[:RESOLVED_BY]->(r) WHERE r.summary IS NOT NULL
            RETURN r {.id, .summary} ORDER BY r.id } AS decisions,
  COLLECT { MATCH (c)-[:HAS_EVENT]->()-[:HAS_TEXT]->(t:TextVersion)
            RETURN t {.*} ORDER BY t.id } AS versions
"""
_LOCK = f"CYPHER 25 MATCH (c:Complaint {{id: $id}}) SET c.{REDACTED} = true"
_WRITE = f"""
CYPHER 25
MATCH (c:Complaint {{id: $id}})
{forget_vectors()}
SET c += $properties, c.version = c.version + 1
{marked("c", Work.LINK)}
WITH c
CALL (c) {{
  UNWIND $decisions AS row
  MATCH (c)-[:RESOLVED_BY]->(r:Resolution {{id: row.id}}) SET r.summary = row.summary
}}
CALL (c) {{
  UNWIND $versions AS row
  MATCH (c)-[:HAS_EVENT]->()-[:HAS_TEXT]->(t:TextVersion {{id: row.id}}) SET t += row
}}
"""


@dataclass(frozen=True, slots=True)
class Texts:
    """All masked texts of a complaint as they stand."""

    version: int
    subject: str | None
    narrative: str | None
    decisions: Sequence[Mapping[str, str]]
    versions: Sequence[Mapping[str, str]]

    @property
    def all(self) -> list[str]:
        kept = [row.get("summary") for row in self.decisions]
        kept += [text for row in self.versions for name, text in row.items() if name != "id"]
        return [text for text in (self.subject, self.narrative, *kept) if text]


@dataclass(frozen=True, slots=True)
class Redaction:
    """The texts to keep instead, and the vectors of the new text by node property.

    ``version``: of the complaint as the person saw it; ``read``: the texts that these were made of.
    """

    complaint: str
    version: int
    read: Texts
    texts: Texts
    vectors: Mapping[str, Sequence[float]]
    key: RequestKey | None = None


async def texts_of(database: Database, identity: str) -> Texts:
    """Raises NotFoundError: there is no such complaint."""
    return _texts(_existing(await database.read(_TEXTS, id=identity)))


async def redact(database: Database, redaction: Redaction, taking: Taking) -> bool:
    """Replace the texts, leave an event; False if this request had been done before.

    Raises:
        StaleVersionError: the complaint has changed since it was seen, or since it was read.
        ConflictError: it is another one by now, of the same source row.
        NotFoundError: it was removed meanwhile.
    """

    async def work(transaction: Transaction, locked: frozenset[str]) -> bool:
        payload = {"complaint": redaction.complaint}
        if await claim(transaction, redaction.key, payload, taking.now) is not None:
            return False
        await lock(transaction, Kind.COMPLAINT, locked)
        await transaction.run(_LOCK, id=redaction.complaint)
        row = _existing(await transaction.run(_TEXTS, id=redaction.complaint))
        texts = redaction.texts
        for seen in (redaction.version, redaction.read.version):
            await check_version(transaction, CASE, redaction.complaint, seen, row["version"])
        if _texts(row) != redaction.read:
            raise ConflictError(
                "The complaint was removed and imported again meanwhile. Read it again, and "
                "repeat your change."
            )
        await unlink(transaction, [redaction.complaint])
        await transaction.run(
            _WRITE,
            id=redaction.complaint,
            properties={
                "subject": texts.subject,
                "narrative": texts.narrative,
                **redaction.vectors,
            },
            decisions=list(texts.decisions),
            versions=list(texts.versions),
        )
        await append_events(transaction, [_event(redaction, row, taking)])
        return True

    return await widening(database, {redaction.complaint}, work)


def _existing(rows: Sequence[Row]) -> Row:
    if not rows:
        raise NotFoundError("There is no complaint with this id.", path=["complaint"])
    return rows[0]


def _texts(row: Row) -> Texts:
    return Texts(
        row["version"], row["subject"], row["narrative"], row["decisions"], row["versions"]
    )


def _event(redaction: Redaction, row: Row, taking: Taking) -> Event:
    return Event(
        complaint=redaction.complaint,
        seq=row["seq"] + 1,
        kind=EventKind.REDACTED,
        at=taking.now,
        recorded_at=taking.now,
        actor=taking.actor,
        before="{}",
        after="{}",
        version=row["version"] + 1,
    )
