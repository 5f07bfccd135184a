"""What one document may ask for, judged before anything is validated or run.

The walk sees every fragment once, so its own cost is bounded by the document's length.
"""

import math
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
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
    SelectionNode,
    SelectionSetNode,
    VariableNode,
    get_named_type,
    is_composite_type,
    is_list_type,
    print_ast,
)
from graphql.pyutils import Undefined

from schema.errors import refusal
from schema.resolved import READS, SEARCHES, declared

#: What a list holds that has no ``first``.
_SHORT_LIST = 5


@dataclass(frozen=True, slots=True)
class Limits:
    """``cost``: points at most: an object in the answer is one, a search counts as many as it looks
    at, an analysis by how many complaints there are.

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


@dataclass(frozen=True, slots=True)
class Price:
    """``points``: what the operation may touch at most, at least 1; of a subscription each message.

    ``refusal``: what is too much about it, or None.
    """

    points: int = 0
    refusal: GraphQLError | None = None


def price(
    schema: GraphQLSchema,
    document: DocumentNode,
    operation_name: str | None,
    variables: Mapping[str, Any] | None,
    limits: Limits,
    complaints: int = 0,
) -> Price:
    """The price of the operation that is to be run.

    ``complaints``: about how many the bank has, which is what an analysis reads at most.
    """
    aliases = _aliases(document)
    if aliases > limits.aliases:
        message = f"The document has {aliases} aliases; at most {limits.aliases} are taken."
        return Price(refusal=refusal(message, "TOO_MANY_ALIASES"))
    operation = operation_of(document, operation_name)
    if operation is None:
        return Price()
    if operation.operation is OperationType.MUTATION:
        changes = _root_fields(document, operation)
        if len(changes) > limits.mutations:
            message = (
                f"The document has {len(changes)} mutations; at most {limits.mutations} is taken. "
                "Send each in a request of its own, so that one that fails leaves no doubt about "
                "the others."
            )
            return Price(refusal=refusal(message, "TOO_MANY_MUTATIONS"))
    walk = _Walk(schema, document, operation, variables or {}, limits, complaints)
    try:
        points = math.ceil(max(walk.operation().cost, 1))
    except _TooDeepError:
        message = f"The document is nested too deeply; at most {limits.depth} levels are taken."
        return Price(refusal=refusal(message, "TOO_DEEP"))
    followed = operation.operation is OperationType.SUBSCRIPTION
    most = limits.message if followed else limits.cost
    if points <= most:
        return Price(points)
    message = (
        f"{'Each message' if followed else 'The operation'} may cost {points:,} points; at most "
        f"{most:,} are taken. Ask for fewer rows with `first`, for less of each, or for fewer "
        "analyses at once."
    )
    return Price(points, refusal(message, "TOO_COSTLY"))


class _TooDeepError(Exception):
    pass


@dataclass
class _Walk:
    schema: GraphQLSchema
    document: DocumentNode
    started: OperationDefinitionNode
    variables: Mapping[str, Any]
    limits: Limits
    complaints: int
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
        said: set[str] = set()
        for node in selected.selections if selected else ():
            if isinstance(node, FieldNode):
                measure = self._field(node, parent, rows, nesting)
                if (text := _text_of(node)) is not None:
                    # Said in another language, it is read once.
                    measure = replace(measure, cost=0.0) if text in said else measure
                    said.add(text)
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
        searches = declared(definition, SEARCHES)
        read = declared(definition, READS) * self.complaints
        if not is_composite_type(named):
            return _Measure(1, searches + read)
        size = self._size(node, definition)
        listed = is_list_type(_nullable(definition))
        count = next(n for n in (size, rows, _SHORT_LIST) if n is not None) if listed else 1
        # A connection hands its size to the lists in it.
        inner = None if listed else size
        below = self._selections(node.selection_set, named, inner, nesting + 1)
        cost = read + searches * (1 + count / 20) + count * (1 + below.cost)
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


def _aliases(document: DocumentNode) -> int:
    """How many aliases a document has; one for a label, in however many languages."""
    total = 0
    for selections in _selections_of(document):
        texts: dict[str, Counter[str]] = {}
        for node in selections:
            if not isinstance(node, FieldNode) or node.alias is None:
                continue
            text = _text_of(node)
            if text is None:
                total += 1
            else:
                texts.setdefault(text, Counter())[_language(node)] += 1
        total += sum(max(languages.values()) for languages in texts.values())
    return total


def _text_of(node: FieldNode) -> str | None:
    """A text that may be had in several languages, without the language; None for other fields."""
    if node.selection_set is not None or not _language(node):
        return None
    others = sorted(print_ast(a) for a in node.arguments or () if a.name.value != "language")
    return f"{node.name.value} {others}"


def _language(node: FieldNode) -> str:
    """As it is written; empty where the field is not asked for in one."""
    spoken = (print_ast(a.value) for a in node.arguments or () if a.name.value == "language")
    return next(spoken, "")


def _selections_of(document: DocumentNode) -> Iterator[Sequence[SelectionNode]]:
    pending = [getattr(d, "selection_set", None) for d in document.definitions]
    while pending:
        selected = pending.pop()
        if selected is not None:
            yield selected.selections
            pending += [getattr(node, "selection_set", None) for node in selected.selections]


def _definition(parent: GraphQLNamedType | None, name: str) -> GraphQLField | None:
    if isinstance(parent, GraphQLObjectType | GraphQLInterfaceType):
        result: GraphQLField | None = parent.fields.get(name)
        return result
    return None


def _nullable(definition: GraphQLField) -> Any:
    kind = definition.type
    return kind.of_type if isinstance(kind, GraphQLNonNull) else kind
