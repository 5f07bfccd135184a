"""Take a source's complaints away, with all that belongs to them alone."""

from graph.commands.escalation import SYSTEM_ACTOR
from graph.commands.people import arrange
from graph.database import Database, Transaction
from graph.progress import Progress, silent
from graph.queries.codes import DEEPEST

BATCH = 500

_COUNT = "CYPHER 25 MATCH (c:Complaint {sourceSystem: $system}) RETURN count(*) AS total"
# Whoever is linked to what goes away looks for neighbours again.
_REMOVE = """
CYPHER 25
MATCH (c:Complaint {sourceSystem: $system})
WITH c LIMIT $limit
WITH c, c.eventSeq AS events
CALL (c) { MATCH (n:Complaint)-[:SIMILAR_TO|DUPLICATE_OF|REPEATS]->(c) SET n.linkPending = true }
CALL (c) { MATCH (c)-[:HAS_EVENT]->(e) OPTIONAL MATCH (e)-[:HAS_TEXT]->(t) DETACH DELETE t, e }
CALL (c) { MATCH (c)-[:RESOLVED_BY|HAS_SUGGESTION]->(r) DETACH DELETE r }
DETACH DELETE c
RETURN count(*) AS removed, sum(events) AS events
"""
_CUSTOMERS = """
CYPHER 25
MATCH (u:Customer) WHERE NOT EXISTS { (u)-[:FILED]->() }
WITH u LIMIT $limit
OPTIONAL MATCH (i:Identifier)-[:IDENTIFIES]->(u)
DETACH DELETE i, u
RETURN count(DISTINCT u) AS removed
"""
_IDENTIFIERS = """
CYPHER 25
MATCH (i:Identifier) WHERE NOT EXISTS { (i)<-[:FILED_WITH]-() }
WITH i LIMIT $limit
DETACH DELETE i
RETURN count(*) AS removed
"""
_PEOPLE = """
CYPHER 25
MATCH (p:Person) WHERE NOT EXISTS { (p)<-[:FILED_BY]-() }
WITH p LIMIT $limit
DETACH DELETE p
RETURN count(*) AS removed
"""
# Whom only the removed complaints had joined are several people again.
_JOINED = """
CYPHER 25
MATCH (i:Identifier)-[:IDENTIFIES]->(u:Customer)
WHERE NOT EXISTS { (i)<-[:FILED_WITH]-() } AND EXISTS { (u)-[:FILED]->() }
WITH u, collect(i) AS gone LIMIT $limit
WITH u, gone, COLLECT { MATCH (u)-[:FILED]->(c:Complaint) RETURN c.id } AS complaints
FOREACH (i IN gone | DETACH DELETE i)
RETURN complaints
"""
# An alert about many goes when nothing is left of what it is about.
_ALERTS = f"""
CYPHER 25
MATCH (a:Alert)
WHERE NOT EXISTS {{ (a)-[:RAISED_FOR|COVERS]->() }} AND NOT EXISTS {{
  MATCH (a)-[:CONCERNS]->()<-[:PART_OF*0..{DEEPEST}]-()<-[:ARISES_AT|CAUSED_BY|MEMBER_OF]-() }}
WITH a LIMIT $limit
OPTIONAL MATCH (a)-[:HAS_CHANGE]->(change)
DETACH DELETE a, change
RETURN count(DISTINCT a) AS removed
"""
# What only the data proposed; an issue that a person has touched stays on record.
_ISSUES = """
CYPHER 25
MATCH (i:SystemicIssue {version: 1, createdBy: $actor}) WHERE NOT EXISTS { (i)-[:COVERS]->() }
WITH i LIMIT $limit
OPTIONAL MATCH (i)-[:HAS_CHANGE]->(change)
DETACH DELETE i, change
RETURN count(DISTINCT i) AS removed
"""
# From the youngest on: a cluster that another came from goes after that one.
_CLUSTERS = """
CYPHER 25
MATCH (k:Cluster)
WHERE NOT EXISTS { (k)<-[:MEMBER_OF]-() } AND NOT EXISTS { (k)<-[:CAME_FROM]-() }
WITH k LIMIT $limit
DETACH DELETE k
RETURN count(*) AS removed
"""
# The events' positions stay as they are; how many have gone is on record, so that a gap that
# nobody made on purpose is still found.
_COUNT_EVENTS = """
CYPHER 25
MERGE (k:Counter {name: 'removedEvents'})
SET k.value = coalesce(k.value, 0) + $events
"""


async def remove_source(database: Database, system: str, progress: Progress = silent) -> int:
    """Remove every complaint of a source; how many they were. Safe to run again."""
    total = int((await database.read(_COUNT, system=system))[0]["total"])
    done = 0
    while removed := await _step(database, _REMOVE, system=system):
        done += removed
        progress("remove", done, total)
    while await _sort_people(database):
        pass
    for leftover in (_CUSTOMERS, _IDENTIFIERS, _PEOPLE, _ALERTS, _CLUSTERS, _ISSUES):
        while await _step(database, leftover, actor=SYSTEM_ACTOR):
            pass
    return done


async def _sort_people(database: Database) -> bool:
    """Sort customers anew who have lost an identifier; whether there were any."""

    async def work(transaction: Transaction) -> bool:
        rows = await transaction.run(_JOINED, limit=BATCH)
        complaints = [identity for row in rows for identity in row["complaints"]]
        if complaints:
            await arrange(transaction, complaints=complaints)
        return bool(rows)

    return await database.write(work)


async def _step(database: Database, statement: str, **parameters: str) -> int:
    async def work(transaction: Transaction) -> int:
        row = (await transaction.run(statement, limit=BATCH, **parameters))[0]
        if row.get("events"):
            await transaction.run(_COUNT_EVENTS, events=row["events"])
        return int(row["removed"])

    return await database.write(work)
