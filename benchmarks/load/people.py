"""Who works: handlers, analysts, and programs that send files; each waits for an answer, reads it
for a while, and asks for the next.
"""

import asyncio
import csv
import io
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any
from uuid import UUID

import httpx2

from api.console.asking import NULL, document
from benchmarks.load.ledger import Ledger, marked
from graph.domain.enums import OPEN_STATUSES
from schema.ids import NodeKind, key_of

#: Rows of a file.
_ROWS = 100
_AGAIN = 0.3
#: A job whose process, or the graph under it, was away.
_AGAIN_STATES = ("INTERRUPTED", "FAILED")
_POLL = 2.0
_REGISTER = """
mutation ($i: RegisterComplaintInput!) { registerComplaint(input: $i) {
  errors { __typename ... on UserError { message } } complaint { id reference version } } }
"""
_JOB = "query ($id: ID!) { job(id: $id) { state error report { rows rejected } } }"
_HEADER = ("编号", "受理时间", "渠道", "投诉内容", "客户号")


class ResultError(Exception):
    """An answer that says no."""


@dataclass
class Client:
    """One person's connection. ``patient``: what nobody answers is sent again, with the same key,
    as it is while processes are killed.
    """

    http: httpx2.AsyncClient
    ledger: Ledger
    patient: bool
    ending: asyncio.Event

    async def ask(self, kind: str, query: str, **variables: Any) -> dict[str, Any]:
        """The data.

        Raises:
            ResultError: the service answered with an error that no page shows without; it is noted.
        """
        sent = {"query": query, "variables": variables}
        answer = await self.send(kind, lambda: self.http.post("/graphql", json=sent))
        body = answer.json()
        errors = [_short(error) for error in body.get("errors") or ()]
        if wrong := [error for error in errors if error[0] not in NULL]:
            raise self.failed(kind, str(wrong))
        return dict(body["data"])

    async def send(
        self, kind: str, request: Callable[[], Any], also: Sequence[int] = ()
    ) -> httpx2.Response:
        """The answer, whose status is a success or one of ``also``."""
        while True:
            started = time.perf_counter()
            try:
                answer: httpx2.Response = await request()
                passing = answer.status_code in (502, 503, 504) or _passing(answer)
                reason = f"{answer.status_code} {answer.text[:160]}"
            except httpx2.HTTPError as error:
                passing, reason = True, type(error).__name__
            else:
                if not passing and (answer.is_success or answer.status_code in also):
                    self.ledger.seconds[kind].append(time.perf_counter() - started)
                    return answer
            if not (self.patient and passing):
                raise self.failed(kind, reason)
            self.ledger.repeated[f"{kind}: {reason[:60]}"] += 1
            await asyncio.sleep(_AGAIN)

    def failed(self, kind: str, reason: str) -> ResultError:
        self.ledger.failures[f"{kind}: {reason}"] += 1
        return ResultError(reason)

    async def read(self, random: Random, seconds: float) -> None:
        """Think, for a time that chance decides; no longer than the load lasts."""
        pause = random.expovariate(1 / seconds) if seconds else 0.0
        try:
            await asyncio.wait_for(self.ending.wait(), pause)
        except TimeoutError:
            return


def _passing(answer: httpx2.Response) -> bool:
    """Whether it says that the graph or the encoder is away for now, and nothing worse."""
    text = answer.text
    away = '"UNAVAILABLE"' in text or '"BUSY"' in text
    return answer.status_code == 200 and away and '"INTERNAL"' not in text


def _short(error: Mapping[str, Any]) -> tuple[Any, Any]:
    return error.get("extensions", {}).get("code"), str(error.get("message"))[:120]


@dataclass
class Handler:
    """At one branch: looks through the list, opens cases, registers one and takes it further."""

    client: Client
    random: Random
    branch: str
    lead: str
    texts: Iterator[str]
    reading: float
    own: list[dict[str, Any]] = field(default_factory=list)

    async def work(self) -> None:
        client, filters = self.client, {"statuses": sorted(OPEN_STATUSES)}
        while not client.ending.is_set():
            try:
                listed = await client.ask("desk", document("desk"), filter=filters, first=50)
                await self._read()
                rows = listed["complaints"]["nodes"]
                for row in self.random.sample(rows, min(2, len(rows))):
                    await client.ask("case", document("case"), reference=row["reference"])
                    await self._read()
                await self._register()
                await self._read()
                await self._further()
                text = next(self.texts)[:40]
                await client.ask("find", document("find"), text=text)
            except ResultError:
                # It is noted; whoever meets an error goes on with something else.
                continue
            finally:
                await self._read()

    async def _read(self) -> None:
        await self.client.read(self.random, self.reading)

    async def _register(self) -> None:
        number = self.client.ledger.number()
        i = {
            "narrative": marked(number, next(self.texts)),
            "branch": self.branch,
            "channel": "PHONE",
            "idempotencyKey": self._key(),
        }
        payload = (await self.client.ask("register", _REGISTER, i=i))["registerComplaint"]
        self._checked("register", payload)
        identity = key_of(payload["complaint"]["id"], NodeKind.COMPLAINT)
        self.client.ledger.registered[number] = identity
        self.own.append({**payload["complaint"], "steps": self._way()})

    def _way(self) -> Iterator[tuple[str, dict[str, Any]]]:
        yield "classifyComplaint", {"type": "FEE_DISPUTE"}
        yield "dispatchComplaint", {"lead": self.lead}
        yield "startInvestigation", {}
        yield "proposeRemedy", {"outcome": "UPHELD"}
        yield "recordAgreement", {}
        yield "answerComplaint", {"summary": "经核实，已按约定处理，并向客户说明。"}

    async def _further(self) -> None:
        """One step of a case that the handler has registered."""
        if not self.own:
            return
        # A case whose step failed is left alone: what it stands at is not known here.
        case = self.own.pop(self.random.randrange(len(self.own)))
        step = next(case["steps"], None)
        if step is None:
            return
        name, given = step
        number = self.client.ledger.number()
        i = {
            "complaint": case["id"],
            "version": case["version"],
            "note": marked(number, "已与客户联系"),
            "idempotencyKey": self._key(),
            **given,
        }
        query = _STEP.format(name=name, kind=f"{name[0].upper()}{name[1:]}Input")
        payload = (await self.client.ask("step", query, i=i))[name]
        self._checked(name, payload)
        self.client.ledger.notes.add(number)
        self.own.append({**case, "version": payload["complaint"]["version"]})

    def _key(self) -> str:
        return str(UUID(int=self.random.getrandbits(128), version=4))

    def _checked(self, kind: str, payload: Mapping[str, Any]) -> None:
        if payload["errors"]:
            raise self.client.failed(kind, str(payload["errors"]))


_STEP = """
mutation ($i: {kind}!) {{ {name}(input: $i) {{
  errors {{ __typename ... on UserError {{ message }} }} complaint {{ version }} }} }}
"""


@dataclass
class Analyst:
    """Asks for the pages of analysis, one after the other, in an order of chance."""

    client: Client
    random: Random
    reading: float

    async def work(self) -> None:
        pages: Sequence[tuple[str, dict[str, Any]]] = (
            ("insight", {"interval": "MONTH", "groupBy": "PRODUCT", "bank": True}),
            ("insight", {"interval": "WEEK", "groupBy": "BRANCH", "bank": False}),
            ("hotspots", {}),
            ("bottlenecks", {"groupBy": "PRODUCT"}),
            ("branches", {}),
            ("clusters", {"order": "SIZE_DESC"}),
            ("alerts", {}),
        )
        while not self.client.ending.is_set():
            name, variables = self.random.choice(pages)
            try:
                await self.client.ask(name, document(name), **variables)
            except ResultError:
                continue
            finally:
                await self.client.read(self.random, self.reading)


@dataclass
class Sender:
    """A program of a branch that sends a file, waits for its import, and sends the next one."""

    client: Client
    random: Random
    name: str
    texts: Iterator[str]
    reading: float

    async def work(self) -> None:
        files = 0
        while not self.client.ending.is_set():
            files += 1
            system = f"{self.name}-{files}"
            try:
                # What was interrupted is sent again, as a program would: rows that are there
                # unchanged are passed over.
                table = self._table(system)
                while (state := await self._sent(system, table)) in _AGAIN_STATES:
                    self.client.ledger.repeated[f"import: {state}"] += 1
            except ResultError:
                continue
            finally:
                await self.client.read(self.random, self.reading)

    def _table(self, system: str) -> bytes:
        lines = io.StringIO()
        writer = csv.writer(lines)
        writer.writerow(_HEADER)
        for row in range(_ROWS):
            at = (datetime.now(UTC) - timedelta(minutes=7 * row)).isoformat()
            customer = f"L{self.random.randrange(5_000)}"
            writer.writerow((f"{system}-{row}", at, "电话", next(self.texts), customer))
        return lines.getvalue().encode()

    async def _sent(self, system: str, table: bytes) -> str:
        client = self.client

        def post() -> Any:
            files: dict[str, Any] = {
                "file": (f"{system}.csv", table),
                "mapping": (None, _mapping(system)),
            }
            return client.http.post("/imports", files=files)

        began = await client.send("import sent", post, also=(409,))
        while began.status_code == 409:
            await client.read(self.random, 5.0)
            if client.ending.is_set():
                return "NOT_SENT"
            began = await client.send("import sent", post, also=(409,))
        identity, started = began.json()["job"]["id"], time.perf_counter()
        while True:
            job = (await client.ask("job", _JOB, id=identity))["job"]
            if job["state"] not in ("RUNNING", "WAITING"):
                break
            await asyncio.sleep(_POLL)
        client.ledger.seconds["import done"].append(time.perf_counter() - started)
        if job["state"] == "DONE":
            if job["report"]["rejected"]:
                raise client.failed("import", f"rejected {job['report']}")
            client.ledger.rows[system] += job["report"]["rows"]
        elif not (client.patient and job["state"] in _AGAIN_STATES):
            raise client.failed("import", f"{job['state']} {job['error']}")
        return str(job["state"])


def _mapping(system: str) -> str:
    return f"""
system = "{system}"
[fields]
source_id = "编号"
received_at = "受理时间"
narrative = "投诉内容"
channel = {{ constant = "PHONE" }}
[customer]
source_id = "客户号"
"""
