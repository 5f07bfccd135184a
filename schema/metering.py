"""What an operation cost: told to the log always, to the client in development."""

import time
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import structlog
from graphql import OperationDefinitionNode
from strawberry.extensions import SchemaExtension
from strawberry.types import ExecutionContext

from graph.database import Meter, metered

log = structlog.get_logger(__name__)


class MeterExtension(SchemaExtension):
    """``extensions.graph``: Cypher statements sent and milliseconds spent waiting for them."""

    def __init__(self, *, shown: bool) -> None:
        self.shown = shown
        self.meter = Meter()
        self.before = Meter()

    def on_operation(self) -> Iterator[None]:
        started = time.perf_counter()
        with metered() as meter:
            self.meter = meter
            yield
        log.info(
            "operation",
            operation=operation_name(self.execution_context),
            milliseconds=round((time.perf_counter() - started) * 1000, 1),
            statements=meter.statements,
            failed=bool(self.execution_context.pre_execution_errors),
        )

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
