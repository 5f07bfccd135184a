"""Figures of the whole graph by which its operation is watched: counts alone, of nobody's case."""

from dataclasses import dataclass

from graph.database import Database
from graph.domain.enums import OPEN_STATUSES

#: More are not counted: whoever asks every few seconds must not cost much.
MOST = 10_000

# Labels are counted in the store of counts, the others by an index and to a bound.
_FIGURES = """
CYPHER 25
RETURN COUNT { (:Complaint) } AS complaints,
  COUNT { MATCH (c:Complaint) WHERE c.dueAt < datetime() AND c.status IN $open
          RETURN c LIMIT $most } AS overdue,
  coalesce(head(COLLECT { MATCH (k:Counter {name: 'events'}) RETURN k.value }), 0) AS position
"""


@dataclass(frozen=True, slots=True)
class Figures:
    """``overdue``: open cases past their date, at most ``MOST``; ``position``: of the last event or
    change that was begun.
    """

    complaints: int = 0
    overdue: int = 0
    position: int = 0


async def figures(database: Database) -> Figures:
    """All of them in one statement."""
    statuses = sorted(map(str, OPEN_STATUSES))
    return Figures(**(await database.read(_FIGURES, open=statuses, most=MOST))[0])
