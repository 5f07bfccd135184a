"""What an operation cost: told to the log always, to the client in development."""

import time
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import structlog
from graphql import GraphQLError, OperationDefinitionNode, get_operation_ast
from opentelemetry.trace import Span, Status, StatusCode
from strawberry.extensions import SchemaExtension
from strawberry.types import ExecutionContext

from graph.database import Meter, metered
from graph.telemetry import METER, SECONDS, error_type, spanned

log = structlog.get_logger(__name__)
_DURATION = METER.create_histogram(
    "complaint_graph.operation.duration",
    unit="s",
    description="What operations take, from the document to the answer.",
    explicit_bucket_boundaries_advisory=SECONDS,
)


class MeterExtension(SchemaExtension):
    """``extensions.graph``: Cypher statements sent and milliseconds spent waiting for them."""

    def __init__(self, *, shown: bool) -> None:
        self.shown = shown
        self.meter = Meter()
        self.before = Meter()

    def on_operation(self) -> Iterator[None]:
        started = time.perf_counter()
        with metered() as meter, spanned("graphql.operation") as span:
            self.meter = meter
            yield
            self._tell(span, started)
        log.info(
            "operation",
            operation=operation_name(self.execution_context),
            milliseconds=round((time.perf_counter() - started) * 1000, 1),
            statements=meter.statements,
            failed=bool(self.execution_context.pre_execution_errors),
        )

    def on_parse(self) -> Iterator[None]:
        with spanned("graphql.parse"):
            yield

    def on_validate(self) -> Iterator[None]:
        with spanned("graphql.validate"):
            yield

    def _tell(self, span: Span, started: float) -> None:
        """The operation's kind and name, and by which codes it failed: never what it says."""
        kind = _kind(self.execution_context)
        codes = _codes(self.execution_context)
        told = {"graphql.operation.type": kind, **({"error.type": codes[0]} if codes else {})}
        # A subscription lasts as long as somebody listens.
        if kind != "subscription":
            _DURATION.record(time.perf_counter() - started, told)
        span.set_attributes({**told, "complaint_graph.statements": self.meter.statements})
        if name := operation_name(self.execution_context):
            span.set_attribute("graphql.operation.name", name)
        if codes:
            span.set_status(Status(StatusCode.ERROR))

    def get_results(self) -> dict[str, Any]:
        if not self.shown:
            return {}
        # A subscription tells with every message what that one cost.
        spent = round(self.meter.milliseconds - self.before.milliseconds, 1)
        statements = self.meter.statements - self.before.statements
        self.before = replace(self.meter)
        return {"graph": {"queries": statements, "milliseconds": spent}}


def operation_name(context: ExecutionContext) -> str | None:
    """The operation's name, if the document has one so called: then it is only a word."""
    document = context.graphql_document
    if document is None:
        return None
    names = {
        node.name.value
        for node in document.definitions
        if isinstance(node, OperationDefinitionNode) and node.name
    }
    return context.operation_name if context.operation_name in names else None


def _kind(context: ExecutionContext) -> str:
    """The operation's type; "none" for what is no document, or has no such operation."""
    document = context.graphql_document
    found = get_operation_ast(document, context.operation_name) if document else None
    return found.operation.value if found else "none"


def _codes(context: ExecutionContext) -> list[str]:
    errors = context.pre_execution_errors or getattr(context.result, "errors", None) or ()
    return sorted({_code(error) for error in errors})


def _code(error: GraphQLError) -> str:
    if error.original_error is not None:
        return error_type(error.original_error)
    return str((error.extensions or {}).get("code", "BAD_REQUEST"))
