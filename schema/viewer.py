"""Who asks, as the API says it."""

from datetime import datetime
from typing import Self

import strawberry

from graph.domain.access import Identity, Method, Reach, Role
from schema.request import Info
from schema.resolved import resolved


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


@strawberry.type
class ViewerQuery:
    """``Query`` inherits this."""

    @resolved(description="Who asks.")
    def viewer(self, info: Info) -> Viewer:
        return Viewer.from_model(info.context.identity)
