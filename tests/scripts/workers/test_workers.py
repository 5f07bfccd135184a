"""A service of several processes: nobody notices when they are renewed, and nothing that was
answered is lost when they are killed.
"""

import asyncio
import signal
from collections import Counter
from collections.abc import AsyncIterator
from importlib import resources
from pathlib import Path
from random import Random

import httpx2
import pytest
import pytest_asyncio
from websockets.exceptions import ConnectionClosedError

from benchmarks.load.day import Day, bank_of, working
from benchmarks.load.ledger import Ledger, missing
from graph.commands.catalogue import ensure_catalogue
from graph.commands.waiting import Work, waiting_count
from graph.consistency import check
from graph.database import Database
from graph.embedded import Connection
from graph.migrations.runner import migrate
from schema.ids import NodeKind, key_of
from tests.support.bank import BEIJING, CARD, CARDS, CREDIT, FEE, HAIDIAN, HEAD, SHANGHAI
from tests.support.files import rows
from tests.support.graph import KEYRING, wipe
from tests.support.live import Client
from tests.support.workers import NEWEST, Workers, loaded, number_in, started

pytestmark = pytest.mark.graph

SERVE = "all processes serve"
TAKEN_OVER = "new processes have taken over"
NEW = "subscription ($after: Position) { newComplaints(after: $after) { position complaintId } }"
SEARCH = "query ($text: String!) { searchComplaints(text: $text, first: 3) { score } }"
STORED = "CYPHER 25 MATCH (c:Complaint) RETURN c.id AS id, c.narrative AS text"


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def graph(neo4j_engine: Connection) -> AsyncIterator[Database]:
    """Empty at the beginning."""
    async with Database.open(
        neo4j_engine.uri, neo4j_engine.user, neo4j_engine.password
    ) as database:
        await migrate(database)
        await wipe(database)
        yield database


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def workers(
    neo4j_engine: Connection, graph: Database, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Workers]:
    with started(neo4j_engine, tmp_path_factory.mktemp("workers"), "--workers", "2") as own:
        await own.until(lambda: own.said(SERVE) == 1)
        yield own


async def test_one_encodes_two_answer_and_one_of_them_works_for_all(workers: Workers) -> None:
    assert len(workers.children()) == 3
    assert workers.said("this process does the background work") == 1
    async with httpx2.AsyncClient(base_url=workers.url, timeout=300) as client:
        for _ in range(4):
            answer = await client.get("/health/ready", headers={"Connection": "close"})
            assert answer.status_code == 200, answer.text


async def test_a_new_generation_takes_over_without_a_failed_request(
    workers: Workers, graph: Database
) -> None:
    before = {each.pid for each in workers.all()}
    seen: list[tuple[int, str]] = []
    closed: list[int] = []

    async def subscriber() -> None:
        """Comes again with its position, as often as it is sent away."""
        after = None
        while True:
            try:
                async with Client.connected(f"ws://127.0.0.1:{workers.port}/graphql") as client:
                    await client.subscribe(NEW, after=after)
                    while True:
                        data = (await client.hear())["payload"]["data"]["newComplaints"]
                        after = data["position"]
                        seen.append((int(after), data["complaintId"]))
            except ConnectionClosedError as error:
                closed.append(error.rcvd.code if error.rcvd else 0)

    subscribing = asyncio.create_task(subscriber())
    async with loaded(workers, clients=16, patient=False) as load:
        await workers.until(lambda: len(seen) >= 5)
        workers.process.send_signal(signal.SIGHUP)
        await workers.until(lambda: workers.said(TAKEN_OVER) == 1)
        await workers.until(lambda: not before & {each.pid for each in workers.all()})
        far = len(load.confirmed)
        await workers.until(lambda: len(load.confirmed) >= far + 10)
    assert load.failures == []
    await workers.until(lambda: {i for _, i in seen} >= set(load.confirmed.values()))
    subscribing.cancel()
    await asyncio.gather(subscribing, return_exceptions=True)
    # 1012: the service restarts.
    assert set(closed) == {1012}
    assert seen == sorted(set(seen))
    await whole(graph, load.confirmed)


async def test_what_was_answered_outlives_whatever_is_killed(
    workers: Workers, graph: Database
) -> None:
    chance = Random(11)
    async with loaded(workers, clients=16, patient=True, begin=100_000) as load:
        for kind in ("worker", "encoder", "worker", "generation", "encoder"):
            far = len(load.confirmed)
            await workers.until(lambda: len(load.confirmed) >= far + 6)  # noqa: B023
            # What was killed before has its successor.
            await workers.until(lambda: len(workers.children()) == 3)
            await asyncio.sleep(chance.random())
            encoder, *serving = workers.children()
            dead = {
                "worker": chance.choice(serving),
                "encoder": encoder,
                "generation": workers.generation(),
            }[kind]
            dead.kill()
            await workers.until(lambda: not dead.is_running())  # noqa: B023
        far = len(load.confirmed)
        await workers.until(lambda: len(load.confirmed) >= far + 10)
        await workers.until(lambda: len(workers.children()) == 3)
    await whole(graph, load.confirmed)


async def test_a_days_load_loses_nothing_and_what_is_missing_is_told(
    workers: Workers, graph: Database
) -> None:
    await ensure_catalogue(graph, [HEAD, BEIJING, HAIDIAN, SHANGHAI, CARDS, CREDIT, CARD, FEE])
    day = Day(handlers=4, analysts=1, senders=1, reading=0.2, workers=2, kills=0, full=0, seed=3)
    ledger = Ledger()
    async with working(workers, await bank_of(graph, KEYRING, day), day, ledger):
        await workers.until(
            lambda: len(ledger.registered) >= 8 and len(ledger.notes) >= 8 and bool(ledger.rows)
        )
    figures = ledger.summary(1.0)
    assert figures["failures"] == {}
    assert {"case", "desk", "find", "import done", "register", "step"} <= figures["kinds"].keys()
    assert not any((await missing(graph, ledger)).values())

    lost, twice = list(ledger.registered.values())[:2]
    await graph.run("MATCH (c:Complaint {id: $id}) SET c.narrative = ''", id=lost)
    await graph.run(
        "MATCH (c:Complaint {id: $id}) CREATE (:Complaint {id: 'twice', narrative: c.narrative})",
        id=twice,
    )
    await graph.run(
        "MATCH (t:TextVersion) WHERE t.note CONTAINS '〔' WITH t LIMIT 1 SET t.note = ''"
    )
    await graph.run(
        "MATCH (c:Complaint {sourceSystem: $system}) WITH c LIMIT 1 SET c.sourceSystem = 'x'",
        system=next(iter(ledger.rows)),
    )
    assert await missing(graph, ledger) == {
        "registrationsLost": 1,
        "registrationsDoubled": 1,
        "stepsLost": 1,
        "stepsDoubled": 0,
        "rowsLost": 1,
        "rowsDoubled": 0,
    }
    await wipe(graph)


async def test_who_still_answers_can_encode_when_whoever_began_all_has_died(
    workers: Workers, graph: Database
) -> None:
    encoder, *serving = workers.children()
    async with httpx2.AsyncClient(base_url=workers.url, timeout=300) as client:
        # A connection to one that is about to end.
        assert (await client.post("/graphql", json={"query": NEWEST})).status_code == 200
        dead = workers.generation()
        dead.kill()
        await workers.until(lambda: not dead.is_running())
        encoder.terminate()  # as it is by itself a moment later
        text = "一个进程被杀死以后，还在处理的请求也要有向量"
        answer = await client.post("/graphql", json={"query": SEARCH, "variables": {"text": text}})
        assert answer.json()["data"]["searchComplaints"] is not None, answer.text
    await workers.until(lambda: not any(each.is_running() for each in (encoder, *serving)))
    await workers.until(lambda: len(workers.children()) == 3)


async def test_new_processes_that_cannot_start_leave_the_old_ones(
    neo4j_engine: Connection, graph: Database, tmp_path: Path
) -> None:
    rules = tmp_path / "rules.toml"
    rules.write_bytes((resources.files("ingest.escalation") / "rules.toml").read_bytes())
    with started(neo4j_engine, tmp_path / "home", "--workers", "2", DESK__RULES=str(rules)) as own:
        await own.until(lambda: own.said(SERVE) == 1)
        before = {each.pid for each in own.children()}
        rules.write_text("no rules at all", "utf-8")
        own.process.send_signal(signal.SIGHUP)
        await own.until(lambda: own.said("the old ones go on") == 1)
        assert {each.pid for each in own.children()} == before
        async with httpx2.AsyncClient(base_url=own.url, timeout=300) as client:
            assert (await client.post("/graphql", json={"query": NEWEST})).status_code == 200


async def test_a_first_start_that_fails_says_why_and_ends(
    neo4j_engine: Connection, tmp_path: Path
) -> None:
    with started(neo4j_engine, tmp_path, "--workers", "2", NEO4J__PASSWORD="wrong") as own:
        assert own.process.wait(120) == 1
        assert own.said("Neo4j refused the user or password") == 1
        assert own.said("Traceback") == 0


async def test_a_file_is_looked_at_and_imported_whoever_answers(
    workers: Workers, graph: Database
) -> None:
    table = rows(range(5)).encode()

    async def asked(method: str, path: str, **others: object) -> httpx2.Response:
        """Each time by a connection of its own, which any process may take."""
        async with httpx2.AsyncClient(base_url=workers.url, timeout=300) as client:
            return await client.request(method, path, **others)  # type: ignore[arg-type]

    sent = await asked("POST", "/imports/check", files={"file": ("forwarded.csv", table)})
    assert sent.status_code == 303, sent.text
    path = sent.headers["location"]
    statuses = Counter(
        answer.status_code
        for answer in await asyncio.gather(*(asked("GET", path) for _ in range(24)))
    )
    assert statuses == {200: 24}
    held = await asked("GET", path.replace(path.split("/")[-1].split(".")[0], "0-1"))
    assert held.status_code == 404
    stored = await asked("POST", path)
    assert stored.status_code == 303, stored.text
    count = "MATCH (c:Complaint {sourceSystem: 'forwarded'}) RETURN count(*) AS many"
    while (await graph.read(count))[0]["many"] < 5:  # noqa: ASYNC110
        await asyncio.sleep(0.1)


async def test_nobody_is_left_when_the_supervisor_is_killed(
    neo4j_engine: Connection, graph: Database, tmp_path: Path
) -> None:
    with started(neo4j_engine, tmp_path, "--workers", "2") as own:
        await own.until(lambda: own.said(SERVE) == 1)
        everybody = own.all()
        assert len(everybody) == 4
        encoder, *_ = own.children()
        (folder,) = {Path(one.laddr).parent for one in encoder.net_connections("unix") if one.laddr}
        assert folder.exists()
        own.process.kill()
        own.process.wait()
        while any(each.is_running() for each in everybody):  # noqa: ASYNC110
            await asyncio.sleep(0.1)
        assert not folder.exists()


async def whole(graph: Database, confirmed: dict[int, str]) -> None:
    """Each confirmed case is there once, under the id that was answered, and nothing disagrees."""
    stored = await graph.read(STORED)
    numbered = Counter(number_in(row["text"]) for row in stored if row["text"].startswith("第"))
    assert max(numbered.values()) == 1
    ids = {number_in(row["text"]): row["id"] for row in stored if row["text"].startswith("第")}
    assert {n: key_of(i, NodeKind.COMPLAINT) for n, i in confirmed.items()}.items() <= ids.items()
    # What a process that was killed had claimed is done by another one once the claim has ended.
    for work in Work:
        while await waiting_count(graph, work, most=1):  # noqa: ASYNC110
            await asyncio.sleep(0.2)
    report = await check(graph)
    assert report.clean, report.examples
