"""Put newcomers into clusters between two fits."""

from collections.abc import Sequence

from graph.commands.locks import Kind, lock_ends
from graph.database import Transaction

# More than half of the likeness to earlier complaints must lie in one cluster. Those who belong to
# none count too: a new topic is not pulled into an old cluster.
_VOTES = """
CYPHER 25
UNWIND $ids AS id
MATCH (c:Complaint {id: id})
WHERE c.clusterIds = [] AND c.duplicate = false AND c.clusterKey IS NULL
CALL (c) {
  MATCH (c)-[link:SIMILAR_TO]->(n:Complaint)
  OPTIONAL MATCH (n)-[:MEMBER_OF]->(k:Cluster {state: 'ACTIVE'})
  WITH k, sum(link.score) AS votes
  WITH collect({cluster: k, votes: votes}) AS found, sum(votes) AS total
  UNWIND found AS one
  WITH one.cluster AS k, one.votes / total AS share WHERE k IS NOT NULL AND share > 0.5
  RETURN k, share
}
RETURN c.id AS id, k.id AS cluster, round(share, 4) AS share
"""
_ASSIGN = """
CYPHER 25
UNWIND $rows AS row
MATCH (c:Complaint {id: row.id}), (k:Cluster {id: row.cluster, state: 'ACTIVE'})
CREATE (c)-[:MEMBER_OF {share: row.share, provisional: true}]->(k)
SET c.clusterIds = [k.id], c.filterTokens = c.filterTokens + ' ' + k.word
"""


async def assign(transaction: Transaction, ids: Sequence[str]) -> None:
    """Put linked complaints into the cluster of those that they are like; they are locked.

    Provisional until the next fit. One that is like nothing clear stays unassigned.
    """
    rows = await transaction.run(_VOTES, ids=list(ids))
    if rows:
        await lock_ends(transaction, {Kind.CLUSTER: [row["cluster"] for row in rows]})
        await transaction.run(_ASSIGN, rows=rows)
