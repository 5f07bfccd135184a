"""Who came back, against the relations themselves."""

from collections import defaultdict
from datetime import datetime
from typing import Any

import pytest

from schema.ids import NodeKind, global_id
from tests.support.bank import Bank
from tests.support.graphql import ask, refused

pytestmark = pytest.mark.graph

PAGE = """query ($f: ComplaintFilter, $first: Int, $after: String) {
  repeatComplainers(filter: $f, first: $first, after: $after) {
    totalCount pageInfo { hasNextPage endCursor }
    nodes { times cases firstAt lastAt customer { id } complaints(first: 50) { id } } } }"""


async def expected(bank: Bank, branch: str, since: datetime | None) -> dict[str, list[str]]:
    """Each customer's complaints that repeat an earlier one, newest first."""
    rows = await bank.services.database.read(
        """MATCH (u:Customer)-[:FILED]->(c:Complaint)-[:REPEATS]->(:Complaint)
        WHERE $branch IN c.branchCodes AND ($since IS NULL OR c.receivedAt >= $since)
        RETURN DISTINCT u.id AS customer, c.id AS id, c.receivedKey AS key ORDER BY key DESC""",
        branch=branch,
        since=since,
    )
    found = defaultdict(list)
    for row in rows:
        customer = global_id(NodeKind.CUSTOMER, row["customer"])
        found[customer].append(global_id(NodeKind.COMPLAINT, row["id"]))
    return found


async def listed(bank: Bank, wanted: Any, size: int) -> list[dict[str, Any]]:
    nodes: list[dict[str, Any]] = []
    after = None
    while True:
        page = (await ask(bank.services, PAGE, f=wanted, first=size, after=after))[
            "repeatComplainers"
        ]
        nodes += page["nodes"]
        if not page["pageInfo"]["hasNextPage"]:
            assert page["totalCount"] == len(nodes)
            return nodes
        after = page["pageInfo"]["endCursor"]


@pytest.mark.parametrize(
    ("branch", "since"), [("HO", None), ("BJ", None), ("SH", "2026-03-25T00:00:00+00:00")]
)
async def test_customers_who_came_back_are_listed_with_counts(
    bank: Bank, branch: str, since: str | None
) -> None:
    wanted = {"branches": [branch], **({"receivedFrom": since} if since else {})}
    want = await expected(bank, branch, datetime.fromisoformat(since) if since else None)
    assert want
    nodes = await listed(bank, wanted, 3)
    assert {each["customer"]["id"]: [c["id"] for c in each["complaints"]] for each in nodes} == want
    assert all(each["times"] == len(each["complaints"]) for each in nodes)
    assert all(1 <= each["cases"] <= each["times"] for each in nodes)
    assert all(each["firstAt"] <= each["lastAt"] for each in nodes)
    order = [(each["times"], each["lastAt"]) for each in nodes]
    assert order == sorted(order, reverse=True)


async def test_a_cursor_of_another_filter_is_refused(bank: Bank) -> None:
    page = (await ask(bank.services, PAGE, first=1))["repeatComplainers"]
    after = page["pageInfo"]["endCursor"]
    error = await refused(bank.services, PAGE, f={"branches": ["BJ"]}, first=1, after=after)
    assert error["extensions"]["code"] == "INVALID_CURSOR"


async def test_nobody_came_back_where_nothing_is_left(bank: Bank) -> None:
    assert await listed(bank, {"receivedFrom": "2031-01-01T00:00:00Z"}, 5) == []
