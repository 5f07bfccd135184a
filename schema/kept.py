"""What hangs on a complaint: today's from the graph, an earlier time's from its events."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from strawberry.extensions import FieldExtension

from graph.domain.views import (
    StoredAttribution,
    StoredComplaint,
    StoredEvent,
    StoredHandling,
    StoredResolution,
)
from schema.request import Info, place


class NotKept(FieldExtension):
    """Null for a case as it stood earlier: what the field tells was not kept."""

    def resolve(self, next_: Callable[..., Any], source: Any, info: Any, **kwargs: Any) -> Any:
        return None if source.model.past else next_(source, info, **kwargs)

    async def resolve_async(
        self, next_: Callable[..., Awaitable[Any]], source: Any, info: Any, **kwargs: Any
    ) -> Any:
        return None if source.model.past else await next_(source, info, **kwargs)


async def rounds(model: StoredComplaint, info: Info) -> Sequence[StoredResolution]:
    if model.past:
        return model.past.rounds
    return await info.context.loaders.resolutions(place(info)).load(model.id)


async def causes(model: StoredComplaint, info: Info) -> Sequence[StoredAttribution]:
    if model.past:
        return model.past.causes
    return await info.context.loaders.attributions(place(info)).load(model.id)


async def handling(model: StoredComplaint, info: Info) -> Sequence[StoredHandling] | None:
    if model.past:
        return model.past.handling
    return await info.context.loaders.handling(place(info)).load(model.id)


async def events(
    model: StoredComplaint, info: Info, after: int, limit: int
) -> Sequence[StoredEvent]:
    found = await info.context.loaders.events(place(info), after, limit).load(model.id)
    return [event for event in found if event.seq <= model.past.events] if model.past else found
