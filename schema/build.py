"""The whole schema, with its protections."""

from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from datetime import datetime
from decimal import Decimal
from typing import Any

import strawberry
from graphql import (
    GraphQLArgument,
    GraphQLError,
    GraphQLInputField,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLSchema,
    Undefined,
)
from strawberry.extensions import SchemaExtension
from strawberry.schema.config import StrawberryConfig
from strawberry.schema.exceptions import InvalidOperationTypeError
from strawberry.types import ExecutionContext, ExecutionResult
from strawberry.types.graphql import OperationType

from schema.changes import VALUE_TYPES
from schema.errors import refusal, translate
from schema.limits import Limits, LimitsExtension
from schema.metering import MeterExtension
from schema.mutations import Mutation
from schema.queries import Query
from schema.request import RequestContext
from schema.scalars import DATE_TIME, DECIMAL, TimeOrDate
from schema.subscriptions import Subscription

_ELSEWHERE = "Subscriptions go over a websocket, by the protocol graphql-transport-ws."


class Schema(strawberry.Schema):
    """A schema whose answers hold no error that ``schema.errors`` has not translated."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _drop_null_defaults(self._schema)

    async def execute(self, *args: Any, **kwargs: Any) -> ExecutionResult:
        allowed = kwargs.get("allowed_operation_types") or OperationType
        kwargs["allowed_operation_types"] = set(allowed) - {OperationType.SUBSCRIPTION}
        try:
            result = await super().execute(*args, **kwargs)
        except InvalidOperationTypeError as error:
            if error.operation_type is not OperationType.SUBSCRIPTION:
                raise
            return ExecutionResult(data=None, errors=[refusal(_ELSEWHERE, "BAD_REQUEST")])
        if result.errors:
            result.errors = translate(result.errors)
        return result

    async def stream(self, *args: Any, **kwargs: Any) -> AsyncGenerator[Any, None]:
        """A subscription's results; nothing else is taken here, where nothing bounds its time.

        A connection has one context for all its operations, so each gets a fresh one.
        """
        kwargs["allowed_operation_types"] = (OperationType.SUBSCRIPTION,)
        context: RequestContext = kwargs["context_value"]
        kwargs["context_value"] = context.fresh()
        return _translated(await super().stream(*args, **kwargs))

    def process_errors(
        self, errors: list[GraphQLError], execution_context: ExecutionContext | None = None
    ) -> None:
        """Log nothing here: the translation does, without what was sent."""


async def _translated(results: AsyncGenerator[Any, None]) -> AsyncGenerator[Any, None]:
    async with aclosing(results):
        async for result in results:
            if result.errors:
                result.errors = translate(result.errors)
            yield result


def _drop_null_defaults(schema: GraphQLSchema) -> None:
    """What may be left out has no default: ``= null`` everywhere would hide the real ones."""
    for named in schema.type_map.values():
        if isinstance(named, GraphQLInputObjectType):
            inputs: list[GraphQLArgument | GraphQLInputField] = [*named.fields.values()]
        elif isinstance(named, GraphQLObjectType | GraphQLInterfaceType):
            inputs = [arg for field in named.fields.values() for arg in field.args.values()]
        else:
            continue
        for argument in inputs:
            if argument.default_value is None:
                argument.default_value = Undefined


def build_schema(*, development: bool = False, limits: Limits | None = None) -> Schema:
    """``development``: answers tell in ``extensions.graph`` what they cost."""
    bounds = limits or Limits()
    extensions: list[Callable[[], SchemaExtension]] = [
        lambda: MeterExtension(shown=development),
        lambda: LimitsExtension(bounds),
    ]
    return Schema(
        query=Query,
        mutation=Mutation,
        subscription=Subscription,
        types=VALUE_TYPES,
        extensions=extensions,
        config=StrawberryConfig(
            scalar_map={datetime: DATE_TIME, TimeOrDate: DATE_TIME, Decimal: DECIMAL}
        ),
    )
