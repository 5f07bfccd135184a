"""Answers of events: how they are written, and what ends them."""

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest
import structlog

from api.event_stream import EventStream, Work
from tests.support.http import client


async def test_an_event_of_several_lines_is_one() -> None:
    async def work(stream: EventStream) -> None:
        await stream.tell("notice", "<p>\n一</p>", "7")
        await stream.tell("position", "")

    async with client(EventStream(lambda stream: [work(stream)], 10)) as asked:
        answer = await asked.get("/")
    assert answer.headers["Content-Type"] == "text/event-stream; charset=utf-8"
    assert answer.headers["Cache-Control"] == "no-store, no-transform"
    assert "Content-Length" not in answer.headers
    _, told, then, rest = answer.text.split("\n\n")
    assert told == "event: notice\nid: 7\ndata: <p>\ndata: 一</p>"
    assert (then, rest) == ("event: position\ndata: ", "")


async def test_it_ends_with_the_first_work_that_is_done() -> None:
    ended: list[str] = []

    async def long() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            ended.append("long")

    async def short() -> None:
        await asyncio.sleep(0.01)

    def works(_: EventStream) -> Iterator[Work]:
        yield long()
        yield short()

    async with client(EventStream(works, 10)) as asked:
        assert (await asked.get("/")).status_code == 200
    assert ended == ["long"]


async def test_a_work_that_fails_fails_the_answer() -> None:
    async def wrong() -> None:
        raise ValueError("wrong")

    async with client(EventStream(lambda _: [wrong()], 10)) as asked:
        with pytest.raises(ValueError, match="wrong"):
            await asked.get("/")


async def test_whoever_reads_no_more_is_dropped() -> None:
    async def work(stream: EventStream) -> None:
        await stream.tell("position", "1")

    async def receive() -> dict[str, Any]:
        await asyncio.Event().wait()
        raise AssertionError

    async def send(message: Any) -> None:
        if b"position" in message.get("body", b""):
            await asyncio.Event().wait()

    with structlog.testing.capture_logs() as logs:
        async with asyncio.timeout(30):
            await EventStream(lambda stream: [work(stream)], 0.05)({}, receive, send)
    assert [entry["event"] for entry in logs] == ["a stream of events was not read"]
