"""Write the copies on complaints anew, as their relations lead now."""

from collections.abc import Mapping, Sequence
from typing import Any

from graph.commands.locks import Kind, lock
from graph.database import BATCH_SECONDS, Database, Row, Transaction
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


#: Returns of a complaint ``c`` its copies (``own``) and what they are made of.
WITH_RELATED = f"""
RETURN c {{ {COPIES} }} AS own,
{_codes("ABOUT", "Product")} AS products,
{_codes("ARISES_AT", "Branch")} AS branches,
{_codes("CAUSED_BY", "RootCause")} AS rootCauses,
COLLECT {{ MATCH (c)-[:CAUSED_BY]->(r:RootCause) RETURN r.code }} AS causes,
COLLECT {{ MATCH (c)-[:HANDLED_BY]->(d:Department) RETURN d.code }} AS departments,
COLLECT {{ MATCH (c)-[:MEMBER_OF]->(k) RETURN k.id }} AS clusters,
COLLECT {{ MATCH (u:Customer)-[:FILED]->(c) RETURN u.id }} AS customers,
COLLECT {{ MATCH (c)-[:RESOLVED_BY]->(r:Resolution) RETURN r.decidedAt }} AS decidedAt,
COLLECT {{
  MATCH (c)-[:RESOLVED_BY]->(r:Resolution) RETURN r.outcome ORDER BY r.round DESC
}} AS outcomes,
COUNT {{ (c)-[:RESOLVED_BY]->() }} AS decisions,
EXISTS {{ (c)-[:DUPLICATE_OF]->() }} AS duplicate
"""
_THESE = f"""
CYPHER 25
MATCH (c:Complaint) WHERE c.id IN $ids
{WITH_RELATED}
"""
_WRITE = """
CYPHER 25
UNWIND $rows AS row
MATCH (c:Complaint {id: row.id}) SET c += row.copies
"""


def expected(row: Row) -> Mapping[str, Any]:
    """What the copies must be, of a row of ``WITH_RELATED``."""
    copied = copies(row["own"], _related(row))
    return {**copied, "noticeKey": notice_key({**row["own"], **copied})}


def wrong(row: Row) -> Sequence[str]:
    """The names of the copies that are not as they must be."""
    own = row["own"]
    return sorted(key for key, value in expected(row).items() if own.get(key) != value)


async def rewrite_copies(database: Database, ids: Sequence[str]) -> int:
    """Write the copies of these complaints that are wrong; of how many complaints that were.

    Read again under their locks.
    """

    async def work(transaction: Transaction) -> int:
        await lock(transaction, Kind.COMPLAINT, ids)
        rows = await transaction.run(_THESE, ids=list(ids))
        written = [{"id": row["own"]["id"], "copies": expected(row)} for row in rows if wrong(row)]
        if written:
            await transaction.run(_WRITE, rows=written)
        return len(written)

    return await database.write(work, seconds=BATCH_SECONDS)


def _related(row: Row) -> Related:
    times = [at for at in row["decidedAt"] if at is not None]
    return Related(
        products=row["products"],
        branches=row["branches"],
        departments=row["departments"],
        causes=row["causes"],
        root_causes=row["rootCauses"],
        clusters=row["clusters"],
        customer=next(iter(row["customers"]), None),
        decided=row["decisions"] > 0,
        decided_at=min(times, default=None),
        outcome=next(iter(row["outcomes"]), None),
        duplicate=row["duplicate"],
    )
