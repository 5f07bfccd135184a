"""What handlers think of precedents, and what the precedents earn."""

from datetime import datetime
from typing import Self

import strawberry

from graph.domain.enums import CatalogueKind
from graph.errors import NotFoundError
from graph.queries.ratings import coverage_between, ratings_between
from schema.catalogue import Product
from schema.changing import MutationInput, MutationPayload, acted, errors_field
from schema.complaint import Complaint
from schema.refusals import ANY, UserError, refuses
from schema.request import Info
from schema.resolved import resolved
from similarity import quality


@strawberry.input(description="A verdict on a precedent.")
class RatePrecedentInput(MutationInput):
    token: str = strawberry.field(description="The `token` that came with the precedent.")
    useful: bool = strawberry.field(description="Whether it helped to decide.")


@refuses(*ANY, NotFoundError)
class RatePrecedentError(UserError):
    """Why it was not done."""


@strawberry.type(description="What became of a rating.")
class RatePrecedentPayload(MutationPayload):
    errors: list[RatePrecedentError] = errors_field()
    complaint: Complaint | None = strawberry.field(description="The precedent.")


@strawberry.type(description="A figure with its 95 % interval.")
class Estimate:
    value: float = strawberry.field(description="The figure.")
    low: float = strawberry.field(description="The interval begins here.")
    high: float = strawberry.field(description="The interval ends here.")
    count: int = strawberry.field(description="Of how many.")

    @classmethod
    def from_model(cls, model: quality.Estimate) -> Self:
        return cls(value=model.value, low=model.low, high=model.high, count=model.count)


@strawberry.type(description="How many precedents of a product were useful.")
class ProductQuality:
    useful: Estimate = strawberry.field(description="Share of ratings that say useful.")
    code: strawberry.Private[str | None]

    @resolved(description="The product; null for precedents without one.")
    async def product(self, info: Info) -> Product | None:
        loader = info.context.loaders.entry(CatalogueKind.PRODUCT)
        return Product.from_optional(await loader.load(self.code))


@strawberry.type(description="What the precedents of a month earned.")
class PrecedentQuality:
    month: datetime = strawberry.field(description="The month's first moment.")
    mrr: Estimate = strawberry.field(
        description="Mean of 1 / rank of the first useful precedent, over lists with any rating."
    )
    useful: Estimate = strawberry.field(description="Share of ratings that say useful.")
    by_product: list[ProductQuality] = strawberry.field(description="The same by product.")

    @classmethod
    def from_model(cls, model: quality.Quality) -> Self:
        return cls(
            month=model.month,
            mrr=Estimate.from_model(model.mrr),
            useful=Estimate.from_model(model.useful),
            by_product=[
                ProductQuality(useful=Estimate.from_model(useful), code=code)
                for code, useful in model.by_product
            ],
        )


@strawberry.type(description="What handlers say of the precedents that they were shown.")
class PrecedentReport:
    months: list[PrecedentQuality] = strawberry.field(description="Month by month, oldest first.")
    coverage: Estimate | None = strawberry.field(
        description="For which part of the complaints decided in this time a precedent was rated; "
        "null if none was decided."
    )


async def report(info: Info, since: datetime | None, until: datetime | None) -> PrecedentReport:
    database = info.context.uses.database
    shown = await ratings_between(database, since, until)
    rated, decided = await coverage_between(database, since, until)
    votes = [True] * rated + [False] * (decided - rated)
    return PrecedentReport(
        months=[
            PrecedentQuality.from_model(month)
            for month in quality.quality_by_month(shown, info.context.uses.zone)
        ],
        coverage=Estimate.from_model(quality.share(votes)) if votes else None,
    )


async def rate(info: Info, data: RatePrecedentInput) -> RatePrecedentPayload:
    precedents, actor = info.context.uses.precedents, info.context.identity.actor
    done = await acted(
        info,
        data,
        lambda key: precedents.rate(data.token, useful=data.useful, actor=actor, key=key),
        RatePrecedentError,
    )
    complaint = await info.context.loaders.complaint().load(done.result)
    return RatePrecedentPayload(complaint=Complaint.from_optional(complaint), **done.payload())
