"""Branches compared on alike cases: handling time, escalation, repeats, compensation."""

from dataclasses import dataclass

from graph.database import Database, Row
from graph.insight.facets import Facet, Grouping, narrowing, shape, usual_depth
from graph.insight.funnel import Place, mean_place, share_place
from graph.insight.measures import ANSWERED, DAYS, REPEAT
from graph.insight.scope import Narrowing, Scope, until_inclusive

#: Shares: (of which complaints, which of them), in Cypher.
_SHARES = {
    "escalation": ("true", "c.level <> 'GREEN'"),
    "repeats": ("c.customerId IS NOT NULL", REPEAT),
    "compensated": (ANSWERED, f"{ANSWERED} AND size(paid) > 0"),
}
#: Geometric means, as logarithms: a few very long or dear cases do not carry the branch.
_MEANS = {
    "days": f"""CASE WHEN {ANSWERED} AND c.decidedAt IS NOT NULL
      THEN log(CASE WHEN {DAYS} < $least THEN $least ELSE {DAYS} END) END""",
    "amount": "CASE WHEN size(paid) > 0 THEN log(reduce(sum = 0, p IN paid | sum + p)) END",
}
#: An answer within the hour counts as one of an hour (in days).
_LEAST_DAYS = 1 / 24


@dataclass(frozen=True, slots=True)
class BranchPlace:
    """``amount``: minor units of the currency, of those compensated; ``days``: to the answer."""

    code: str
    total: int
    days: Place
    escalation: Place
    repeats: Place
    compensated: Place
    amount: Place
    narrowing: Narrowing | None


async def branch_comparison(
    database: Database, scope: Scope, depth: int | None, currency: str, first: int
) -> list[BranchPlace]:
    """The largest branches first, each against all cases of the same product family and type.

    Two statements. Indirect standardisation: what is expected of a branch is what its cases would
    have had at the rates of their kind over all branches, its own cases included.
    """
    trees = await shape(database)
    usual = usual_depth(trees[Facet.BRANCH])
    grouping = Grouping.of(Facet.BRANCH, trees, usual if depth is None else depth)
    parameters = {
        **scope.parameters, **grouping.parameters("b"), "currency": currency, "first": first,
        "least": _LEAST_DAYS,
    }  # fmt: skip
    rows = await database.read(_statement(scope, grouping), **parameters)
    return [_place(row, scope) for row in rows]


def _statement(scope: Scope, grouping: Grouping) -> str:
    shares = ", ".join(
        f"sum(CASE WHEN {of} THEN 1 ELSE 0 END) AS {name}N, "
        f"sum(CASE WHEN {which} THEN 1 ELSE 0 END) AS {name}"
        for name, (of, which) in _SHARES.items()
    )
    logs = ", ".join(f"{value} AS {name}" for name, value in _MEANS.items())
    means = ", ".join(
        f"count({name}) AS {name}N, sum({name}) AS {name}, sum({name} * {name}) AS {name}Squares"
        for name in _MEANS
    )
    return f"""
    CYPHER 25
    {scope.match}
    {grouping.unwound("b")}
    WITH * WHERE b IS NOT NULL
    WITH *, [coalesce(c.productCodes[-1], ''), coalesce(c.type, '')] AS kind, COLLECT {{
      MATCH (c)-[:RESOLVED_BY]->(r:Resolution)
      WHERE r.compensationMinor > 0 AND r.currency = $currency
      RETURN r.compensationMinor
    }} AS paid
    WITH *, {logs}
    WITH b, kind, count(*) AS total, {shares}, {means}
    WITH kind, collect({{b: b, total: total, {_carried()}}}) AS cells, {_rates()}
    UNWIND cells AS cell
    RETURN cell.b AS code, sum(cell.total) AS total, {_sums()}
    ORDER BY total DESC, code LIMIT $first
    """


def _columns() -> list[str]:
    return [f"{name}{end}" for name in (*_SHARES, *_MEANS) for end in ("N", "")]


def _carried() -> str:
    return ", ".join(f"{name}: {name}" for name in _columns())


def _rates() -> str:
    """Of each kind: the mean of all its cases, and the variance of a single one around it."""
    found = [
        f"CASE WHEN sum({name}N) = 0 THEN 0.0 ELSE 1.0 * sum({name}) / sum({name}N) END "
        f"AS {name}Rate"
        for name in (*_SHARES, *_MEANS)
    ]
    found += [
        f"CASE WHEN sum({name}N) < 2 THEN 0.0 ELSE (sum({name}Squares) - "
        f"sum({name}) * sum({name}) / sum({name}N)) / (sum({name}N) - 1) END AS {name}Variance"
        for name in _MEANS
    ]
    return ", ".join(found)


def _sums() -> str:
    found = [f"sum(cell.{name}) AS {name}" for name in _columns()]
    found += [f"sum(cell.{name}N * {name}Rate) AS {name}Expected" for name in (*_SHARES, *_MEANS)]
    found += [f"sum(cell.{name}N * {name}Variance) AS {name}Variance" for name in _MEANS]
    return ", ".join(found)


def _place(row: Row, scope: Scope) -> BranchPlace:
    shares = {
        name: share_place(row[f"{name}N"], row[name], row[f"{name}Expected"]) for name in _SHARES
    }
    means = {
        name: mean_place(row[f"{name}N"], row[name], row[f"{name}Expected"], row[f"{name}Variance"])
        for name in _MEANS
    }
    opened = narrowing(
        {Facet.BRANCH: row["code"]},
        received_from=scope.since,
        received_to=until_inclusive(scope.until),
    )
    return BranchPlace(row["code"], row["total"], narrowing=opened, **shares, **means)
