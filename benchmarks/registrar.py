"""Service processes that register complaints in parallel, through the schema, as a frontend does.

``running`` starts them (``python -m benchmarks.registrar`` with a task as JSON). For every phase
each says "ready", waits for a line, registers, and prints what came of it as JSON once nothing
waits any more.
"""

import asyncio
import json
import logging
import sys
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np
import structlog

from api.background import follow, keep_clusters, watch, work_off
from api.services import Services, open_services
from api.settings import Settings
from graph.commands.waiting import Work, waiting_count
from schema.build import build_schema
from schema.execution import context_for

SOURCE = "registrars"

_REGISTER = """
mutation ($input: RegisterComplaintInput!) {
  registerComplaint(input: $input) { complaint { id } errors { code message } }
}
"""
_ALIKE = "第三方支付平台突然停用，我的退款{n}元一直没有到账，客服电话打不通"
_SUBJECTS = (
    "信用卡年费",
    "房贷利率",
    "理财产品",
    "手机银行",
    "柜面服务",
    "分期手续费",
    "贷款审批",
    "短信提醒",
)
_GRIEVANCES = (
    "没有提前告知",
    "多收了费用",
    "一直无人处理",
    "页面打不开",
    "态度很差",
    "与合同不一致",
    "被重复扣款",
)
_DEMANDS = ("要求退还", "希望尽快答复", "请核实", "要求书面道歉", "希望取消", "要求赔偿利息")
#: How often a process asks whether something still waits, in seconds.
_POLL_SECONDS = 0.2


@dataclass(frozen=True, slots=True)
class Phase:
    """Complaints to register, by number; ``alike``: all about one subject, as in a group event."""

    numbers: Sequence[int]
    alike: bool


@dataclass(frozen=True, slots=True)
class Task:
    """What one process does.

    ``key``: the installation's, in hexadecimal digits; ``jobs``: also sweep and refit clusters in
    the background, as a service does; without, only what waits is done.
    """

    uri: str
    user: str
    password: str
    key: str
    home: str
    parallel: int
    products: Sequence[str]
    branches: Sequence[str]
    phases: Sequence[Phase]
    jobs: bool

    @classmethod
    def from_json(cls, text: str) -> "Task":
        values = json.loads(text)
        return cls(**{**values, "phases": [Phase(**phase) for phase in values["phases"]]})


@dataclass(slots=True)
class Outcome:
    """What came of a phase in one process.

    ``refusals``: codes and messages; ``ids``: complaints that were confirmed, by number;
    ``seconds``: of all and of the slowest one; ``processor``: of this process; ``idle``: until
    nothing waited any more; ``warnings``: log lines above INFO.
    """

    refusals: list[str] = field(default_factory=list)
    ids: dict[int, str] = field(default_factory=dict)
    seconds: float = 0.0
    slowest: float = 0.0
    processor: float = 0.0
    idle: float = 0.0
    warnings: list[str] = field(default_factory=list)

    @classmethod
    def from_json(cls, text: bytes) -> "Outcome":
        values = json.loads(text)
        return cls(**{**values, "ids": {int(n): value for n, value in values["ids"].items()}})


class Process:
    """One service process, seen from the one that started it."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        assert process.stdin is not None
        assert process.stdout is not None
        self._process, self._input, self._output = process, process.stdin, process.stdout

    async def ready(self) -> None:
        line = await self._output.readline()
        assert line == b"ready\n", f"a registrar ended: {await self._process.wait()}"

    async def register(self) -> Outcome:
        """Let it go through its next phase."""
        self._input.write(b"go\n")
        await self._input.drain()
        line = await self._output.readline()
        assert line, f"a registrar ended: {await self._process.wait()}"
        return Outcome.from_json(line)


@asynccontextmanager
async def running(tasks: Sequence[Task]) -> AsyncIterator[Sequence[Process]]:
    """A process for each task, ended with the context."""
    started = [
        await asyncio.create_subprocess_exec(
            sys.executable, "-m", "benchmarks.registrar", json.dumps(asdict(task)),
            stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, limit=2**24,
        )
        for task in tasks
    ]  # fmt: skip
    try:
        yield [Process(each) for each in started]
    finally:
        for each in started:
            assert each.stdin is not None
            each.stdin.close()
            await each.wait()
    assert [each.returncode for each in started] == [0] * len(started)


async def together(processes: Sequence[Process]) -> list[Outcome]:
    """One phase of all processes, which begin it at the same moment, warm."""
    for process in processes:
        await process.ready()
    return list(await asyncio.gather(*(process.register() for process in processes)))


def registration(task: Task, number: int, *, alike: bool) -> dict[str, Any]:
    """The input of a registration; of six one is the person of another."""
    random = np.random.default_rng(number)
    drawn = [str(random.choice(words)) for words in (_SUBJECTS, _GRIEVANCES, _DEMANDS)]
    text = "{}{}，金额{}元，{}".format(*drawn[:2], number, drawn[2])
    person = number - 1 if number % 6 == 5 else number
    return {
        "narrative": _ALIKE.format(n=number) if alike else text,
        "product": task.products[0] if alike else str(random.choice(task.products)),
        "branch": str(random.choice(task.branches)),
        "customer": {"sourceId": f"P{person}", "mobile": f"1{5_213_572_000 + number:010d}"},
        "sourceSystem": SOURCE,
        "sourceId": str(number),
    }


async def _serve(task: Task) -> None:
    settings = Settings.load(
        home=task.home,
        neo4j={"uri": task.uri, "user": task.user, "password": task.password},
        privacy={"key": task.key},
    )
    log: list[str] = []
    _listen(log)
    async with open_services(settings) as services:
        registrar = _Registrar(services, task)
        behind = [follow, work_off, *([watch, keep_clusters] if task.jobs else [])]
        working = [asyncio.create_task(work(services)) for work in behind]
        for phase in task.phases:
            _say("ready")
            if not await asyncio.to_thread(sys.stdin.readline):
                break
            outcome = await registrar.run(phase)
            outcome.warnings = log[:]
            log.clear()
            _say(json.dumps(asdict(outcome)))
        for each in working:
            if each.done():
                await each
            each.cancel()


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


class _Registrar:
    def __init__(self, services: Services, task: Task) -> None:
        self._services, self._task = services, task
        self._schema = build_schema(development=True)
        self._turn = asyncio.Semaphore(task.parallel)

    async def run(self, phase: Phase) -> Outcome:
        outcome = Outcome()
        started, spent = time.monotonic(), time.process_time()
        await asyncio.gather(*(self._one(number, phase, outcome) for number in phase.numbers))
        outcome.seconds = time.monotonic() - started
        outcome.processor = time.process_time() - spent
        database = self._services.database
        while any([await waiting_count(database, work, most=1) for work in Work]):  # noqa: ASYNC110
            await asyncio.sleep(_POLL_SECONDS)
        outcome.idle = time.monotonic() - started - outcome.seconds
        return outcome

    async def _one(self, number: int, phase: Phase, outcome: Outcome) -> None:
        made = registration(self._task, number, alike=phase.alike)
        async with self._turn:
            started = time.monotonic()
            result = await self._schema.execute(
                _REGISTER,
                variable_values={"input": made},
                context_value=context_for(self._services),
            )
            outcome.slowest = max(outcome.slowest, time.monotonic() - started)
        for error in result.errors or ():
            outcome.refusals.append(f"{(error.extensions or {}).get('code')}: {error.message}")
        if result.data is None:
            return
        payload = result.data["registerComplaint"]
        outcome.refusals += [f"{each['code']}: {each['message']}" for each in payload["errors"]]
        if payload["complaint"]:
            outcome.ids[number] = payload["complaint"]["id"]


def _listen(log: list[str]) -> None:
    """Keep what is logged above INFO, by our own loggers or by any other."""

    class Keeping(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            log.append(f"{record.name}: {record.getMessage()[:400]}")

    def keep(_: Any, level: str, event: structlog.types.EventDict) -> structlog.types.EventDict:
        if level not in {"debug", "info"}:
            where = event.get("where") or [""]
            log.append(f"{level}: {event.get('event')} {event.get('error', '')} {where[-1]}")
        raise structlog.DropEvent

    logging.getLogger().addHandler(Keeping(logging.WARNING))
    structlog.configure(processors=[keep])


if __name__ == "__main__":
    asyncio.run(_serve(Task.from_json(sys.argv[1])))
