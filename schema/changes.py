"""What an event changed: fields from one value to another, typed and with labels."""

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from typing import Self

import strawberry

from graph.domain import changes as domain
from graph.domain.enums import CatalogueKind
from graph.domain.money import Money as MoneyModel
from graph.domain.suggestions import Dimension
from graph.domain.vocabulary import Label, label_of
from schema.arguments import LanguageArgument
from schema.coded import CodedValue
from schema.enums import CaseField, Language
from schema.ids import NodeKind, global_id
from schema.money import Money
from schema.request import Info
from schema.resolved import resolved

_YES_NO = {True: Label("是", "yes"), False: Label("否", "no")}


@strawberry.interface(description="A value that a field of a case had or got.")
class FieldValue:
    @resolved(description="The value as people read it.")
    async def text(self, info: Info, language: LanguageArgument = None) -> str:
        return await self.shown(info, info.context.language_of(language))

    async def shown(self, info: Info, language: Language) -> str:
        raise NotImplementedError


@strawberry.type(description="One or several codes.")
class CodeValues(FieldValue):
    model: strawberry.Private[domain.Codes]

    @resolved(description="The codes with their labels; of causes the narrowest.")
    async def values(self, info: Info) -> list[CodedValue]:
        return await self._values(info)

    async def _values(self, info: Info) -> list[CodedValue]:
        codes, meaning = self.model.codes, self.model.meaning
        if not isinstance(meaning, CatalogueKind):
            return [CodedValue(code=code, known=_known(info, meaning, code)) for code in codes]
        loaders = info.context.loaders
        if meaning is CatalogueKind.ROOT_CAUSE:
            codes = await loaders.narrowest_causes().load(codes)
        names = await loaders.names().load(tuple((meaning, code) for code in codes))
        return [CodedValue(code=code, known=names.get((meaning, code))) for code in codes]

    async def shown(self, info: Info, language: Language) -> str:
        texts = [
            value.code if value.known is None else value.known.text(language)
            for value in await self._values(info)
        ]
        return ("、" if language is Language.ZH else ", ").join(texts)


@strawberry.type(description="An amount of money.")
class MoneyValue(FieldValue):
    money: Money = strawberry.field(description="The amount.")

    async def shown(self, info: Info, language: Language) -> str:
        return f"{self.money.value} {self.money.currency}"


@strawberry.type(description="A moment.")
class TimeValue(FieldValue):
    at: datetime = strawberry.field(description="The moment.")

    async def shown(self, info: Info, language: Language) -> str:
        return self.at.astimezone(info.context.uses.zone).strftime("%Y-%m-%d %H:%M")


@strawberry.type(description="A number.")
class NumberValue(FieldValue):
    number: int = strawberry.field(description="The number.")

    async def shown(self, info: Info, language: Language) -> str:
        return str(self.number)


@strawberry.type(description="Yes or no.")
class FlagValue(FieldValue):
    flag: bool = strawberry.field(description="Whether it is so.")

    async def shown(self, info: Info, language: Language) -> str:
        return _YES_NO[self.flag].text(language)


@strawberry.type(description="A name.")
class NameValue(FieldValue):
    name: str = strawberry.field(description="The name.")

    async def shown(self, info: Info, language: Language) -> str:
        return self.name


@strawberry.type(description="A customer.")
class CustomerValue(FieldValue):
    id: strawberry.ID = strawberry.field(description="Id of the customer, as it was then.")

    async def shown(self, info: Info, language: Language) -> str:
        return str(self.id)


#: The types of values, for the schema: no field names them.
VALUE_TYPES = (
    CodeValues,
    MoneyValue,
    TimeValue,
    NumberValue,
    FlagValue,
    NameValue,
    CustomerValue,
)


@strawberry.type(description="What became of one field of a case.")
class FieldChange:
    field: CaseField = strawberry.field(description="Which field.")
    before: FieldValue | None = strawberry.field(description="What it was; null: nothing.")
    after: FieldValue | None = strawberry.field(description="What it is; null: nothing.")

    @resolved(description="What the field is called.")
    def label(self, info: Info, language: LanguageArgument = None) -> str:
        return label_of(self.field).text(info.context.language_of(language))

    @classmethod
    def from_models(cls, models: Sequence[domain.FieldChange]) -> list[Self]:
        return [
            cls(field=model.field, before=_value(model.before), after=_value(model.after))
            for model in models
        ]


def _value(model: domain.Value | None) -> FieldValue | None:
    match model:
        case None:
            return None
        case domain.Codes():
            return CodeValues(model=model)
        case domain.CustomerId():
            return CustomerValue(id=global_id(NodeKind.CUSTOMER, model.id))
        case MoneyModel():
            return MoneyValue(money=Money.from_model(model))
        case datetime():
            return TimeValue(at=model)
        case bool():
            return FlagValue(flag=model)
        case int():
            return NumberValue(number=model)
        case _:
            return NameValue(name=model)


def _known(info: Info, meaning: type[StrEnum] | Dimension, code: str) -> Label | None:
    vocabulary = info.context.uses.vocabulary
    if isinstance(meaning, Dimension):
        known = vocabulary.types if meaning is Dimension.TYPE else vocabulary.risk_types
        return known.get(code)
    return label_of(meaning(code))
