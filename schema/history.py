"""What became of an alert, an issue or a remediation."""

from datetime import datetime
from typing import Self

import strawberry

from graph.domain.recorded import Recorded
from graph.domain.recorded import RecordedChange as Model
from schema.paging import search_size
from schema.request import Info
from schema.resolved import resolved
from schema.staff import NAME, name_of


@strawberry.type(description="A change that somebody made; never changed afterwards.")
class RecordedChange:
    seq: int = strawberry.field(description="The version after it.")
    actor: str = strawberry.field(
        description="Who made it; `system` for what the service does by itself."
    )
    at: datetime = strawberry.field(description="When.")
    fields: list[str] = strawberry.field(description="Names of what changed.")
    note: str | None = strawberry.field(description="What was noted on it, masked.")

    @resolved(description=NAME)
    async def actor_name(self, info: Info) -> str | None:
        return await name_of(info, self.actor)

    @classmethod
    def from_model(cls, model: Model) -> Self:
        return cls(
            seq=model.seq,
            actor=model.actor,
            at=model.at,
            fields=list(model.fields),
            note=model.note,
        )


async def history(
    info: Info, kind: Recorded, identity: str, first: int | None
) -> list[RecordedChange]:
    loader = info.context.loaders.history(kind, search_size(first))
    return [RecordedChange.from_model(model) for model in await loader.load(identity)]
