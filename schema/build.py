"""The whole schema, with its protections."""

from collections.abc import Callable
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
from strawberry.types import ExecutionContext, ExecutionResult

from schema.errors import translate
from schema.limits import Limits, LimitsExtension
from schema.metering import MeterExtension
from schema.mutations import Mutation
from schema.queries import Query
from schema.scalars import DATE_TIME, DECIMAL, TimeOrDate


class Schema(strawberry.Schema):
    """A schema whose answers hold no error that ``schema.errors`` has not translated."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _drop_null_defaults(self._schema)

    async def execute(self, *args: Any, **kwargs: Any) -> ExecutionResult:
        result = await super().execute(*args, **kwargs)
        if result.errors:
            result.errors = translate(result.errors)
        return result

    def process_errors(
        self, errors: list[GraphQLError], execution_context: ExecutionContext | None = None
    ) -> None:
        """Log nothing here: the translation does, without what was sent."""


def _drop_null_defaults(schema: GraphQLSchema) -> None:
    """What may be left out has no default: ``= null`` everywhere would hide the real ones."""
    for named in schema.type_map.values():
        if isinstance(named, GraphQLInputObjectType):
            inputs: list[GraphQLArgument | GraphQLInputField] = [*named.fields.values()]
        elif isinstance(named, GraphQLObjectType | GraphQLInterfaceType):
            inputs = [arg for field in named.fields.values() for arg in field.args.values()]
        else:
            continue
        for given in inputs:
            if given.default_value is None:
                given.default_value = Undefined


def build_schema(*, development: bool = False, limits: Limits | None = None) -> Schema:
    """``development``: answers tell in ``extensions.graph`` what they cost."""
    bounds = limits or Limits()
    extensions: list[Callable[[], SchemaExtension]] = [
        lambda: MeterExtension(told=development),
        lambda: LimitsExtension(bounds),
    ]
    return Schema(
        query=Query,
        mutation=Mutation,
        extensions=extensions,
        config=StrawberryConfig(
            scalar_map={datetime: DATE_TIME, TimeOrDate: DATE_TIME, Decimal: DECIMAL}
        ),
    )
