"""Lists that a person has kept under a name."""

from graph.database import Database
from graph.domain.saved_views import SavedView

_OF_PERSON = """
CYPHER 25
MATCH (v:SavedView {person: $person}) RETURN v.name AS name, v.query AS query ORDER BY v.name
"""


async def of_person(database: Database, person: str) -> list[SavedView]:
    """In order of their names."""
    return [SavedView(**row) for row in await database.read(_OF_PERSON, person=person)]
