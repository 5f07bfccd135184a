"""What people have answered in drills: one's own, and those of a session."""

from dataclasses import dataclass
from datetime import datetime

from graph.database import Database
from graph.domain.drills import Sitting

#: People of a session who are compared at most; the later ones of more.
MOST_PEOPLE = 60

_OWN = """
CYPHER 25
MATCH (s:Sitting {person: $person, drill: $drill, edition: $edition})
RETURN properties(s) AS own
"""
_OF_PERSON = """
CYPHER 25
MATCH (s:Sitting {person: $person})
RETURN properties(s) AS own ORDER BY s.startedAt DESC, s.id LIMIT $limit
"""
_FINISHED = f"""
CYPHER 25
MATCH (s:Sitting {{drill: $drill, edition: $edition}}) WHERE s.finishedAt IS NOT NULL
RETURN properties(s) AS own ORDER BY s.finishedAt DESC, s.id LIMIT {MOST_PEOPLE}
"""
_SESSIONS = """
CYPHER 25
MATCH (s:Sitting) WHERE s.finishedAt IS NOT NULL
WITH s.drill AS drill, s.edition AS edition, count(*) AS people, max(s.finishedAt) AS at
WHERE people >= $fewest
RETURN drill, people, at ORDER BY at DESC, drill LIMIT $limit
"""


@dataclass(frozen=True, slots=True)
class Session:
    """A drill that several people have finished; ``at``: the last of them."""

    drill: str
    people: int
    at: datetime


async def own(database: Database, person: str, drill: str, edition: str) -> Sitting | None:
    rows = await database.read(_OWN, person=person, drill=drill, edition=edition)
    return Sitting.from_record(rows[0]["own"]) if rows else None


async def of_person(database: Database, person: str, limit: int) -> list[Sitting]:
    """The newest first."""
    rows = await database.read(_OF_PERSON, person=person, limit=limit)
    return [Sitting.from_record(row["own"]) for row in rows]


async def finished(database: Database, drill: str, edition: str) -> list[Sitting]:
    """Those of one drill that are finished, in order of people."""
    rows = await database.read(_FINISHED, drill=drill, edition=edition)
    return sorted((Sitting.from_record(row["own"]) for row in rows), key=lambda each: each.person)


async def sessions(database: Database, fewest: int, limit: int) -> list[Session]:
    """Drills that at least so many people have finished, the latest first."""
    rows = await database.read(_SESSIONS, fewest=fewest, limit=limit)
    return [Session(row["drill"], row["people"], row["at"]) for row in rows]
