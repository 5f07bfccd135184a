"""Lists page by page: every order, both directions, and cursors of this list only."""

from typing import Any

import pytest

from graph.queries.complaints import Order
from tests.support.bank import Bank
from tests.support.graphql import ask, refused

pytestmark = pytest.mark.graph

PAGE = """
query ($filter: ComplaintFilter, $orderBy: ComplaintOrder,
       $first: Int, $after: String, $last: Int, $before: String) {
  complaints(filter: $filter, orderBy: $orderBy,
             first: $first, after: $after, last: $last, before: $before) {
    edges { cursor node { reference } } nodes { reference }
    pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } }
"""


async def page(bank: Bank, **arguments: Any) -> dict[str, Any]:
    found: dict[str, Any] = (await ask(bank.services, PAGE, **arguments))["complaints"]
    return found


async def everything(bank: Bank, order: str, filter_: Any = None) -> list[str]:
    found = await page(bank, orderBy=order, first=500, filter=filter_)
    return [node["reference"] for node in found["nodes"]]


@pytest.mark.parametrize("order", [order.name for order in Order])
async def test_pages_in_both_directions_are_the_list_cut_in_pieces(bank: Bank, order: str) -> None:
    expected = await everything(bank, order)
    assert len(expected) >= bank.size
    assert len(set(expected)) == len(expected)

    forward: list[str] = []
    after = None
    while True:
        found = await page(bank, orderBy=order, first=17, after=after)
        forward += [node["reference"] for node in found["nodes"]]
        assert found["pageInfo"]["hasPreviousPage"] is (after is not None)
        if not found["pageInfo"]["hasNextPage"]:
            break
        after = found["pageInfo"]["endCursor"]
    assert forward == expected

    backward: list[str] = []
    before = None
    while True:
        found = await page(bank, orderBy=order, last=13, before=before)
        backward = [node["reference"] for node in found["nodes"]] + backward
        assert found["pageInfo"]["hasNextPage"] is (before is not None)
        if not found["pageInfo"]["hasPreviousPage"]:
            break
        before = found["pageInfo"]["startCursor"]
    assert backward == expected


async def test_a_page_lies_between_two_cursors(bank: Bank) -> None:
    expected = await everything(bank, "RECEIVED_ASC")
    edges = (await page(bank, orderBy="RECEIVED_ASC", first=20))["edges"]

    arguments = {"after": edges[3]["cursor"], "before": edges[12]["cursor"]}
    inner = await page(bank, orderBy="RECEIVED_ASC", first=5, **arguments)
    assert [n["reference"] for n in inner["nodes"]] == expected[4:9]
    assert inner["pageInfo"]["hasNextPage"] is True
    inner = await page(bank, orderBy="RECEIVED_ASC", last=20, **arguments)
    assert [n["reference"] for n in inner["nodes"]] == expected[4:12]


async def test_descending_is_ascending_reversed(bank: Bank) -> None:
    for name in ("RECEIVED", "DUE", "AMOUNT", "LEVEL"):
        ascending = await everything(bank, f"{name}_ASC")
        assert await everything(bank, f"{name}_DESC") == ascending[::-1]


async def test_a_filtered_list_counts_what_it_lists(bank: Bank) -> None:
    query = """
    query ($filter: ComplaintFilter) { complaints(filter: $filter, first: 500) {
      totalCount nodes { channel level product { code } } } }
    """
    wanted = {"channels": ["APP"], "products": ["CARD"], "not": {"levels": ["RED"]}}
    found = (await ask(bank.services, query, filter=wanted))["complaints"]
    assert found["totalCount"] == len(found["nodes"]) > 0
    assert {node["channel"] for node in found["nodes"]} == {"APP"}
    assert "RED" not in {node["level"] for node in found["nodes"]}
    assert {node["product"]["code"] for node in found["nodes"]} <= {"CARD-FEE", "CARD-INST"}


async def test_the_default_is_twenty_newest_first(bank: Bank) -> None:
    found = await page(bank)
    assert len(found["nodes"]) == 20
    assert [n["reference"] for n in found["nodes"]] == (await everything(bank, "RECEIVED_DESC"))[
        :20
    ]


async def test_no_rows_may_be_asked_for(bank: Bank) -> None:
    found = await page(bank, first=0)
    assert found["nodes"] == []
    assert found["pageInfo"] == {
        "hasNextPage": True,
        "hasPreviousPage": False,
        "startCursor": None,
        "endCursor": None,
    }


@pytest.mark.parametrize(
    "arguments",
    [{"first": -1}, {"first": 501}, {"last": -1}, {"last": 501}, {"first": 1, "last": 1}],
)
async def test_too_much_or_nonsense_is_refused(bank: Bank, arguments: dict[str, int]) -> None:
    error = await refused(bank.services, PAGE, **arguments)
    assert error["extensions"]["code"] == "INVALID_INPUT"
    assert error["extensions"]["path"] in (["first"], ["last"])


@pytest.mark.parametrize("field", ["similar", "precedents"])
async def test_searches_give_at_most_a_hundred(bank: Bank, field: str) -> None:
    inner = f"{field}(first: $n) {{ score }}"
    query = f"query ($n: Int) {{ complaints(first: 1) {{ nodes {{ {inner} }} }} }}"
    for number in (101, -1):
        error = await refused(bank.services, query, n=number)
        assert error["extensions"] == {"code": "INVALID_INPUT", "path": ["first"]}
    data = await ask(bank.services, query, n=0)
    assert data["complaints"]["nodes"] == [{field: []}]


async def test_a_cursor_of_another_order_or_filter_is_refused(bank: Bank) -> None:
    cursor = (await page(bank, first=1, filter={"channels": ["APP"]}))["edges"][0]["cursor"]

    for arguments in (
        {"after": cursor},
        {"after": cursor, "filter": {"channels": ["PHONE"]}},
        {"before": cursor, "filter": {"channels": ["APP"]}, "orderBy": "DUE_ASC"},
    ):
        error = await refused(bank.services, PAGE, **arguments)
        assert error["extensions"]["code"] == "INVALID_CURSOR"
        assert "another order or filter" in error["message"]


async def test_a_cursor_holds_for_the_same_filter_however_it_is_written(bank: Bank) -> None:
    first = await page(
        bank,
        first=2,
        filter={"channels": ["APP", "PHONE"], "receivedFrom": "2026-01-01T00:00:00+08:00"},
    )
    again = await page(
        bank,
        first=2,
        after=first["pageInfo"]["endCursor"],
        filter={"channels": ["PHONE", "APP"], "receivedFrom": "2025-12-31T16:00:00Z"},
    )
    assert len(again["nodes"]) == 2
    assert not {n["reference"] for n in again["nodes"]} & {n["reference"] for n in first["nodes"]}


@pytest.mark.parametrize(
    "broken",
    ["", "x", "%%%", "a" * 10_000, "W10", "eyJhIjoxfQ", "ÿ", "WyJhIiwiYiIsIlx1ZDgwMCJd", "Q" * 7],
)
async def test_a_broken_cursor_is_refused_without_repeating_it(bank: Bank, broken: str) -> None:
    error = await refused(bank.services, PAGE, after=broken)
    assert error["extensions"] == {"code": "INVALID_CURSOR", "path": ["after"]}
    assert len(broken) < 3 or broken not in error["message"]
