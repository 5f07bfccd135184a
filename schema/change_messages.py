"""Changes that can be followed: of alerts about many complaints, of issues, of remediations."""

from collections.abc import AsyncGenerator
from typing import Annotated, Self, TypeAlias, TypeVar

import strawberry

from graph.domain.following import FollowedChanges, StreamedChange
from graph.domain.recorded import Recorded
from graph.domain.scope import Scope
from schema.enums import RuleKind
from schema.escalation import Alert
from schema.history import RecordedChange
from schema.issue import SystemicIssue
from schema.newest import check_not_empty
from schema.remediation import Remediation
from schema.request import Info
from schema.resolved import followed, resolved
from schema.scalars import Position

AfterPosition: TypeAlias = Annotated[
    Position | None,
    strawberry.argument(
        description="The `position` of the last message that you have, or the one that you read "
        "before a list: everything later follows, once and in order. Left out: from now on."
    ),
]


@strawberry.type
class _ChangeMessage:
    """What the messages have in common; they inherit this."""

    position: Position = strawberry.field(
        description="The change's place in the order of all that happens; `after` it everything "
        "later follows."
    )
    change: RecordedChange = strawberry.field(description="What has changed.")
    model: strawberry.Private[StreamedChange]

    @classmethod
    def from_model(cls, model: StreamedChange) -> Self:
        return cls(
            position=Position(model.position),
            change=RecordedChange.from_model(model.change),
            model=model,
        )


_M = TypeVar("_M", bound=_ChangeMessage)


@strawberry.type(
    description="A change of an alert that is followed; the first one is that it was raised."
)
class AlertMessage(_ChangeMessage):
    @resolved(description="The alert as it is now; null if it is gone.")
    async def alert(self, info: Info) -> Alert | None:
        model = await info.context.loaders.alert().load(self.model.id)
        return None if model is None else Alert.from_model(model)


@strawberry.type(
    description="A change of a systemic issue that is followed; the first one is that it was "
    "proposed."
)
class SystemicIssueMessage(_ChangeMessage):
    @resolved(description="The issue as it is now; null if it is gone.")
    async def issue(self, info: Info) -> SystemicIssue | None:
        return await SystemicIssue.fetch(info, self.model.id)


@strawberry.type(
    description="A change of a remediation that is followed; the first one is that it was planned."
)
class RemediationMessage(_ChangeMessage):
    @resolved(description="The remediation as it is now; null if it is gone.")
    async def remediation(self, info: Info) -> Remediation | None:
        return await Remediation.fetch(info, self.model.id)


@strawberry.type
class ChangeSubscription:
    """What can be followed beside cases; ``Subscription`` inherits this."""

    @followed(
        description="Early warnings that are raised, and what people make of them: group events, "
        "surges, causes that grow, new topics."
    )
    async def alerts(
        self,
        info: Info,
        kinds: Annotated[
            list[RuleKind] | None,
            strawberry.argument(description="Only these; others than those above find nothing."),
        ] = None,
        after: AfterPosition = None,
    ) -> AsyncGenerator[AlertMessage, None]:
        check_not_empty(kinds=kinds)
        rules = frozenset(kinds or ())
        async for message in _messages(info, Recorded.ALERT, AlertMessage, after, rules):
            yield message

    @followed(description="Systemic issues that are proposed, and what becomes of them.")
    async def systemic_issues(
        self, info: Info, after: AfterPosition = None
    ) -> AsyncGenerator[SystemicIssueMessage, None]:
        async for message in _messages(info, Recorded.ISSUE, SystemicIssueMessage, after):
            yield message

    @followed(description="Remediations that are planned, and what changes of them.")
    async def remediations(
        self, info: Info, after: AfterPosition = None
    ) -> AsyncGenerator[RemediationMessage, None]:
        async for message in _messages(info, Recorded.REMEDIATION, RemediationMessage, after):
            yield message


def lasting(info: Info) -> Scope:
    """What was opened for now is not followed: a stream may last longer."""
    return info.context.scope.lasting


async def _messages(
    info: Info,
    of: Recorded,
    message: type[_M],
    after: int | None,
    rules: frozenset[RuleKind] = frozenset(),
) -> AsyncGenerator[_M, None]:
    """Each message with loaders of its own: nothing of an old one stays."""
    followed = FollowedChanges(lasting(info), of, rules)
    async for streamed in info.context.uses.follower.changes(followed, after):
        info.context.forget()
        yield message.from_model(streamed)
