"""Who may see how the API is made, where not everybody may."""

from collections.abc import Iterator

from graphql import NoSchemaIntrospectionCustomRule
from strawberry.extensions import SchemaExtension
from strawberry.schema.schema import validate_document

from graph.domain.access import Identity, Role
from schema.request import RequestContext


def sees_schema(identity: Identity) -> bool:
    """In production: administrators."""
    return Role.ADMINISTRATOR in identity.roles


class IntrospectionExtension(SchemaExtension):
    """Refuses introspection to everybody else, before anything is executed.

    Apart from the other rules: whether a known document is valid is judged once, for everybody.
    """

    def on_validate(self) -> Iterator[None]:
        execution = self.execution_context
        context: RequestContext = execution.context
        if execution.graphql_document is not None and not sees_schema(context.identity):
            rules = (NoSchemaIntrospectionCustomRule,)
            found = validate_document(execution.schema._schema, execution.graphql_document, rules)
            if found:
                execution.pre_execution_errors = [*(execution.pre_execution_errors or ()), *found]
        yield
