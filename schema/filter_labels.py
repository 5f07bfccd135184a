"""What the codes of a filter are called: for frontends that show what a list is narrowed to."""

from collections.abc import Iterator, Mapping
from typing import Annotated

import strawberry

from graph.domain.enums import CatalogueKind
from graph.domain.filters import ComplaintFilter
from graph.domain.vocabulary import Label, Vocabulary
from schema.arguments import LanguageArgument
from schema.filters import ComplaintFilterInput
from schema.request import Info
from schema.resolved import resolved

#: Whose entries a field's codes name.
_ENTRIES: Mapping[str, CatalogueKind] = {
    "products": CatalogueKind.PRODUCT,
    "branches": CatalogueKind.BRANCH,
    "departments": CatalogueKind.DEPARTMENT,
    "rootCauses": CatalogueKind.ROOT_CAUSE,
}


@strawberry.type(description="A code of a filter, with what it is called.")
class FilterLabel:
    field: str = strawberry.field(description="The filter's field that holds it.")
    code: str = strawberry.field(description="The code.")
    known: strawberry.Private[Label]

    @resolved(description="What it is called.")
    def label(self, info: Info, language: LanguageArgument = None) -> str:
        return self.known.text(info.context.language_of(language))


@strawberry.type
class FilterLabelQuery:
    """``Query`` inherits this."""

    @resolved(
        description="What the codes of a filter are called, inside of `not`, too: products, "
        "branches, departments, root causes, types and risk types. A code that nothing has is "
        "left out."
    )
    async def filter_labels(
        self,
        info: Info,
        filter: Annotated[  # noqa: A002 - the API's name
            ComplaintFilterInput, strawberry.argument(description="The filter.")
        ],
    ) -> list[FilterLabel] | None:
        coded = sorted(set(_coded(filter.to_model())))
        entries = tuple((_ENTRIES[field], code) for field, code in coded if field in _ENTRIES)
        names = await info.context.loaders.names().load(entries)
        terms = _terms(info.context.uses.vocabulary)
        labels = {
            (field, code): names.get((_ENTRIES[field], code))
            if field in _ENTRIES
            else terms[field].get(code)
            for field, code in coded
        }
        return [
            FilterLabel(field=field, code=code, known=label)
            for (field, code), label in labels.items()
            if label is not None
        ]


def _coded(model: ComplaintFilter | None) -> Iterator[tuple[str, str]]:
    """Fields with their codes."""
    if model is None:
        return
    for field, codes in (
        ("products", model.products),
        ("branches", model.branches),
        ("departments", model.departments),
        ("rootCauses", model.root_causes),
        ("types", model.types),
        ("riskTypes", model.risk_types),
    ):
        yield from ((field, code) for code in codes or ())
    yield from _coded(model.excluded)


def _terms(vocabulary: Vocabulary) -> Mapping[str, Mapping[str, Label]]:
    return {"types": vocabulary.types, "riskTypes": vocabulary.risk_types}
