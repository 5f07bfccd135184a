"""What people of the bank are called, kept so that those who left stay readable."""

from datetime import datetime

from graph.database import Database

_CALLED = """
CYPHER 25
MERGE (s:Staff {actor: $actor})
SET s.name = $name, s.at = $now
"""


async def keep_name(database: Database, actor: str, name: str, now: datetime) -> None:
    """Keep what a person or program is called from now on."""
    await database.write(lambda t: t.run(_CALLED, actor=actor, name=name, now=now))
