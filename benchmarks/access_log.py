"""What the access log costs: the same request of a case desk with and without it, pair by pair.

Both go through the whole service but the socket. Each pair asks for one case twice in turns that
chance decides, after a first time that does not count, so that both find the same warm caches.
"""

import asyncio
import json
import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Annotated, Any

import httpx
import typer

from api.app import create_app
from api.services import Services, access_sealer, open_services
from api.settings import Neo4jSettings, Settings
from graph.consistency.access_log import verify
from graph.domain.access_log import Access
from ingest.demo import DemoOptions
from schema.ids import NodeKind, global_id
from schema.recorder import Recorder
from scripts.console import out, progress, result
from scripts.demo import load_demo

#: What a handler's page of one case asks for.
DESK = """
query CaseDesk($id: ID!) { complaint(id: $id) {
  id reference subject narrative status level receivedAt dueAt assignee version
  type { code label } product { code label } branch { code label } customer { segment }
  course { round allowedSteps { step mutation } } events(first: 20) { nodes { kind at actor } }
  customerHistory { reference status } duplicates { reference } repeats { reference }
  similar(first: 10) { score complaint { reference subject } explanation { summary } }
  precedents(first: 10) { score complaint { reference } resolution { outcome remedy } }
  rootCauseCandidates { confidence rootCause { code label } }
  branchRecent(first: 10) { reference }
} }
"""
#: The least of it: one case without what stands beside it.
CASE = """
query Case($id: ID!) { complaint(id: $id) {
  id reference subject narrative status level receivedAt dueAt assignee version
  type { code label } product { code label } branch { code label } } }
"""
#: A worklist.
LIST = "query Worklist { complaints(first: 50) { nodes { id reference subject status dueAt } } }"
CLIENTS = 16
_IDS = "MATCH (c:Complaint) WHERE c.narrative IS NOT NULL RETURN c.id AS id ORDER BY c.id LIMIT 500"


class Unrecorded(Recorder):
    """Lets every answer leave at once."""

    async def record(self, access: Access) -> None:
        return


@dataclass(frozen=True, slots=True)
class Pair:
    """Seconds of one request with the log and without."""

    recorded: float
    plain: float


class Sides:
    """The service with the log and without, over one graph."""

    def __init__(self, services: Services) -> None:
        sealer = access_sealer(services.keyring)
        without = replace(services, recorder=Unrecorded(services.database, sealer))
        self.recorded, self.plain = (
            httpx.AsyncClient(
                transport=httpx.ASGITransport(app=create_app(each.settings, each)),
                base_url="http://127.0.0.1:8000",
                timeout=60.0,
            )
            for each in (services, without)
        )

    async def pair(self, random: Random, query: str, variables: dict[str, Any]) -> Pair:
        await _ask(self.plain, query, variables)
        turns = [self.recorded, self.plain]
        random.shuffle(turns)
        seconds = {id(turn): await _ask(turn, query, variables) for turn in turns}
        return Pair(seconds[id(self.recorded)], seconds[id(self.plain)])

    async def crowd(self, random: Random, ids: Sequence[str], each: int) -> Pair:
        """So many requests of each of sixteen clients at once, on one side and the other."""
        chosen = [[random.choice(ids) for _ in range(each)] for _ in range(CLIENTS)]
        turns = [self.recorded, self.plain]
        random.shuffle(turns)
        seconds = {id(turn): await _together(turn, chosen) for turn in turns}
        return Pair(seconds[id(self.recorded)], seconds[id(self.plain)])


async def _together(side: httpx.AsyncClient, chosen: Sequence[Sequence[str]]) -> float:
    async def client(ids: Sequence[str]) -> None:
        for identity in ids:
            await _ask(side, DESK, {"id": identity})

    started = time.perf_counter()
    await asyncio.gather(*(client(ids) for ids in chosen))
    return time.perf_counter() - started


async def _ask(side: httpx.AsyncClient, query: str, variables: dict[str, Any]) -> float:
    started = time.perf_counter()
    answer = await side.post("/graphql", json={"query": query, "variables": variables})
    seconds = time.perf_counter() - started
    body = json.loads(answer.content)
    assert "errors" not in body, body["errors"]
    return seconds


def main(
    size: Annotated[int, typer.Option(min=200, help="Complaints of the demo bank.")] = 2000,
    pairs: Annotated[int, typer.Option(min=10, help="Pairs of each request.")] = 200,
    rounds: Annotated[int, typer.Option(min=1, help="Rounds of sixteen clients at once.")] = 6,
    seed: Annotated[int, typer.Option(help="Of cases and turns.")] = 1,
    json: Annotated[bool, typer.Option("--json", help="One JSON object.")] = False,
) -> None:
    """The access log's part of a request: p50 and p95 with it and without, on the demo bank."""

    async def work() -> dict[str, Any]:
        with TemporaryDirectory(prefix="complaint-graph-") as folder, progress(quiet=json) as shown:
            settings = Settings.load().model_copy(
                update={"home": Path(folder), "neo4j": Neo4jSettings()}
            )
            async with open_services(settings, shown) as services:
                await load_demo(services, shown, DemoOptions(size))
                tell = None if json else _tell
                return await measure(services, pairs, rounds, Random(seed), tell)  # noqa: S311 - no secret

    facts = asyncio.run(work())
    if json:
        result(facts, as_json=True)


def _tell(name: str, figures: dict[str, Any]) -> None:
    out.print(f"{name:<18} {figures}")


async def measure(
    services: Services,
    pairs: int,
    rounds: int,
    random: Random,
    tell: Callable[[str, dict[str, Any]], None] | None = None,
) -> dict[str, Any]:
    """The figures of each request; ``tell``: called with those of each as soon as it has them."""
    rows = await services.database.read(_IDS)
    ids = [global_id(NodeKind.COMPLAINT, row["id"]) for row in rows]
    sides = Sides(services)
    facts: dict[str, Any] = {}

    def add(name: str, figures: dict[str, Any]) -> None:
        facts[name] = figures
        if tell is not None:
            tell(name, figures)

    async with sides.recorded, sides.plain:
        for name, query in {"case desk": DESK, "one case": CASE, "worklist": LIST}.items():
            made = []
            for number in range(pairs + 10):
                variables = {} if query is LIST else {"id": random.choice(ids)}
                pair = await sides.pair(random, query, variables)
                if number >= 10:
                    made.append(pair)
            add(name, _figures(made))
        crowds = [await sides.crowd(random, ids, 5) for _ in range(rounds + 1)][1:]
        add(f"{CLIENTS} at once", _figures(crowds))
    await services.recorder.close()
    verified = await verify(services.database, access_sealer(services.keyring))
    add("log", {"records": verified.records, "breaks": len(verified.breaks)})
    return facts


def _figures(pairs: Sequence[Pair]) -> dict[str, float]:
    recorded, plain = (
        sorted(getattr(pair, side) for pair in pairs) for side in ("recorded", "plain")
    )
    with_log, without = statistics.median(recorded), statistics.median(plain)
    return {
        "p50Milliseconds": round(with_log * 1000, 1),
        "p50Without": round(without * 1000, 1),
        "p50Ratio": round(with_log / without, 3),
        "p95Ratio": round(_p95(recorded) / _p95(plain), 3),
        "medianOfPairs": round(statistics.median(p.recorded / p.plain for p in pairs), 3),
        "addedMilliseconds": round(
            statistics.median(p.recorded - p.plain for p in pairs) * 1000, 1
        ),
    }


def _p95(times: Sequence[float]) -> float:
    return times[min(len(times) - 1, round(len(times) * 0.95))]
