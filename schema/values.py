"""Values that do not fit their types: told alike as literals and as variables, never repeated.

An error names the argument (and the variable, if one was used), the place in it, and what the
place takes. What was sent stands nowhere in it: it may be a person's number in a wrong field.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from graphql import (
    ArgumentNode,
    DocumentNode,
    FieldNode,
    GraphQLError,
    GraphQLInputType,
    GraphQLSchema,
    ListValueNode,
    Node,
    ObjectValueNode,
    OperationDefinitionNode,
    ValueNode,
    VariableDefinitionNode,
    VariableNode,
    VisitorAction,
    get_named_type,
    get_nullable_type,
    is_input_object_type,
    is_list_type,
    is_non_null_type,
    type_from_ast,
)
from graphql.language import BREAK, SKIP, DirectiveNode, Visitor, visit
from graphql.utilities.validate_input_value import validate_input_literal, validate_input_value
from graphql.validation import ValuesOfCorrectTypeRule

#: A value that its type does not take; nothing was executed.
BAD_USER_INPUT = "BAD_USER_INPUT"
#: More errors of one variable or literal help nobody.
_MOST = 20

_REQUIRED = re.compile(r"to include required field '(\w+)'")
_UNKNOWN = re.compile(r"not to include unknown field '")

Path = list[str | int]


class FittingValuesRule(ValuesOfCorrectTypeRule):
    """GraphQL's rule about literals, with our errors."""

    def __init__(self, context: Any) -> None:
        super().__init__(context)
        self.what = "A value"

    def enter_argument(self, node: ArgumentNode, *visited: Any) -> None:
        *_, ancestors = visited
        self.what = _argument(node, ancestors)

    def enter_variable_definition(self, node: VariableDefinitionNode, *_: Any) -> None:
        self.what = f"The default of variable '${node.variable.name.value}'"

    def is_valid_value_node(
        self, node: ValueNode, input_type: GraphQLInputType | None
    ) -> VisitorAction:
        if input_type:
            reported: list[GraphQLError] = []
            validate_input_literal(
                node, input_type, _collector(reported, self.what, input_type, node)
            )
            for error in reported:
                self.report_error(error)
        return SKIP


def wrong_variables(
    schema: GraphQLSchema,
    document: DocumentNode,
    operation: OperationDefinitionNode,
    values: Mapping[str, Any],
) -> list[GraphQLError]:
    """What is wrong with the variables of an operation of a valid document."""
    errors: list[GraphQLError] = []
    for definition in operation.variable_definitions or ():
        name = definition.variable.name.value
        kind: Any = type_from_ast(schema, definition.type)
        if name in values:
            found: list[GraphQLError] = []
            what, at = _use(document, name)
            collect = _collector(found, what, kind, definition, at)
            validate_input_value(values[name], kind, collect)
            if not found and _broken(values[name]):
                told = f"{what}{_place(at)} holds half of a surrogate pair, which is no text."
                found.append(_error(told, definition))
            errors += found
        elif is_non_null_type(kind) and definition.default_value is None:
            what, at = _use(document, name)
            errors.append(_error(f"{what}{_place(at)} is missing: it takes {kind}.", definition))
    return errors


def _broken(value: object) -> bool:
    """Whether a text in it cannot be sent on, to the graph or to anybody."""
    if isinstance(value, str):
        try:
            value.encode()
        except UnicodeEncodeError:
            return True
        return False
    if isinstance(value, Mapping):
        return any(_broken(each) for each in value.values())
    return isinstance(value, list | tuple) and any(_broken(each) for each in value)


def _collector(
    errors: list[GraphQLError],
    what: str,
    kind: GraphQLInputType,
    node: Node,
    above: Sequence[str | int] = (),
) -> Callable[[GraphQLError, Path], None]:
    """What is told of each error; ``above`` is where in an argument a variable stands."""

    def collect(error: GraphQLError, path: Path) -> None:
        if len(errors) < _MOST:
            place = _place([*above, *path])
            message = f"{what}{place} {_problem(error.message, _type_at(kind, path))}"
            errors.append(_error(message, node))

    return collect


def _error(message: str, node: Node) -> GraphQLError:
    return GraphQLError(message, node, extensions={"code": BAD_USER_INPUT})


def _problem(message: str, kind: Any) -> str:
    """GraphQL's own words about a wrong value, less the value."""
    required = _REQUIRED.search(message)
    if required:
        return f"lacks the field '{required.group(1)}'."
    if _UNKNOWN.search(message):
        return f"has a field that {get_named_type(kind).name} does not have."
    return f"does not fit its type: it takes {kind}."


def _type_at(kind: Any, path: Path) -> Any:
    """The type at a place in a value; a value alone counts as a list of it."""
    for step in path:
        kind = get_nullable_type(kind)
        if isinstance(step, int):
            kind = kind.of_type
            continue
        while is_list_type(kind):
            kind = get_nullable_type(kind.of_type)
        kind = kind.fields[step].type if is_input_object_type(kind) else kind
    return kind


def _place(path: Path) -> str:
    if not path:
        return ""
    steps = (f"[{step}]" if isinstance(step, int) else f".{step}" for step in path)
    return f" at {''.join(steps)}"


def _argument(node: ArgumentNode, ancestors: list[Any]) -> str:
    owner = next((a for a in reversed(ancestors) if isinstance(a, FieldNode | DirectiveNode)), None)
    if owner is None:
        return f"Argument '{node.name.value}'"
    sign = "@" if isinstance(owner, DirectiveNode) else ""
    return f"Argument '{node.name.value}' of '{sign}{owner.name.value}'"


def _use(document: DocumentNode, name: str) -> tuple[str, Path]:
    """A variable with the argument that it stands for, and where in it, where it is first used."""
    uses = _Uses(name)
    visit(document, uses)
    return f"Variable '${name}'{uses.argument}", uses.place


class _Uses(Visitor):
    def __init__(self, name: str) -> None:
        super().__init__()
        self.name = name
        self.argument = ""
        self.place: Path = []

    def enter_argument(self, node: ArgumentNode, *visited: Any) -> VisitorAction:
        *_, ancestors = visited
        place = next(_places(node.value, self.name, []), None)
        if place is None:
            return None
        argument = _argument(node, ancestors)
        self.argument, self.place = f" for {argument[0].lower()}{argument[1:]}", place
        return BREAK


def _places(node: ValueNode, name: str, path: Path) -> Iterator[Path]:
    """Where in a literal the variable stands."""
    if isinstance(node, VariableNode):
        if node.name.value == name:
            yield path
    elif isinstance(node, ListValueNode):
        for index, each in enumerate(node.values):
            yield from _places(each, name, [*path, index])
    elif isinstance(node, ObjectValueNode):
        for field in node.fields:
            yield from _places(field.value, name, [*path, field.name.value])
