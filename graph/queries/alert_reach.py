"""How far alerts reach that propose nothing yet: branches, causes, what they are about."""

from collections.abc import Mapping
from dataclasses import dataclass

from graph.database import Database, Row
from graph.domain.enums import AlertState, RuleKind
from graph.queries.alerts import by_ids
from graph.queries.codes import DEEPEST
from graph.queries.escalation import StoredAlert

#: A surge is a matter of its branch; the others may be of the whole bank.
KINDS = (RuleKind.GROUP_EVENT, RuleKind.GROWING_CAUSE, RuleKind.NEW_TOPIC)
_WAITING = """
CYPHER 25
MATCH (a:Alert)
WHERE a.kind IN $kinds AND coalesce(a.state, 'OPEN') IN $states
  AND NOT EXISTS { (a)-[:EVIDENCE_OF]->() }
RETURN a.id AS id ORDER BY a.atKey LIMIT $limit
"""
# A group event names its complaints; the others stand on those of a cluster, or of a cause and all
# narrower ones.
_REACH = f"""
CYPHER 25
MATCH (a:Alert) WHERE a.id IN $ids
OPTIONAL MATCH (a)-[:CONCERNS]->(about)
CALL (a, about) {{
  MATCH (a)-[:COVERS]->(c:Complaint) RETURN c
  UNION
  MATCH (about)<-[:PART_OF*0..{DEEPEST}]-()<-[:CAUSED_BY|MEMBER_OF]-(c:Complaint)
  WHERE c.receivedAt >= a.at - duration({{weeks: 26}}) AND c.receivedAt < a.until
  RETURN c
}}
WITH a, about, c WHERE c.duplicate = false
WITH a, about, collect(DISTINCT c.branchCodes[0]) AS branches,
  collect(c.productCode) AS products, collect(c) AS complaints
RETURN a.id AS id, size(branches) AS branches,
  CASE WHEN about:Cluster THEN about.label END AS cluster,
  head(COLLECT {{
    UNWIND products AS product
    WITH product, count(*) AS many ORDER BY many DESC, product LIMIT 1
    RETURN product
  }}) AS product,
  COLLECT {{
    UNWIND complaints AS complaint
    MATCH (complaint)-[:CAUSED_BY]->(cause)
    WITH cause.code AS code, count(*) AS many
    RETURN [code, many]
  }} AS causes
"""


@dataclass(frozen=True, slots=True)
class Reach:
    """``branches``: how many; ``causes``: complaints of each; ``cluster``: its label."""

    branches: int
    causes: Mapping[str, int]
    product: str | None = None
    cluster: str | None = None


async def unproposed(database: Database, limit: int) -> list[tuple[StoredAlert, Reach]]:
    """Alerts that nobody has dismissed and that belong to no issue, the oldest first."""
    states = [AlertState.OPEN, AlertState.ACKNOWLEDGED]
    rows = await database.read(_WAITING, kinds=list(KINDS), states=states, limit=limit)
    ids = [row["id"] for row in rows]
    found = await by_ids(database, ids)
    reaches = {row["id"]: _reach(row) for row in await database.read(_REACH, ids=ids)}
    return [(found[one], reaches[one]) for one in ids if one in reaches]


def _reach(row: Row) -> Reach:
    return Reach(row["branches"], dict(row["causes"]), row["product"], row["cluster"])
