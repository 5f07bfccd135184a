"""Jobs through the API: begun, looked at, stopped, by whom; exports with what their person sees."""

import asyncio
import csv
import stat
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from api.background import forget_jobs
from api.services import Services
from graph.commands import jobs as commands
from graph.commands.leases import lease
from graph.domain.access import LOCAL, Identity, Reach, Role
from graph.domain.jobs import (
    Beat,
    ExportFormat,
    JobKind,
    JobPhase,
    JobProblem,
    JobReport,
    JobState,
    NewJob,
    Result,
)
from graph.errors import ConflictError, NotFoundError, UnavailableError
from graph.queries import jobs as queries
from ingest.jobs import Jobs, Reporter
from schema.exports import asking
from schema.exports.asking import Asking
from schema.filters import ComplaintFilterInput, as_variables
from schema.ids import NodeKind, global_id, key_of
from similarity.refitting import LEASE
from tests.support.bank import Bank
from tests.support.drills import person
from tests.support.graphql import SCHEMA, ask, execute

pytestmark = pytest.mark.graph

FIELDS = """id kind state title startedBy startedAt endedAt phase done total error file fileUntil
  report { rows clusters moved created rejected problems { reason } notes }"""
JOB = f"query ($id: ID!) {{ job(id: $id) {{ {FIELDS} }} }}"
JOBS = f"""query ($first: Int, $after: String, $kind: JobKind) {{
  jobs(first: $first, after: $after, kind: $kind) {{
    nodes {{ {FIELDS} }} totalCount pageInfo {{ endCursor hasNextPage }} }} }}"""
REFIT = f"""mutation ($i: StartRefitInput!) {{ startRefit(input: $i) {{
  errors {{ code message path }} job {{ {FIELDS} }} }} }}"""
EXPORT = f"""mutation ($i: StartExportInput!) {{ startExport(input: $i) {{
  errors {{ code message path }} job {{ {FIELDS} }} }} }}"""
CANCEL = """mutation ($i: CancelJobInput!) { cancelJob(input: $i) {
  errors { code message path } job { id state } } }"""
SILENT = "MATCH (j:Job {id: $id}) SET j.heartbeatAt = datetime() - duration('PT61S')"


async def as_(identity: Identity, bank: Bank, document: str, **variables: Any) -> Any:
    result = await execute(bank.services, document, identity=identity, **variables)
    assert not result.errors, result.errors
    assert result.data is not None
    return next(iter(result.data.values()))


async def started(
    identity: Identity, bank: Bank, document: str, given: dict[str, Any]
) -> dict[str, Any]:
    """The job of a mutation, once it has ended."""
    payload = await as_(identity, bank, document, i=given)
    assert payload["errors"] == []
    assert payload["job"]["state"] == "RUNNING"
    await bank.services.jobs.settle()
    job: dict[str, Any] = await as_(identity, bank, JOB, id=payload["job"]["id"])
    return job


def path_of(services: Services, job: dict[str, Any]) -> Path:
    suffix = Path(job["file"]).suffix
    return services.settings.home / "exports" / f"{key_of(job['id'], NodeKind.JOB)}{suffix}"


async def waiting(reporter: Reporter) -> Result:
    """Work that goes on until it is told to stop."""
    for done in range(100_000):
        reporter("import", done, 100_000)
        await asyncio.sleep(0.02)
    raise AssertionError


async def test_a_refit_tells_what_it_came_to(bank: Bank) -> None:
    job = await started(LOCAL, bank, REFIT, {})
    assert (job["kind"], job["state"], job["error"]) == ("REFIT", "DONE", None)
    assert 0 < job["report"]["rows"] <= bank.size
    assert job["report"]["clusters"] > 0
    assert job["endedAt"] is not None
    (listed,) = (await ask(bank.services, JOBS, first=1))["jobs"]["nodes"]
    assert listed == job


async def test_an_export_holds_what_its_person_sees(bank: Bank) -> None:
    somebody = person("wu")
    job = await started(somebody, bank, EXPORT, {"format": "CSV", "filter": {"overdue": False}})
    assert (job["kind"], job["state"], job["total"]) == ("EXPORT", "DONE", job["report"]["rows"])
    file = path_of(bank.services, job)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700
    with file.open(encoding="utf-8-sig", newline="") as opened:
        rows = list(csv.DictReader(opened))
    document = """query ($f: ComplaintFilter) { complaints(filter: $f, orderBy: RECEIVED_ASC,
      first: 500) { nodes { id } } }"""
    seen = (await as_(somebody, bank, document, f={"overdue": False}))["nodes"]
    assert [row["id"] for row in rows] == [each["id"] for each in seen]
    assert 0 < len(rows) < bank.size
    assert "narrative" not in rows[0]
    records = await bank.services.database.read(
        "MATCH (a:AccessRecord {actor: 'wu'})-[:SHOWED]->(c:Complaint) RETURN c.id AS id"
    )
    records = records or await bank.services.database.read(
        "MATCH (a:AccessRecord {actor: 'wu'}) UNWIND a.cases AS id RETURN id"
    )
    recorded = {row["id"] for row in records}
    assert {key_of(row["id"], NodeKind.COMPLAINT) for row in rows} <= recorded


async def test_an_export_is_a_sheet_too_and_goes_at_the_pace_of_its_person(
    bank: Bank, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(asking, "MOST", 20)
    job = await started(LOCAL, bank, EXPORT, {"format": "XLSX"})
    assert job["file"].endswith(".xlsx")
    assert path_of(bank.services, job).read_bytes().startswith(b"PK")


def test_the_other_half_of_the_points_is_for_the_desk() -> None:
    from strawberry.types import ExecutionResult

    def answer(remaining: int) -> ExecutionResult:
        throttle = {"maximum": 600, "remaining": remaining, "restorePerMinute": 600}
        return ExecutionResult(data={}, errors=None, extensions={"cost": {"throttle": throttle}})

    assert asking._pause(answer(301)) == 0
    assert asking._pause(answer(290)) == 1
    unlimited = ExecutionResult(data={}, errors=None, extensions={"cost": {"throttle": None}})
    assert asking._pause(unlimited) == 0


async def test_an_export_that_is_throttled_waits_and_goes_on(bank: Bank) -> None:
    from graphql import GraphQLError
    from strawberry.types import ExecutionResult

    class Once:
        asked = 0

        async def execute(self, *_: object, **__: object) -> ExecutionResult:
            self.asked += 1
            if self.asked == 1:
                error = GraphQLError("", extensions={"code": "THROTTLED", "retryAfter": 0.01})
                return ExecutionResult(data=None, errors=[error])
            return ExecutionResult(data={"done": self.asked}, errors=None)

    answered = await Asking(Once(), lambda: None).answer("", {})  # type: ignore[arg-type,return-value]
    assert answered == {"done": 2}


async def test_a_filter_is_sent_on_as_it_came(bank: Bank) -> None:
    document = """query ($f: ComplaintFilter!) { complaints(filter: $f) { totalCount } }"""
    given = {
        "products": ["CARD"], "channels": ["PHONE"], "receivedFrom": "2026-01-05T00:00:00+08:00",
        "amountFrom": "1.50", "duplicate": False, "not": {"levels": ["RED"], "riskTypes": None},
    }  # fmt: skip
    kind = SCHEMA._schema.type_map["ComplaintFilter"]
    from graphql.utilities import value_from_ast_untyped  # noqa: F401 - the schema reads values
    from graphql.utilities.coerce_input_value import coerce_input_value

    read = coerce_input_value(given, kind)  # type: ignore[arg-type]
    from strawberry.types.arguments import convert_argument

    made = convert_argument(
        read, ComplaintFilterInput, SCHEMA.schema_converter.scalar_registry, SCHEMA.config
    )
    again = as_variables(made)
    assert again["not"] == {"levels": ["RED"]}
    assert again["channels"] == ["PHONE"]
    first = await ask(bank.services, document, f=given)
    assert await ask(bank.services, document, f=again) == first


async def test_one_export_of_a_person_at_a_time(bank: Bank) -> None:
    somebody = person("lin")
    bound = NewJob(JobKind.EXPORT, somebody.actor)
    job = await bank.services.jobs.start(bound, waiting)
    payload = await as_(somebody, bank, EXPORT, i={"format": "CSV"})
    assert [each["code"] for each in payload["errors"]] == ["CONFLICT"]
    assert "cancel it" in payload["errors"][0]["message"]
    other = await as_(person("zhou"), bank, EXPORT, i={"format": "CSV"})
    assert other["errors"] == []
    sent = {"job": global_id(NodeKind.JOB, job.id)}
    assert (await as_(somebody, bank, CANCEL, i=sent))["errors"] == []
    await bank.services.jobs.settle()
    stopped = await as_(somebody, bank, JOB, id=sent["job"])
    assert (stopped["state"], stopped["phase"], stopped["total"]) == (
        "CANCELLED",
        "IMPORT",
        100_000,
    )
    again = await as_(somebody, bank, CANCEL, i=sent)
    assert [each["code"] for each in again["errors"]] == ["CONFLICT"]


async def test_nobody_sees_or_stops_the_job_of_another(bank: Bank) -> None:
    lin, wu = person("lin"), person("wu")
    job = await started(lin, bank, EXPORT, {"format": "CSV"})
    assert await as_(wu, bank, JOB, id=job["id"]) is None
    node = await as_(wu, bank, "query ($id: ID!) { node(id: $id) { id } }", id=job["id"])
    assert node is None
    assert job["id"] not in [each["id"] for each in (await as_(wu, bank, JOBS))["nodes"]]
    refused = await as_(wu, bank, CANCEL, i={"job": job["id"]})
    assert [each["code"] for each in refused["errors"]] == ["NOT_FOUND"]
    boss = Identity("boss", "Boss", frozenset({Role.ADMINISTRATOR}), Reach(everything=True))
    assert (await as_(boss, bank, JOB, id=job["id"]))["startedBy"] == "lin"
    mine = await as_(lin, bank, JOBS, first=1, kind="EXPORT")
    assert [each["id"] for each in mine["nodes"]] == [job["id"]]
    assert (await as_(lin, bank, JOBS, kind="REFIT"))["totalCount"] == 0


@pytest.mark.parametrize(
    ("role", "may"),
    [
        (Role.ANALYST, {"startRefit", "startExport"}),
        (Role.ADMINISTRATOR, {"startRefit", "startExport"}),
        (Role.HANDLER, {"startExport"}),
        (Role.AUDITOR, {"startExport"}),
        (Role.CUSTOMER, set()),
    ],
)
async def test_who_may_begin_what(bank: Bank, role: Role, may: set[str]) -> None:
    somebody = Identity("x", "X", frozenset({role}), Reach(everything=True))
    for name in ("startRefit", "startExport"):
        asked = f'{{ viewer {{ can(operation: "{name}") }} }}'
        assert (await as_(somebody, bank, asked))["can"] == (name in may)


async def test_a_job_without_a_process_reads_as_interrupted(bank: Bank) -> None:
    database = bank.services.database
    job, _ = await commands.begin(database, NewJob(JobKind.IMPORT, "lin", "a.csv"))
    beats = [Beat(job.id, JobPhase.IMPORT, 500, 2_000)]
    assert await commands.beat(database, beats) == frozenset()
    assert (await queries.by_id(database.read, job.id)).running  # type: ignore[union-attr]
    await database.run(SILENT, id=job.id)
    silent = await queries.by_id(database.read, job.id)
    assert silent is not None
    assert (silent.state, silent.done) == (JobState.INTERRUPTED, 500)
    assert silent.ended_at is not None
    with pytest.raises(ConflictError):
        await commands.cancel(database, job.id)
    # It counts for no bound, and one that was only slow goes on.
    rows = await database.read(commands._RUNNING, kind=JobKind.IMPORT, person=None)
    assert rows[0]["running"] == 0
    await commands.beat(database, beats)
    assert (await queries.by_id(database.read, job.id)).running  # type: ignore[union-attr]
    await commands.end(database, job.id, JobState.DONE, Result(JobReport(rows=2_000)))
    await commands.end(database, job.id, JobState.FAILED, Result(error="late"))
    ended = await queries.by_id(database.read, job.id)
    assert ended is not None
    assert (ended.state, ended.report, ended.error) == (JobState.DONE, JobReport(rows=2_000), None)


async def test_what_goes_wrong_is_one_sentence(bank: Bank) -> None:
    async def away(_: Reporter) -> Result:
        raise UnavailableError("Neo4j is away: try again.")

    async def defect(_: Reporter) -> Result:
        raise KeyError("13671530826")

    for work, told in ((away, "Neo4j is away"), (defect, "the service's log tells more")):
        job = await bank.services.jobs.start(NewJob(JobKind.REFIT, LOCAL.actor), work)
        await bank.services.jobs.settle()
        failed = await queries.by_id(bank.services.database.read, job.id)
        assert failed is not None
        assert failed.state is JobState.FAILED
        assert told in (failed.error or "")
        assert "13671530826" not in (failed.error or "")


async def test_the_end_of_a_process_interrupts_what_runs(
    bank: Bank, monkeypatch: pytest.MonkeyPatch
) -> None:
    from ingest.jobs import runner

    monkeypatch.setattr(runner, "CLOSE_SECONDS", 0.2)
    database = bank.services.database

    async def deaf(_: Reporter) -> Result:
        await asyncio.sleep(3_600)
        raise AssertionError

    async def deserted(reporter: Reporter) -> Result:
        """What it needs has ended before it."""
        while reporter.stopped is None:  # noqa: ASYNC110
            await asyncio.sleep(0.01)
        raise UnavailableError("The encoder does not answer.")

    jobs = Jobs(database)
    await jobs.close()  # nothing runs
    started = [
        await jobs.start(NewJob(JobKind.IMPORT, "lin"), work) for work in (waiting, deaf, deserted)
    ]
    await jobs.close()
    for each in started:
        found = await queries.by_id(database.read, each.id)
        assert found is not None
        assert found.state is JobState.INTERRUPTED


@pytest.mark.parametrize("error", [UnavailableError("Neo4j is away."), RuntimeError("a defect")])
async def test_a_job_is_heard_of_and_cancelled_after_a_beat_that_failed(
    bank: Bank, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    from ingest.jobs import runner

    database, jobs, beat = bank.services.database, Jobs(bank.services.database), commands.beat
    failed = asyncio.Event()

    async def once(*arguments: Any) -> frozenset[str]:
        if not failed.is_set():
            failed.set()
            raise error
        return await beat(*arguments)

    async def until_stopped(reporter: Reporter) -> Result:
        for _ in range(600):
            reporter.check()
            await asyncio.sleep(0.05)
        return Result()

    monkeypatch.setattr(runner, "BEAT_SECONDS", 0.01)
    monkeypatch.setattr(commands, "beat", once)
    job = await jobs.start(NewJob(JobKind.REFIT, "lin"), until_stopped)
    await failed.wait()
    await commands.cancel(database, job.id)
    await jobs.settle()
    found = await queries.by_id(database.read, job.id)
    assert found is not None
    assert found.state is JobState.CANCELLED


async def test_a_graph_that_is_away_ends_no_job(
    bank: Bank, monkeypatch: pytest.MonkeyPatch
) -> None:
    from ingest.jobs import runner

    database, jobs = bank.services.database, Jobs(bank.services.database)
    beaten = asyncio.Event()

    async def away(*_: object) -> None:
        beaten.set()
        raise UnavailableError("Neo4j is away.")

    async def whole(_: Reporter) -> Result:
        await beaten.wait()
        return Result()

    monkeypatch.setattr(runner, "BEAT_SECONDS", 0.01)
    with monkeypatch.context() as patch:
        patch.setattr(commands, "beat", away)
        job = await jobs.start(NewJob(JobKind.REFIT, "lin"), whole)
        await jobs.settle()
    found = await queries.by_id(database.read, job.id)
    assert found is not None
    assert found.state is JobState.DONE
    # What cannot be written at the end reads as interrupted a minute later.
    monkeypatch.setattr(runner, "CLOSE_SECONDS", 0.1)
    for name, work in (("end", whole), ("interrupt", waiting)):
        with monkeypatch.context() as patch:
            patch.setattr(commands, name, away)
            job = await jobs.start(NewJob(JobKind.REFIT, "lin"), work)
            if name == "interrupt":
                patch.setattr(Reporter, "stop", lambda *_: None)
            else:
                await jobs.settle()
            await jobs.close()
        await database.run(SILENT, id=job.id)
        found = await queries.by_id(database.read, job.id)
        assert found is not None
        assert found.state is JobState.INTERRUPTED


async def test_a_second_refit_says_that_one_runs(bank: Bank) -> None:
    async with lease(bank.services.database, LEASE) as held:
        assert held
        job = await started(LOCAL, bank, REFIT, {})
    assert job["state"] == "FAILED"
    assert "wait until it has finished" in job["error"]


async def test_the_service_forgets_by_itself(bank: Bank) -> None:
    database = bank.services.database
    job, _ = await commands.begin(database, NewJob(JobKind.REFIT, "lin"))
    await database.run(
        "MATCH (j:Job {id: $id}) SET j.heartbeatAt = datetime() - duration('P31D')", id=job.id
    )
    running = asyncio.create_task(forget_jobs(bank.services))
    while await queries.by_id(database.read, job.id) is not None:  # noqa: ASYNC110
        await asyncio.sleep(0.05)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)


async def test_what_is_old_is_forgotten(bank: Bank) -> None:
    database, exports = bank.services.database, bank.services.exports
    old = await started(LOCAL, bank, EXPORT, {"format": "CSV"})
    new = await started(LOCAL, bank, EXPORT, {"format": "CSV"})
    assert exports.sweep() == 0
    file = path_of(bank.services, old)
    import os

    os.utime(file, (0, 0))
    assert exports.sweep() == 1
    with pytest.raises(NotFoundError, match="start the export again"):
        exports.file(key_of(old["id"], NodeKind.JOB), old["file"])
    assert exports.file(key_of(new["id"], NodeKind.JOB), new["file"]).is_file()
    await database.run(
        "MATCH (j:Job {id: $id}) SET j.heartbeatAt = datetime() - duration('P31D')",
        id=key_of(old["id"], NodeKind.JOB),
    )
    assert await commands.forget(database, timedelta(days=30)) == 1
    assert await as_(LOCAL, bank, JOB, id=old["id"]) is None
    assert await as_(LOCAL, bank, JOB, id=new["id"]) is not None


def test_a_report_comes_back_from_the_graph() -> None:
    report = JobReport(
        rows=3, rejected=1, problems=(JobProblem(True, "type", "no such", 1, 2),), notes=("a",)
    )
    assert JobReport.from_json(report.to_json()) == report
    assert JobPhase.of("link") is JobPhase.LINK
    assert JobPhase.of("deadlines") is None
    assert [each.ending for each in ExportFormat] == [".csv", ".xlsx"]
