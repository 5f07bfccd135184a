"""Files by HTTP: taken, imported as a job, refused; nothing of them stays."""

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx2
import pytest
import pytest_asyncio

from graph.commands.leases import lease
from graph.domain.access import Role
from graph.domain.jobs import JobKind, JobState, NewJob, Result
from graph.errors import UnavailableError
from graph.queries import jobs as queries
from ingest import importer
from ingest.importer import Importer
from ingest.jobs import Reporter, importing, uploads
from ingest.jobs.uploads import Held, Upload, Uploads
from ingest.masking import Masker
from schema.ids import NodeKind, key_of
from tests.api.console.visitors import signed_in
from tests.support.bank import Bank
from tests.support.files import PHONE, file, rows
from tests.support.graph import KEYRING
from tests.support.graphql import ask
from tests.support.http import code_of, service

pytestmark = pytest.mark.graph

JOB = """query ($id: ID!) { job(id: $id) { state title phase done error report {
  rows created updated unchanged rejected warnings notes
  problems { rejected field reason count line } } } }"""
COUNT = "MATCH (c:Complaint) WHERE c.sourceSystem = $system RETURN count(*) AS many"
SILENT = "MATCH (j:Job) SET j.heartbeatAt = datetime() - duration('PT61S')"


@pytest_asyncio.fixture(loop_scope="session")
async def client(bank: Bank) -> AsyncIterator[httpx2.AsyncClient]:
    async with service(bank) as asked:
        yield asked


async def post(
    client: httpx2.AsyncClient, sent: tuple[str, bytes], **others: Any
) -> httpx2.Response:
    return await client.post("/imports", files={"file": sent, **others})


async def ended(bank: Bank, answer: httpx2.Response) -> dict[str, Any]:
    """The job of an answer, once nothing runs any more."""
    assert answer.status_code == 202, answer.text
    told = answer.json()["job"]
    assert answer.headers["location"] == f"/jobs/{told['id']}"
    assert (told["kind"], told["state"]) == ("IMPORT", "RUNNING")
    await bank.services.jobs.settle()
    job: dict[str, Any] = (await ask(bank.services, JOB, id=told["id"]))["job"]
    return job


async def many(bank: Bank, system: str) -> int:
    return int((await bank.services.database.read(COUNT, system=system))[0]["many"])


async def test_a_file_is_imported_by_a_proposed_mapping_and_leaves_nothing(
    client: httpx2.AsyncClient, bank: Bank
) -> None:
    table = rows(range(6), told=True) + "S99,no time,text,电话,x\n"
    job = await ended(bank, await post(client, ("leaves.csv", table.encode())))
    report = job["report"]
    assert (job["state"], job["title"], job["error"]) == ("DONE", "leaves.csv", None)
    assert (report["rows"], report["created"], report["rejected"]) == (7, 6, 1)
    (problem,) = [each for each in report["problems"] if each["rejected"]]
    assert (problem["field"], problem["count"], problem["line"]) == ("received_at", 1, 8)
    assert await many(bank, "leaves") == 6
    left = [each for each in bank.services.settings.home.rglob("*") if each.is_file()]
    assert not any(PHONE.encode() in each.read_bytes() for each in left)
    again = await ended(bank, await post(client, ("leaves.csv", table.encode())))
    assert (again["report"]["created"], again["report"]["unchanged"]) == (0, 6)


async def test_a_mapping_is_sent_along(client: httpx2.AsyncClient, bank: Bank) -> None:
    mapping = 'system = "own"\n[fields]\nsource_id = "编号"\nreceived_at = "投诉时间"\n'
    job = await ended(
        bank, await post(client, file(range(3)), mapping=("m.toml", mapping.encode()))
    )
    assert job["report"]["created"] == 3
    assert await many(bank, "own") == 3
    answer = await client.post(
        "/imports", files={"file": file(range(3))}, data={"mapping": mapping}
    )
    assert (await ended(bank, answer))["report"]["unchanged"] == 3


@pytest.mark.parametrize(
    ("name", "content", "mapping", "told"),
    [
        ("x.csv", b"", None, "is empty"),
        ("x.csv", b"hello", None, "has no rows"),
        ("x.png", bytes(range(256)), None, "x.png"),
        ("x.xlsx", b"PK\x03\x04zzz", None, "no complete zip archive"),
        ("x.csv", b"a,b\n1,2\n", None, "times of receipt"),
        ("x.csv", b"a,b\n1,2\n", "words = '/etc/passwd'", "leave words out"),
        ("x.csv", b"a,b\n1,2\n", "not = toml = x", "is no TOML"),
        ("x.csv", b"a,b\n1,2\n", "system = 'x'", "is wrong"),
        ("x.csv", b"a,b\n1,2\n", "x" * 500_001, "too long"),
    ],
)
async def test_what_cannot_be_read_is_one_sentence(
    client: httpx2.AsyncClient, name: str, content: bytes, mapping: str | None, told: str
) -> None:
    data = {} if mapping is None else {"mapping": mapping}
    answer = await client.post("/imports", files={"file": (name, content)}, data=data)
    assert answer.status_code == 400
    assert told in answer.json()["errors"][0]["message"]


async def test_what_is_no_form_with_a_file_is_refused(client: httpx2.AsyncClient) -> None:
    for sent in (
        {"json": {"file": "x"}},
        {"files": {"other": file(range(1))}},
        {"data": {"file": "text"}, "files": {"x": ("x", b"x")}},
        {"files": {"file": file(range(1)), "mapping": ("m", b"\xff")}},
        {"content": b"x", "headers": {"Content-Type": "multipart/form-data"}},
    ):
        answer = await client.post("/imports", **sent)  # type: ignore[arg-type]
        assert (answer.status_code, code_of(answer)) == (400, "INVALID_INPUT"), sent


async def test_a_file_may_be_larger_than_a_request_but_not_than_the_setting(bank: Bank) -> None:
    from dataclasses import replace

    settings = bank.services.settings
    jobs = settings.jobs.model_copy(update={"upload_mb": 3})
    small = replace(bank.services, settings=settings.model_copy(update={"jobs": jobs}))
    padding = b"," + b" " * 2_500_000
    async with service(Bank(small, bank.size)) as client:
        answer = await post(client, ("x.csv", b"a,b\n1,2" + padding))
        assert (answer.status_code, code_of(answer)) == (400, "INVALID_SOURCE")
        answer = await post(client, ("x.csv", padding * 2))
        assert (answer.status_code, code_of(answer)) == (413, "TOO_LARGE")
        assert "larger than 3 megabytes" in answer.text


async def test_who_may_not_import_is_refused_before_the_file_is_read(bank: Bank) -> None:
    for role in (Role.HANDLER, Role.SUPERVISOR, Role.ANALYST, Role.AUDITOR):
        async with await signed_in(bank, role, "BJ", "lin") as asked:
            answer = await post(asked, file(range(1)))
            assert (answer.status_code, code_of(answer)) == (403, "FORBIDDEN")
    async with service(bank) as client:
        elsewhere = {"Origin": "https://evil.example"}
        answer = await client.post("/imports", files={"file": file(range(1))}, headers=elsewhere)
        assert answer.status_code == 403


async def test_two_imports_at_once_come_one_after_the_other(
    client: httpx2.AsyncClient, bank: Bank
) -> None:
    """The second waits and says so; both are whole in the end."""
    database = bank.services.database
    async with lease(database, importing.LEASE) as held:
        assert held
        answers = await asyncio.gather(
            post(client, file(range(6), "one.csv")), post(client, file(range(6), "two.csv"))
        )
        ids = [key_of(each.json()["job"]["id"], NodeKind.JOB) for each in answers]
        for identity in ids:
            while True:
                job = await queries.by_id(database.read, identity)
                assert job is not None
                if job.phase is not None:
                    break
                await asyncio.sleep(0.1)
            assert job.phase.value == "WAIT"
    await bank.services.jobs.settle()
    for answer, system in zip(answers, ("one", "two"), strict=True):
        job = (await ask(bank.services, JOB, id=answer.json()["job"]["id"]))["job"]
        assert (job["state"], job["report"]["created"]) == ("DONE", 6)
        assert await many(bank, system) == 6


async def test_more_than_four_imports_are_refused(client: httpx2.AsyncClient, bank: Bank) -> None:
    stop = asyncio.Event()

    async def work(_: Reporter) -> Result:
        await stop.wait()
        return Result()

    for _ in range(4):
        await bank.services.jobs.start(NewJob(JobKind.IMPORT, "lin"), work)
    try:
        answer = await post(client, file(range(3)))
        assert (answer.status_code, code_of(answer)) == (409, "CONFLICT")
        assert "Four imports run or wait already" in answer.text
    finally:
        stop.set()
        await bank.services.jobs.settle()


async def test_a_cancelled_import_stops_after_its_batch_and_is_sent_again(
    client: httpx2.AsyncClient, bank: Bank, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importer, "BATCH", 10)
    write = Importer._write

    async def first(self: Importer, *given: Any) -> None:
        await write(self, *given)
        for reporter, _ in bank.services.jobs._running.values():
            reporter.stop(JobState.CANCELLED)

    with monkeypatch.context() as patch:
        patch.setattr(Importer, "_write", first)
        job = await ended(bank, await post(client, file(range(60), "stopped.csv")))
    assert (job["state"], job["phase"]) == ("CANCELLED", "IMPORT")
    stored = await many(bank, "stopped")
    assert 10 <= stored <= 30
    again = await ended(bank, await post(client, file(range(60), "stopped.csv")))
    report = again["report"]
    assert (again["state"], report["created"], report["unchanged"]) == ("DONE", 60 - stored, stored)
    assert await many(bank, "stopped") == 60


_IMPORTING = """
import asyncio, sys
from api.services import open_services
from api.settings import Settings
from ingest import importer

importer.BATCH = 10
write = importer.Importer._write

async def first(self, *given):
    await write(self, *given)
    await asyncio.Event().wait()

importer.Importer._write = first

async def main():
    async with open_services(Settings.load()) as services:
        with open(sys.argv[1], "rb") as file:
            upload = services.imports.upload(file, "killed.csv")
        await services.imports.start(upload, None, "lin")
        await services.jobs.settle()

asyncio.run(main())
"""


async def test_an_import_whose_process_is_killed_reads_so_and_is_sent_again(
    client: httpx2.AsyncClient, bank: Bank, tmp_path: Path
) -> None:
    settings, database = bank.services.settings, bank.services.database
    sent = tmp_path / "sent.csv"
    sent.write_text(rows(range(60)), "utf-8")
    prefix = "COMPLAINT_GRAPH_"
    environment = {
        **os.environ,
        f"{prefix}HOME": str(settings.home),
        f"{prefix}NEO4J__URI": str(settings.neo4j.uri),
        f"{prefix}NEO4J__USER": settings.neo4j.user,
        f"{prefix}NEO4J__PASSWORD": settings.neo4j.password.get_secret_value(),
        f"{prefix}PRIVACY__KEY": KEYRING.key.hex(),
    }
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", _IMPORTING, str(sent), env=environment,
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    while not await many(bank, "killed"):
        assert process.returncode is None, "it ended by itself"
        await asyncio.sleep(0.1)
    process.send_signal(signal.SIGKILL)
    await process.wait()
    (row,) = await database.read("MATCH (j:Job {title: 'killed.csv'}) RETURN j.id AS id")
    # A minute later, by the database's clock; the lease of the dead ends as well.
    await database.run(SILENT)
    await database.run("MATCH (l:Lease {name: 'import'}) SET l.expiresAt = datetime()")
    job = await queries.by_id(database.read, row["id"])
    assert job is not None
    assert job.state is JobState.INTERRUPTED
    assert await many(bank, "killed") == 10
    again = await ended(bank, await post(client, file(range(60), "killed.csv")))
    assert (again["state"], again["report"]["rows"]) == ("DONE", 60)
    assert await many(bank, "killed") == 60


def test_a_name_is_masked_and_leads_nowhere(tmp_path: Path) -> None:
    masker = Masker()
    for sent, name in (
        ("../../etc/passwd", "passwd"),
        ("C:\\data\\a.csv", "a.csv"),
        ("a\n\x00b.csv", "ab.csv"),
        ("<img src=x>.csv", "<img src=x>.csv"),
        (".csv", "file.csv"),
    ):
        with (tmp_path / "x").open("w+b") as opened:
            upload = Upload(opened, sent, masker)
        assert (upload.name, upload.path.name) == (name, name)
        upload.close()
        upload.close()
    with (tmp_path / "x").open("w+b") as opened:
        upload = Upload(opened, f"{PHONE}.csv", masker)
        assert PHONE not in upload.name
        assert upload.path.suffix == ".csv"
        upload.close()


def test_a_system_without_such_files_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(uploads, "_DESCRIPTORS", tmp_path / "none")
    with (tmp_path / "x").open("w+b") as opened, pytest.raises(UnavailableError, match="Linux"):
        Upload(opened, "x.csv", Masker())


async def test_files_are_held_for_a_while_and_not_too_many(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from graph.errors import NotFoundError

    held = Uploads()
    tokens = []
    for number in range(uploads.MOST + 1):
        with (tmp_path / str(number)).open("w+b") as opened:
            upload = Upload(opened, "x.csv", Masker())
        tokens.append(held.hold(Held(upload, "lin", "")))
    with pytest.raises(NotFoundError, match="send it again"):
        held.of(tokens[0], "lin")
    with pytest.raises(NotFoundError):
        held.of(tokens[1], "wu")
    assert held.of(tokens[1], "lin").upload.path.exists()
    held.take(tokens[1], "lin").upload.close()
    held.close()
    monkeypatch.setattr(uploads, "HELD_SECONDS", 0.0)
    with (tmp_path / "x").open("w+b") as opened:
        one = Held(Upload(opened, "x.csv", Masker()), "lin", "")
    one.checking = asyncio.create_task(asyncio.sleep(0.2))
    token = held.hold(one)
    await asyncio.sleep(0.05)
    with pytest.raises(NotFoundError):
        held.of(token, "lin")
    await one.checking
    await asyncio.sleep(0)
    assert one.upload._descriptor is None
