"""Protocol rules: this machine only, bounded bodies, bounded time, one who answers for defects."""

import asyncio
from collections.abc import AsyncIterator

import httpx2
import pytest
import structlog
from starlette.responses import PlainTextResponse, StreamingResponse
from starlette.types import Message, Receive, Scope, Send

from api.console.room import as_page
from api.guard import Bounds, Guard
from api.logs import RequestLog, quiet_loop
from tests.support.http import client, code_of

SECRET = "13671530826"


async def echo(scope: Scope, receive: Receive, send: Send) -> None:
    """Answers with the length of the body."""
    size = 0
    while True:
        message = await receive()
        size += len(message.get("body", b""))
        if not message.get("more_body"):
            break
    await PlainTextResponse(str(size))(scope, receive, send)


def guarded(bounds: Bounds | None = None) -> httpx2.AsyncClient:
    return client(Guard(echo, frozenset({"bank.local"}), bounds or Bounds()))


@pytest.mark.parametrize(
    "host",
    ["127.0.0.1:8000", "127.0.0.1", "localhost:9", "LOCALHOST", "[::1]:8000", "bank.local:80"],
)
async def test_names_of_this_machine_are_answered(host: str) -> None:
    async with guarded() as asked:
        assert (await asked.get("/", headers={"host": host})).status_code == 200


@pytest.mark.parametrize(
    "host", ["evil.example", "127.0.0.1.evil.example", "10.0.0.1:8000", "", "[::1", "a@127.0.0.2"]
)
async def test_other_names_are_refused_with_a_reason(host: str) -> None:
    async with guarded() as asked:
        answer = await asked.get("/", headers={"host": host})
    assert answer.status_code == 403
    assert "ALLOWED_HOSTS" in answer.json()["errors"][0]["message"]


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "http://evil.example"},
        {"origin": "null"},
        {"origin": "http://127.0.0.1:3000"},
        {"origin": "["},
        {"origin": "http://[::1"},
        {"origin": "http://[not an address]"},
        {"sec-fetch-site": "cross-site", "sec-fetch-mode": "cors"},
        {"sec-fetch-site": "same-site"},
    ],
)
async def test_pages_from_elsewhere_may_not_ask(headers: dict[str, str]) -> None:
    async with guarded() as asked:
        answer = await asked.post("/", headers=headers)
    assert answer.status_code == 403
    assert code_of(answer) == "FORBIDDEN"


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"origin": "http://127.0.0.1:8000", "sec-fetch-site": "same-origin"},
        {"sec-fetch-site": "none", "sec-fetch-mode": "navigate"},
        {"sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate"},
    ],
)
async def test_our_own_pages_and_programs_may_ask(headers: dict[str, str]) -> None:
    async with guarded() as asked:
        assert (await asked.get("/", headers=headers)).status_code == 200


async def test_a_body_is_handed_on_whole() -> None:
    async with guarded(Bounds(body=10)) as asked:
        assert (await asked.post("/", content=b"x" * 10)).text == "10"


async def chunks() -> AsyncIterator[bytes]:
    for _ in range(6):
        yield b"xx"


async def test_a_body_is_bounded_whether_or_not_it_says_its_length() -> None:
    async with guarded(Bounds(body=11)) as asked:
        for content in (b"x" * 12, chunks()):
            answer = await asked.post("/", content=content)
            assert answer.status_code == 413
            assert code_of(answer) == "TOO_LARGE"


async def test_what_takes_too_long_is_ended() -> None:
    async def endless(scope: Scope, receive: Receive, send: Send) -> None:
        await asyncio.Event().wait()

    async with client(Guard(endless, frozenset(), Bounds(seconds=0.05))) as asked:
        answer = await asked.get("/")
    assert answer.status_code == 503
    assert code_of(answer) == "TIMEOUT"


async def test_people_get_a_page_of_what_takes_too_long() -> None:
    async def endless(scope: Scope, receive: Receive, send: Send) -> None:
        await asyncio.Event().wait()

    guard = Guard(endless, frozenset(), Bounds(seconds=0.05), shown=as_page)
    async with client(guard) as asked:
        people = {"Accept": "text/html", "Accept-Language": "zh-CN"}
        page = await asked.get("/insight", headers=people)
        answer = await asked.get("/insight", headers={"Accept": "application/json"})
    assert page.status_code == 503
    assert "查询超时" in page.text
    assert code_of(answer) == "TIMEOUT"


async def test_a_websocket_from_elsewhere_is_closed_before_it_opens() -> None:
    sent: list[Message] = []

    async def send(message: Message) -> None:
        sent.append(message)

    async def receive() -> Message:
        return {"type": "websocket.connect"}

    scope = {"type": "websocket", "path": "/graphql", "headers": [(b"host", b"evil.example")]}
    await Guard(echo, frozenset(), Bounds())(scope, receive, send)
    assert sent == [{"type": "websocket.close", "code": 1008}]


async def test_a_defect_is_answered_and_logged_without_its_message() -> None:
    async def broken(scope: Scope, receive: Receive, send: Send) -> None:
        raise ValueError(SECRET)

    with structlog.testing.capture_logs() as logs:
        async with client(RequestLog(broken, frozenset(), asyncio.Event())) as asked:
            answer = await asked.get("/")
    assert answer.status_code == 500
    assert code_of(answer) == "INTERNAL"
    assert SECRET not in answer.text + str(logs)
    assert [entry["event"] for entry in logs] == ["a request failed", "request"]
    assert logs[0]["error"] == "builtins.ValueError"


async def test_a_task_that_nobody_awaits_is_logged_without_its_message() -> None:
    async def broken() -> None:
        raise ValueError(SECRET)

    with structlog.testing.capture_logs() as logs, quiet_loop():
        asyncio.get_running_loop().call_exception_handler(
            {"message": SECRET, "exception": ValueError(SECRET)}
        )
    assert [entry["error"] for entry in logs] == ["builtins.ValueError"]
    assert SECRET not in str(logs)


async def test_a_stream_of_events_lasts_longer_than_an_answer() -> None:
    async def told() -> AsyncIterator[bytes]:
        for _ in range(3):
            yield b": still here\n\n"
            await asyncio.sleep(0.1)

    async def endless(scope: Scope, receive: Receive, send: Send) -> None:
        await StreamingResponse(told(), media_type="text/event-stream")(scope, receive, send)

    async with client(Guard(endless, frozenset(), Bounds(seconds=0.05))) as asked:
        assert (await asked.get("/")).text.count("still here") == 3
