"""What people changed of an alert, an issue or a remediation."""

from datetime import datetime
from typing import Self

import strawberry

from graph.queries import record
from schema.paging import search_size
from schema.request import Info, place


@strawberry.type(description="A change that somebody made; never changed afterwards.")
class RecordedChange:
    seq: int = strawberry.field(description="The version after it.")
    actor: str = strawberry.field(description="Who made it.")
    at: datetime = strawberry.field(description="When.")
    fields: list[str] = strawberry.field(description="Names of what changed.")
    note: str | None = strawberry.field(description="What was noted on it, masked.")

    @classmethod
    def from_model(cls, model: record.RecordedChange) -> Self:
        return cls(
            seq=model.seq,
            actor=model.actor,
            at=model.at,
            fields=list(model.fields),
            note=model.note,
        )


async def history(
    info: Info, kind: record.Recorded, identity: str, first: int | None
) -> list[RecordedChange]:
    loader = info.context.loaders.history(place(info), kind, search_size(first))
    return [RecordedChange.from_model(model) for model in await loader.load(identity)]
