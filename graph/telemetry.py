"""Traces and metrics of what the service does, by OpenTelemetry's API.

Without a provider (``api.telemetry`` sets them up) all of it does nothing. Names of functions,
kinds, numbers and codes of errors are told: never a statement's text, its parameters, a document's
arguments or an error's message, as any of them may hold what a person wrote.
"""

import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager

from opentelemetry import metrics, trace
from opentelemetry.context import Context
from opentelemetry.metrics import Histogram
from opentelemetry.trace import Span, SpanKind, Status, StatusCode

from graph.errors import ComplaintGraphError

NAME = "complaint_graph"
_TRACER = trace.get_tracer(NAME)
METER = metrics.get_meter(NAME)
#: Bounds in seconds: from what one statement takes to what an analysis may.
SECONDS = (0.001, 0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0)

_STATEMENTS = METER.create_histogram(
    "db.client.operation.duration",
    unit="s",
    description="What statements take, waiting for a connection included.",
    explicit_bucket_boundaries_advisory=SECONDS,
)
_ACTIVE = METER.create_up_down_counter(
    "complaint_graph.statements.active", description="Statements that wait for the graph right now."
)
Attributes = Mapping[str, str | int | float | bool]


def spanned(
    name: str,
    attributes: Attributes | None = None,
    *,
    kind: SpanKind = SpanKind.INTERNAL,
    parent: Context | None = None,
) -> AbstractContextManager[Span]:
    """A span over a block. Its errors are not recorded: their messages and stacks would carry what
    the block was working on.
    """
    return _TRACER.start_as_current_span(
        name,
        parent,
        kind=kind,
        attributes=attributes,
        record_exception=False,
        set_status_on_exception=False,
    )


@contextmanager
def timed(
    span: str,
    histogram: Histogram,
    attributes: Attributes,
    *,
    kind: SpanKind = SpanKind.INTERNAL,
) -> Iterator[Span]:
    """A span and a measured duration of the block, both with ``attributes`` and, if it fails, the
    kind of the error.
    """
    started, told = time.perf_counter(), dict(attributes)
    with spanned(span, told, kind=kind) as current:
        try:
            yield current
        except BaseException as error:
            told["error.type"] = error_type(error)
            current.set_attribute("error.type", told["error.type"])
            current.set_status(Status(StatusCode.ERROR))
            raise
        finally:
            histogram.record(time.perf_counter() - started, told)


@contextmanager
def statement(name: str) -> Iterator[None]:
    """One statement that is sent to the graph; ``name``: of the function that sends it."""
    told = {"db.system.name": "neo4j", "db.query.summary": name}
    _ACTIVE.add(1)
    try:
        with timed(name, _STATEMENTS, told, kind=SpanKind.CLIENT):
            yield
    finally:
        _ACTIVE.add(-1)


def sender() -> str:
    """The function that called the caller of this, such as ``graph.queries.complaints.by_ids``."""
    frame = sys._getframe(2)
    # Such as "page.<locals>.<genexpr>".
    name = frame.f_code.co_qualname.replace("<locals>.", "").replace("<", "").replace(">", "")
    return f"{frame.f_globals['__name__']}.{name}"


def error_type(error: BaseException) -> str:
    """An error's code, or its class."""
    return error.code if isinstance(error, ComplaintGraphError) else type(error).__qualname__
