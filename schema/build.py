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
    get_nullable_type,
)
from strawberry.exceptions import MissingQueryError
from strawberry.extensions import SchemaExtension
from strawberry.schema.config import StrawberryConfig
from strawberry.schema.exceptions import CannotGetOperationTypeError, InvalidOperationTypeError
from strawberry.types import ExecutionContext, ExecutionResult
from strawberry.types.execution import PreExecutionError
from strawberry.types.graphql import OperationType

from graph.errors import ComplaintGraphError
from schema.changes import VALUE_TYPES
from schema.documents import Documents
from schema.errors import refusal, translate
from schema.introspection import IntrospectionExtension
from schema.limits import Limits
from schema.metering import MeterExtension
from schema.mutations import Mutation
from schema.policy.enforcement import PolicyExtension
from schema.policy.rules import field_rules
from schema.preparation import PreparationExtension
from schema.queries import Query
from schema.request import RequestContext
from schema.scalars import DATE_TIME, DECIMAL, POSITION, Position, TimeOrDate
from schema.shown import ShownExtension, note_cases, note_readings, recorded
from schema.spending import SpendingExtension, charge, count_reads, with_cost
from schema.subscriptions import Subscription

_ELSEWHERE = "Subscriptions go over a websocket, by the protocol graphql-transport-ws."


class Schema(strawberry.Schema):
    """A schema whose answers hold no error that ``schema.errors`` has not translated, and no case
    that is not recorded (``schema.shown``).
    """

    def __init__(self, *args: Any, documents: Documents, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.documents = documents
        _drop_null_defaults(self._schema)
        _let_root_fields_fail(self._schema)
        rules = field_rules()
        rules.check(self._schema)
        note_cases(self._schema)
        note_readings(self._schema, rules.group)
        count_reads(self._schema)

    async def execute(self, *args: Any, **kwargs: Any) -> ExecutionResult:
        """One query or mutation.

        What could not be executed at all is a ``PreExecutionError``, which has no data.

        Raises:
            InvalidOperationTypeError: it is none of ``allowed_operation_types``, of which
                subscriptions are never one.
        """
        allowed = kwargs.get("allowed_operation_types") or OperationType
        kwargs["allowed_operation_types"] = set(allowed) - {OperationType.SUBSCRIPTION}
        try:
            result = await super().execute(*args, **kwargs)
        except InvalidOperationTypeError as error:
            if error.operation_type is not OperationType.SUBSCRIPTION:
                raise
            return PreExecutionError(data=None, errors=[refusal(_ELSEWHERE, "BAD_REQUEST")])
        except (CannotGetOperationTypeError, MissingQueryError) as error:
            unclear = GraphQLError("There is nothing to run.", original_error=error)
            return PreExecutionError(data=None, errors=translate([unclear]))
        if result.errors:
            result.errors = translate(result.errors)
        context: RequestContext | None = kwargs.get("context_value")
        return result if context is None else with_cost(context, await recorded(context, result))

    async def stream(self, *args: Any, **kwargs: Any) -> AsyncGenerator[Any, None]:
        """A subscription's results; nothing else is taken here, where nothing bounds its time.

        A connection has one context for all its operations, so each gets a fresh one.
        """
        kwargs["allowed_operation_types"] = (OperationType.SUBSCRIPTION,)
        context: RequestContext = kwargs["context_value"].fresh()
        kwargs["context_value"] = context
        return _answers(await super().stream(*args, **kwargs), context)

    def process_errors(
        self, errors: list[GraphQLError], execution_context: ExecutionContext | None = None
    ) -> None:
        """Log nothing here: the translation does, without what was sent."""


async def _answers(
    results: AsyncGenerator[Any, None], context: RequestContext
) -> AsyncGenerator[Any, None]:
    async with aclosing(results):
        async for result in results:
            if result.errors:
                result.errors = translate(result.errors)
            if not isinstance(result, PreExecutionError):
                try:
                    await charge(context)
                except ComplaintGraphError as error:
                    # What was not told is read again by whoever subscribes `after` the last.
                    refused = GraphQLError(error.message, original_error=error)
                    ended = PreExecutionError(data=None, errors=translate([refused]))
                    yield with_cost(context, ended)
                    return
            yield with_cost(context, await recorded(context, result))


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


def _let_root_fields_fail(schema: GraphQLSchema) -> None:
    """What is asked for side by side fails side by side: null reaches no further than its field."""
    for root in (schema.query_type, schema.mutation_type):
        for field in root.fields.values() if root else ():
            field.type = get_nullable_type(field.type)


def build_schema(
    *,
    development: bool = False,
    production: bool = False,
    limits: Limits | None = None,
    documents: Documents | None = None,
) -> Schema:
    """``development``: answers tell in ``extensions.graph`` what they cost; ``production``: only
    administrators may introspect.
    """
    bounds, known = limits or Limits(), documents or Documents()
    extensions: list[Callable[[], SchemaExtension]] = [
        lambda: MeterExtension(shown=development),
        ShownExtension,
        lambda: PreparationExtension(bounds, known),
        PolicyExtension,
        *([IntrospectionExtension] if production else []),
        SpendingExtension,
    ]
    return Schema(
        query=Query,
        mutation=Mutation,
        subscription=Subscription,
        types=VALUE_TYPES,
        extensions=extensions,
        documents=known,
        config=StrawberryConfig(
            scalar_map={
                datetime: DATE_TIME,
                TimeOrDate: DATE_TIME,
                Decimal: DECIMAL,
                Position: POSITION,
            }
        ),
    )
