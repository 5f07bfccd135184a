"""What of a document somebody may not ask for, taken out before anything of it runs.

A denied field is asked for no more; its answer is null, and one error says so. Where the schema
promises that it is never null, the nearest field around it that may be null is denied with it, as
GraphQL does with errors. The place of a denied field is kept by asking for ``__typename`` under a
name of ours, so that null stands exactly where the field would have been.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLArgument,
    GraphQLError,
    GraphQLField,
    GraphQLInputField,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLSchema,
    GraphQLUnionType,
    InlineFragmentNode,
    ListValueNode,
    NamedTypeNode,
    NameNode,
    ObjectValueNode,
    OperationDefinitionNode,
    SelectionSetNode,
    ValueNode,
    VariableNode,
    get_named_type,
    is_abstract_type,
    is_non_null_type,
)

from schema.errors import refusal
from schema.policy.groups import Group
from schema.policy.rules import FieldRules

#: Before the response name of a denied field; no name that a document may give looks like it.
_MARK = "__denied_"
#: Response names from the root, without indexes.
Place: TypeAlias = tuple[str, ...]
#: A place, and what is denied there: ``Type.field``.
Denied: TypeAlias = tuple[Place, str]


@dataclass(frozen=True, slots=True)
class Permitted:
    """What is left of a document; ``denied``: where null takes the place of a field.

    ``nothing``: what is denied cannot be null anywhere, so nothing of the operation may run.
    """

    document: DocumentNode
    denied: tuple[Denied, ...] = ()
    nothing: bool = False

    def refusals(self) -> list[GraphQLError]:
        """One error for each denied field, where nothing runs."""
        return [_refusal([*place], name) for place, name in self.denied]

    def refusals_in(self, data: Any) -> list[GraphQLError]:
        """One error for each denied field that stands in the answer, at the first of its places."""
        found = (
            (next((path for _, path in _holders(data, place, ())), None), name)
            for place, name in self.denied
        )
        return [_refusal(path, name) for path, name in found if path is not None]

    def clear(self, data: Any) -> None:
        """Put null where a denied field stands."""
        for place, _ in self.denied:
            # All of them first: the answer changes.
            for holder, _ in list(_holders(data, place, ())):
                _put_null(holder, place[-1])


def permitted(
    schema: GraphQLSchema,
    rules: FieldRules,
    groups: frozenset[Group],
    document: DocumentNode,
    operation: OperationDefinitionNode,
    variables: Mapping[str, Any],
) -> Permitted:
    """What somebody may ask for with ``groups``, of a valid document."""
    walk = _Walk(schema, rules, groups, variables, _fragments(document))
    root = schema.get_root_type(operation.operation)
    assert root is not None
    rest = walk.selections(operation.selection_set, root)
    if not rest.denied:
        return Permitted(document)
    changed = OperationDefinitionNode(
        operation=operation.operation,
        name=operation.name,
        variable_definitions=operation.variable_definitions,
        directives=operation.directives,
        selection_set=rest.selected,
    )
    # What nothing was taken out of is left as it is, with the fragments that it spreads.
    left = DocumentNode(definitions=(changed, *walk.fragments.values()))
    return Permitted(left, rest.denied, rest.fatal)


@dataclass(frozen=True, slots=True)
class _Rest:
    """What is left of selections; ``fatal``: one of them may not be null and is denied."""

    selected: SelectionSetNode
    denied: tuple[Denied, ...] = ()
    fatal: bool = False


@dataclass
class _Walk:
    schema: GraphQLSchema
    rules: FieldRules
    groups: frozenset[Group]
    variables: Mapping[str, Any]
    fragments: Mapping[str, FragmentDefinitionNode]
    known: dict[str, _Rest] = field(default_factory=dict)

    def selections(self, selected: SelectionSetNode, parent: GraphQLNamedType) -> _Rest:
        nodes: list[FieldNode | InlineFragmentNode] = []
        denied: dict[Denied, None] = {}
        fatal = False
        for node in selected.selections:
            if isinstance(node, FieldNode):
                asked, below, kills = self._field(node, parent)
                nodes.append(asked)
            else:
                assert isinstance(node, FragmentSpreadNode | InlineFragmentNode)
                inlined, rest = self._fragment(node, parent)
                below, kills = rest.denied, rest.fatal
                nodes.append(inlined)
            denied.update(dict.fromkeys(below))
            fatal = fatal or kills
        return _Rest(SelectionSetNode(selections=tuple(nodes)), tuple(denied), fatal)

    def _fragment(
        self, node: FragmentSpreadNode | InlineFragmentNode, parent: GraphQLNamedType
    ) -> tuple[InlineFragmentNode, _Rest]:
        """Spreads are written out: the same fragment stands in other places with other answers."""
        if isinstance(node, FragmentSpreadNode):
            named = self.fragments[node.name.value]
            if node.name.value not in self.known:
                inner = self.schema.get_type(named.type_condition.name.value)
                assert inner is not None
                self.known[node.name.value] = self.selections(named.selection_set, inner)
            rest = self.known[node.name.value]
            condition: NamedTypeNode | None = named.type_condition
        else:
            condition = node.type_condition
            inner = self.schema.get_type(condition.name.value) if condition else parent
            assert inner is not None
            rest = self.selections(node.selection_set, inner)
        left = InlineFragmentNode(
            type_condition=condition, directives=node.directives, selection_set=rest.selected
        )
        return left, rest

    def _field(
        self, node: FieldNode, parent: GraphQLNamedType
    ) -> tuple[FieldNode, tuple[Denied, ...], bool]:
        name = node.name.value
        if name.startswith("__"):
            return node, (), False
        assert isinstance(parent, GraphQLObjectType | GraphQLInterfaceType)
        definition = parent.fields[name]
        key = node.alias.value if node.alias else name
        if not self._allowed(parent, name) or not self._inputs_allowed(node, definition):
            return self._denied(node, key, definition, f"{parent.name}.{name}")
        if node.selection_set is None:
            return node, (), False
        rest = self.selections(node.selection_set, get_named_type(definition.type))
        if rest.fatal:
            return self._denied(node, key, definition, rest.denied[0][1])
        if not rest.denied:
            return node, (), False
        left = FieldNode(
            alias=node.alias,
            name=node.name,
            arguments=node.arguments,
            directives=node.directives,
            selection_set=rest.selected,
        )
        return left, tuple(((key, *place), denied) for place, denied in rest.denied), False

    def _denied(
        self, node: FieldNode, key: str, definition: GraphQLField, denied: str
    ) -> tuple[FieldNode, tuple[Denied, ...], bool]:
        left = FieldNode(
            alias=NameNode(value=_MARK + key),
            name=NameNode(value="__typename"),
            arguments=(),
            directives=node.directives,
            selection_set=None,
        )
        return left, (((key,), denied),), is_non_null_type(definition.type)

    def _allowed(self, parent: GraphQLNamedType, name: str) -> bool:
        """A field of an interface is allowed where it is with every type that it may be."""
        types = [parent]
        if is_abstract_type(parent):
            assert isinstance(parent, GraphQLInterfaceType | GraphQLUnionType)
            types += self.schema.get_possible_types(parent)
        if name == "id":
            # Whoever asks for a node by its id has it; what the type allows is asked of the rest.
            types = types[:1]
        return all(self.rules.group(each.name, name) in self.groups for each in types)

    def _inputs_allowed(self, node: FieldNode, definition: GraphQLField) -> bool:
        return all(
            self._fits(argument.value, definition.args[argument.name.value])
            for argument in node.arguments or ()
        )

    def _fits(self, value: ValueNode, where: GraphQLArgument | GraphQLInputField) -> bool:
        """A literal; what stands in a variable is looked at as it was sent."""
        named = get_named_type(where.type)
        if not isinstance(named, GraphQLInputObjectType):
            return True
        match value:
            case VariableNode():
                return self._sent_fits(self.variables.get(value.name.value), named)
            case ListValueNode():
                return all(self._fits(each, where) for each in value.values)
            case ObjectValueNode():
                return all(
                    self._settable(named, each.name.value)
                    and self._fits(each.value, named.fields[each.name.value])
                    for each in value.fields
                )
            case _:
                return True

    def _sent_fits(self, value: Any, named: GraphQLInputObjectType) -> bool:
        if isinstance(value, list):
            return all(self._sent_fits(each, named) for each in value)
        if not isinstance(value, dict):
            return True
        for name, inner in value.items():
            if inner is not None and not self._settable(named, name):
                return False
            below = get_named_type(named.fields[name].type) if name in named.fields else None
            if isinstance(below, GraphQLInputObjectType) and not self._sent_fits(inner, below):
                return False
        return True

    def _settable(self, named: GraphQLInputObjectType, name: str) -> bool:
        return self.rules.input_group(named.name, name) in self.groups


def _fragments(document: DocumentNode) -> dict[str, FragmentDefinitionNode]:
    return {
        each.name.value: each
        for each in document.definitions
        if isinstance(each, FragmentDefinitionNode)
    }


def _refusal(path: list[str | int], name: str) -> GraphQLError:
    error = refusal(
        f"Your roles do not allow {name}: `viewer` tells who you are, an administrator what roles "
        "may do.",
        "FORBIDDEN",
    )
    error.path = path
    return error


def _holders(
    data: Any, place: Place, path: tuple[str | int, ...]
) -> Iterator[tuple[dict[str, Any], list[str | int]]]:
    """The objects in an answer that were asked for a denied field, each with the field's path."""
    if isinstance(data, list):
        for number, each in enumerate(data):
            yield from _holders(each, place, (*path, number))
    elif isinstance(data, dict):
        if len(place) > 1:
            yield from _holders(data.get(place[0]), place[1:], (*path, place[0]))
        elif _MARK + place[0] in data:
            yield data, [*path, place[0]]


def _put_null(holder: dict[str, Any], name: str) -> None:
    """Where the field would have stood among the others."""
    items = [(name if key == _MARK + name else key, value) for key, value in holder.items()]
    holder.clear()
    holder.update(items)
    holder[name] = None
