"""What was asked for on the command line, checked by the API's own types, and asked."""

import json
import re
from collections.abc import Mapping
from typing import Any

from graphql import OperationDefinitionNode, type_from_ast
from graphql.utilities import validate_input_value

from api.services import Services
from graph.domain.access import LOCAL, Identity
from graph.errors import InvalidInputError
from schema.build import Schema, build_schema
from schema.execution import context_for
from schema.exports.asking import MOST, Asking
from schema.exports.documents import EXPORTS, Export, What

#: Our own words within GraphQL's about a value that a scalar does not take.
_REASON = re.compile("but encountered error '([^']+)'")


def read_filter(text: str | None) -> Any:
    """The JSON of ``--filter``.

    Raises:
        InvalidInputError: it is none.
    """
    if text is None:
        return None
    try:
        return json.loads(text)
    except ValueError as error:
        raise InvalidInputError(
            f'--filter is no JSON ({error}): write it like \'{{"branches": ["BJ"]}}\'.',
            path=["filter"],
        ) from error


def chosen(what: What, options: Mapping[str, Any]) -> dict[str, Any]:
    """The options that were given, checked against the types that the API has for them.

    Raises:
        InvalidInputError: an option that this analysis does not take, or a value of another type.
    """
    export = EXPORTS[what]
    arguments = {name: value for name, value in options.items() if value is not None}
    for name in arguments:
        if name not in export.variables:
            takes = ", ".join(f"--{each}" for each in export.variables if each in options)
            raise InvalidInputError(f"{what} has no --{name}: it takes {takes}.", path=[name])
    if not export.paged and arguments.get("first", 0) > MOST:
        raise InvalidInputError(f"--first is at most {MOST} for {what}.", path=["first"])
    schema = build_schema()
    for name, value in arguments.items():
        _check(export.operation, schema, name, value)
    return arguments


def _check(operation: OperationDefinitionNode, schema: Schema, name: str, value: Any) -> None:
    def wrong(error: Any, path: list[str | int]) -> None:
        quoted = _REASON.search(error.message)
        # The whole value follows; whoever typed it knows it.
        reason = quoted[1] if quoted else error.message.partition(" Found: ")[0].rstrip(".?")
        raise InvalidInputError(
            f"{'.'.join([f'--{name}', *map(str, path)])}: {reason}.",
            path=[name, *map(str, path)],
        )

    for each in operation.variable_definitions or ():
        if each.variable.name.value == name:
            kind: Any = type_from_ast(schema._schema, each.type)
            validate_input_value(value, kind, wrong)


async def ask(services: Services, export: Export, arguments: Mapping[str, Any]) -> list[Any]:
    """What the root field answers, page by page."""
    return [answer async for answer in asking(services).pages(export, arguments)]


def asking(services: Services, identity: Identity = LOCAL) -> Asking:
    """The API as somebody gets it."""
    return Asking(build_schema(), lambda: context_for(services, identity))
