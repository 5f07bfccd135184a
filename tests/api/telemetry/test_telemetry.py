"""What a served process tells of itself: spans and metrics by OTLP, Prometheus, log lines.

A real service in a process of its own, a collector that is asked in OTLP, and people's data in
everything that is sent: none of it may come out.
"""

import asyncio
import gzip
import json
import os
import re
import shutil
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import httpx
import pytest
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import (
    ExportMetricsServiceRequest,
)
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import Span
from prometheus_client.parser import text_string_to_metric_families

from api.access.keys import ApiKeys
from graph.database import Database
from graph.domain.access import Identity, Reach, Role
from graph.embedded import Connection
from graph.embedded.process import free_port
from tests.support.graph import KEYRING, wipe
from tests.support.nodes import lacking

pytestmark = pytest.mark.graph

#: What a person wrote, and what is looked for: marks that nothing else has.
NAME, MOBILE, WORDS = "zhangsanfeng", "13912345678", "手续费未告知甲乙丙"
_METRIC = re.compile(r"\b(?:complaint_graph|http_server|db_client)_[a-z_]+")
TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
REGISTER = """
mutation Register($text: String!) {
  registerComplaint(input: {narrative: $text, subject: "%s"}) { complaint { id reference } }
}
"""
SEARCH = "query Search($t: String!) { searchComplaints(text: $t, first: 2) { score } }"
#: Refused before it runs, with words in the document itself.
WRONG = '{ complaint(reference: "%s", at: "%s") { %s } }'


@dataclass
class Collector:
    """Takes OTLP by HTTP and keeps all of it."""

    port: int
    bodies: list[bytes] = field(default_factory=list)
    spans: list[Span] = field(default_factory=list)
    metrics: set[str] = field(default_factory=set)

    def take(self, path: str, body: bytes) -> None:
        self.bodies.append(body)
        if path == "/v1/traces":
            traces = ExportTraceServiceRequest.FromString(body)
            self.spans += [
                span
                for resource in traces.resource_spans
                for scope in resource.scope_spans
                for span in scope.spans
            ]
        else:
            told = ExportMetricsServiceRequest.FromString(body)
            self.metrics |= {
                metric.name
                for resource in told.resource_metrics
                for scope in resource.scope_metrics
                for metric in scope.metrics
            }

    def named(self, name: str) -> list[Span]:
        return [span for span in self.spans if span.name == name]


@contextmanager
def collecting() -> Iterator[Collector]:
    collector = Collector(free_port(None))

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            if self.headers.get("Content-Encoding") == "gzip":
                body = gzip.decompress(body)
            collector.take(self.path, body)
            self.send_response(200)
            self.send_header("Content-Type", "application/x-protobuf")
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", collector.port), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield collector
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@dataclass
class Served:
    """The service, its metrics, the collector and what it has logged so far."""

    url: str
    metrics: str
    collector: Collector
    log: Path
    headers: dict[str, str]

    def ask(self, query: str, **variables: object) -> httpx.Response:
        return httpx.post(
            f"{self.url}/graphql",
            json={"query": query, "variables": variables},
            headers=self.headers,
            timeout=120,
        )

    def samples(self) -> dict[str, list[tuple[dict[str, str], float]]]:
        made: dict[str, list[tuple[dict[str, str], float]]] = {}
        for family in text_string_to_metric_families(httpx.get(self.metrics, timeout=60).text):
            for sample in family.samples:
                made.setdefault(sample.name, []).append((dict(sample.labels), sample.value))
        return made


def until(holds: Callable[[], bool], what: str) -> None:
    end = time.monotonic() + 600
    while not holds():
        assert time.monotonic() < end, what
        time.sleep(0.5)


async def _key(connection: Connection) -> str:
    async with Database.open(connection.uri, connection.user, connection.password) as database:
        await wipe(database)
        identity = Identity(
            "desk", roles=frozenset({Role.ADMINISTRATOR}), reach=Reach(everything=True)
        )
        return await ApiKeys.of(database, KEYRING).create(
            identity, by="test", now=datetime.now(UTC)
        )


@pytest.fixture(scope="module")
def served(neo4j_engine: Connection, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    home = tmp_path_factory.mktemp("telemetry")
    key = asyncio.run(_key(neo4j_engine))
    with collecting() as collector:
        port, metrics = free_port(None), free_port(None)
        settings = {
            "HOME": str(home),
            "ENVIRONMENT": "production",
            "NEO4J__URI": neo4j_engine.uri,
            "NEO4J__USER": neo4j_engine.user,
            "NEO4J__PASSWORD": neo4j_engine.password,
            "PRIVACY__KEY": KEYRING.key.hex(),
            "TELEMETRY__OTLP_ENDPOINT": f"http://127.0.0.1:{collector.port}",
            "TELEMETRY__SAMPLED": "1",
            "TELEMETRY__PROMETHEUS_PORT": str(metrics),
            "TELEMETRY__FIGURES_SECONDS": "0.5",
            "NEO4J__READ_SECONDS": "300",
        }
        told = {f"COMPLAINT_GRAPH_{name}": value for name, value in settings.items()}
        log = home / "log"
        with log.open("wb") as output:
            process = subprocess.Popen(
                [sys.executable, "-m", "scripts", "serve", "--port", str(port)],
                env={**os.environ, **told, "OTEL_BSP_SCHEDULE_DELAY": "200"},
                stdout=output,
                stderr=output,
            )
            try:
                url = f"http://127.0.0.1:{port}"
                until(lambda: _ready(url), "the service did not start")
                sender = {"Authorization": f"Bearer {key}"}
                yield Served(url, f"http://127.0.0.1:{metrics}/metrics", collector, log, sender)
            finally:
                process.terminate()
                process.wait(60)


def _ready(url: str) -> bool:
    try:
        return httpx.get(f"{url}/health/ready", timeout=20).status_code == 200
    except httpx.TransportError:
        return False


def test_an_operation_is_one_trace_from_the_request_to_its_statements(served: Served) -> None:
    served.headers["traceparent"] = f"00-{TRACE}-00f067aa0ba902b7-01"
    try:
        assert served.ask(SEARCH, t=f"{WORDS} {NAME} {MOBILE}").json().get("errors") is None
    finally:
        del served.headers["traceparent"]
    collector = served.collector

    def mine() -> list[Span]:
        return [span for span in collector.spans if span.trace_id.hex() == TRACE]

    until(lambda: any(s.name == "POST /graphql" for s in mine()), "no span of the request")
    names = {span.name for span in mine()}
    assert {"POST /graphql", "graphql.operation", "graphql.parse", "encode"} <= names
    statements = {name for name in names if name.startswith("graph.")}
    assert len(statements) >= 2
    inner = next(span for span in mine() if span.name == "graphql.operation")
    outer = next(span for span in mine() if span.name == "POST /graphql")
    assert inner.parent_span_id == outer.span_id
    assert {a.key: a.value.string_value for a in inner.attributes}["graphql.operation.type"] == (
        "query"
    )


def test_metrics_tell_what_was_done_and_what_waits(served: Served) -> None:
    assert served.ask(REGISTER % NAME, text=f"{WORDS},{MOBILE}").json().get("errors") is None
    until(
        lambda: served.samples()["complaint_graph_complaints"] == [({}, 1.0)],
        "the complaint was not counted",
    )
    samples = served.samples()
    assert {each["part"]: value for each, value in samples["complaint_graph_ready"]} == {
        "graph": 1.0,
        "indexes": 1.0,
        "encoder": 1.0,
    }
    assert {each["work"] for each, _ in samples["complaint_graph_backlog"]} == {"link", "escalate"}
    operations = samples["complaint_graph_operation_duration_seconds_count"]
    assert {each["graphql_operation_type"] for each, _ in operations} >= {"mutation"}
    statements = samples["db_client_operation_duration_seconds_count"]
    names = [each["db_query_summary"] for each, _ in statements]
    assert [name for name in names if not re.fullmatch(r"[a-z]\w+(\.\w+)+", name)] == []
    assert samples["complaint_graph_overdue"] == [({}, 0.0)]
    assert samples["complaint_graph_encoder_texts_total"][0][1] >= 1


def test_nothing_that_a_person_wrote_is_told(served: Served) -> None:
    served.ask(REGISTER % NAME, text=f"{WORDS}，联系{MOBILE}")
    for query in (
        WRONG % (NAME, MOBILE, NAME),
        f"query Aliased {{ {NAME}: viewer {{ person }} }}",
        f"query One {{ {NAME} }} query Other {{ viewer {{ person }} }}",
        f'{{ searchComplaints(text: "{WORDS} {MOBILE}", first: 1, filter: {{types: ["{NAME}"]}}) '
        "{ score } }",
        f"not a document {NAME} {MOBILE}",
    ):
        served.ask(query, t=f"{WORDS} {MOBILE}")
    httpx.get(f"{served.url}/{NAME}/{MOBILE}?q={MOBILE}", headers=served.headers, timeout=60)
    before = len(served.collector.spans)
    served.ask("{ viewer { person } }")
    until(lambda: len(served.collector.spans) > before, "nothing more was exported")
    until(lambda: bool(served.collector.metrics), "no metrics by OTLP")
    told = b"".join(served.collector.bodies) + httpx.get(served.metrics, timeout=60).content
    told += served.log.read_bytes()
    for mark in (MOBILE, WORDS, NAME):
        assert [span for span in served.collector.spans if mark in str(span)] == []
        assert mark.encode() not in told, mark
        assert json.dumps(mark).strip('"').encode() not in told, mark


def test_log_lines_of_production_are_json_with_who_and_which_trace(served: Served) -> None:
    served.ask("query Mine { viewer { person } }")

    def lines() -> list[dict[str, object]]:
        return [json.loads(line) for line in served.log.read_text("utf-8").splitlines()]

    until(lambda: any(each.get("operation") == "Mine" for each in lines()), "no line of it")
    mine = next(each for each in lines() if each.get("operation") == "Mine")
    assert mine["person"] == "desk"
    assert mine["level"] == "info"
    assert mine["timestamp"]
    until(
        lambda: any(span.trace_id.hex() == mine["trace"] for span in served.collector.spans),
        "the line's trace was not exported",
    )


def test_dashboard_and_alerts_ask_for_metrics_that_there_are(served: Served) -> None:
    served.ask("{ viewer { person } }")
    served.ask(SEARCH, t=WORDS)
    known = set(served.samples()) | {"up"}
    folder = Path(__file__).parents[3] / "deploy"
    board = json.loads((folder / "grafana" / "complaint-graph.json").read_text("utf-8"))
    asked = [target["expr"] for panel in board["panels"] for target in panel["targets"]]
    assert len(asked) > 10
    rules = (folder / "prometheus" / "alerts.yml").read_text("utf-8")
    names = set(_METRIC.findall(" ".join([*asked, rules])))
    assert len(names) > 8
    assert names <= known


@pytest.mark.parametrize("arguments", [("check", "rules", "alerts.yml"), ("test", "rules")])
def test_alerts_are_raised_when_they_should_be(arguments: tuple[str, ...]) -> None:
    promtool = shutil.which("promtool")
    if promtool is None:
        lacking("There is no promtool: Debian's package `prometheus` has it.")
    if arguments[0] == "test":
        arguments = (*arguments, "alerts_test.yml")
    folder = Path(__file__).parents[3] / "deploy" / "prometheus"
    finished = subprocess.run(
        [promtool, *arguments], cwd=folder, check=False, capture_output=True, text=True
    )
    assert finished.returncode == 0, finished.stdout + finished.stderr


def test_a_port_for_metrics_that_is_taken_is_told(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        finished = subprocess.run(
            [sys.executable, "-m", "scripts", "serve", "--port", str(free_port(None))],
            env={
                **os.environ,
                "COMPLAINT_GRAPH_HOME": str(tmp_path),
                "COMPLAINT_GRAPH_TELEMETRY__PROMETHEUS_PORT": str(taken.getsockname()[1]),
            },
            check=False,
            capture_output=True,
            text=True,
            timeout=300,
        )
    assert finished.returncode == 1
    assert "COMPLAINT_GRAPH_TELEMETRY__PROMETHEUS_PORT" in finished.stderr
    assert "Traceback" not in finished.stderr
