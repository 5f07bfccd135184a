"""A long start says how far it is: in the log where there is no terminal, and to whoever asks."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx2
from structlog.testing import capture_logs

from api.app import create_app
from api.services import Services
from api.settings import Settings
from scripts.console import Lines


def test_a_line_now_and_then() -> None:
    with capture_logs() as lines:
        report = Lines(seconds=0)
        report("load", 500, 1_500)
        report("link", 7, None)
    assert lines == [
        {"event": "progress", "log_level": "info", "task": "load", "done": 500, "total": 1_500},
        {"event": "progress", "log_level": "info", "task": "link", "done": 7, "total": None},
    ]


def test_what_is_short_says_nothing() -> None:
    with capture_logs() as lines:
        report = Lines()
        for done in range(1_000):
            report("load", done, 1_000)
    assert lines == []


async def test_whoever_asks_meanwhile_is_told(tmp_path: Path) -> None:
    far, begun = asyncio.Event(), asyncio.Event()
    seen: list[tuple[str, int, int | None]] = []

    @asynccontextmanager
    async def opening() -> AsyncIterator[Services]:
        progress = app.state.service.noting(lambda *step: seen.append(step))
        begun.set()
        await far.wait()
        progress("load", 1_200, 1_500)
        await asyncio.Event().wait()
        raise AssertionError
        yield

    app = create_app(Settings(home=tmp_path), opening=opening)
    transport = httpx2.ASGITransport(app)
    async with (
        app.router.lifespan_context(app),
        httpx2.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client,
    ):
        await begun.wait()
        sentence = "The service is still starting: try again in a moment."
        assert (await client.get("/health/ready")).json()["service"] == sentence
        far.set()
        while not seen:  # noqa: ASYNC110
            await asyncio.sleep(0.01)
        sentence += " It is at: load, 1,200 of 1,500."
        answer = await client.get("/health/ready")
        assert (answer.status_code, answer.json()["service"]) == (503, sentence)
        refused = await client.post("/graphql", json={"query": "{ __typename }"})
        assert (refused.status_code, refused.json()["errors"][0]["message"]) == (503, sentence)
        app.state.service.noting(lambda *_: None)("load", 1_500, 1_500)
        answer = await client.get("/health/ready")
        assert answer.json()["service"].endswith("moment. It has done: load.")


async def test_a_service_that_ends_says_so_and_lets_go_of_its_connections(tmp_path: Path) -> None:
    app = create_app(Settings(home=tmp_path))
    transport = httpx2.ASGITransport(app)
    async with httpx2.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client:
        assert "connection" not in (await client.get("/health/live")).headers
        app.state.service.ending.set()
        answer = await client.get("/health/ready")
        assert (answer.status_code, answer.headers["connection"]) == (503, "close")
        assert answer.json()["service"] == "The service is being stopped."
        assert (await client.get("/health/live")).status_code == 200


async def test_probes_that_find_all_well_are_no_lines_of_the_log(tmp_path: Path) -> None:
    app = create_app(Settings(home=tmp_path))
    transport = httpx2.ASGITransport(app)
    async with httpx2.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client:
        with capture_logs() as lines:
            assert (await client.get("/health/live")).status_code == 200
            assert (await client.get("/health/ready")).status_code == 503
            assert (await client.get("/nowhere")).status_code == 404
    told = [(line["path"], line["status"]) for line in lines if line["log_level"] == "info"]
    assert told == [("/health/ready", 503), ("other", 404)]


async def test_a_page_that_is_refused_is_told_in_the_log_without_its_origin(tmp_path: Path) -> None:
    transport = httpx2.ASGITransport(create_app(Settings(home=tmp_path)))
    async with httpx2.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client:
        with capture_logs() as lines:
            headers = {"Origin": "https://elsewhere.example"}
            assert (await client.get("/health/live", headers=headers)).status_code == 403
    (line,) = [line for line in lines if line["log_level"] == "warning"]
    assert "COMPLAINT_GRAPH_SERVER__ALLOWED_ORIGINS" in line["reason"]
    assert "elsewhere.example" not in str(lines)
