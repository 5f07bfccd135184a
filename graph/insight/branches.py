"""Branches compared on alike cases: handling time, escalation, repeats, compensation."""

import asyncio
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from graph.database import Database, Row
from graph.insight.cohort import Cohort, Narrowing, until_inclusive
from graph.insight.facets import Grouping, narrowing
from graph.insight.measures import ANSWERED, SPENT
from graph.queries.trees import Facet, shape, usual_depth
from graph.statistics.dispersion import dispersion
from graph.statistics.funnel import Place, mean_place, mean_score, share_place, share_score
from graph.statistics.standard import Cell, Standard, Sums, standardised

_SHARES = ("escalation", "repeats", "compensated")
#: Geometric means, as logarithms: a few very long or dear cases do not carry the branch.
_MEANS = ("days", "amount")
_FIGURES = (*_SHARES, *_MEANS)
#: An answer within the hour counts as one of an hour (in milliseconds).
_LEAST = 3_600_000
_DAY = 86_400_000.0


@dataclass(frozen=True, slots=True)
class BranchPlace:
    """``amount``: minor units of the currency, of those compensated, all rounds together;
    ``days``: to the answer.
    """

    code: str
    currency: str
    total: int
    days: Place
    escalation: Place
    repeats: Place
    compensated: Place
    amount: Place
    narrowing: Narrowing | None


async def branch_comparison(
    database: Database, cohort: Cohort, depth: int | None, currency: str, first: int
) -> list[BranchPlace]:
    """The largest branches first, each against all cases of the same product family and type.

    Two statements. Indirect standardisation: what is expected of a branch is what its cases would
    have had at the rates of their kind over all branches, its own cases included.
    """
    trees = await shape(database)
    usual = usual_depth(trees[Facet.BRANCH])
    grouping = Grouping.of(Facet.BRANCH, trees, usual if depth is None else depth)
    parameters = {
        **cohort.parameters, **grouping.parameters("b"), "currency": currency,
        "least": _LEAST, "day": _DAY,
    }  # fmt: skip
    row = (await database.read(_statement(cohort, grouping), **parameters))[0]
    # Of every branch and kind: not on the event loop.
    return await asyncio.to_thread(_compared, row, currency, cohort, first)


def _compared(row: Row, currency: str, cohort: Cohort, first: int) -> list[BranchPlace]:
    totals: Counter[str] = Counter()
    for code, _, _, count, *_ in row["own"]:
        totals[code] += count
    cells = _cells(row)
    results = {name: standardised(of_measure) for name, of_measure in cells.items()}
    spreads = {name: _spread(name, by_branch.values()) for name, by_branch in results.items()}
    largest = sorted(totals, key=lambda code: (-totals[code], code))[:first]
    return [_place(code, currency, totals[code], results, spreads, cohort) for code in largest]


def _spread(name: str, branches: Iterable[Standard]) -> float:
    """Of all branches, also those that are not shown."""
    scores = [
        mean_score(own.count, own.total, own.expected, own.variance)
        if name in _MEANS
        else share_score(own.count, own.total, own.expected)
        for own in branches
    ]
    return dispersion([score for score in scores if score is not None])


def _statement(cohort: Cohort, grouping: Grouping) -> str:
    """Cells by branch and kind. Repeats and payments are looked for where they are, being few."""
    kind = "coalesce(c.productCodes[-1], '') AS family, coalesce(c.type, '') AS type"
    return f"""
    CYPHER 25
    CALL () {{
      {cohort.match}
      {grouping.unwound("b")}
      WITH * WHERE b IS NOT NULL
      WITH b, {kind}, {ANSWERED} AS answered, c.level <> 'GREEN' AS escalated,
        c.customerId AS customer, {SPENT} AS spent
      WITH b, family, type, answered, escalated, customer, CASE WHEN answered
        THEN log(CASE WHEN spent < $least THEN $least ELSE spent END / $day) END AS days
      WITH b, family, type, count(*) AS n, count(CASE WHEN escalated THEN 1 END) AS escalated,
        count(customer) AS known, count(CASE WHEN answered THEN 1 END) AS answered,
        count(days) AS timed, sum(days) AS days, sum(days * days) AS squares
      RETURN collect([b, family, type, n, escalated, known, answered, timed, days, squares]) AS own
    }}
    CALL () {{
      MATCH (c:Complaint)-[:REPEATS]->() WHERE {cohort.condition} AND c.customerId IS NOT NULL
      WITH DISTINCT c
      {grouping.unwound("b")}
      WITH * WHERE b IS NOT NULL
      WITH b, {kind}, count(*) AS n
      RETURN collect([b, family, type, n]) AS repeats
    }}
    CALL () {{
      MATCH (r:Resolution) WHERE r.compensationMinor > 0 AND r.currency = $currency
      WITH r, r.compensationMinor AS minor
      MATCH (c:Complaint)-[:RESOLVED_BY]->(r) WHERE {cohort.condition}
      WITH c, log(sum(minor)) AS amount
      {grouping.unwound("b")}
      WITH * WHERE b IS NOT NULL
      WITH b, {kind}, count(*) AS n, count(CASE WHEN {ANSWERED} THEN 1 END) AS answered,
        sum(amount) AS amounts, sum(amount * amount) AS squares
      RETURN collect([b, family, type, n, answered, amounts, squares]) AS paid
    }}
    RETURN own, repeats, paid
    """


def _cells(row: Row) -> Mapping[str, Mapping[Cell, Sums]]:
    """The sums of each figure; a share is a mean of ones and zeros."""
    results: dict[str, dict[Cell, Sums]] = {name: {} for name in _FIGURES}
    for code, family, kind, n, escalated, known, answered, timed, days, squares in row["own"]:
        cell = code, (family, kind)
        results["escalation"][cell] = Sums(n, escalated)
        results["repeats"][cell] = Sums(known)
        results["compensated"][cell] = Sums(answered)
        results["days"][cell] = Sums(timed, days, squares)
    for code, family, kind, n in row["repeats"]:
        results["repeats"][code, (family, kind)].total = n
    for code, family, kind, n, answered, amounts, squares in row["paid"]:
        cell = code, (family, kind)
        results["compensated"][cell].total = answered
        results["amount"][cell] = Sums(n, amounts, squares)
    return results


def _place(
    code: str,
    currency: str,
    total: int,
    results: Mapping[str, Mapping[str, Standard]],
    spreads: Mapping[str, float],
    cohort: Cohort,
) -> BranchPlace:
    shares = {}
    means = {}
    for name, by_branch in results.items():
        own = by_branch.get(code, Standard())
        if name in _MEANS:
            means[name] = mean_place(
                own.count, own.total, own.expected, own.variance, spreads[name]
            )
        else:
            shares[name] = share_place(own.count, int(own.total), own.expected, spreads[name])
    opened = narrowing(
        {Facet.BRANCH: code},
        received_from=cohort.since,
        received_to=until_inclusive(cohort.until),
    )
    return BranchPlace(code, currency, total, narrowing=opened, **shares, **means)
