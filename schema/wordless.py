"""Which variables of a document can hold neither words nor ids: such may stand in an address."""

from functools import lru_cache

from graphql import (
    GraphQLError,
    GraphQLInputObjectType,
    GraphQLSchema,
    OperationDefinitionNode,
    TypeNode,
    get_named_type,
    parse,
    type_from_ast,
)

#: Scalars by which persons and cases are named, or in which people write.
_WORDS = frozenset({"String", "ID"})


@lru_cache(maxsize=256)
def wordless_variables(schema: GraphQLSchema, text: str) -> frozenset[str]:
    """Names of variables of numbers, times, truths and enums; of what is no document none."""
    try:
        document = parse(text, no_location=True)
    except GraphQLError:
        return frozenset()
    return frozenset(
        each.variable.name.value
        for definition in document.definitions
        if isinstance(definition, OperationDefinitionNode)
        for each in definition.variable_definitions or ()
        if _wordless(schema, each.type)
    )


def _wordless(schema: GraphQLSchema, node: TypeNode) -> bool:
    waiting, seen = [get_named_type(type_from_ast(schema, node))], set()
    while waiting:
        kind = waiting.pop()
        if kind is None or kind.name in _WORDS:
            return False
        if isinstance(kind, GraphQLInputObjectType) and kind.name not in seen:
            seen.add(kind.name)
            waiting += [get_named_type(field.type) for field in kind.fields.values()]
    return True
