"""What happened to a case, in order."""

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Self

import strawberry

from graph.domain.changes import changes
from graph.domain.events import Event
from graph.domain.vocabulary import label_of
from graph.errors import CursorError
from schema.arguments import LanguageArgument
from schema.changes import FieldChange
from schema.connections import PageInfo, page_info
from schema.cursors import CursorScope
from schema.enums import EventKind
from schema.ids import NodeKind, global_id
from schema.node import Node
from schema.request import Info
from schema.resolved import resolved
from schema.scalars import Position
from schema.staff import NAME, name_of


@strawberry.type(description="One thing that happened to a case; never changed afterwards.")
class CaseEvent(Node):
    seq: int = strawberry.field(description="1 for the case's first event, without gaps.")
    position: Position = strawberry.field(
        description="Its place among all events of the bank, in the order of their commits."
    )
    kind: EventKind = strawberry.field(description="What happened.")
    at: datetime = strawberry.field(description="When it happened.")
    recorded_at: datetime = strawberry.field(description="When it was recorded.")
    actor: str = strawberry.field(description="Who did it.")
    reason: str | None = strawberry.field(description="Code of the reason.")
    note: str | None = strawberry.field(
        description="What the person noted on it, masked; the reason where the step asks for one."
    )
    changes: list[FieldChange] = strawberry.field(description="What it changed of the case.")
    version: int | None = strawberry.field(
        description="The complaint's version after it; null for what the system does by itself."
    )
    #: The case's key.
    case: strawberry.Private[str]

    @classmethod
    def from_model(cls, model: Event) -> Self:
        return cls(
            id=global_id(NodeKind.CASE_EVENT, model.id),
            seq=model.seq,
            position=Position(model.position),
            kind=model.kind,
            at=model.at,
            recorded_at=model.recorded_at,
            actor=model.actor,
            reason=model.reason,
            note=model.note,
            changes=FieldChange.from_models(
                changes(json.loads(model.before or "{}"), json.loads(model.after or "{}"))
            ),
            version=model.version,
            case=model.complaint,
        )

    @classmethod
    async def fetch(cls, info: Info, key: str) -> Self | None:
        """An event by its key, if its case is within reach."""
        model = await info.context.loaders.event().load(key)
        return None if model is None else cls.from_model(model)

    @resolved(description=NAME)
    async def actor_name(self, info: Info) -> str | None:
        return await name_of(info, self.actor)

    @resolved(description="What happened, in words.")
    def label(self, info: Info, language: LanguageArgument = None) -> str:
        return label_of(self.kind).text(info.context.language_of(language))


@strawberry.type(description="One event of a page.")
class CaseEventEdge:
    cursor: str = strawberry.field(description="The event's place, for `after`.")
    node: CaseEvent = strawberry.field(description="The event itself.")


@strawberry.type(description="A page of a case's events, oldest first.")
class CaseEventConnection:
    edges: list[CaseEventEdge] = strawberry.field(description="The events with their cursors.")
    nodes: list[CaseEvent] = strawberry.field(description="The events.")
    page_info: PageInfo = strawberry.field(description="Where the page stands.")

    @classmethod
    def from_models(
        cls, results: Sequence[Event], size: int, cursors: CursorScope, after: int
    ) -> Self:
        """A page of ``size`` events; ``found`` has one more if more follow."""
        nodes = [CaseEvent.from_model(model) for model in results[:size]]
        places = [cursors.encode(str(node.seq)) for node in nodes]
        return cls(
            edges=[CaseEventEdge(cursor=c, node=n) for c, n in zip(places, nodes, strict=True)],
            nodes=nodes,
            page_info=page_info(places, following=len(results) > size, preceding=after > 0),
        )


def seq_of(key: str | None) -> int:
    """The event number that a cursor's key holds; 0 for the start."""
    if key is None:
        return 0
    if not (key.isascii() and key.isdigit() and len(key) <= 12):
        raise CursorError("`after` is not a cursor of a case's events.", path=["after"])
    return int(key)
