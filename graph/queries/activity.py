"""Who changed what: events of cases and changes of all else that keeps a record, newest first."""

from dataclasses import dataclass
from datetime import UTC, datetime

from graph.database import Database
from graph.domain.access import SYSTEM_ACTOR
from graph.domain.events import Event
from graph.domain.recorded import Recorded, RecordedChange
from graph.errors import CursorError

#: Beyond every moment that is recorded.
_FIRST = datetime(1, 1, 2, tzinfo=UTC)
_LAST = datetime(9999, 12, 30, tzinfo=UTC)

# The index by time gives the order; what happened in one moment is ordered by its position.
_EVENTS = """
MATCH (e:CaseEvent)<-[:HAS_EVENT]-(c:Complaint)
WHERE {actor} e.recordedAt >= $since AND e.recordedAt <= $until
  AND (e.recordedAt < $until OR e.position < $below)
"""
_CHANGES = """
MATCH (x:Change)<-[:HAS_CHANGE]-(n)
WHERE {actor} x.at >= $since AND x.at <= $until AND (x.at < $until OR x.position < $below)
"""
_PAGE = """
CYPHER 25
CALL () {{
  {events}
  WITH c, e ORDER BY e.recordedAt DESC, e.position DESC LIMIT $limit
  RETURN e.recordedAt AS at, e.position AS position, c.id AS id, 'CaseEvent' AS of,
    e {{.*, note: head(COLLECT {{ MATCH (e)-[:HAS_TEXT]->(t) RETURN t.note }})}} AS own
  UNION ALL
  {changes}
  WITH n, x ORDER BY x.at DESC, x.position DESC LIMIT $limit
  RETURN x.at AS at, x.position AS position, n.id AS id, labels(n)[0] AS of, x {{.*}} AS own
}}
RETURN at, position, id, of, own ORDER BY at DESC, position DESC LIMIT $limit
"""
_COUNT = """
CYPHER 25
CALL () {{ {events} RETURN count(*) AS part UNION ALL {changes} RETURN count(*) AS part }}
RETURN sum(part) AS total
"""


@dataclass(frozen=True, slots=True)
class Asked:
    """Whose, and from when until before when; None does not narrow.

    ``people``: without what the service does by itself.
    """

    actor: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    people: bool = False


@dataclass(frozen=True, slots=True)
class Activity:
    """An event of a case, or a change of what ``of`` names; ``id``: the key of the changed."""

    id: str
    at: datetime
    position: int
    event: Event | None = None
    of: Recorded | None = None
    change: RecordedChange | None = None

    @property
    def actor(self) -> str:
        made = self.event or self.change
        assert made is not None
        return made.actor

    @property
    def key(self) -> str:
        """Sorts it; a page goes on below it."""
        return f"{self.at.astimezone(UTC).isoformat()} {self.position}"


async def page(database: Database, asked: Asked, before: str | None, limit: int) -> list[Activity]:
    """The newest below a key.

    Raises:
        CursorError: it is none.
    """
    rows = await database.read(_statement(_PAGE, asked), limit=limit, **_bounds(asked, before))
    return [_activity(**row) for row in rows]


async def count(database: Database, asked: Asked) -> int:
    rows = await database.read(_statement(_COUNT, asked), **_bounds(asked, None))
    return int(rows[0]["total"])


def _statement(text: str, asked: Asked) -> str:
    def parts(node: str) -> str:
        actor = f"{node}.actor = $actor AND" if asked.actor is not None else ""
        return f"{actor} {node}.actor <> '{SYSTEM_ACTOR}' AND" if asked.people else actor

    events, changes = _EVENTS.format(actor=parts("e")), _CHANGES.format(actor=parts("x"))
    return text.format(events=events, changes=changes)


def _bounds(asked: Asked, before: str | None) -> dict[str, object]:
    """What happens at ``until`` is left out: there is nothing below position 0."""
    since, until, below = asked.since or _FIRST, asked.until or _LAST, 0
    if before is not None:
        at, _, position = before.partition(" ")
        try:
            until, below = datetime.fromisoformat(at), int(position)
        except ValueError as error:
            raise CursorError("`after` is not a cursor of this list.", path=["after"]) from error
    return {"actor": asked.actor, "since": since, "until": until, "below": below}


def _activity(at: datetime, position: int, id: str, of: str, own: dict[str, object]) -> Activity:  # noqa: A002
    if of == "CaseEvent":
        return Activity(id, at, position, event=Event.from_record(id, own))
    return Activity(id, at, position, of=Recorded(of), change=RecordedChange.from_record(own))
