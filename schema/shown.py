"""Which cases an answer shows, and the record of it without which it does not leave.

So is it where somebody reads what is kept for auditors: who watches is watched.

An answer shows a case in full when an object was made of it for a place in the answer: a complaint,
or what carries a part of one. Whatever makes such an object, the executor asks its type about it,
and there it is noted: no resolver can forget to.
"""

import hashlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from graphql import GraphQLError, GraphQLObjectType, GraphQLSchema
from strawberry.extensions import SchemaExtension
from strawberry.types import ExecutionContext, ExecutionResult
from strawberry.types.execution import PreExecutionError

from graph.domain.access_log import LONGEST_PURPOSE, MOST_CASES, Access, Outcome
from graph.errors import ForbiddenError
from schema.errors import translate
from schema.metering import operation_name
from schema.policy.groups import Group

if TYPE_CHECKING:
    from schema.request import RequestContext

_LONGEST_NAME = 100
#: The key of the case that an object of each type shows; None: of no single one.
CASE_OF: Mapping[str, Callable[[Any], str | None]] = {
    "Complaint": lambda made: made.model.id,
    "ScoredComplaint": lambda made: made.complaint.model.id,
    "LinkedComplaint": lambda made: made.complaint.model.id,
    "SimilarComplaint": lambda made: made.complaint.model.id,
    # Of one beyond reach nothing tells which case it is.
    "Precedent": lambda made: None if made.complaint is None else made.complaint.model.id,
    "CaseEventMessage": lambda made: made.model.event.complaint,
    "Alert": lambda made: None if made.about is None else made.about.id,
    "Resolution": lambda made: made.case,
    "CaseEvent": lambda made: made.case,
    "AnswerDraft": lambda made: made.case,
}


@dataclass(slots=True)
class Shown:
    """What one answer shows: keys of cases in the order in which they came up.

    ``read``: the fields for auditors that it has read.
    """

    execution: ExecutionContext | None = None
    cases: dict[str, None] = field(default_factory=dict)
    read: set[str] = field(default_factory=set)

    @property
    def operation(self) -> str:
        """The operation's name, or the sha256 of a document without one."""
        if self.execution is None:
            return ""
        name = operation_name(self.execution)
        if name is not None:
            return name[:_LONGEST_NAME]
        return "sha256:" + hashlib.sha256((self.execution.query or "").encode()).hexdigest()


class ShownExtension(SchemaExtension):
    """Tells the context which operation runs."""

    def on_operation(self) -> Iterator[None]:
        context = self.execution_context.context
        if context is not None:
            context.shown = Shown(self.execution_context)
        yield


def note_cases(schema: GraphQLSchema) -> None:
    """Let the types of ``CASE_OF`` note what is made of them."""
    for name, case_of in CASE_OF.items():
        made = schema.type_map[name]
        assert isinstance(made, GraphQLObjectType)
        made.is_type_of = _noting(made.is_type_of, case_of)


def note_readings(schema: GraphQLSchema, group_of: Callable[[str, str], Group]) -> None:
    """Let the fields of ``Query`` that are for auditors note that they were read."""
    assert schema.query_type is not None
    for name, each in schema.query_type.fields.items():
        if group_of("Query", name) is Group.AUDITING:
            each.resolve = _reading(name, each.resolve)


def _reading(name: str, resolve: Callable[..., Any] | None) -> Callable[..., Any]:
    assert resolve is not None

    def reading(source: Any, info: Any, **arguments: Any) -> Any:
        info.context.shown.read.add(name)
        return resolve(source, info, **arguments)

    return reading


def _noting(
    before: Callable[[Any, Any], Any] | None, case_of: Callable[[Any], str | None]
) -> Callable[[Any, Any], bool]:
    def is_type_of(made: Any, info: Any) -> bool:
        if before is not None and not before(made, info):
            return False
        key = case_of(made)
        if key is not None:
            info.context.shown.cases[key] = None
        return True

    return is_type_of


async def recorded(context: "RequestContext", result: ExecutionResult) -> ExecutionResult:
    """The answer, once what it shows is recorded; in its place an error if that fails.

    ``result``: with translated errors.
    """
    shown, context.shown = context.shown, Shown(context.shown.execution)
    if not shown.cases and not shown.read and not _refused(result):
        return result
    try:
        await context.uses.recorder.record(await _access(context, shown, result))
    except Exception as error:  # noqa: BLE001 - an answer without a record never leaves
        withheld = GraphQLError(str(error), original_error=error)
        return PreExecutionError(data=None, errors=translate([withheld]))
    return result


def _refused(result: ExecutionResult) -> bool:
    """Whether somebody asked a field that is not for that person."""
    return any(
        error.path and (error.extensions or {}).get("code") == ForbiddenError.code
        for error in result.errors or ()
    )


async def _access(context: "RequestContext", shown: Shown, result: ExecutionResult) -> Access:
    outcome = Outcome.PARTLY if result.errors else Outcome.ANSWERED
    if not shown.cases and not shown.read:
        outcome = Outcome.REFUSED
    identity, kept = context.identity, tuple(shown.cases)[:MOST_CASES]
    opened = () if context.scope.everything else set(identity.opened)
    return Access(
        at=datetime.now(UTC),
        actor=identity.actor,
        roles=tuple(sorted(identity.roles)),
        method=identity.method.value,
        operation=shown.operation,
        cases=kept,
        shown=len(shown.cases),
        outcome=outcome,
        purpose=await _purpose(context),
        opened=tuple(key for key in kept if key in opened),
        read=tuple(sorted(shown.read)),
    )


async def _purpose(context: "RequestContext") -> str | None:
    """What was sent as the purpose, masked before it is cut: half a number is not known as one."""
    if context.purpose is None:
        return None
    masked = await context.uses.desk.mask(context.purpose, "purpose")
    return None if masked is None else masked[:LONGEST_PURPOSE]
