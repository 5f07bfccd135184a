"""Alerts about many complaints: what was seen, and what people make of it."""

import asyncio
from datetime import UTC, datetime
from functools import partial
from typing import Annotated

import strawberry

from graph.commands.alerts import handle_alert
from graph.commands.requests import RequestKey
from graph.commands.versioned import Target
from graph.domain.alerts import LONGEST_NOTE, AlertDecision
from graph.errors import InvalidInputError
from graph.queries import alerts as queries
from schema.arguments import After, FirstOfPage
from schema.changing import ChangePayload, MutationInput, acted, errors_field
from schema.connections import Connection
from schema.enums import AlertState, DismissalReason, RuleKind
from schema.escalation import Alert
from schema.ids import NodeKind, key_of
from schema.newest import check_not_empty, newest_first
from schema.refusals import OF_A_CHANGE, UserError, refuses
from schema.request import Info
from schema.resolved import resolved


@strawberry.input(description="What a person makes of an alert.")
class HandleAlertInput(MutationInput):
    alert: strawberry.ID = strawberry.field(description="Id of the alert.")
    version: int = strawberry.field(description="Its version as the person saw it.")
    note: str | None = strawberry.field(
        default=None, description="A note on this change alone; masked."
    )


@strawberry.input(description="Why an alert calls for nothing.")
class DismissAlertInput(HandleAlertInput):
    reason: DismissalReason = strawberry.field(description="Why; OTHER needs a note.")


@refuses(*OF_A_CHANGE)
class AlertError(UserError):
    """Why it was not done."""


@strawberry.type(description="What became of an alert.")
class AlertPayload(ChangePayload):
    errors: list[AlertError] = errors_field()
    alert: Alert | None = strawberry.field(
        description="As it stands now, also when nothing was done."
    )


@strawberry.type
class AlertQuery:
    """Alerts about many complaints; ``Query`` inherits this."""

    @resolved(
        description="Early warnings, newest first: group events, surges of escalations at a "
        "branch, causes that grow, new topics."
    )
    async def alerts(
        self,
        info: Info,
        first: FirstOfPage = None,
        after: After = None,
        kinds: Annotated[
            list[RuleKind] | None,
            strawberry.argument(description="Only these; others than those above find nothing."),
        ] = None,
        states: Annotated[
            list[AlertState] | None, strawberry.argument(description="Only those left like this.")
        ] = None,
    ) -> Connection[Alert]:
        return await _page(info, first, after, (kinds, states))

    @resolved(description="One alert about many complaints.")
    async def alert(
        self,
        info: Info,
        id: Annotated[  # noqa: A002 - the API's name
            strawberry.ID, strawberry.argument(description="An `id` that this API gave.")
        ],
    ) -> Alert | None:
        return await _alert(info, key_of(id, NodeKind.ALERT))


@strawberry.type
class AlertMutation:
    """What people make of alerts; ``Mutation`` inherits this."""

    @resolved(description="Says that somebody looks after an alert.", searches=20)
    async def acknowledge_alert(
        self,
        info: Info,
        input: Annotated[  # noqa: A002 - the API's name
            HandleAlertInput, strawberry.argument(description="Which alert.")
        ],
    ) -> AlertPayload:
        return await _answered(info, input, AlertState.ACKNOWLEDGED)

    @resolved(
        description="Says that an alert calls for nothing. It is not raised again while what it "
        "is about lasts.",
        searches=20,
    )
    async def dismiss_alert(
        self,
        info: Info,
        input: Annotated[  # noqa: A002 - the API's name
            DismissAlertInput, strawberry.argument(description="Which alert, and why.")
        ],
    ) -> AlertPayload:
        return await _answered(info, input, AlertState.DISMISSED)

    @resolved(description="Opens a dismissed or acknowledged alert again.", searches=20)
    async def reopen_alert(
        self,
        info: Info,
        input: Annotated[  # noqa: A002 - the API's name
            HandleAlertInput, strawberry.argument(description="Which alert.")
        ],
    ) -> AlertPayload:
        return await _answered(info, input, AlertState.OPEN)


async def _answered(info: Info, data: HandleAlertInput, state: AlertState) -> AlertPayload:
    identity: str | None = None

    async def act(key: RequestKey | None) -> None:
        nonlocal identity
        identity = key_of(data.alert, NodeKind.ALERT, path=("alert",))
        reason = data.reason if isinstance(data, DismissAlertInput) else None
        verdict = AlertDecision(state, reason, await masked_note(info, data.note, "note"))
        await handle_alert(
            info.context.uses.database,
            Target(identity, data.version, key),
            verdict,
            actor=info.context.identity.actor,
            now=datetime.now(UTC),
        )

    done = await acted(info, data, act, AlertError)
    result = None if identity is None else await _alert(info, identity)
    return AlertPayload(alert=result, **done.change_payload())


async def masked_note(info: Info, text: str | None, name: str) -> str | None:
    """A short text of a person as it may be stored; None for one without content.

    Raises:
        InvalidInputError: it is too long.
    """
    stripped = (text or "").strip()
    if not stripped:
        return None
    if len(stripped) > LONGEST_NOTE:
        raise InvalidInputError(f"At most {LONGEST_NOTE:,} characters are taken.", path=[name])
    return await asyncio.to_thread(info.context.uses.pipeline.mask_query, stripped)


async def _alert(info: Info, key: str) -> Alert | None:
    database, scope = info.context.uses.database, info.context.scope
    result = (await queries.by_ids(database, [key], scope)).get(key)
    return None if result is None else Alert.from_model(result)


async def _page(
    info: Info,
    first: int | None,
    after: str | None,
    narrowed: tuple[list[RuleKind] | None, list[AlertState] | None],
) -> Connection[Alert]:
    database, (kinds, states) = info.context.uses.database, narrowed
    check_not_empty(kinds=kinds, states=states)
    return await newest_first(
        "alerts",
        (first, after),
        repr((sorted(kinds or ()), sorted(states or ()))),
        partial(queries.page, database, kinds, states, info.context.scope),
        partial(queries.count, database, kinds, states),
        Alert.from_model,
    )
