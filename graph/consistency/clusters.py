"""Memberships against the clusters that they lead to."""

from graph.consistency.findings import Finding
from graph.database import Database

_UNFINISHED = "CYPHER 25 MATCH (f:ClusterFit {state: 'APPLYING'}) RETURN f.name AS id"
_ENDED = """
CYPHER 25
MATCH (c:Complaint)-[:MEMBER_OF]->(:Cluster {state: 'RETIRED'}) RETURN DISTINCT c.id AS id
"""
_SEVERAL = """
CYPHER 25
MATCH (c:Complaint) WHERE COUNT { (c)-[:MEMBER_OF]->() } > 1 RETURN c.id AS id
"""


async def disagreements(database: Database) -> list[Finding]:
    """A fit that was not carried out, members of ended clusters, members of several.

    Copies of clusters on the complaint are checked with the other codes.
    """
    if await database.read(_UNFINISHED):
        # Until it is carried out, members of ended clusters are no error.
        return [Finding("clusters", "fit", "not carried out")]
    return [
        *(Finding("clusters", r["id"], "of an ended cluster") for r in await database.read(_ENDED)),
        *(
            Finding("clusters", row["id"], "of several", repairable=False)
            for row in await database.read(_SEVERAL)
        ),
    ]
