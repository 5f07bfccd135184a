"""What a group of complaints has in common: a code with its label."""

from enum import StrEnum

import strawberry

from graph.domain.enums import Channel, Level, OutcomeKind
from graph.domain.vocabulary import Label, label_of
from graph.queries.trees import CATALOGUES, Facet
from schema.arguments import LanguageArgument
from schema.request import Info
from schema.resolved import resolved

_NONE = Label("未记录", "not recorded")
_ENUMS: dict[Facet, type[StrEnum]] = {
    Facet.CHANNEL: Channel,
    Facet.LEVEL: Level,
    Facet.OUTCOME: OutcomeKind,
}


@strawberry.type(description="What the complaints of a group have in common.")
class GroupKey:
    facet: Facet = strawberry.field(description="Which side of a complaint.")
    code: str | None = strawberry.field(
        description="The code, as filters take it; null: none is recorded, or a wider one only."
    )

    @resolved(description="What the code means.")
    async def label(self, info: Info, language: LanguageArgument = None) -> str:
        return (await label_for(info, self.facet, self.code)).text(
            info.context.language_of(language)
        )


async def label_for(info: Info, facet: Facet, code: str | None) -> Label:
    """A code's label; all that one place of a document asks for are read together."""
    kind = CATALOGUES.get(facet)
    keys = ((kind, code),) if kind is not None and code is not None else ()
    # Also without a key, so that the number of statements does not depend on the data.
    names = await info.context.loaders.names().load(keys)
    if code is None:
        return _NONE
    if kind is not None:
        return names.get((kind, code), Label(code, code))
    if facet is Facet.TYPE:
        return info.context.uses.vocabulary.types.get(code, Label(code, code))
    return label_of(_ENUMS[facet](code))
