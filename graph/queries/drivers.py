"""How often each value stands in a cluster and in the rest."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TypeAlias

from graph.database import Database, Row
from graph.insight.drivers import Count, DriverKind
from graph.queries.conditions import NO_DUPLICATE, CompiledFilter

_K = DriverKind
#: What stands beside each other in a cell, in the order in which the statement names it.
_FACTS = (_K.PRODUCT, _K.TYPE, _K.CHANNEL, _K.AMOUNT_BAND)
#: Complaints by cluster, None standing for all others.
_ByCluster: TypeAlias = Counter[str | None]


def _statement(predicate: str) -> str:
    # Complaints without a text are in no cluster, so they are no part of the rest either. Counting
    # a few facts together in several passes is faster than taking each complaint apart into its
    # facts in one: cells leave the graph, their margins are added up outside.
    mine = "CASE WHEN c.clusterIds[0] IN $ids THEN c.clusterIds[0] END AS cluster"
    wanted = f"MATCH (c:Complaint) WHERE c.narrative IS NOT NULL AND ({predicate})"
    return f"""
    CYPHER 25
    CALL () {{
      {wanted}
      WITH {mine}, c.productCode AS product, c.type AS type, c.channel AS channel,
        c.amountBand AS band, count(*) AS n
      RETURN collect([cluster, n, product, type, channel, band]) AS facts
    }}
    CALL () {{
      {wanted}
      WITH {mine}, c.branchCodes AS branches, c.rootCauseCodes AS causes, count(*) AS n
      RETURN collect([cluster, n, branches, causes]) AS trees
    }}
    CALL () {{
      {wanted}
      WITH {mine}, date(datetime({{datetime: c.receivedAt, timezone: $zone}})) AS day, count(*) AS n
      RETURN collect([cluster, n, toString(day)]) AS days
    }}
    CALL () {{
      MATCH (u:Customer)-[:FILED]->(c:Complaint)
      WHERE u.segment IS NOT NULL AND c.narrative IS NOT NULL AND ({predicate})
      WITH {mine}, u.segment AS segment, count(*) AS n
      RETURN collect([cluster, n, segment]) AS segments
    }}
    RETURN facts, trees, days, segments
    """


async def counts(
    database: Database, ids: Sequence[str], narrowed: CompiledFilter, zone: str
) -> Mapping[str, list[Count]]:
    """For each cluster, the counts of all values that it has; one statement.

    A complaint has several branches and causes: its own and the wider ones.
    """
    found = narrowed.and_also(NO_DUPLICATE)
    rows = await database.read(
        _statement(found.predicate), ids=list(ids), zone=zone, **found.parameters
    )
    table: dict[tuple[DriverKind, str], _ByCluster] = defaultdict(Counter)
    known: dict[DriverKind, _ByCluster] = defaultdict(Counter)
    for cluster, count, kind, values in _cells(rows[0]):
        if values:
            known[kind][cluster] += count
        for value in values:
            table[kind, value][cluster] += count
    return {one: _counts_of(one, table, known) for one in ids}


def _cells(row: Row) -> Iterator[tuple[str | None, int, DriverKind, Iterable[str]]]:
    """(cluster, complaints, kind, the values that each of them has)."""
    for cluster, count, *codes in row["facts"]:
        for kind, code in zip(_FACTS, codes, strict=True):
            yield cluster, count, kind, () if code is None else (code,)
    for cluster, count, branches, causes in row["trees"]:
        yield cluster, count, _K.BRANCH, branches
        yield cluster, count, _K.ROOT_CAUSE, causes
    for cluster, count, day in row["days"]:
        yield cluster, count, _K.MONTH, (day[:7],)
        yield cluster, count, _K.DAY_OF_MONTH, (str(int(day[8:])),)
    for cluster, count, segment in row["segments"]:
        yield cluster, count, _K.SEGMENT, (segment,)


def _counts_of(
    cluster: str,
    table: Mapping[tuple[DriverKind, str], _ByCluster],
    known: Mapping[DriverKind, _ByCluster],
) -> list[Count]:
    found = []
    for (kind, value), by_cluster in sorted(table.items()):
        if cluster in by_cluster:
            have, every = by_cluster[cluster], by_cluster.total()
            inside, total = known[kind][cluster], known[kind].total()
            found.append(Count(kind, value, have, inside, every - have, total - inside))
    return found
