"""Copied codes, sort keys and filter words against the relations that they copy."""

from collections.abc import Sequence

from graph.commands.copied import WITH_RELATED, wrong
from graph.consistency.findings import Finding
from graph.database import Database, Row

_PAGE = f"""
CYPHER 25
MATCH (c:Complaint) WHERE c.receivedKey > $after
WITH c ORDER BY c.receivedKey LIMIT $limit
{WITH_RELATED}
"""


async def page(database: Database, after: str, limit: int) -> list[Row]:
    return await database.read(_PAGE, after=after, limit=limit)


def disagreements(rows: Sequence[Row]) -> list[Finding]:
    """What disagrees; the ``copies`` among them can be repaired."""
    findings = []
    for row in rows:
        identity = row["own"]["id"]
        if len(row["customers"]) > 1:
            findings.append(Finding("customers", identity, "filed by several", repairable=False))
        if names := wrong(row):
            findings.append(Finding("copies", identity, ", ".join(names)))
    return findings
