"""Clusters as pages: what is in the list and in one of them opens its cases."""

import re
from datetime import UTC, datetime
from html import unescape

import httpx2
import pytest

from similarity.clusters import refit
from tests.api.console.test_insight import listed, plots_of, rows_of
from tests.support.bank import Bank
from tests.support.graphql import ask

pytestmark = pytest.mark.graph


async def test_a_cluster_opens_its_cases_its_months_and_its_drivers(
    client: httpx2.AsyncClient, bank: Bank
) -> None:
    services = bank.services
    await refit(services.database, services.book.active.space, datetime.now(UTC))
    found = (await ask(services, "{ clusters { nodes { id label size } } }"))["clusters"]["nodes"]
    assert found
    page = await client.get("/clusters")
    links = dict(re.findall(r'<a href="(/clusters/[^"?]+)">([^<]+)</a>', page.text))
    assert [unescape(label) for label in links.values()] == [each["label"] for each in found]
    file = await client.get("/clusters?format=csv&table=clusters")
    assert [int(row["Complaints"]) for row in rows_of(file.content)] == [
        each["size"] for each in found
    ]
    one = await client.get(next(iter(links)))
    opens = re.search(r'<a href="(/desk[^"]+)">(\d+) complaints?</a>', one.text)
    assert opens
    assert await listed(client, unescape(opens[1])) == int(opens[2]) == found[0]["size"]
    months, *drivers = plots_of(one.text)
    points = months["series"][0]["points"]
    assert sum(point["y"] for point in points) == found[0]["size"]
    for point in points[:2]:
        assert await listed(client, point["open"]) == point["y"]
    rows = rows_of((await client.get(f"{next(iter(links))}?format=csv&table=drivers")).content)
    drawn = [row for plot in drivers for row in plot["rows"]]
    assert [row["name"] for row in drawn] == [f"{row['What']} · {row['Value']}" for row in rows]
    for mark, row in zip(drawn, rows, strict=True):
        if mark["open"]:
            assert await listed(client, mark["open"]) == int(row["Complaints"])
