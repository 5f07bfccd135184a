"""What one document may ask for, judged before anything is validated or run.

The walk sees every fragment once, so its own cost is bounded by the document's length.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLError,
    GraphQLField,
    GraphQLInterfaceType,
    GraphQLNamedType,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLSchema,
    InlineFragmentNode,
    IntValueNode,
    ListValueNode,
    OperationDefinitionNode,
    OperationType,
    SelectionSetNode,
    VariableNode,
    get_named_type,
    is_composite_type,
    is_list_type,
)
from graphql.pyutils import Undefined

from schema.errors import refusal
from schema.resolved import SEARCHES

#: What a list holds that has no ``first``.
_SHORT_LIST = 5


@dataclass(frozen=True, slots=True)
class Limits:
    """``cost``: objects in the answer at most, a search counting as many as it looks at.

    ``message``: the same for each message of a subscription, which are many.
    """

    tokens: int = 2_000
    aliases: int = 50
    depth: int = 15
    cost: int = 50_000
    mutations: int = 1
    message: int = 1_000


@dataclass(frozen=True, slots=True)
class _Measure:
    depth: int = 0
    cost: float = 0.0

    def beside(self, other: "_Measure") -> "_Measure":
        return _Measure(max(self.depth, other.depth), self.cost + other.cost)


def check(
    schema: GraphQLSchema,
    document: DocumentNode,
    operation_name: str | None,
    variables: Mapping[str, Any] | None,
    limits: Limits,
) -> GraphQLError | None:
    """What is too much about the operation that is to be run, or None."""
    aliases = sum(1 for node in _fields(document) if node.alias)
    if aliases > limits.aliases:
        return refusal(
            f"The document has {aliases} aliases; at most {limits.aliases} are taken.",
            "TOO_MANY_ALIASES",
        )
    operation = operation_of(document, operation_name)
    if operation is None:
        return None
    if operation.operation is OperationType.MUTATION:
        changes = _root_fields(document, operation)
        if len(changes) > limits.mutations:
            return refusal(
                f"The document has {len(changes)} mutations; at most {limits.mutations} is taken. "
                "Send each in a request of its own, so that one that fails leaves no doubt about "
                "the others.",
                "TOO_MANY_MUTATIONS",
            )
    walk = _Walk(schema, document, operation, variables or {}, limits)
    try:
        measure = walk.operation()
    except _TooDeepError:
        return refusal(
            f"The document is nested too deeply; at most {limits.depth} levels are taken.",
            "TOO_DEEP",
        )
    followed = operation.operation is OperationType.SUBSCRIPTION
    most = limits.message if followed else limits.cost
    if measure.cost > most:
        return refusal(
            f"{'Each message' if followed else 'The operation'} may touch {measure.cost:,.0f} "
            f"objects; at most {most:,} are taken. Ask for fewer rows with `first`, or for less of "
            "each.",
            "TOO_COSTLY",
        )
    return None


class _TooDeepError(Exception):
    pass


@dataclass
class _Walk:
    schema: GraphQLSchema
    document: DocumentNode
    started: OperationDefinitionNode
    variables: Mapping[str, Any]
    limits: Limits
    fragments: dict[str, FragmentDefinitionNode] = field(init=False)
    known: dict[tuple[str, int | None], _Measure] = field(default_factory=dict)
    open: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.fragments = {
            d.name.value: d
            for d in self.document.definitions
            if isinstance(d, FragmentDefinitionNode)
        }

    def operation(self) -> _Measure:
        root = self.schema.get_root_type(self.started.operation)
        return self._selections(self.started.selection_set, root, None, 0)

    def _selections(
        self,
        selected: SelectionSetNode | None,
        parent: GraphQLNamedType | None,
        rows: int | None,
        nesting: int,
    ) -> _Measure:
        """``rows``: how many the connection around these selections holds, for its lists."""
        # Fragments nest too: this bounds the recursion, whatever the document.
        if nesting > 3 * self.limits.depth:
            raise _TooDeepError
        total = _Measure()
        for node in selected.selections if selected else ():
            if isinstance(node, FieldNode):
                measure = self._field(node, parent, rows, nesting)
            elif isinstance(node, FragmentSpreadNode):
                measure = self._fragment(node.name.value, rows, nesting)
            else:
                assert isinstance(node, InlineFragmentNode)
                condition = node.type_condition
                inner = self.schema.get_type(condition.name.value) if condition else parent
                measure = self._selections(node.selection_set, inner, rows, nesting + 1)
            total = total.beside(measure)
            if total.depth > self.limits.depth:
                raise _TooDeepError
        return total

    def _fragment(self, name: str, rows: int | None, nesting: int) -> _Measure:
        fragment = self.fragments.get(name)
        if fragment is None or name in self.open:
            return _Measure()  # validation says what is wrong with it
        key = (name, rows)
        if key not in self.known:
            self.open.add(name)
            inner = self.schema.get_type(fragment.type_condition.name.value)
            self.known[key] = self._selections(fragment.selection_set, inner, rows, nesting + 1)
            self.open.discard(name)
        return self.known[key]

    def _field(
        self, node: FieldNode, parent: GraphQLNamedType | None, rows: int | None, nesting: int
    ) -> _Measure:
        definition = _definition(parent, node.name.value)
        if definition is None:
            # Introspection (bounded by a rule of its own), or no field at all.
            return _Measure()
        named = get_named_type(definition.type)
        searches = _searches(definition)
        if not is_composite_type(named):
            return _Measure(1, searches)
        size = self._size(node, definition)
        listed = is_list_type(_nullable(definition))
        count = next(n for n in (size, rows, _SHORT_LIST) if n is not None) if listed else 1
        # A connection hands its size to the lists in it.
        inner = None if listed else size
        below = self._selections(node.selection_set, named, inner, nesting + 1)
        cost = searches * (1 + count / 20) + count * (1 + below.cost)
        return _Measure(1 + below.depth, cost)

    def _size(self, node: FieldNode, definition: GraphQLField) -> int | None:
        """``first`` or ``last`` of this field, or its number of ``ids``; None without them."""
        data = {a.name.value: a.value for a in node.arguments or ()}
        if "ids" in definition.args:
            return self._length(data.get("ids"))
        if "first" not in definition.args:
            return None
        for name in ("first", "last"):
            value = self._integer(data.get(name))
            if value is not None:
                return max(value, 0)
        default = definition.args["first"].default_value
        return default if isinstance(default, int) else 20

    def _length(self, value: object) -> int:
        """Of a list as it was sent; what is no list counts as one."""
        if isinstance(value, VariableNode):
            value = self.variables.get(value.name.value)
            return len(value) if isinstance(value, list) else 1
        return len(value.values) if isinstance(value, ListValueNode) else 1

    def _integer(self, value: object) -> int | None:
        if isinstance(value, IntValueNode):
            return int(value.value) if len(value.value) < 12 else self.limits.cost
        if isinstance(value, VariableNode):
            data = self.variables.get(value.name.value, Undefined)
            if isinstance(data, int):
                return data
            if data is Undefined:
                return self._integer(self._default(value.name.value))
        return None

    def _default(self, name: str) -> object:
        definitions = self.started.variable_definitions or ()
        return next((d.default_value for d in definitions if d.variable.name.value == name), None)


def operation_of(document: DocumentNode, name: str | None) -> OperationDefinitionNode | None:
    """The operation of that name; without one, the first."""
    operations = [d for d in document.definitions if isinstance(d, OperationDefinitionNode)]
    if name is None:
        return operations[0] if operations else None
    return next((o for o in operations if o.name and o.name.value == name), None)


def _root_fields(document: DocumentNode, operation: OperationDefinitionNode) -> set[str]:
    """The names in the answer of what an operation does, fragments included."""
    fragments = {
        d.name.value: d for d in document.definitions if isinstance(d, FragmentDefinitionNode)
    }
    names: set[str] = set()
    pending: list[SelectionSetNode] = [operation.selection_set]
    while pending:
        for node in pending.pop().selections:
            if isinstance(node, FieldNode):
                if node.name.value != "__typename":
                    names.add((node.alias or node.name).value)
            elif isinstance(node, InlineFragmentNode):
                pending.append(node.selection_set)
            elif isinstance(node, FragmentSpreadNode) and node.name.value in fragments:
                # Taken once, so that fragments that name each other end.
                pending.append(fragments.pop(node.name.value).selection_set)
    return names


def _fields(document: DocumentNode) -> Iterator[FieldNode]:
    pending = [getattr(d, "selection_set", None) for d in document.definitions]
    while pending:
        selected = pending.pop()
        for node in selected.selections if selected else ():
            if isinstance(node, FieldNode):
                yield node
            pending.append(getattr(node, "selection_set", None))


def _definition(parent: GraphQLNamedType | None, name: str) -> GraphQLField | None:
    if isinstance(parent, GraphQLObjectType | GraphQLInterfaceType):
        result: GraphQLField | None = parent.fields.get(name)
        return result
    return None


def _nullable(definition: GraphQLField) -> Any:
    kind = definition.type
    return kind.of_type if isinstance(kind, GraphQLNonNull) else kind


def _searches(definition: GraphQLField) -> float:
    """How many objects the field looks at for each parent, as declared beside it."""
    declared = definition.extensions.get("strawberry-definition")
    metadata = getattr(declared, "metadata", None) or {}
    return float(metadata.get(SEARCHES, 0))
