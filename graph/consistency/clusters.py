"""Memberships against the clusters that they lead to."""

from graph.consistency.findings import Finding
from graph.consistency.paging import Rule
from graph.database import Database

_UNFINISHED = "CYPHER 25 MATCH (f:ClusterFit {state: 'APPLYING'}) RETURN f.name AS id"

MEMBERS = Rule(
    "clusters",
    "Complaint",
    "receivedKey",
    """
    MATCH (n)-[:MEMBER_OF]->(k:Cluster)
    WITH count(k) AS clusters, collect(k.state) AS states
    RETURN CASE WHEN clusters > 1 THEN 'of several'
      WHEN 'RETIRED' IN states THEN 'of an ended cluster' END AS detail
    """,
)
#: A fit writes how many members each cluster has, apart from the memberships themselves.
SIZES = Rule(
    "clusters",
    "Cluster",
    "id",
    """
    WITH n WHERE n.state = 'ACTIVE' AND n.fittedSize <> coalesce(n.removed, 0) + COUNT {
      (n)<-[m:MEMBER_OF]-() WHERE m.weight IS NOT NULL
    }
    RETURN 'members are missing: run `complaint-graph cluster`' AS detail
    """,
    repairable=False,
)


async def unfinished(database: Database) -> list[Finding]:
    """A fit that was not carried out; until it is, members of ended clusters are no error."""
    rows = await database.read(_UNFINISHED)
    return [Finding("clusters", "fit", "not carried out") for _ in rows]
