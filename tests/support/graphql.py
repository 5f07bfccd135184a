"""Asking the schema without HTTP."""

from typing import Any

from strawberry.types import ExecutionResult

from api.services import Services
from graph.domain.access import LOCAL, Identity
from schema.build import Schema, build_schema
from schema.execution import context_for

SCHEMA = build_schema(development=True)


async def execute(
    services: Services,
    query: str,
    schema: Schema = SCHEMA,
    identity: Identity = LOCAL,
    **variables: Any,
) -> ExecutionResult:
    """The raw result, errors included, as somebody gets it."""
    return await schema.execute(
        query, variable_values=variables, context_value=context_for(services, identity)
    )


async def ask(services: Services, query: str, **variables: Any) -> dict[str, Any]:
    """The data of an operation that must not fail."""
    result = await execute(services, query, **variables)
    assert result.errors is None, result.errors
    assert result.data is not None
    return result.data


async def refused(services: Services, query: str, **variables: Any) -> dict[str, Any]:
    """The one error of an operation that must fail, as clients see it."""
    result = await execute(services, query, **variables)
    assert result.errors, result.data
    codes = {error.formatted["extensions"]["code"] for error in result.errors}
    assert len(codes) == 1, result.errors
    return dict(result.errors[0].formatted)


def statements(result: ExecutionResult) -> int:
    """How many Cypher statements an operation sent."""
    assert result.extensions is not None
    return int(result.extensions["graph"]["queries"])
