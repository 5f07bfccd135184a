"""Take a source's complaints away, with all that belongs to them alone."""

from graph.commands.clusters import APPLYING, finish_fit, interrupt_staging
from graph.commands.locks import Kind, lock, widening
from graph.commands.people import lock_around, plan_people, write_people
from graph.commands.person import HeldError
from graph.commands.positions import count_gone
from graph.commands.waiting import Work, marked
from graph.database import BATCH_SECONDS, Database, Transaction
from graph.domain.access import SYSTEM_ACTOR
from graph.domain.erasure import ERASED, TEXTS_REDACTED
from graph.domain.record import REDACTED
from graph.domain.texts import named
from graph.progress import Progress, silent
from graph.queries.codes import DEEPEST

BATCH = 500

_COUNT = """
CYPHER 25
MATCH (c:Complaint {sourceSystem: $system})
RETURN count(*) AS total, count(c.legalHold) AS held
"""
# Whoever is linked to what goes away looks for neighbours again.
_NEXT = """
CYPHER 25
MATCH (c:Complaint {sourceSystem: $system}) WITH c LIMIT $limit
RETURN c.id AS id,
COLLECT { MATCH (c)-[:FILED_WITH]->(i) RETURN i.hmac } AS identifiers,
COLLECT { MATCH (u)-[:FILED]->(c) RETURN u.id } AS customers,
COLLECT {
  MATCH (c)-[:SIMILAR_TO|DUPLICATE_OF|REPEATS]-(n:Complaint) RETURN n.id
} AS others, COLLECT { MATCH (c)-[:MEMBER_OF]->(k:Cluster) RETURN k.id } +
COLLECT { MATCH (k:Cluster {id: c.clusterNext}) RETURN k.id } AS clusters
"""
# Each cluster says how many of its members have gone, by the fit as it is carried out.
_REMOVE = f"""
CYPHER 25
UNWIND $ids AS id
MATCH (c:Complaint {{id: id}})
WITH c, c.eventSeq AS events
FOREACH (hash IN CASE WHEN c.erased THEN ['{ERASED}']
                      WHEN c.{REDACTED} THEN ['{TEXTS_REDACTED}'] ELSE [] END |
  MERGE (t:Tombstone {{id: c.id}}) SET t.contentHash = hash)
CALL (c) {{
  MATCH (n:Complaint)-[:SIMILAR_TO|DUPLICATE_OF|REPEATS]->(c)
  {marked("n", Work.LINK)}
}}
CALL (c) {{
  MATCH (k:Cluster) WHERE k.id = CASE WHEN $applying AND c.clusterKey IS NOT NULL
    THEN c.clusterNext
    ELSE head([(c)-[m:MEMBER_OF]->(k:Cluster) WHERE m.weight IS NOT NULL | k.id]) END
  SET k.removed = coalesce(k.removed, 0) + 1
}}
CALL (c) {{
  MATCH (c)-[:HAS_EVENT]->(e) OPTIONAL MATCH (e)-[:HAS_TEXT]->(t) DETACH DELETE t, e
}}
CALL (c) {{ MATCH (c)-[:RESOLVED_BY|HAS_SUGGESTION]->(r) DETACH DELETE r }}
CALL (c) {{ MATCH (o:Opening)-[:OPENS]->(c) DETACH DELETE o }}
DETACH DELETE c
RETURN count(*) AS removed, sum(events) AS events
"""
# Whom only the removed complaints had joined are several people again.
_JOINED = """
CYPHER 25
MATCH (i:Identifier)-[:IDENTIFIES]->(u:Customer)
WHERE NOT EXISTS { (i)<-[:FILED_WITH]-() } AND EXISTS { (u)-[:FILED]->() }
WITH u, collect(i) AS gone LIMIT $limit
RETURN [i IN gone | i.hmac] AS gone,
  COLLECT { MATCH (u)-[:FILED]->(c:Complaint) RETURN c.id } AS complaints
"""
# They are locked by now: somebody may have filed under one before we had its lock.
_GONE = """
CYPHER 25
MATCH (i:Identifier) WHERE i.hmac IN $hmacs AND NOT EXISTS { (i)<-[:FILED_WITH]-() }
DETACH DELETE i
"""


def _leftover(label: str, key: str, unused: str) -> str:
    """A statement that removes nodes ``n`` that are ``unused``, still so under their locks.

    Their changes go with them. Returns how many nodes it has ``locked``, and how many ``positions``
    have gone.
    """
    return f"""
    CYPHER 25
    MATCH (n:{label}) WHERE {unused}
    WITH n ORDER BY n.{key} LIMIT $limit
    SET n.lock = true
    WITH n REMOVE n.lock
    WITH collect(n) AS nodes
    CALL (nodes) {{
      UNWIND nodes AS n
      WITH n WHERE {unused}
      OPTIONAL MATCH (n)-[:HAS_CHANGE]->(x)
      WITH n, x, x.position AS position
      DETACH DELETE x, n
      RETURN count(position) AS positions
    }}
    RETURN size(nodes) AS locked, positions
    """


# In the order in which they are removed. An alert about many goes when nothing is left of what it
# is about; of issues what only the data proposed, for one that a person has touched stays on
# record; of clusters the youngest first, for another may have come from an older one, and none
# while a fit is carried out: its clusters have yet to get their members.
_LEFTOVERS = (
    _leftover("Identifier", "hmac", "NOT EXISTS { (n)<-[:FILED_WITH]-() }"),
    _leftover("Customer", "id", "NOT EXISTS { (n)-[:FILED]->() }"),
    _leftover("Person", "id", "NOT EXISTS { (n)<-[:FILED_BY]-() }"),
    _leftover(
        "Alert",
        "id",
        f"""NOT EXISTS {{ (n)-[:RAISED_FOR|COVERS]->() }} AND NOT EXISTS {{
          MATCH (n)-[:CONCERNS]->()<-[:PART_OF*0..{DEEPEST}]-(below)
          MATCH (below)<-[:ARISES_AT|CAUSED_BY|MEMBER_OF]-() }}""",
    ),
    _leftover(
        "Cluster",
        "id",
        f"""NOT EXISTS {{ (n)<-[:MEMBER_OF]-() }} AND NOT EXISTS {{ (n)<-[:CAME_FROM]-() }}
          AND NOT EXISTS {{ (:ClusterFit {{state: '{APPLYING}'}}) }}""",
    ),
    _leftover(
        "SystemicIssue",
        "id",
        "n.version = 1 AND n.createdBy = $actor AND NOT EXISTS { (n)-[:COVERS]->() }",
    ),
)


async def remove_source(database: Database, system: str, progress: Progress = silent) -> int:
    """Remove every complaint of a source; how many they were. Safe to run again.

    What was redacted or erased stays so if the source is imported again.

    Raises:
        HeldError: there is a legal hold on some of them.
    """
    counts = (await database.read(_COUNT, system=system))[0]
    if counts["held"]:
        raise HeldError(
            f"There is a legal hold on {counts['held']} complaints of {named(system)}: lift it "
            "first."
        )
    total = int(counts["total"])
    done = 0
    while removed := await _remove(database, system):
        done += removed
        progress("remove", done, total)
    while await _sort_people(database):
        pass
    await finish_fit(database)
    for leftover in _LEFTOVERS:
        while await _step(database, leftover):
            pass
    return done


async def _remove(database: Database, system: str) -> int:
    rows = await database.read(_NEXT, system=system, limit=BATCH)
    if not rows:
        return 0
    ids = [row["id"] for row in rows]
    identifiers, customers, clusters = (
        {key for row in rows for key in row[name]}
        for name in ("identifiers", "customers", "clusters")
    )

    async def work(transaction: Transaction, locked: frozenset[str]) -> int:
        fit = await interrupt_staging(transaction)
        await lock(transaction, Kind.IDENTIFIER, identifiers)
        await lock(transaction, Kind.CUSTOMER, customers)
        await lock(transaction, Kind.COMPLAINT, locked)
        await lock(transaction, Kind.CLUSTER, clusters)
        row = (await transaction.run(_REMOVE, ids=ids, applying=fit == APPLYING))[0]
        await count_gone(transaction, row["events"])
        return int(row["removed"])

    others = {other for row in rows for other in row["others"]}
    return await widening(database, {*ids, *others}, work, seconds=BATCH_SECONDS)


async def _sort_people(database: Database) -> bool:
    """Sort customers anew who have lost an identifier; whether there were any."""

    async def work(transaction: Transaction, locked: frozenset[str]) -> bool:
        rows = await transaction.run(_JOINED, limit=BATCH)
        if not rows:
            return False
        gone = {hmac for row in rows for hmac in row["gone"]}
        complaints = [identity for row in rows for identity in row["complaints"]]
        await lock_around(transaction, complaints, also=gone)
        await transaction.run(_GONE, hmacs=sorted(gone))
        plan = await plan_people(transaction, complaints=complaints)
        plan.check_locked(transaction)
        await write_people(transaction, plan)
        return True

    return await widening(database, (), work, seconds=BATCH_SECONDS)


async def _step(database: Database, leftover: str) -> int:
    async def work(transaction: Transaction) -> int:
        row = (await transaction.run(leftover, limit=BATCH, actor=SYSTEM_ACTOR))[0]
        if row["positions"]:
            await count_gone(transaction, row["positions"])
        return int(row["locked"])

    return await database.write(work, seconds=BATCH_SECONDS)
