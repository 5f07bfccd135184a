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
from graph.commands.texts import KEEP_TEXTS, CaseTexts, forget_vectors, texts_of
from graph.commands.versioned import check_version
from graph.commands.waiting import Work, marked
from graph.database import Database, Transaction
from graph.domain.desk import Taking
from graph.domain.enums import EventKind
from graph.domain.events import Event
from graph.domain.record import REDACTED
from graph.errors import ConflictError, NotFoundError

_LOCK = f"""
CYPHER 25
MATCH (c:Complaint {{id: $id}}) SET c.{REDACTED} = true RETURN c.eventSeq AS seq
"""
_WRITE = f"""
CYPHER 25
UNWIND $rows AS row
MATCH (c:Complaint {{id: row.id}})
{forget_vectors()}
SET c += row.properties, c.version = c.version + 1
{marked("c", Work.LINK)}
WITH c, row
{KEEP_TEXTS}
"""


@dataclass(frozen=True, slots=True)
class Redaction:
    """The texts to keep instead, and the vectors of the new text by node property.

    ``version``: of the complaint as the person saw it; ``read``: the texts that these were made of.
    """

    complaint: str
    version: int
    read: CaseTexts
    texts: CaseTexts
    vectors: Mapping[str, Sequence[float]]
    key: RequestKey | None = None


async def texts_to_redact(database: Database, identity: str) -> CaseTexts:
    """Raises NotFoundError: there is no such complaint."""
    return _existing(await texts_of(database.read, [identity]), identity)


async def redact(database: Database, redaction: Redaction, taking: Taking) -> bool:
    """Replace the texts, leave an event; False if this request had been done before.

    Raises:
        StaleVersionError: the complaint has changed since it was seen, or since it was read.
        ConflictError: it is another one by now, of the same source row.
        NotFoundError: it was removed meanwhile.
    """
    identity = redaction.complaint

    async def work(transaction: Transaction, locked: frozenset[str]) -> bool:
        payload = {"complaint": identity}
        if await claim(transaction, redaction.key, payload, taking.now) is not None:
            return False
        await lock(transaction, Kind.COMPLAINT, locked)
        stand = await transaction.run(_LOCK, id=identity)
        standing = _existing(await texts_of(transaction.run, [identity]), identity)
        for seen in (redaction.version, redaction.read.version):
            await check_version(transaction, CASE, identity, seen, standing.version)
        if standing != redaction.read:
            raise ConflictError(
                "The complaint was removed and imported again meanwhile. Read it again, and "
                "repeat your change."
            )
        await unlink(transaction, [identity])
        await transaction.run(_WRITE, rows=[redaction.texts.to_row(redaction.vectors)])
        await append_events(
            transaction, [_event(redaction, stand[0]["seq"], standing.version, taking)]
        )
        return True

    return await widening(database, {identity}, work)


def _existing(texts: Mapping[str, CaseTexts], identity: str) -> CaseTexts:
    if identity not in texts:
        raise NotFoundError("There is no complaint with this id.", path=["complaint"])
    return texts[identity]


def _event(redaction: Redaction, seq: int, version: int, taking: Taking) -> Event:
    return Event(
        complaint=redaction.complaint,
        seq=seq + 1,
        kind=EventKind.REDACTED,
        at=taking.now,
        recorded_at=taking.now,
        actor=taking.actor,
        before="{}",
        after="{}",
        version=version + 1,
    )
