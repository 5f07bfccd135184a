"""What is done with a document before anything of it runs.

In this order, so that each step may rely on the one before: which operation, what it may ask for,
whether it fits the schema, whether its variables fit. A document that is kept is parsed and held
against the schema once; what depends on variables is done every time.
"""

from collections.abc import Iterator

import structlog
from graphql import DocumentNode, GraphQLError, OperationDefinitionNode
from graphql.validation import MaxIntrospectionDepthRule, ValuesOfCorrectTypeRule
from strawberry.extensions import SchemaExtension
from strawberry.schema.schema import validate_document

from schema.documents import Documents, KnownDocument
from schema.errors import refusal
from schema.limits import Limits, operation_of, price
from schema.metering import operation_name
from schema.request import RequestContext
from schema.values import FittingValuesRule, wrong_variables

log = structlog.get_logger(__name__)


class PreparationExtension(SchemaExtension):
    """Refuses a document or variables for which nothing may run."""

    def __init__(self, limits: Limits, documents: Documents) -> None:
        self.limits = limits
        self.documents = documents
        self.known: KnownDocument | None = None

    def on_operation(self) -> Iterator[None]:
        context = self.execution_context
        context.parse_options["max_tokens"] = self.limits.tokens
        rules = [rule for rule in context.validation_rules if rule is not ValuesOfCorrectTypeRule]
        context.validation_rules = (*rules, FittingValuesRule, MaxIntrospectionDepthRule)
        if context.query:
            self.known = self.documents.known(context.query)
        if self.known is not None:
            # None at its first use: then Strawberry parses it.
            context.graphql_document = self.known.document
        yield

    def on_validate(self) -> Iterator[None]:
        context = self.execution_context
        if context.graphql_document is not None:
            # Strawberry validates only what nobody has judged yet.
            context.pre_execution_errors = self._problems(context.graphql_document)
            self._report()
        yield

    def _problems(self, document: DocumentNode) -> list[GraphQLError]:
        context = self.execution_context
        operations = [d for d in document.definitions if isinstance(d, OperationDefinitionNode)]
        if context._provided_operation_name is None and len(operations) > 1:
            message = "The document has several operations: name the one to run in `operationName`."
            return [refusal(message, "BAD_REQUEST")]
        name, variables = context.operation_name, context.variables or {}
        schema = context.schema._schema
        asking: RequestContext | None = context.context
        complaints = 0 if asking is None else asking.uses.size.complaints
        judged = price(schema, document, name, variables, self.limits, complaints)
        if judged.refusal is not None:
            return [judged.refusal]
        if asking is not None:
            asking.spent.points = judged.points
        errors = self._validated(document)
        operation = operation_of(document, name)
        if errors or operation is None:
            return errors
        return wrong_variables(schema, document, operation, variables)

    def _validated(self, document: DocumentNode) -> list[GraphQLError]:
        if self.known is not None and self.known.errors is not None:
            return self.known.errors
        context = self.execution_context
        errors = validate_document(context.schema._schema, document, context.validation_rules)
        if self.known is not None:
            self.known.document, self.known.errors = document, errors
        return errors

    def _report(self) -> None:
        """Tell of a document that ``required`` would refuse."""
        context = self.execution_context
        sha256 = self.documents.reported(context.query or "")
        if sha256 is not None:
            log.warning(
                "a document that is not in the manifest",
                operation=operation_name(context),
                sha256=sha256,
            )
