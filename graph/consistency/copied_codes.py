"""Copied codes, sort keys and filter words against the relations that they copy."""

from collections.abc import Sequence
from typing import Any

from graph.commands.locks import Kind, lock
from graph.consistency.findings import Finding
from graph.database import Database, Row, Transaction
from graph.domain.copies import Related, copies
from graph.domain.notices import notice_key
from graph.domain.record import COPIES
from graph.queries.codes import DEEPEST


def _codes(relation: str, label: str) -> str:
    return f"""COLLECT {{
        MATCH path = (c)-[:{relation}]->(:{label})-[:PART_OF*0..{DEEPEST}]->(n:{label})
        WITH n.code AS code, min(length(path)) AS distance ORDER BY distance
        RETURN code
    }}"""


_ROW = f"""
RETURN c {{ {COPIES} }} AS own,
{_codes("ABOUT", "Product")} AS products,
{_codes("ARISES_AT", "Branch")} AS branches,
{_codes("CAUSED_BY", "RootCause")} AS rootCauses,
COLLECT {{ MATCH (c)-[:HANDLED_BY]->(d:Department) RETURN d.code }} AS departments,
COLLECT {{ MATCH (c)-[:MEMBER_OF]->(k) RETURN k.id }} AS clusters,
COLLECT {{ MATCH (u:Customer)-[:FILED]->(c) RETURN u.id }} AS customers,
COLLECT {{ MATCH (c)-[:RESOLVED_BY]->(r:Resolution) RETURN r.decidedAt }} AS decidedAt,
COUNT {{ (c)-[:RESOLVED_BY]->() }} AS decisions,
EXISTS {{ (c)-[:DUPLICATE_OF]->() }} AS duplicate
"""
_PAGE = f"""
CYPHER 25
MATCH (c:Complaint) WHERE c.receivedKey > $after
WITH c ORDER BY c.receivedKey LIMIT $limit
{_ROW}
"""
_THESE = f"""
CYPHER 25
MATCH (c:Complaint) WHERE c.id IN $ids
{_ROW}
"""
_REPAIR = """
CYPHER 25
UNWIND $rows AS row
MATCH (c:Complaint {id: row.id}) SET c += row.copies
"""


async def page(database: Database, after: str, limit: int) -> list[Row]:
    return await database.read(_PAGE, after=after, limit=limit)


def disagreements(rows: Sequence[Row]) -> list[Finding]:
    """What disagrees; the ``copies`` among them can be repaired."""
    findings = []
    for row in rows:
        own = row["own"]
        if len(row["customers"]) > 1:
            findings.append(Finding("customers", own["id"], "filed by several", repairable=False))
        wrong = sorted(key for key, value in _wanted(row).items() if own.get(key) != value)
        if wrong:
            findings.append(Finding("copies", own["id"], ", ".join(wrong)))
    return findings


def _wanted(row: Row) -> dict[str, Any]:
    copied = copies(row["own"], _related(row))
    return {**copied, "noticeKey": notice_key({**row["own"], **copied})}


async def repair(database: Database, ids: Sequence[str]) -> None:
    """Write the copies of these complaints as they must be; read again under their locks."""

    async def work(transaction: Transaction) -> None:
        await lock(transaction, Kind.COMPLAINT, ids)
        rows = await transaction.run(_THESE, ids=list(ids))
        written = [{"id": row["own"]["id"], "copies": _wanted(row)} for row in rows]
        await transaction.run(_REPAIR, rows=written)

    await database.write(work)


def _related(row: Row) -> Related:
    times = [at for at in row["decidedAt"] if at is not None]
    return Related(
        products=row["products"],
        branches=row["branches"],
        departments=row["departments"],
        root_causes=row["rootCauses"],
        clusters=row["clusters"],
        customer=next(iter(row["customers"]), None),
        decided=row["decisions"] > 0,
        decided_at=min(times, default=None),
        duplicate=row["duplicate"],
    )
