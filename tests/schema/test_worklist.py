"""A list tells how many there are of each status, level and assignee, within reach and filter."""

from collections import Counter
from typing import Any

import pytest

from graph.domain.access import Identity, Reach, Role
from graph.domain.enums import CaseStatus, Level
from tests.support.bank import Bank
from tests.support.graphql import ask, execute, refused, statements

pytestmark = pytest.mark.graph

BEIJING = Identity("ann", "Ann", frozenset({Role.HANDLER}), Reach(branches=("BJ",)))
COUNTED = """
query ($f: ComplaintFilter) { complaints(filter: $f, first: 500) {
  totalCount byStatus { status count } byLevel { level count }
  byAssignee(first: 100) { assignee count } nodes { status level assignee } } }
"""


@pytest.mark.parametrize("identity", [None, BEIJING], ids=["everything", "a branch"])
@pytest.mark.parametrize(
    "wanted",
    [None, {"levels": ["RED", "YELLOW"]}, {"unassigned": True}, {"not": {"unassigned": True}}],
    ids=str,
)
async def test_counts_are_those_of_the_list(
    bank: Bank, identity: Identity | None, wanted: dict[str, Any] | None
) -> None:
    asking = {} if identity is None else {"identity": identity}
    result = await execute(bank.services, COUNTED, f=wanted, **asking)
    assert not result.errors
    assert result.data
    page = result.data["complaints"]
    nodes = page["nodes"]
    assert page["totalCount"] == len(nodes)
    assert nodes or wanted == {"unassigned": True}
    statuses, levels, people = (
        Counter(node[name] for node in nodes) for name in ("status", "level", "assignee")
    )
    assert page["byStatus"] == [{"status": str(s), "count": statuses[str(s)]} for s in CaseStatus]
    assert page["byLevel"] == [{"level": str(v), "count": levels[str(v)]} for v in Level]
    assert {one["assignee"]: one["count"] for one in page["byAssignee"]} == dict(people)
    totals = [one["count"] for one in page["byAssignee"]]
    assert totals == sorted(totals, reverse=True)


async def test_each_is_one_statement_and_only_if_asked_for(bank: Bank) -> None:
    plain = await execute(bank.services, "{ complaints { nodes { id } } }")
    more = await execute(
        bank.services,
        "{ complaints { nodes { id } byStatus { count } byLevel { count } byAssignee { count } } }",
    )
    assert statements(more) == statements(plain) + 3


async def test_the_busiest_come_first_and_not_all_need_come(bank: Bank) -> None:
    query = "query ($n: Int) { complaints { byAssignee(first: $n) { assignee count } } }"
    every = (await ask(bank.services, query, n=100))["complaints"]["byAssignee"]
    first = (await ask(bank.services, query, n=1))["complaints"]["byAssignee"]
    assert first == every[:1]
    error = await refused(bank.services, query, n=101)
    assert error["extensions"] == {"code": "INVALID_INPUT", "path": ["first"]}
