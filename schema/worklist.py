"""A list of complaints with how many there are of each status, level and assignee."""

from collections.abc import Mapping

import strawberry

from graph.queries.complaints import Counted, counts
from graph.queries.conditions import CompiledFilter
from schema.arguments import FirstFound
from schema.complaint import Complaint
from schema.connections import Connection
from schema.enums import CaseStatus, Level
from schema.paging import search_size
from schema.request import Info
from schema.resolved import resolved

_ASSIGNEES = 20


@strawberry.type(description="How many complaints of a list have a status.")
class StatusCount:
    status: CaseStatus = strawberry.field(description="The status.")
    count: int = strawberry.field(description="How many.")


@strawberry.type(description="How many complaints of a list have a level.")
class LevelCount:
    level: Level = strawberry.field(description="The level.")
    count: int = strawberry.field(description="How many.")


@strawberry.type(description="How many complaints of a list somebody works on.")
class AssigneeCount:
    assignee: str | None = strawberry.field(description="Who works on them; null: nobody.")
    count: int = strawberry.field(description="How many.")


@strawberry.type(name="ComplaintConnection", description="A page of a list.")
class ComplaintConnection(Connection[Complaint]):
    """Beside the page, what the whole list comes to; each is counted only when asked for."""

    narrowed: strawberry.Private[CompiledFilter]

    @resolved(
        description="How many of the whole list have each status, in the order of the way.",
        searches=100,
    )
    async def by_status(self, info: Info) -> list[StatusCount] | None:
        found = await self._counts(info, Counted.STATUS, len(CaseStatus))
        return [StatusCount(status=one, count=found.get(one, 0)) for one in CaseStatus]

    @resolved(
        description="How many of the whole list have each level, from the lowest.", searches=100
    )
    async def by_level(self, info: Info) -> list[LevelCount] | None:
        found = await self._counts(info, Counted.LEVEL, len(Level))
        return [LevelCount(level=one, count=found.get(one, 0)) for one in Level]

    @resolved(
        description="How many of the whole list each person works on, most first.", searches=100
    )
    async def by_assignee(
        self, info: Info, first: FirstFound = _ASSIGNEES
    ) -> list[AssigneeCount] | None:
        size = search_size(first, default=_ASSIGNEES)
        found = await self._counts(info, Counted.ASSIGNEE, size)
        return [AssigneeCount(assignee=name, count=total) for name, total in found.items()]

    async def _counts(self, info: Info, by: Counted, limit: int) -> Mapping[str | None, int]:
        return await counts(info.context.uses.database, self.narrowed, by, limit)
