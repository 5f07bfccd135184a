"""Whether a Neo4j server can do what we need, asked before anything is written to it."""

from neo4j import exceptions

from graph.database import Database
from graph.errors import CapabilityError

_COMPONENTS = """
CALL dbms.components() YIELD name, versions WHERE name = 'Neo4j Kernel' RETURN versions
"""
# The index does not exist: a server that understands the statement says so, an older one does not
# understand it.
_PROBE = """
CYPHER 25 EXPLAIN
MATCH (c:Complaint)
SEARCH c IN (VECTOR INDEX complaint_graph_probe FOR $vector WHERE c.code = 1 LIMIT 1)
RETURN c
"""


async def check_capabilities(database: Database) -> None:
    """Return when the server has in-index filtered vector search.

    Raises:
        CapabilityError: says which version is there and what it lacks.
    """
    try:
        await database.run(_PROBE, vector=[0.0])
    except exceptions.ClientError as error:
        if error.code == "Neo.ClientError.Schema.IndexNotFound":
            return
        rows = await database.run(_COMPONENTS)
        version = rows[0]["versions"][0] if rows else "of an unknown version"
        raise CapabilityError(
            f"This Neo4j server ({version}) lacks vector search with filters inside the index; "
            "complaint-graph needs Neo4j 2026.2 or newer."
        ) from error
