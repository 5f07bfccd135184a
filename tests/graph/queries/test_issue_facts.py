"""Figures of an issue: money of all rounds by currency, customers as far as they are known."""

from dataclasses import replace
from math import log

import pytest

from graph.database import Database
from graph.domain.case import Decision
from graph.domain.enums import OutcomeKind
from graph.domain.money import Money
from graph.insight.branches import branch_comparison
from graph.insight.cohort import Cohort
from graph.queries.conditions import EVERY_COMPLAINT
from graph.queries.issues import facts
from tests.graph.insight.world import case_of, catalogue, random_rows
from tests.support.graph import put

pytestmark = pytest.mark.graph

_COVER = """
CYPHER 25
UNWIND $ids AS id
CREATE (i:SystemicIssue {id: id})
WITH i
MATCH (c:Complaint) WHERE i.id = 'all' OR c.customerId IS NULL
CREATE (i)-[:COVERS]->(c)
"""


async def test_money_and_customers(database: Database) -> None:
    rows = random_rows(30, 21)
    for number, row in enumerate(rows):
        row |= {"branch": "N1", "decided": True, "decidedAt": row["received"], "round": 2}
        row["customer"] = None if number % 3 == 0 else f"C{number % 5}"
    paid = [
        (Money(100 + n, "CNY"), Money(1_000, "CNY")) if n % 2 else (Money(500, "JPY"), None)
        for n in range(30)
    ]
    cases = [
        replace(
            case_of(row),
            decisions=tuple(
                Decision(round_, OutcomeKind.UPHELD, compensation=sum_, decided_at=row["received"])
                for round_, sum_ in enumerate(sums, start=1)
            ),
        )
        for row, sums in zip(rows, paid, strict=True)
    ]
    await put(database, cases, catalogue())
    await database.run(_COVER, ids=["all", "unknown"])
    found = await facts(database, ["all", "unknown"])
    yuan = [100 + n + 1_000 for n in range(1, 30, 2)]
    assert found["all"].compensation == (Money(sum(yuan), "CNY"), Money(15 * 500, "JPY"))
    assert (found["all"].customers, found["all"].unknown) == (5, 10)
    assert (found["unknown"].customers, found["unknown"].unknown) == (0, 10)
    assert found["all"].of("BRANCH") == [("N1", 30)]
    # Branches are compared on the same sums.
    (branch,) = await branch_comparison(database, Cohort(EVERY_COMPLAINT), 2, "CNY", 10)
    assert (branch.currency, branch.amount.count) == ("CNY", 15)
    assert branch.amount.value is not None
    assert log(branch.amount.value) == pytest.approx(sum(map(log, yuan)) / 15)
    (yen,) = await branch_comparison(database, Cohort(EVERY_COMPLAINT), 2, "JPY", 10)
    assert yen.amount.value == pytest.approx(500)
