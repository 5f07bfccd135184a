"""How often each value stands in a cluster and in the rest."""

import asyncio
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, TypeAlias

from graph.database import Database
from graph.queries.conditions import NO_DUPLICATE, CompiledFilter
from graph.statistics.drivers import Count, DriverKind

_K = DriverKind
#: What stands beside products in a cell, in the order in which the statement names it.
_FACTS = (_K.TYPE, _K.CHANNEL, _K.AMOUNT_BAND)
#: Complaints by cluster, None standing for all together.
_ByCluster: TypeAlias = Counter[str | None]


#: (name, further pattern, further condition, what a cell is told by)
_PASSES = (
    ("facts", "", "true", ("c.productCodes", "c.type", "c.channel", "c.amountBand")),
    ("trees", "", "true", ("c.branchCodes", "c.rootCauseCodes")),
    ("days", "", "true", ("toString(date(datetime({datetime: c.receivedAt, timezone: $zone})))",)),
    ("segments", "(u:Customer)-[:FILED]->", "u.segment IS NOT NULL", ("u.segment",)),
)


def _statement(before: str, also: str, facts: Sequence[str], predicate: str) -> str:
    """Everybody's cells, and those of the clusters' members, who are few.

    Complaints without a text are in no cluster, so they are no part of the rest either.
    """
    return f"""
    CYPHER 25
    CALL () {{
      MATCH {before}(c:Complaint)
      WHERE c.narrative IS NOT NULL AND {also} AND ({predicate})
      WITH {_named(facts)}, count(*) AS n
      RETURN collect([null, n, {_names(facts)}]) AS everybody
    }}
    CALL () {{
      MATCH (k:Cluster)<-[:MEMBER_OF]-(c:Complaint) WHERE k.id IN $ids
      {f"MATCH {before}(c)" if before else ""}
      WITH * WHERE c.narrative IS NOT NULL AND {also} AND ({predicate})
      WITH k.id AS cluster, {_named(facts)}, count(*) AS n
      RETURN collect([cluster, n, {_names(facts)}]) AS inside
    }}
    RETURN everybody + inside AS cells
    """


def _named(facts: Sequence[str]) -> str:
    return ", ".join(f"{fact} AS x{number}" for number, fact in enumerate(facts))


def _names(facts: Sequence[str]) -> str:
    return ", ".join(f"x{number}" for number in range(len(facts)))


async def counts(
    database: Database, ids: Sequence[str], narrowed: CompiledFilter, zone: str
) -> Mapping[str, list[Count]]:
    """For each cluster, the counts of all values that it has; four statements at once.

    A complaint has several products, branches and causes: its own and the wider ones. Counting a
    few facts together in several passes is faster than taking each complaint apart into its facts
    in one, and the passes run side by side; the cells' margins are added up here.
    """
    result = narrowed.and_also(NO_DUPLICATE)
    answers = await asyncio.gather(
        *(
            database.read(
                _statement(before, also, facts, result.predicate),
                ids=list(ids), zone=zone, **result.parameters,
            )
            for _, before, also, facts in _PASSES
        )
    )  # fmt: skip
    row = {name: rows[0]["cells"] for (name, *_), rows in zip(_PASSES, answers, strict=True)}
    table: dict[tuple[DriverKind, str], _ByCluster] = defaultdict(Counter)
    known: dict[DriverKind, _ByCluster] = defaultdict(Counter)
    for cluster, count, kind, values in _cells(row):
        if values:
            known[kind][cluster] += count
        for value in values:
            table[kind, value][cluster] += count
    return {one: _counts_of(one, table, known) for one in ids}


def _cells(row: Mapping[str, Any]) -> Iterator[tuple[str | None, int, DriverKind, Iterable[str]]]:
    """(cluster, complaints, kind, the values that each of them has)."""
    for cluster, count, products, *codes in row["facts"]:
        yield cluster, count, _K.PRODUCT, products
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
    results = []
    for (kind, value), by_cluster in sorted(table.items()):
        if cluster in by_cluster:
            have, every = by_cluster[cluster], by_cluster[None]
            inside, total = known[kind][cluster], known[kind][None]
            results.append(Count(kind, value, have, inside, every - have, total - inside))
    return results
