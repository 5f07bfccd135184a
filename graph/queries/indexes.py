"""Whether the indexes that searches and lists rely on can be used."""

from graph.database import Database
from graph.migrations.steps import TEXT_INDEX

_INDEXES = "SHOW INDEXES YIELD name, state, type RETURN name, state, type"


async def unusable_indexes(database: Database, vectors: str) -> list[str]:
    """Names of indexes that are missing or still being built; ``vectors`` is the active space's.

    The vector indexes of other spaces do not matter: they may be in the making.
    """
    rows = await database.run(_INDEXES)
    states = {r["name"]: r["state"] for r in rows if r["type"] != "VECTOR" or r["name"] == vectors}
    return sorted(n for n in {TEXT_INDEX, vectors, *states} if states.get(n) != "ONLINE")
