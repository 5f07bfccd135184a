"""How often each value stands in a cluster and in the rest."""

from collections import defaultdict
from collections.abc import Mapping, Sequence

from graph.database import Database
from graph.insight.drivers import Count, DriverKind
from graph.queries.conditions import NO_DUPLICATE, CompiledFilter


def _statement(predicate: str) -> str:
    # Complaints without a text are in no cluster, so they are no part of the rest either. Each
    # complaint is read once; what is counted leaves the graph, not what it is counted from.
    return f"""
    CYPHER 25
    MATCH (c:Complaint)
    WHERE c.narrative IS NOT NULL AND ({predicate})
    OPTIONAL MATCH (u:Customer)-[:FILED]->(c)
    WITH c.clusterIds[0] AS cluster, u.segment AS segment, c,
         datetime({{datetime: c.receivedAt, timezone: $zone}}) AS at
    UNWIND [
      ['PRODUCT', c.productCode], ['CHANNEL', c.channel], ['TYPE', c.type],
      ['MONTH', left(toString(at), 7)], ['DAY_OF_MONTH', toString(at.day)],
      ['AMOUNT_BAND', c.amountBand], ['SEGMENT', segment]
    ] + [code IN c.branchCodes | ['BRANCH', code]]
      + [code IN c.rootCauseCodes | ['ROOT_CAUSE', code]] AS pair
    WITH pair[0] AS kind, pair[1] AS value,
         CASE WHEN cluster IN $ids THEN cluster END AS cluster
    WHERE value IS NOT NULL
    RETURN kind, value, cluster, count(*) AS n
    """


async def counts(
    database: Database, ids: Sequence[str], narrowed: CompiledFilter, zone: str
) -> Mapping[str, list[Count]]:
    """For each cluster, the counts of all values that it has; two statements.

    A complaint has several branches and causes: its own and the wider ones.
    """
    found = narrowed.and_also(NO_DUPLICATE)
    rows = await database.read(
        _statement(found.predicate), ids=list(ids), zone=zone, **found.parameters
    )
    table: dict[tuple[str, str], dict[str | None, int]] = defaultdict(dict)
    for row in rows:
        table[row["kind"], row["value"]][row["cluster"]] = row["n"]
    known = await _known(database, ids, narrowed)
    return {one: _counts_of(one, table, known) for one in ids}


def _counts_of(
    cluster: str,
    table: Mapping[tuple[str, str], Mapping[str | None, int]],
    known: Mapping[str, Mapping[str | None, int]],
) -> list[Count]:
    found = []
    for (kind, value), by_cluster in sorted(table.items()):
        if cluster in by_cluster:
            have, every = by_cluster[cluster], sum(by_cluster.values())
            inside, total = known[kind].get(cluster, 0), sum(known[kind].values())
            found.append(Count(DriverKind(kind), value, have, inside, every - have, total - inside))
    return found


async def _known(
    database: Database, ids: Sequence[str], narrowed: CompiledFilter
) -> Mapping[str, Mapping[str | None, int]]:
    """Complaints with any value of each kind, by cluster (None: all others)."""
    found = narrowed.and_also(NO_DUPLICATE)
    rows = await database.read(
        f"""
        CYPHER 25
        MATCH (c:Complaint)
        WHERE c.narrative IS NOT NULL AND ({found.predicate})
        OPTIONAL MATCH (u:Customer)-[:FILED]->(c)
        WITH CASE WHEN c.clusterIds[0] IN $ids THEN c.clusterIds[0] END AS cluster, c, u
        RETURN cluster, count(*) AS MONTH, count(*) AS DAY_OF_MONTH,
          count(c.productCode) AS PRODUCT, count(c.branchCode) AS BRANCH,
          count(c.channel) AS CHANNEL, count(c.type) AS TYPE,
          count(c.amountBand) AS AMOUNT_BAND, count(u.segment) AS SEGMENT,
          count(CASE WHEN size(c.rootCauseCodes) > 0 THEN 1 END) AS ROOT_CAUSE
        """,
        ids=list(ids),
        **found.parameters,
    )
    return {kind.value: {row["cluster"]: row[kind.value] for row in rows} for kind in DriverKind}
