"""Who asks, as the API says it."""

from datetime import datetime
from typing import Annotated, Self

import strawberry

from graph.domain.access import Identity, Method, Reach, Role
from schema.ids import NodeKind, key_of
from schema.policy.explaining import Explained, explained, operation_group
from schema.request import Info
from schema.resolved import resolved
from schema.saved_views import SavedView, views_of


@strawberry.type(
    name="Reach",
    description="Where somebody's own cases are, beside those that are assigned to the person.",
)
class ReachType:
    everything: bool = strawberry.field(description="In the whole bank.")
    branches: list[str] = strawberry.field(
        description="Codes of branches; each covers the narrower ones."
    )
    departments: list[str] = strawberry.field(description="Codes of departments.")

    @classmethod
    def from_model(cls, model: Reach) -> Self:
        return cls(
            everything=model.everything,
            branches=list(model.branches),
            departments=list(model.departments),
        )


_Operation = Annotated[
    str,
    strawberry.argument(
        description="The name of a query, mutation or subscription, such as `answerComplaint`; "
        "one that there is not is an error."
    ),
]


@strawberry.type(description="Who asks.")
class Viewer:
    person: str = strawberry.field(description="What stands in events; the same for ever.")
    name: str = strawberry.field(description="What people call the person or program.")
    roles: list[Role] = strawberry.field(description="What the person is at the bank.")
    reach: ReachType = strawberry.field(description="Where the person's own cases are.")
    method: Method = strawberry.field(description="How it was shown who asks.")
    expires_at: datetime | None = strawberry.field(
        description="When what was shown ends; null if it does not."
    )

    @resolved(
        description="Whether the person's roles allow an operation, within the person's reach."
    )
    def can(self, info: Info, operation: _Operation) -> bool:
        return info.context.permitted >= {operation_group(operation)}

    @resolved(description="Lists that the person keeps, by name (`saveView`).")
    async def views(self, info: Info) -> list[SavedView] | None:
        return await views_of(info)

    @classmethod
    def from_model(cls, model: Identity) -> Self:
        return cls(
            person=model.actor,
            name=model.name,
            roles=sorted(model.roles),
            reach=ReachType.from_model(model.reach),
            method=model.method,
            expires_at=model.expires_at,
        )


@strawberry.type(description="Whether somebody may see a field of a case, and by which rule.")
class AccessExplanation:
    allowed: bool = strawberry.field(description="Whether the field would be answered.")
    group: str = strawberry.field(description="The group of fields that it belongs to.")
    grant: str | None = strawberry.field(
        description="How far a role grants the group: `reach` or `bank`; null: no role does."
    )
    within_reach: bool = strawberry.field(
        description="Whether the case is seen in full. False also if there is no such case."
    )
    because: list[str] = strawberry.field(
        description="What puts the case within reach: `everything`, `branch CODE`, `department "
        "CODE`, `assignee`, `opened`."
    )

    @classmethod
    def from_model(cls, model: Explained) -> Self:
        return cls(
            allowed=model.allowed,
            group=model.group.value,
            grant=None if model.grant is None else model.grant.value,
            within_reach=bool(model.because),
            because=list(model.because),
        )


@strawberry.input(description="Somebody whom an access is explained for.")
class SomebodyInput:
    person: str = strawberry.field(description="What stands in events for the person.")
    roles: list[Role] = strawberry.field(description="The person's roles.")
    everything: bool = strawberry.field(default=False, description="Reaches the whole bank.")
    branches: list[str] = strawberry.field(
        default_factory=list, description="Codes of the person's branches."
    )
    departments: list[str] = strawberry.field(
        default_factory=list, description="Codes of the person's departments."
    )

    def to_identity(self) -> Identity:
        reach = Reach(self.everything, tuple(self.branches), tuple(self.departments))
        return Identity(self.person, self.person, frozenset(self.roles), reach)


@strawberry.type
class ViewerQuery:
    """``Query`` inherits this."""

    @resolved(description="Who asks.")
    def viewer(self, info: Info) -> Viewer:
        return Viewer.from_model(info.context.identity)

    @resolved(
        description="Which rule allows or denies somebody a field of a case; for administrators. "
        "Roles and reach are those that are sent: nobody else's are kept here."
    )
    async def explain_access(
        self,
        info: Info,
        complaint: Annotated[strawberry.ID, strawberry.argument(description="The case's `id`.")],
        field: Annotated[
            str, strawberry.argument(description="As `Type.field`, such as `Complaint.customer`.")
        ],
        somebody: Annotated[
            SomebodyInput | None,
            strawberry.argument(description="Whom it is explained for; left out: who asks."),
        ] = None,
    ) -> AccessExplanation:
        key = key_of(complaint, NodeKind.COMPLAINT, path=("complaint",))
        identity = info.context.identity if somebody is None else somebody.to_identity()
        record = await info.context.loaders.complaint().load(key)
        policy = info.context.uses.policy
        return AccessExplanation.from_model(explained(policy, identity, record, field))
