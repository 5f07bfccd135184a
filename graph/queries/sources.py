"""Which source systems the graph's complaints are from."""

from graph.database import Database

# Distinct values straight from the index would need a scan: a bank has few systems, so each is
# skipped to by its successor.
_NEXT = """
CYPHER 25
MATCH (c:Complaint) WHERE c.sourceSystem > $after
RETURN min(c.sourceSystem) AS system
"""


async def source_systems(database: Database) -> list[str]:
    results: list[str] = []
    while True:
        after = results[-1] if results else ""
        system = (await database.read(_NEXT, after=after))[0]["system"]
        if system is None:
            return results
        results.append(system)
