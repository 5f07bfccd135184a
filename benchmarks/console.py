"""The console's pages: what one adds to its document, what a browser loads and paints, a list of
500 open cases under the hands, and many handlers at once.

The service answers on a real socket, in one process with those who ask: what they cost is in the
figures, which are upper bounds. A case's page and its document alone are asked for in turns that
chance decides, after a first time that does not count.
"""

import asyncio
import gzip
import re
import statistics
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Annotated, Any

import httpx
import typer
import uvicorn

from api.app import create_app
from api.console.asking import document
from api.services import Services, open_services
from api.settings import Neo4jSettings, Settings
from benchmarks.browsing import browsed
from graph.domain.enums import OPEN_STATUSES, CaseStatus
from ingest.demo import DemoOptions
from scripts.console import progress, result
from scripts.demo import load_demo

_PORT = 8791
_ORIGIN = f"http://127.0.0.1:{_PORT}"
_REFERENCES = """
MATCH (c:Complaint) WHERE c.narrative IS NOT NULL
RETURN c.reference AS reference ORDER BY c.id LIMIT $limit
"""
#: Open cases of the list that is scrolled.
_LISTED = 500
#: Makes so many open, for the list: it reads no more of a case than this.
_OPEN = """
MATCH (c:Complaint) WHERE c.status IN $open
WITH count(c) AS open
MATCH (c:Complaint) WHERE NOT c.status IN $open
WITH open, c ORDER BY c.receivedAt DESC, c.id
WITH open, collect(c) AS closed
UNWIND closed[..CASE WHEN open < $wanted THEN $wanted - open ELSE 0 END] AS c
SET c.status = $status
"""
_LINKED = re.compile(r'(?:src|href)="(/assets/[^"]+)"')


def main(
    size: Annotated[int, typer.Option(min=200, help="Complaints of the demo bank.")] = 6000,
    pairs: Annotated[int, typer.Option(min=10, help="Pairs of a page and its document.")] = 100,
    handlers: Annotated[int, typer.Option(min=1, help="Handlers at once.")] = 20,
    seconds: Annotated[float, typer.Option(min=1, help="How long they work.")] = 120.0,
    pause: Annotated[float, typer.Option(min=0, help="Seconds for which they read, mean.")] = 20.0,
    visits: Annotated[int, typer.Option(min=1, help="Visits of each page by a browser.")] = 10,
    json: Annotated[bool, typer.Option("--json", help="One JSON object.")] = False,
) -> None:
    """The console: a page against its document, a first load, paints, a long list, handlers."""

    async def work() -> dict[str, Any]:
        with TemporaryDirectory(prefix="complaint-graph-") as folder, progress(quiet=json) as shown:
            settings = Settings.load().model_copy(
                update={"home": Path(folder), "neo4j": Neo4jSettings()}
            )
            async with open_services(settings, shown) as services:
                await load_demo(services, shown, DemoOptions(size))
                async with (
                    _serving(services),
                    httpx.AsyncClient(base_url=_ORIGIN, timeout=120.0) as client,
                ):
                    rows = await services.database.read(_REFERENCES, limit=500)
                    references = [row["reference"] for row in rows]
                    figures = {
                        "case": await _against_its_document(client, references, pairs),
                        "firstLoad": await _first_load(client, references[0]),
                        "handlers": await _crowd(client, references, (handlers, pause), seconds),
                    }
                    pages = {
                        "desk": "/desk",
                        "case": f"/cases/{references[0]}",
                        "analysis": "/insight?by=PRODUCT",
                    }
                    # Last, as it changes the bank.
                    await services.database.run(
                        _OPEN,
                        open=sorted(OPEN_STATUSES),
                        wanted=_LISTED,
                        status=CaseStatus.INVESTIGATING.value,
                    )
                    seen = await browsed(_ORIGIN, pages, f"/desk?rows={_LISTED}", visits)
                    return {**figures, "browser": seen}

    result(asyncio.run(work()), as_json=json)


@asynccontextmanager
async def _serving(services: Services) -> AsyncIterator[None]:
    config = uvicorn.Config(
        create_app(services.settings, services), port=_PORT, log_config=None, access_log=False
    )
    server = uvicorn.Server(config)
    task = asyncio.create_task(server.serve())
    while not server.started:  # noqa: ASYNC110 - nothing announces it
        await asyncio.sleep(0.05)
    try:
        yield
    finally:
        server.should_exit = True
        await task


async def _against_its_document(
    client: httpx.AsyncClient, references: Sequence[str], pairs: int
) -> dict[str, float]:
    """p50 in milliseconds of both, their ratio, and when the page's first byte came."""
    random = Random(1)  # noqa: S311 - no secret
    pages: list[float] = []
    documents: list[float] = []
    firsts: list[float] = []
    query = document("case")

    async def page(reference: str) -> float:
        started = time.perf_counter()
        async with client.stream("GET", f"/cases/{reference}") as answer:
            firsts.append(time.perf_counter() - started)
            await answer.aread()
        answer.raise_for_status()
        return time.perf_counter() - started

    async def alone(reference: str) -> float:
        started = time.perf_counter()
        variables = {"reference": reference, "at": None}
        answer = await client.post("/graphql", json={"query": query, "variables": variables})
        assert "errors" not in answer.json(), answer.text
        return time.perf_counter() - started

    for reference in random.sample(references, min(pairs, len(references))):
        await alone(reference)
        turns = [(page, pages), (alone, documents)]
        random.shuffle(turns)
        for ask, taken in turns:
            taken.append(await ask(reference))
    of_page, of_document = statistics.median(pages), statistics.median(documents)
    return {
        "pageP50": round(of_page * 1000, 1),
        "documentP50": round(of_document * 1000, 1),
        "ratio": round(of_page / of_document, 3),
        "firstByteP50": round(statistics.median(firsts) * 1000, 1),
    }


async def _first_load(client: httpx.AsyncClient, reference: str) -> dict[str, int]:
    """Kilobytes over the line of a page and all that it loads, for an empty cache."""
    made = {}
    for address in (f"/cases/{reference}", "/desk?status=any", "/insight"):
        page = await client.get(address)
        total = len(gzip.compress(page.content))
        for asset in set(_LINKED.findall(page.text)):
            async with client.stream("GET", asset, headers={"Accept-Encoding": "gzip"}) as answer:
                total += len(b"".join([part async for part in answer.aiter_raw()]))
        made[address.partition("?")[0].split("/")[1]] = round(total / 1000)
    return made


async def _crowd(
    client: httpx.AsyncClient,
    references: Sequence[str],
    crowd: tuple[int, float],
    seconds: float,
) -> dict[str, Any]:
    """Handlers who open the list, then three cases, and read for a while after each page."""
    handlers, pause = crowd
    taken: dict[str, list[float]] = {"desk": [], "case": []}
    failed = 0
    end = time.perf_counter() + seconds

    async def handler(number: int) -> None:
        nonlocal failed
        random = Random(number)  # noqa: S311 - no secret
        statuses = "&".join(f"status={status}" for status in sorted(OPEN_STATUSES))
        await asyncio.sleep(random.random() * pause)
        while time.perf_counter() < end:
            for name, address in (
                ("desk", f"/desk?{statuses}"),
                *(("case", f"/cases/{random.choice(references)}") for _ in range(3)),
            ):
                started = time.perf_counter()
                answer = await client.get(address)
                taken[name].append(time.perf_counter() - started)
                failed += answer.status_code != 200
                await asyncio.sleep(random.expovariate(1 / pause) if pause else 0.0)

    await asyncio.gather(*(handler(number) for number in range(handlers)))
    figures: dict[str, Any] = {"handlers": handlers, "pause": pause, "failed": failed}
    for name, each in taken.items():
        figures[name] = {
            "count": len(each),
            "p50": round(statistics.median(each) * 1000),
            "p95": round(statistics.quantiles(each, n=20)[-1] * 1000),
        }
    return figures
