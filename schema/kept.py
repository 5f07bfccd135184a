"""What hangs on a complaint: today's from the graph, an earlier time's from its events."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from strawberry.extensions import FieldExtension

from graph.domain.case import Attribution, Decision, Handling
from graph.domain.events import Event
from graph.domain.views import ComplaintRecord
from schema.request import Info


class NotKept(FieldExtension):
    """Null for a case as it stood earlier: what the field tells was not kept."""

    def resolve(self, next_: Callable[..., Any], source: Any, info: Any, **kwargs: Any) -> Any:
        return None if source.model.past else next_(source, info, **kwargs)

    async def resolve_async(
        self, next_: Callable[..., Awaitable[Any]], source: Any, info: Any, **kwargs: Any
    ) -> Any:
        return None if source.model.past else await next_(source, info, **kwargs)


async def rounds(model: ComplaintRecord, info: Info) -> Sequence[Decision]:
    if model.past:
        return model.past.rounds
    return await info.context.loaders.resolutions().load(model.id)


async def causes(model: ComplaintRecord, info: Info) -> Sequence[Attribution]:
    if model.past:
        return model.past.causes
    return await info.context.loaders.attributions().load(model.id)


async def handling(model: ComplaintRecord, info: Info) -> Sequence[Handling] | None:
    if model.past:
        return model.past.handling
    return await info.context.loaders.handling().load(model.id)


async def events(model: ComplaintRecord, info: Info, after: int, limit: int) -> Sequence[Event]:
    results = await info.context.loaders.events(after, limit).load(model.id)
    return [event for event in results if event.seq <= model.past.events] if model.past else results
