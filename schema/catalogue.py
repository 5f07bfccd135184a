"""The coded trees around a complaint: products, branches, departments, root causes."""

from typing import Optional, Self

import strawberry

from graph.domain.catalogue import CatalogueEntry as Entry
from graph.domain.enums import CatalogueKind
from schema.arguments import FirstFound, LanguageArgument
from schema.enums import BranchLevel
from schema.ids import NodeKind, global_id
from schema.node import Node
from schema.paging import LARGEST_SEARCH, size_of
from schema.request import Info
from schema.resolved import resolved

_NODE_KINDS = {
    CatalogueKind.PRODUCT: NodeKind.PRODUCT,
    CatalogueKind.BRANCH: NodeKind.BRANCH,
    CatalogueKind.DEPARTMENT: NodeKind.DEPARTMENT,
    CatalogueKind.ROOT_CAUSE: NodeKind.ROOT_CAUSE,
}
_NARROWER = 50


@strawberry.interface(description="An entry of a coded tree.")
class CatalogueEntry(Node):
    code: str = strawberry.field(description="What filters and inputs take.")
    name: str = strawberry.field(description="The name as the bank or the source gives it.")
    name_zh: str | None = strawberry.field(description="The Chinese name.")
    model: strawberry.Private[Entry]

    @resolved(
        description="The name in a language, the other one where it is missing; where the same "
        "name stands elsewhere in the tree, with the names of wider ones before it."
    )
    def label(self, info: Info, language: LanguageArgument = None) -> str:
        return self.model.label.text(info.context.language_of(language))

    @classmethod
    def from_model(cls, model: Entry) -> Self:
        return cls(
            id=global_id(_NODE_KINDS[model.kind], model.code),
            code=model.code,
            name=model.name,
            name_zh=model.name_zh,
            model=model,
        )

    @classmethod
    def from_optional(cls, model: Entry | None) -> Self | None:
        return None if model is None else cls.from_model(model)

    @classmethod
    async def wider_of(cls, model: Entry, info: Info) -> Self | None:
        loader = info.context.loaders.entry(model.kind)
        return cls.from_optional(await loader.load(model.wider))

    @classmethod
    async def narrower_of(cls, model: Entry, info: Info, first: int | None) -> list[Self]:
        limit = size_of(first, "first", LARGEST_SEARCH, _NARROWER)
        loader = info.context.loaders.narrower(model.kind, limit)
        return [cls.from_model(entry) for entry in await loader.load(model.code)]


@strawberry.type(description="A product or service of the bank.")
class Product(CatalogueEntry):
    @resolved(description="The wider product that it is part of.")
    async def wider(self, info: Info) -> Optional["Product"]:
        return await Product.wider_of(self.model, info)

    @resolved(description="The products directly under it, in order of their codes.")
    async def narrower(self, info: Info, first: FirstFound = _NARROWER) -> list["Product"] | None:
        return await Product.narrower_of(self.model, info, first)


@strawberry.type(description="A unit of the bank where complaints arise, from head office down.")
class Branch(CatalogueEntry):
    @resolved(description="Where it stands in the bank.")
    def level(self) -> BranchLevel | None:
        return self.model.level

    @resolved(description="Its number of outlets, for rates.")
    def outlets(self) -> int | None:
        return self.model.outlets

    @resolved(description="Its number of customers, for rates.")
    def customers(self) -> int | None:
        return self.model.customers

    @resolved(description="The unit that it is part of.")
    async def wider(self, info: Info) -> Optional["Branch"]:
        return await Branch.wider_of(self.model, info)

    @resolved(description="The units directly under it, in order of their codes.")
    async def narrower(self, info: Info, first: FirstFound = _NARROWER) -> list["Branch"] | None:
        return await Branch.narrower_of(self.model, info, first)


@strawberry.type(description="A department that handles complaints.")
class Department(CatalogueEntry):
    @resolved(description="The department that it is part of.")
    async def wider(self, info: Info) -> Optional["Department"]:
        return await Department.wider_of(self.model, info)

    @resolved(description="The departments directly under it, in order of their codes.")
    async def narrower(
        self, info: Info, first: FirstFound = _NARROWER
    ) -> list["Department"] | None:
        return await Department.narrower_of(self.model, info, first)


@strawberry.type(description="Why complaints arise.")
class RootCause(CatalogueEntry):
    @resolved(description="The wider cause that it is part of.")
    async def wider(self, info: Info) -> Optional["RootCause"]:
        return await RootCause.wider_of(self.model, info)

    @resolved(description="The causes directly under it, in order of their codes.")
    async def narrower(self, info: Info, first: FirstFound = _NARROWER) -> list["RootCause"] | None:
        return await RootCause.narrower_of(self.model, info, first)


TYPES: dict[CatalogueKind, type[CatalogueEntry]] = {
    CatalogueKind.PRODUCT: Product,
    CatalogueKind.BRANCH: Branch,
    CatalogueKind.DEPARTMENT: Department,
    CatalogueKind.ROOT_CAUSE: RootCause,
}
