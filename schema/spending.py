"""What an operation spends: charged to a person before anything runs, told beside the answer.

A subscription is charged for each message. What is charged is the price of the document, known
before anything is read; what was really read is told beside it.
"""

import math
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from inspect import isawaitable
from typing import TYPE_CHECKING, Any

from graphql import GraphQLError, GraphQLField, GraphQLObjectType, GraphQLSchema
from strawberry.extensions import SchemaExtension
from strawberry.types import ExecutionResult

from graph.errors import ComplaintGraphError, ThrottledError
from schema.rates import Bucket
from schema.resolved import READS, SEARCHES, declared

if TYPE_CHECKING:
    from schema.request import RequestContext


@dataclass(slots=True)
class Spent:
    """``points``: the price of the operation, or of each message; ``read``: by searches and
    analyses that ran since the last answer.
    """

    points: int = 0
    read: float = 0.0
    charged: bool = False
    bucket: Bucket | None = None


class SpendingExtension(SchemaExtension):
    """Charges a document that is valid and permitted; it is the last to judge."""

    async def on_validate(self) -> AsyncIterator[None]:
        execution = self.execution_context
        if execution.context is not None and not execution.pre_execution_errors:
            try:
                await charge(execution.context)
            except ComplaintGraphError as error:
                refused = GraphQLError(error.message, original_error=error)
                execution.pre_execution_errors = [refused]
        yield


async def charge(context: "RequestContext") -> None:
    """Take the price of the operation, or of one more message.

    Raises:
        ThrottledError, UnavailableError: it may not run.
    """
    spent = context.spent
    spent.charged = True
    try:
        spent.bucket = await context.uses.buckets.spend(context.identity, spent.points)
    except ThrottledError as error:
        spent.bucket = Bucket(error.maximum, error.remaining)
        raise


def with_cost(context: "RequestContext", result: ExecutionResult) -> ExecutionResult:
    """The answer with ``extensions.cost``; what comes next is counted anew."""
    spent = context.spent
    if not spent.charged:
        return result
    bucket = spent.bucket
    cost: dict[str, Any] = {
        "requested": spent.points,
        "actual": math.ceil(_objects(result.data) + spent.read),
        "throttle": None
        if bucket is None
        else {
            "maximum": bucket.maximum,
            "remaining": bucket.remaining,
            "restorePerMinute": bucket.maximum,
        },
    }
    spent.read = 0.0
    result.extensions = {**(result.extensions or {}), "cost": cost}
    return result


def _objects(data: Any) -> int:
    """The objects of an answer, the root left out."""
    found, pending = -1 if data is not None else 0, [data]
    while pending:
        each = pending.pop()
        if isinstance(each, dict):
            found += 1
            pending += each.values()
        elif isinstance(each, list):
            pending += each
    return found


def count_reads(schema: GraphQLSchema) -> None:
    """Let the fields that search tell that they did, and those that analyse wait for their turn."""
    for kind in schema.type_map.values():
        if isinstance(kind, GraphQLObjectType):
            for field in kind.fields.values():
                searches, reads = declared(field, SEARCHES), declared(field, READS)
                if (searches or reads) and field.resolve is not None:
                    field.resolve = _counting(field, field.resolve, searches, reads)


def _counting(
    field: GraphQLField, resolve: Callable[..., Any], searches: float, reads: float
) -> Callable[..., Any]:
    def searched(source: Any, info: Any, **arguments: Any) -> Any:
        info.context.spent.read += searches
        return resolve(source, info, **arguments)

    async def analysed(source: Any, info: Any, **arguments: Any) -> Any:
        context: RequestContext = info.context
        async with context.uses.turns.turn(context.identity.actor):
            context.spent.read += searches + reads * context.uses.size.complaints
            made: Awaitable[Any] | Any = resolve(source, info, **arguments)
            return await made if isawaitable(made) else made

    return analysed if reads else searched
