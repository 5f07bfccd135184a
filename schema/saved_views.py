"""Lists that a person keeps under a name, whatever the frontend."""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from functools import partial
from typing import Annotated, Self

import strawberry

from graph.commands import saved_views as commands
from graph.commands.requests import RequestKey
from graph.domain import saved_views as models
from graph.errors import InvalidInputError, NotFoundError
from graph.queries import saved_views as queries
from schema.changing import MutationInput, MutationPayload, acted, errors_field
from schema.refusals import ANY, UserError, refuses
from schema.request import Info
from schema.resolved import resolved


@strawberry.type(description="A list that the person keeps under a name.")
class SavedView:
    name: str = strawberry.field(description="What the person calls it.")
    query: str = strawberry.field(
        description="What shows it again, as it was sent: an address, or a filter as JSON."
    )

    @classmethod
    def from_model(cls, model: models.SavedView) -> Self:
        return cls(name=model.name, query=model.query)


@strawberry.input(description="A list to keep; one of the same name is replaced.")
class SaveViewInput(MutationInput):
    name: str = strawberry.field(
        description=f"What to call it, up to {models.LONGEST_NAME} characters; masked."
    )
    query: str = strawberry.field(
        description="What shows it again: the console keeps an address that begins with /, another "
        f"frontend what it likes, up to {models.LONGEST_QUERY:,} characters. Not read here; "
        "refused with personal data in it."
    )


@strawberry.input(description="A list that is no longer needed.")
class RemoveViewInput(MutationInput):
    name: str = strawberry.field(description="Its name.")


@refuses(*ANY, NotFoundError)
class SavedViewError(UserError):
    """Why it was not done."""


@strawberry.type(description="What became of a view.")
class SavedViewPayload(MutationPayload):
    errors: list[SavedViewError] = errors_field()
    views: list[SavedView] = strawberry.field(description="What the person keeps now, by name.")


async def views_of(info: Info) -> list[SavedView]:
    """What who asks keeps."""
    context = info.context
    kept = await queries.of_person(context.uses.database, context.identity.actor)
    return [SavedView.from_model(each) for each in kept]


@strawberry.type
class SavedViewMutation:
    """``Mutation`` inherits this."""

    @resolved(description="Keeps a list of the person's own under a name.")
    async def save_view(
        self,
        info: Info,
        input: Annotated[  # noqa: A002 - the API's name
            SaveViewInput, strawberry.argument(description="The list.")
        ],
    ) -> SavedViewPayload:
        return await _answered(info, input, partial(_save, info, input))

    @resolved(description="Forgets a list that the person keeps.")
    async def remove_view(
        self,
        info: Info,
        input: Annotated[  # noqa: A002 - the API's name
            RemoveViewInput, strawberry.argument(description="Which one.")
        ],
    ) -> SavedViewPayload:
        return await _answered(info, input, partial(_remove, info, input))


async def _save(info: Info, data: SaveViewInput, key: RequestKey | None) -> None:
    context, mask = info.context, info.context.uses.desk.mask
    if await mask(data.query, "query") not in (data.query, None):
        raise InvalidInputError(
            "`query` holds personal data: keep a view without it.", path=["query"]
        )
    view = models.SavedView(await mask(data.name, "name") or "", data.query)
    await commands.save_view(
        context.uses.database, context.identity.actor, view, datetime.now(UTC), key
    )


async def _remove(info: Info, data: RemoveViewInput, key: RequestKey | None) -> None:
    context = info.context
    now = datetime.now(UTC)
    await commands.remove_view(context.uses.database, context.identity.actor, data.name, now, key)


async def _answered(
    info: Info,
    data: SaveViewInput | RemoveViewInput,
    act: Callable[[RequestKey | None], Awaitable[None]],
) -> SavedViewPayload:
    done = await acted(info, data, act, SavedViewError)
    return SavedViewPayload(views=await views_of(info), **done.payload())
