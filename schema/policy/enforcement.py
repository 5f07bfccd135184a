"""The policy, kept at every operation."""

from collections.abc import Iterator

from strawberry.extensions import SchemaExtension

from schema.limits import operation_of
from schema.policy.denial import Permitted, permitted
from schema.policy.groups import Group
from schema.policy.rules import field_rules
from schema.request import RequestContext

_EVERY = frozenset(Group)


class PolicyExtension(SchemaExtension):
    """Takes out of a valid document what its sender may not ask for.

    Of what is followed nothing may be denied: a message would come with each event only to say so.
    """

    def __init__(self) -> None:
        self.permitted: Permitted | None = None

    def on_validate(self) -> Iterator[None]:
        """After ``PreparationExtension``, which tells whether the document is valid."""
        self._judge()
        yield

    def _judge(self) -> None:
        execution = self.execution_context
        document = execution.graphql_document
        if document is None or execution.pre_execution_errors:
            return
        context: RequestContext = execution.context
        groups = context.permitted
        if groups == _EVERY:
            return
        operation = operation_of(document, execution.operation_name)
        assert operation is not None
        schema, variables = execution.schema._schema, execution.variables or {}
        found = permitted(schema, field_rules(), groups, document, operation, variables)
        if found.nothing or (found.denied and operation.operation.value == "subscription"):
            execution.pre_execution_errors = found.refusals()
        elif found.denied:
            self.permitted, execution.graphql_document = found, found.document

    def on_execute(self) -> Iterator[None]:
        yield
        found, result = self.permitted, self.execution_context.result
        if found is None or result is None:
            return
        result.errors = [*(result.errors or ()), *found.refusals_in(result.data)]
        found.clear(result.data)
