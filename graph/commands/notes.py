"""Events on a case that say something and change nothing of it: comments, openings."""

from datetime import datetime

from graph.commands.events import append_events
from graph.commands.locks import Kind, lock
from graph.commands.requests import RequestKey, claim
from graph.commands.rows import as_json
from graph.database import Database, Transaction
from graph.domain.enums import EventKind
from graph.domain.events import Event
from graph.errors import NotFoundError

_LAST = "CYPHER 25 MATCH (c:Complaint {id: $id}) RETURN c.eventSeq AS seq"


async def note_case(
    database: Database,
    complaint: str,
    note: str,
    *,
    actor: str,
    now: datetime,
    key: RequestKey | None = None,
) -> None:
    """Keep a (masked) comment on a case, once for each key; its version stays.

    Raises:
        NotFoundError: no such complaint.
    """

    async def work(transaction: Transaction) -> None:
        if await claim(transaction, key, {"complaint": complaint}, now) is None:
            event = await next_event(transaction, EventKind.NOTED, complaint, actor, now, note=note)
            await append_events(transaction, [event])

    await database.write(work)


async def next_event(
    transaction: Transaction,
    kind: EventKind,
    complaint: str,
    actor: str,
    now: datetime,
    *,
    note: str | None = None,
    after: dict[str, object] | None = None,
) -> Event:
    """The next event of a case, which is locked for it; the caller appends it last.

    Raises:
        NotFoundError: no such complaint.
    """
    await lock(transaction, Kind.COMPLAINT, [complaint])
    rows = await transaction.run(_LAST, id=complaint)
    if not rows:
        raise NotFoundError("There is no complaint with this id.", path=["complaint"])
    return Event(
        complaint,
        rows[0]["seq"] + 1,
        kind,
        now,
        now,
        actor,
        after=as_json(after or {}),
        text=None if note is None else {"note": note},
    )
