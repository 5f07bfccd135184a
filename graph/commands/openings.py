"""Open a case from beyond one's reach: for a while, with a reason, on record on the case itself."""

from dataclasses import dataclass, replace
from datetime import datetime

from graph.commands.events import append_events
from graph.commands.locks import take_turn
from graph.commands.notes import next_event
from graph.commands.requests import RequestKey, answer, claim
from graph.database import Database, Transaction
from graph.domain.copies import received_key
from graph.domain.enums import EventKind
from graph.domain.openings import Opening, OpeningTerms
from graph.errors import ConflictError, NotFoundError

# One turn for everybody: openings are rare, and one person's are counted.
_TURN = "openings"
_OPEN = """
CYPHER 25
MATCH (o:Opening {person: $person}) WHERE o.endsAt > $now
RETURN count(*) AS open
"""
_CREATE = """
CYPHER 25
MATCH (c:Complaint {id: $complaint})
CREATE (o:Opening {
  id: $id, key: $key, complaint: $complaint, person: $person, at: $at, endsAt: $endsAt
})-[:OPENS]->(c)
"""
_OPENING = "CYPHER 25 MATCH (o:Opening {id: $id}) RETURN o {.*} AS opening"
_END = """
CYPHER 25
MATCH (o:Opening {id: $id}) SET o.endsAt = $now, o.endedBy = $by
"""


class TooManyOpeningsError(ConflictError):
    """The person has as many cases open as one may have."""

    code = "TOO_MANY_OPENINGS"


@dataclass(frozen=True, slots=True)
class OpeningRequest:
    """Who opens which case, when, and why (masked); ``key`` makes a retry safe."""

    complaint: str
    person: str
    reason: str
    now: datetime
    key: RequestKey | None = None


async def open_case(database: Database, request: OpeningRequest, terms: OpeningTerms) -> Opening:
    """Open a case for the person, from now on; a retry gets what it got the first time.

    Raises:
        NotFoundError: no such complaint.
        TooManyOpeningsError: end one before.
    """
    person, now = request.person, request.now

    async def work(transaction: Transaction) -> Opening:
        await take_turn(transaction, _TURN)
        known = await claim(transaction, request.key, {}, now)
        if known is not None:
            return await _stored(transaction, known["opening"])
        count = (await transaction.run(_OPEN, person=person, now=now))[0]["open"]
        if count >= terms.most:
            raise TooManyOpeningsError(
                f"You have {count} cases open from beyond your reach, the most there may be: end "
                "one of them first.",
                path=["reason"],
            )
        event = await next_event(
            transaction, EventKind.OPENED, request.complaint, person, now, note=request.reason
        )
        opening = Opening(
            id=event.id,
            key=received_key(now, event.id),
            complaint=request.complaint,
            person=person,
            at=now,
            ends_at=now + terms.lasting,
            reason=request.reason,
        )
        await transaction.run(
            _CREATE,
            id=opening.id,
            key=opening.key,
            complaint=opening.complaint,
            person=person,
            at=now,
            endsAt=opening.ends_at,
        )
        await answer(transaction, request.key, {"opening": opening.id})
        await append_events(transaction, [event])
        return opening

    return await database.write(work)


async def end_opening(
    database: Database, identity: str, *, by: str, now: datetime, key: RequestKey | None = None
) -> Opening:
    """End an opening before its time; one that is over stays as it is.

    Raises:
        NotFoundError: there is no such opening.
    """

    async def work(transaction: Transaction) -> Opening:
        await take_turn(transaction, _TURN)
        known = await claim(transaction, key, {}, now)
        opening = await _stored(transaction, identity)
        if known is not None or opening.ends_at <= now:
            return opening
        event = await next_event(transaction, EventKind.OPENING_ENDED, opening.complaint, by, now)
        await transaction.run(_END, id=identity, by=by, now=now)
        await append_events(transaction, [event])
        return replace(opening, ends_at=now, ended_by=by)

    return await database.write(work)


async def _stored(transaction: Transaction, identity: str) -> Opening:
    rows = await transaction.run(_OPENING, id=identity)
    if not rows:
        raise NotFoundError("There is no opening with this id.", path=["opening"])
    return Opening.from_record(rows[0]["opening"])
