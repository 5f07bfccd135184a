"""What analysts ask, over GraphQL: figures open to their complaints, statements are counted."""

from typing import Any

import pytest

from tests.support.bank import Bank
from tests.support.graphql import ask, execute, refused, statements

pytestmark = pytest.mark.graph

_OPENED = """narrowing { products branches departments types rootCauses channels levels
  receivedFrom receivedTo duplicate }"""
_FIGURE = "{ value low high count }"
MEASURES = f"""query ($from: DateTime, $filter: ComplaintFilter) {{
  measures(from: $from, filter: $filter) {{ total waiting unsettled
    handlingDays {{ median {_FIGURE} mean {_FIGURE} p90 {_FIGURE} }}
    repeatRate {_FIGURE} firstTimeRight {_FIGURE} {_OPENED} }} }}"""
TREND = f"""query ($by: Facet, $first: Int, $from: DateTime) {{
  trend(groupBy: $by, interval: QUARTER, first: $first, from: $from) {{
    from to older series {{ key {{ code label en: label(language: EN) }} total compared
    points {{ start end day count complete perThousandOutlets perTenMillionCustomers {_OPENED} }}
    againstBefore {{ count before expected ratio low high probability verdict dispersion }}
    againstYearBefore {{ verdict }} }} }} }}"""
HOTSPOTS = f"""query ($from: DateTime) {{ hotspots(dimensions: [TYPE, BRANCH], from: $from) {{
  key {{ dimension code label }} reason en: reason(language: EN) count excess {_OPENED} }} }}"""
BRANCHES = f"""query ($from: DateTime, $first: Int) {{
  branchComparison(from: $from, depth: 1, first: $first) {{ key {{ code label }} total
    handlingDays {{ count value expected innerLow innerHigh verdict dispersion }}
    compensation {{ value {{ value currency }} verdict }} {_OPENED} }} }}"""
BOTTLENECKS = f"""query ($from: DateTime, $first: Int) {{
  bottlenecks(from: $from, first: $first) {{ key {{ code label }} {_OPENED}
    steps {{ status ended waiting medianDays {_FIGURE} p90Days {_FIGURE} overdue {_FIGURE} }}
  }} }}"""
CAUSES = f"""query ($from: DateTime, $filter: ComplaintFilter, $empty: Boolean) {{
  rootCauseTree(from: $from, filter: $filter, empty: $empty) {{ known unknown entries {{
    key {{ facet code label en: label(language: EN) }} parent depth direct total share {_FIGURE}
    {_OPENED} }} }} }}"""
EDGES = """query ($from: DateTime, $to: DateTime) {
  measures(from: $from, to: $to) { total }
  trend(interval: MONTH, from: $from, to: $to) { from }
  years: trend(interval: YEAR, from: $from, to: $to) { from }
  hotspots(dimensions: [TYPE, BRANCH], from: $from, to: $to) { __typename }
  branchComparison(from: $from, to: $to) { total }
  bottlenecks(from: $from, to: $to) { __typename }
  rootCauseTree(from: $from, to: $to) { known }
}"""
EVERY = (MEASURES, TREND, HOTSPOTS, BRANCHES, BOTTLENECKS)


async def opened(bank: Bank, narrowing: dict[str, Any]) -> int:
    """How many complaints a figure's fields find."""
    wanted = {key: value for key, value in narrowing.items() if value is not None}
    query = "query ($filter: ComplaintFilter) { complaints(filter: $filter) { totalCount } }"
    return int((await ask(bank.services, query, filter=wanted))["complaints"]["totalCount"])


async def test_measures_open_to_their_complaints(bank: Bank) -> None:
    found = (await ask(bank.services, MEASURES))["measures"]
    assert found["total"] == await opened(bank, found["narrowing"])
    assert found["handlingDays"]["median"]["low"] <= found["handlingDays"]["p90"]["value"]


@pytest.mark.parametrize(
    "facet", ["PRODUCT", "BRANCH", "DEPARTMENT", "TYPE", "CHANNEL", "ROOT_CAUSE", "LEVEL"]
)
async def test_every_point_of_a_trend_opens(bank: Bank, facet: str) -> None:
    found = (await ask(bank.services, TREND, by=facet))["trend"]["series"]
    assert found
    for series in found:
        assert series["key"]["label"]
        point = series["points"][0]
        if series["key"]["code"] is None:
            assert point["narrowing"] is None
        else:
            assert await opened(bank, point["narrowing"]) == point["count"]


async def test_outcomes_are_told_and_cannot_be_opened(bank: Bank) -> None:
    found = (await ask(bank.services, TREND, by="OUTCOME"))["trend"]["series"]
    assert {series["key"]["en"] for series in found} >= {"upheld", "not upheld", "not recorded"}
    assert {point["narrowing"] for series in found for point in series["points"]} == {None}


async def test_branches_and_bottlenecks_open(bank: Bank) -> None:
    branches = (await ask(bank.services, BRANCHES))["branchComparison"]
    steps = (await ask(bank.services, BOTTLENECKS))["bottlenecks"]
    assert {each["key"]["label"] for each in branches} == {"北京", "上海"}
    for each in branches:
        assert await opened(bank, each["narrowing"]) == each["total"]
    for each in steps:
        whole = each["steps"][0]
        total = await opened(bank, each["narrowing"])
        assert 0 < whole["ended"] + whole["waiting"] <= total


async def test_the_tree_of_causes_opens(bank: Bank) -> None:
    found = (await ask(bank.services, CAUSES))["rootCauseTree"]
    entries = {entry["key"]["code"]: entry for entry in found["entries"]}
    assert entries["UNTOLD"]["key"] == {
        "facet": "ROOT_CAUSE", "code": "UNTOLD", "label": "收费未告知", "en": "Fee not told",
    }  # fmt: skip
    assert found["known"] == sum(entry["total"] for entry in entries.values())
    for entry in entries.values():
        assert entry["direct"] == entry["total"] == await opened(bank, entry["narrowing"])
        assert entry["share"]["low"] < entry["share"]["value"] < entry["share"]["high"]


async def test_the_tree_of_nothing_is_empty(bank: Bank) -> None:
    wanted = {"amountFrom": "999999999"}
    found = await ask(bank.services, CAUSES, filter=wanted)
    assert found["rootCauseTree"] == {"known": 0, "unknown": 0, "entries": []}
    every = (await ask(bank.services, CAUSES, filter=wanted, empty=True))["rootCauseTree"]
    assert {(e["total"], e["share"]) for e in every["entries"]} == {(0, None)}


async def test_the_tree_costs_the_same_whatever_it_holds(bank: Bank) -> None:
    period = {"from": "2031-01-01"}
    costs = [
        statements(await execute(bank.services, CAUSES, **given))
        for given in ({}, {"empty": True}, {**period, "empty": True})
    ]
    assert costs == [3, 3, 3]


@pytest.mark.parametrize("query", EVERY)
async def test_a_future_period_has_nothing_to_tell(bank: Bank, query: str) -> None:
    variables = {"from": "2031-01-01"}
    answer = await ask(bank.services, query, **variables)
    (found,) = answer.values()
    assert not found or found["total"] == 0


@pytest.mark.parametrize("edge", ["1000-01-01T00:00:00Z", "9000-12-31T23:59:59Z"])
@pytest.mark.parametrize("name", ["from", "to"])
async def test_the_first_and_the_last_moment_are_answered(bank: Bank, name: str, edge: str) -> None:
    result = await execute(bank.services, EDGES, **{name: edge})
    codes = {error.formatted["extensions"]["code"] for error in result.errors or ()}
    # Too many buckets, at most.
    assert codes <= {"INVALID_INPUT"}


async def test_a_filter_that_matches_nothing_has_nothing_to_tell(bank: Bank) -> None:
    found = await ask(bank.services, MEASURES, filter={"amountFrom": "999999999"})
    assert found["measures"]["total"] == 0
    assert found["measures"]["handlingDays"] is found["measures"]["repeatRate"] is None


@pytest.mark.parametrize(("query", "least"), [(TREND, 7), (BRANCHES, 3), (BOTTLENECKS, 4)])
async def test_the_number_of_statements_is_constant(bank: Bank, query: str, least: int) -> None:
    costs = {
        statements(await execute(bank.services, query, first=first, by="BRANCH"))
        for first in (1, 50)
    }
    assert costs == {least}


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("{ hotspots(dimensions: [TYPE]) { count } }", "INVALID_INPUT"),
        ("{ trend(groupBy: BRANCH, depth: -1) { older } }", "INVALID_INPUT"),
        ("{ trend(first: 1000) { older } }", "INVALID_INPUT"),
        ('{ trend(interval: DAY, from: "1980-01-01") { older } }', "INVALID_INPUT"),
        ("{ rootCauseTree(depth: 99) { known } }", "INVALID_INPUT"),
        ('{ measures(from: "2026-02-01", to: "2026-01-01") { total } }', "INVALID_INPUT"),
        ('{ measures(filter: {branches: ["NOWHERE"]}) { total } }', "UNKNOWN_CODE"),
    ],
)
async def test_what_makes_no_sense_is_refused(bank: Bank, query: str, code: str) -> None:
    assert (await refused(bank.services, query))["extensions"]["code"] == code
