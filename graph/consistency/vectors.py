"""Vectors against spaces: every text has one of the right size in every space in use."""

from graph.consistency.findings import Finding
from graph.database import Database
from graph.domain.spaces import EmbeddingSpace, SpaceState
from graph.queries.spaces import spaces

_INDEXES = "SHOW VECTOR INDEXES YIELD name, state WHERE state = 'ONLINE' RETURN name"


async def disagreements(database: Database) -> list[Finding]:
    findings = []
    online = {row["name"] for row in await database.run(_INDEXES)}
    known = await spaces(database)
    active = [space for space in known if space.state is SpaceState.ACTIVE]
    if known and len(active) != 1:
        findings.append(Finding("spaces", "active", "not exactly one", repairable=False))
    for space in known:
        if space.index not in online:
            findings.append(Finding("spaces", space.name, "its index does not serve"))
        if space.state is not SpaceState.RETIRED:
            findings += await _of_space(database, space)
    return findings


async def _of_space(database: Database, space: EmbeddingSpace) -> list[Finding]:
    statement = f"""
    CYPHER 25
    MATCH (c:Complaint)
    WITH c, c.{space.vector_key} AS vector
    WHERE (c.narrative IS NULL) <> (vector IS NULL) OR size(vector) <> $dimension
    RETURN c.id AS id,
      CASE WHEN vector IS NULL THEN 'missing' WHEN c.narrative IS NULL THEN 'without a text'
      ELSE 'of another size' END AS what
    """
    rows = await database.read(statement, dimension=space.dimension)
    return [
        Finding("vectors", row["id"], row["what"], repairable=row["what"] == "missing")
        for row in rows
    ]
