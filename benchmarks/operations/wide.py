"""The schema without its limits, and asking it without HTTP."""

from typing import Any

from strawberry.types import ExecutionResult

from api.services import Services
from graph.domain.access import LOCAL, Identity
from schema.build import build_schema
from schema.execution import context_for
from schema.limits import Limits

#: Asks for more than a client may, so that one document can hold every field.
WIDE = build_schema(
    limits=Limits(tokens=10**6, aliases=10**4, depth=100, cost=10**9, message=10**9)
)
SCHEMA = WIDE._schema


async def asked(
    services: Services, identity: Identity, text: str, **variables: Any
) -> ExecutionResult:
    """What somebody gets, errors included."""
    return await WIDE.execute(
        text, variable_values=variables, context_value=context_for(services, identity)
    )


async def ask(services: Services, text: str, **variables: Any) -> dict[str, Any]:
    """The data of an operation of whoever is at this machine, that must not fail."""
    result = await asked(services, LOCAL, text, **variables)
    assert result.errors is None, result.errors
    assert result.data is not None
    return result.data
