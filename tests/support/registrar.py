"""A process that registers complaints in parallel, through the schema, as a frontend does.

``python -m tests.support.registrar`` with a task as JSON; prints what came of it as JSON.
"""

import asyncio
import json
import logging
import sys
import time
from dataclasses import asdict, dataclass, field
from pathlib import Path
from random import Random
from typing import Any

import structlog

from api.services import open_services
from graph.embedded import Connection
from tests.support.bank import bank_settings
from tests.support.graphql import execute

REGISTER = """
mutation ($input: RegisterComplaintInput!) {
  registerComplaint(input: $input) { complaint { id reference } errors { code message } }
}
"""
_ALIKE = "第三方支付平台突然停用，我的退款{n}元一直没有到账，客服电话打不通"
_WHAT = (
    "信用卡年费",
    "房贷利率",
    "理财产品",
    "手机银行",
    "柜面服务",
    "分期手续费",
    "贷款审批",
    "短信提醒",
)
_HOW = (
    "没有提前告知",
    "多收了费用",
    "一直无人处理",
    "页面打不开",
    "态度很差",
    "与合同不一致",
    "被重复扣款",
)
_WANT = ("要求退还", "希望尽快答复", "请核实", "要求书面道歉", "希望取消", "要求赔偿利息")


@dataclass(frozen=True)
class Task:
    uri: str
    user: str
    password: str
    home: str
    numbers: list[int]
    alike: bool
    parallel: int
    products: list[str]
    branches: list[str]


@dataclass
class Outcome:
    """Refusals, complaints taken by number, seconds, and log lines above INFO."""

    refusals: list[str] = field(default_factory=list)
    ids: dict[str, str] = field(default_factory=dict)
    seconds: float = 0.0
    slowest: float = 0.0
    warnings: list[str] = field(default_factory=list)


def registration(task: Task, number: int) -> dict[str, Any]:
    random = Random(number)
    text = f"{random.choice(_WHAT)}{random.choice(_HOW)}，金额{number}元，{random.choice(_WANT)}"
    return {
        "narrative": _ALIKE.format(n=number) if task.alike else text,
        "product": task.products[0] if task.alike else random.choice(task.products),
        "branch": random.choice(task.branches),
        # Some people come back, and two numbers of one person come together.
        "customer": {"sourceId": f"P{number % 400}", "mobile": f"1{5_213_572_000 + number:010d}"},
        "sourceSystem": "hands",
        "sourceId": str(number),
    }


async def register(task: Task) -> Outcome:
    outcome = Outcome()
    _listen(outcome)
    connection = Connection(task.uri, task.user, task.password)
    async with open_services(bank_settings(connection, Path(task.home))) as services:
        turn = asyncio.Semaphore(task.parallel)

        async def one(number: int) -> None:
            async with turn:
                started = time.monotonic()
                given = registration(task, number)
                result = await execute(services, REGISTER, input=given)
                outcome.slowest = max(outcome.slowest, time.monotonic() - started)
            if result.errors:
                outcome.refusals += [str(error.formatted) for error in result.errors]
                return
            assert result.data is not None
            payload = result.data["registerComplaint"]
            outcome.refusals += [f"{e['code']}: {e['message']}" for e in payload["errors"]]
            if payload["complaint"]:
                outcome.ids[str(number)] = payload["complaint"]["id"]

        # Both processes begin together, warm.
        sys.stdout.write("ready\n")
        sys.stdout.flush()
        await asyncio.to_thread(sys.stdin.readline)
        started = time.monotonic()
        await asyncio.gather(*(one(number) for number in task.numbers))
        outcome.seconds = time.monotonic() - started
    return outcome


def _listen(outcome: Outcome) -> None:
    class Handler(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            outcome.warnings.append(f"{record.name}: {record.getMessage()[:200]}")

    def count(_: Any, level: str, event: structlog.types.EventDict) -> structlog.types.EventDict:
        if level in ("warning", "error", "critical"):
            outcome.warnings.append(f"{level}: {event.get('event')}")
        raise structlog.DropEvent

    logging.getLogger().addHandler(Handler(logging.WARNING))
    structlog.configure(processors=[count])


if __name__ == "__main__":
    sys.stdout.write(json.dumps(asdict(asyncio.run(register(Task(**json.loads(sys.argv[1])))))))
