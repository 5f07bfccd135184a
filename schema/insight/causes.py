"""The tree of root causes."""

from typing import Self

import strawberry

from graph.insight import causes as models
from graph.queries.trees import Facet
from schema.insight.figures import Figure, Narrowing
from schema.insight.groups import GroupKey


@strawberry.type(description="A root cause with the complaints of it and of all narrower ones.")
class RootCauseEntry:
    key: GroupKey = strawberry.field(description="The cause.")
    parent: str | None = strawberry.field(
        description="The code of the wider cause that it stands under; null at the top."
    )
    depth: int = strawberry.field(description="0 at the top, 1 for those under it, and so on.")
    direct: int = strawberry.field(description="Complaints of exactly this cause.")
    total: int = strawberry.field(
        description="Complaints of this cause or a narrower one, each counted once."
    )
    share: Figure | None = strawberry.field(
        description="The total's share of all complaints with a cause on record."
    )
    narrowing: Narrowing | None = strawberry.field(description="Opens the total's complaints.")

    @classmethod
    def from_model(cls, model: models.CauseEntry) -> Self:
        return cls(
            key=GroupKey(facet=Facet.ROOT_CAUSE, code=model.code),
            parent=model.parent,
            depth=model.depth,
            direct=model.direct,
            total=model.total,
            share=Figure.from_optional(model.share),
            narrowing=Narrowing.from_optional(model.narrowing),
        )


@strawberry.type(description="The root causes of complaints, as a tree.")
class RootCauseTree:
    known: int = strawberry.field(description="Complaints with a cause on record.")
    unknown: int = strawberry.field(description="Complaints without one.")
    entries: list[RootCauseEntry] = strawberry.field(
        description="In tree order: each cause before its narrower ones, beside each other those "
        "with most complaints first."
    )

    @classmethod
    def from_model(cls, model: models.CauseTree) -> Self:
        entries = [RootCauseEntry.from_model(entry) for entry in model.entries]
        return cls(known=model.known, unknown=model.unknown, entries=entries)
