"""The analysts' pages: the API's figures, what opens them, and files of them."""

import csv
import io
import json
import re
from collections.abc import AsyncIterator
from html import unescape
from typing import Any

import httpx2
import openpyxl
import pytest
import pytest_asyncio

from api.app import create_app
from graph.domain.access import Identity, Method, Reach, Role
from tests.support.bank import Bank
from tests.support.graphql import ask
from tests.support.http import client as http_client

pytestmark = pytest.mark.graph


def plots_of(page: str) -> list[dict[str, Any]]:
    """The data of a page's plots."""
    return [json.loads(unescape(found)) for found in re.findall(r"data-plot='([^']*)'", page)]


def rows_of(text: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text.decode("utf-8-sig"))))


async def listed(client: httpx2.AsyncClient, address: str) -> int:
    """How many cases the desk lists at an address."""
    page = await client.get(address)
    assert page.status_code == 200, address
    (count,) = re.findall(r"<p>(\d+) cases?</p>", page.text)
    return int(count)


@pytest_asyncio.fixture(loop_scope="session")
async def nobody(bank: Bank) -> AsyncIterator[httpx2.AsyncClient]:
    """An analyst who reaches no case."""
    access = bank.services.access
    somebody = Identity("fang", "Fang", frozenset({Role.ANALYST}), Reach(), Method.SESSION)
    token, _ = await access.sessions.begin(somebody, access.clock())
    asked = http_client(create_app(bank.services.settings, bank.services))
    asked.cookies.set("complaint-graph-session", token)
    asked.headers["Accept-Language"] = "en"
    async with asked:
        yield asked


async def test_measures_are_the_api_s_and_open_their_cases(
    client: httpx2.AsyncClient, bank: Bank
) -> None:
    page = await client.get("/insight?branch=BJ&from=2026-01-01&to=2026-03-31")
    assert page.status_code == 200
    query = """{ measures(filter: {branches: ["BJ"]}, from: "2026-01-01", to: "2026-04-01") {
      total handlingDays { median { value low high } } repeatRate { value } } }"""
    found = (await ask(bank.services, query))["measures"]
    assert 0 < found["total"] < bank.size
    link = re.search(r'<a href="([^"]+)">(\d+) complaints received</a>', page.text)
    assert link
    assert int(link[2]) == found["total"] == await listed(client, unescape(link[1]))
    median = found["handlingDays"]["median"]
    assert f'<p class="value">{median["value"]:.1f}</p>' in page.text
    assert f"95-per-cent interval {median['low']:.1f} – {median['high']:.1f}" in page.text
    # The last day counts, as people mean it.
    assert 'name="to" value="2026-03-31"' in page.text


@pytest.mark.parametrize("by", ["NONE", "BRANCH", "LEVEL", "CHANNEL", "PRODUCT"])
async def test_every_point_of_a_trend_opens_as_many_cases(
    client: httpx2.AsyncClient, by: str
) -> None:
    page = await client.get(f"/insight?by={by}&product=CARD")
    (plot,) = plots_of(page.text)
    points = [point for series in plot["series"] for point in series["points"]]
    assert points
    for point in points[:4]:
        assert await listed(client, point["open"]) == point["y"]
    assert [p["hollow"] for p in plot["series"][0]["points"]].count(True) <= 1


async def test_outcomes_are_told_and_say_that_they_are_hidden(client: httpx2.AsyncClient) -> None:
    page = await client.get("/insight?by=OUTCOME")
    (plot,) = plots_of(page.text)
    assert {point["open"] for series in plot["series"] for point in series["points"]} == {None}
    table = page.text.partition('id="h-trend"')[2].partition("</table>")[0]
    assert '<span class="small">hidden</span>' in table
    assert "/desk?" not in table


async def test_a_bottleneck_s_curve_is_the_api_s(client: httpx2.AsyncClient, bank: Bank) -> None:
    page = await client.get("/insight/bottlenecks")
    (plot,) = plots_of(page.text)
    query = "{ bottlenecks { key { label(language: EN) } steps { status curve { day share } } } }"
    groups = (await ask(bank.services, query))["bottlenecks"]
    expected = {
        group["key"]["label"]: [(0, 100)]
        + [(each["day"] + 1, each["share"] * 100) for each in group["steps"][0]["curve"]]
        for group in groups
        if group["steps"][0]["curve"]
    }
    drawn = {e["name"]: [(p["x"], p["y"]) for p in e["points"]] for e in plot["series"]}
    assert drawn == expected
    assert len(drawn) == 2
    for series in plot["series"]:
        heights = [point["y"] for point in series["points"]]
        assert heights == sorted(heights, reverse=True)
        assert await listed(client, series["open"]) > 0
    asked = await client.get("/insight/bottlenecks?step=REVIEW_REQUESTED&by=BRANCH")
    assert "Nothing is known of this step here." in asked.text


@pytest.mark.parametrize("figure", ["handlingDays", "compensation", "escalation"])
async def test_a_branch_stands_in_its_funnel(client: httpx2.AsyncClient, figure: str) -> None:
    page = await client.get(f"/insight/branches?figure={figure}")
    (plot,) = plots_of(page.text)
    file = await client.get(f"/insight/branches?figure={figure}&format=csv&table=branches-{figure}")
    rows = rows_of(file.content)
    assert {row["Branch"] for row in rows} == {"Beijing", "Shanghai"}
    for point in plot["points"]:
        row = next(row for row in rows if row["Branch"] == point["name"])
        value, expected = (float(each) for each in list(row.values())[2:4])
        assert point["y"] == pytest.approx(value / expected)
        assert await listed(client, point["open"]) > 0
    assert bool(plot["points"]) == any(row["Of alike cases"] not in ("", "0.0") for row in rows)


async def test_a_hotspot_is_told_in_a_sentence_and_opens_its_cases(
    client: httpx2.AsyncClient, bank: Bank
) -> None:
    page = await client.get("/insight/hotspots?by=ROOT_CAUSE,BRANCH")
    query = "{ hotspots(dimensions: [ROOT_CAUSE, BRANCH]) { reason(language: EN) count } }"
    found = (await ask(bank.services, query))["hotspots"]
    told = re.findall(r'<li>([^<]+) <a href="([^"]+)">Open (\d+)', page.text)
    assert [unescape(reason) for reason, _, _ in told] == [each["reason"] for each in found]
    for _, address, count in told:
        assert await listed(client, unescape(address)) == int(count)
    if not found:
        assert "No combination stands out beyond chance." in page.text


async def test_tables_come_as_files_with_the_figures_of_the_page(
    client: httpx2.AsyncClient,
) -> None:
    page = await client.get("/insight?by=BRANCH&interval=QUARTER")
    (plot,) = plots_of(page.text)
    links = [unescape(each) for each in re.findall(r'href="([^"]+)" download', page.text)]
    address = next(each for each in links if "format=csv&table=trend" in each)
    file = await client.get(address)
    assert file.headers["content-disposition"] == 'attachment; filename="trend.csv"'
    counts = [int(row["Complaints"]) for row in rows_of(file.content)]
    assert counts == [point["y"] for series in plot["series"] for point in series["points"]]
    sheet = await client.get(address.replace("format=csv", "format=xlsx"))
    book = openpyxl.load_workbook(io.BytesIO(sheet.content))
    heading, *lines = list(book["trend"].values)
    assert heading[:3] == ("Group", "Period from", "Complaints")
    assert [line[2] for line in lines] == counts
    for link in links:
        assert (await client.get(link)).status_code == 200


async def test_a_page_gives_its_query_which_any_client_may_send(
    client: httpx2.AsyncClient,
) -> None:
    page = await client.get("/insight/hotspots?branch=SH&format=graphql")
    assert page.headers["content-type"].startswith("text/plain")
    text, _, given = page.text.partition("# Variables:")
    variables = json.loads("".join(line.lstrip("# ") for line in given.splitlines()))
    assert variables["filter"] == {"branches": ["SH"]}
    answer = await client.post("/graphql", json={"query": text, "variables": variables})
    assert answer.json().get("errors") is None
    assert answer.json()["data"]["hotspots"] is not None


@pytest.mark.parametrize(
    "address",
    [
        "/insight?from=yesterday&to=9999-12-31&interval=HOUR&by=password",
        "/insight/hotspots?by=PRODUCT,PRODUCT",
        "/insight/branches?figure=__class__&format=exe&table=x",
        "/insight/bottlenecks?step=%3Cscript%3E&by=OUTCOME",
    ],
)
async def test_unknown_values_of_an_address_are_left_out(
    client: httpx2.AsyncClient, address: str
) -> None:
    page = await client.get(address)
    assert page.status_code == 200
    assert "<script>" not in page.text
    assert "yesterday" not in page.text


async def test_what_is_no_branch_is_told(client: httpx2.AsyncClient) -> None:
    page = await client.get("/insight?branch=%3Cb%3E%22'")
    assert page.status_code == 400
    assert "<b>" not in page.text


async def test_who_reaches_no_case_sees_the_bank_s_counts_alone(
    nobody: httpx2.AsyncClient,
) -> None:
    page = await nobody.get("/insight")
    assert "Within your reach no complaint was received" in page.text
    (plot,) = plots_of(page.text)
    points = plot["series"][0]["points"]
    assert sum(point["y"] or 0 for point in points) > 0
    assert {point["open"] for point in points} == {None}
    assert "/desk?" not in page.text
    for address in ("/alerts", "/issues", "/remediations", "/clusters"):
        refused = await nobody.get(address)
        assert refused.status_code == 200
        assert "for those who reach the whole bank" in refused.text


async def test_the_whole_bank_stands_once_on_the_page_of_who_reaches_it(
    client: httpx2.AsyncClient,
) -> None:
    assert 'id="h-bank"' not in (await client.get("/insight")).text


async def test_the_desk_shows_what_it_is_narrowed_to_and_leaves_it_out(
    client: httpx2.AsyncClient,
) -> None:
    address = "/desk?status=any&branches=BJ&duplicate=false&receivedFrom=2026-01-01T00:00:00Z"
    page = await client.get(address)
    narrowed = page.text.partition("Narrowed to")[2].partition("</ul>")[0]
    assert "Branch: Beijing" in narrowed
    assert "Filed again: no" in narrowed
    links = [unescape(link) for link in re.findall(r'href="([^"]+)"', narrowed)]
    assert len(links) == 4
    assert await listed(client, links[0]) > await listed(client, address)
    assert all("branches" in link for link in links[1:])
    assert "branches" not in links[0]


async def test_a_formula_in_a_name_is_none_in_a_file() -> None:
    from api.console.tables import Column, Row, Table, _csv

    table = Table("t", [Column("Group")], [Row(("=1+1",)), Row(("plain",)), Row((-1.5,))])
    body, _ = _csv(table, str)
    assert body.decode("utf-8-sig").split() == ["Group", "'=1+1", "plain", "-1.5"]
