"""How far alerts reach that propose nothing yet: complaints, branches, causes, period."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from graph.database import Database, Row
from graph.domain.enums import AlertState, CatalogueKind, RuleKind
from graph.domain.scope import WHOLE_BANK
from graph.queries.alerts import by_ids
from graph.queries.codes import lineage
from graph.queries.escalation import StoredAlert

#: A surge is a matter of its branch; the others may be of the whole bank.
KINDS = (RuleKind.GROUP_EVENT, RuleKind.GROWING_CAUSE, RuleKind.NEW_TOPIC)
#: A predicate: the complaint ``c`` is one of an extent's ``row``; served by the index of times.
WITHIN = """
c.receivedAt >= coalesce(row.since, datetime('1900-01-01T00:00:00Z'))
  AND c.receivedAt < coalesce(row.until, datetime('9999-01-01T00:00:00Z'))
  AND c.duplicate = false
  AND (row.cause IS NULL OR row.cause IN c.rootCauseCodes)
  AND (row.branch IS NULL OR row.branch IN c.branchCodes AND c.level <> 'GREEN')
  AND (row.cluster IS NULL OR row.cluster IN c.clusterIds)
"""
_WAITING = """
CYPHER 25
MATCH (a:Alert)
WHERE a.atKey > $after AND a.kind IN $kinds AND coalesce(a.state, 'OPEN') IN $states
  AND NOT EXISTS { (a)-[:EVIDENCE_OF]->() }
RETURN a.id AS id ORDER BY a.atKey LIMIT $limit
"""
# A group event names its complaints; the others stand on those of a cause or a cluster.
_REACH = f"""
CYPHER 25
UNWIND $alerts AS alert
CALL (alert) {{
  MATCH (:Alert {{id: alert.id}})-[:COVERS]->(c:Complaint) WHERE c.duplicate = false RETURN c
  UNION
  UNWIND alert.rows AS row
  MATCH (c:Complaint) WHERE {WITHIN} RETURN c
}}
WITH alert.id AS id, collect(c) AS complaints, count(DISTINCT c.branchCodes[0]) AS branches,
  min(c.receivedAt) AS first, max(c.receivedAt) AS last,
  count(CASE WHEN size(c.rootCauseCodes) > 0 THEN 1 END) AS known
RETURN id, branches, first, last, known,
  head(COLLECT {{
    UNWIND complaints AS c
    WITH c.productCode AS product, count(*) AS many WHERE product IS NOT NULL
    RETURN product ORDER BY many DESC, product LIMIT 1
  }}) AS product,
  COLLECT {{
    UNWIND complaints AS c
    UNWIND c.rootCauseCodes AS code
    WITH code, count(*) AS many
    RETURN [code, many]
  }} AS causes,
  head(COLLECT {{ MATCH (:Alert {{id: id}})-[:CONCERNS]->(k:Cluster) RETURN k.label }}) AS cluster
"""
_ELSEWHERE = """
CYPHER 25
UNWIND [null] + $codes AS code
MATCH (c:Complaint)
WHERE c.receivedAt >= $first AND c.receivedAt <= $last AND c.duplicate = false
  AND size(c.rootCauseCodes) > 0
RETURN code, count(CASE WHEN code IS NULL OR code IN c.rootCauseCodes THEN 1 END) AS many
"""


@dataclass(frozen=True, slots=True)
class Reach:
    """The complaints that an alert stands on, duplicates left out.

    ``branches``: how many; ``causes``: how many have each, the wider ones included, of ``known``
    with any; ``first`` to ``last``: when they were received; ``cluster``: the label.
    """

    branches: int
    causes: Mapping[str, int]
    known: int = 0
    first: datetime | None = None
    last: datetime | None = None
    product: str | None = None
    cluster: str | None = None


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """What other complaints of the same time have: ``causes`` of so many, of ``known`` with any.

    ``wider``: of each cause those that it is part of.
    """

    known: int
    causes: Mapping[str, int]
    wider: Mapping[str, Sequence[str]]


async def waiting(database: Database, after: str, limit: int) -> list[StoredAlert]:
    """Alerts after a key that nobody has dismissed and that belong to no issue, oldest first."""
    states = [AlertState.OPEN, AlertState.ACKNOWLEDGED]
    rows = await database.read(_WAITING, kinds=list(KINDS), states=states, after=after, limit=limit)
    ids = [row["id"] for row in rows]
    results = await by_ids(database, ids, WHOLE_BANK)
    return [results[one] for one in ids if one in results]


async def reaches(
    database: Database, extents: Mapping[str, Sequence[Mapping[str, Any]]]
) -> Mapping[str, Reach]:
    """How far each alert reaches, by id.

    ``extents``: of each alert the rows (since, until, cause, branch, cluster) of the complaints
    that it does not name itself.
    """
    alerts = [{"id": identity, "rows": list(rows)} for identity, rows in extents.items()]
    return {row["id"]: _reach(row) for row in await database.read(_REACH, alerts=alerts)}


async def elsewhere(database: Database, reach: Reach, codes: Sequence[str]) -> Elsewhere:
    """How often other complaints received at the same time have these causes; two statements."""
    wider = await lineage(database.read, CatalogueKind.ROOT_CAUSE, codes)
    rows = await database.read(_ELSEWHERE, first=reach.first, last=reach.last, codes=list(codes))
    counts = {row["code"]: row["many"] for row in rows}
    return Elsewhere(
        counts.get(None, 0) - reach.known,
        {code: counts[code] - reach.causes[code] for code in codes},
        {code: wider[code][1:] for code in codes},
    )


def _reach(row: Row) -> Reach:
    return Reach(
        branches=row["branches"],
        causes=dict(row["causes"]),
        known=row["known"],
        first=row["first"],
        last=row["last"],
        product=row["product"],
        cluster=row["cluster"],
    )
