"""`serve --workers` as its own processes over the session's engine, and clients that load it."""

import asyncio
import re
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx2

from benchmarks.load import service
from benchmarks.load.service import Workers
from graph.embedded import Connection
from tests.support.graph import KEYRING

__all__ = ["Workers", "ask", "loaded", "number_in", "started"]

REGISTER = """
mutation ($input: RegisterComplaintInput!) { registerComplaint(input: $input) {
  complaint { id } errors { code message } } }
"""
NEWEST = "{ complaints(first: 5) { nodes { id narrative } } }"


@contextmanager
def started(engine: Connection, home: Path, *arguments: str, **variables: str) -> Iterator[Workers]:
    settings = {
        "HOME": str(home),
        "NEO4J__URI": engine.uri,
        "NEO4J__USER": engine.user,
        "NEO4J__PASSWORD": engine.password,
        "NEO4J__READ_SECONDS": "300",
        "PRIVACY__KEY": KEYRING.key.hex(),
        **variables,
    }
    with service.started(home, settings, *arguments) as workers:
        yield workers


@dataclass
class Load:
    """``confirmed``: by the number that its text bears, the id that was answered; ``failures``: of
    requests that were not repeated.
    """

    confirmed: dict[int, str] = field(default_factory=dict)
    failures: list[str] = field(default_factory=list)
    answered: int = 0


@asynccontextmanager
async def loaded(
    workers: Workers, *, clients: int, patient: bool, begin: int = 0
) -> AsyncIterator[Load]:
    """Clients who register and read for as long as the block lasts.

    ``patient``: what fails is asked again under the same key, as after a process has been killed;
    ``begin``: the number of the first case.
    """
    load, ending = Load(), asyncio.Event()

    async def client(number: int) -> None:
        async with httpx2.AsyncClient(base_url=workers.url, timeout=300) as asked:
            turn = 0
            while not ending.is_set():
                turn += 1
                own = begin + turn * clients + number
                text = f"第{own}号：信用卡分期手续费没有提前告知，要求退还费用{own * 7}元"
                given = {"narrative": text, "idempotencyKey": str(uuid4())}
                data = await ask(asked, load, REGISTER, patient, input=given)
                if data is not None:
                    assert data["registerComplaint"]["errors"] == [], data
                    load.confirmed[own] = data["registerComplaint"]["complaint"]["id"]
                await ask(asked, load, NEWEST, patient)
                # Some wait for so long that the connection is idle, others hardly.
                await asyncio.sleep(0.02 if number % 2 else 0.9)

    tasks = [asyncio.create_task(client(number)) for number in range(clients)]
    try:
        yield load
    finally:
        ending.set()
        await asyncio.gather(*tasks)


async def ask(
    client: httpx2.AsyncClient, load: Load, query: str, patient: bool, **variables: Any
) -> dict[str, Any] | None:
    while True:
        try:
            answer = await client.post("/graphql", json={"query": query, "variables": variables})
            answer.raise_for_status()
            body = answer.json()
            if body.get("errors"):
                raise ValueError(body["errors"])
        except (httpx2.HTTPError, ValueError) as error:
            if not patient:
                load.failures.append(f"{type(error).__name__}: {error}")
                return None
            await asyncio.sleep(0.2)
        else:
            load.answered += 1
            data: dict[str, Any] = body["data"]
            return data


def number_in(text: str) -> int:
    match = re.match(r"第(\d+)号", text)
    assert match, text
    return int(match[1])
