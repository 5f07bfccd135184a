"""Alerts about many complaints: what was seen, and what people make of it."""

import asyncio
from datetime import UTC, datetime
from functools import partial
from typing import Annotated

import strawberry

from graph.commands.alerts import settle_alert
from graph.domain.alerts import LONGEST_NOTE, Verdict
from graph.errors import ConflictError, InvalidInputError, NotFoundError
from graph.queries import alerts as queries
from schema.arguments import After, FirstOfPage
from schema.connections import Connection, edges_of, page_info
from schema.cursors import scope
from schema.enums import AlertState, DismissalReason, RuleKind
from schema.errors import UserError
from schema.escalation import Alert
from schema.ids import NodeKind, key_of
from schema.paging import page_slice
from schema.request import Info
from schema.request_keys import request_key
from schema.resolved import resolved


@strawberry.input(description="What a person makes of an alert.")
class HandleAlertInput:
    alert: strawberry.ID = strawberry.field(description="Id of the alert.")
    version: int = strawberry.field(description="Its version as the person saw it.")
    note: str | None = strawberry.field(default=None, description="What is to be noted; masked.")
    idempotency_key: str | None = strawberry.field(
        default=None, description="A UUID that makes a retry safe for seven days."
    )
    client_mutation_id: str | None = strawberry.field(
        default=None, description="Comes back as it is."
    )


@strawberry.input(description="Why an alert calls for nothing.")
class DismissAlertInput(HandleAlertInput):
    reason: DismissalReason = strawberry.field(description="Why; OTHER needs a note.")


@strawberry.type(description="What became of an alert.")
class AlertPayload:
    alert: Alert | None = strawberry.field(description="As it stands now.")
    errors: list[UserError] = strawberry.field(description="What has to be mended.")
    client_mutation_id: str | None = strawberry.field(description="As it was sent.")


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
        return await _answered(info, "acknowledgeAlert", input, AlertState.ACKNOWLEDGED)

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
        return await _answered(info, "dismissAlert", input, AlertState.DISMISSED)

    @resolved(description="Opens a dismissed or acknowledged alert again.", searches=20)
    async def reopen_alert(
        self,
        info: Info,
        input: Annotated[  # noqa: A002 - the API's name
            HandleAlertInput, strawberry.argument(description="Which alert.")
        ],
    ) -> AlertPayload:
        return await _answered(info, "reopenAlert", input, AlertState.OPEN)


async def _answered(
    info: Info, name: str, given: HandleAlertInput, state: AlertState
) -> AlertPayload:
    info.context.forget()
    found, errors = None, []
    try:
        identity = key_of(given.alert, NodeKind.ALERT, path=("alert",))
        await _settle(info, name, identity, given, state)
        found = await _alert(info, identity)
    except (InvalidInputError, ConflictError, NotFoundError) as error:
        errors = [UserError.from_model(error, "input")]
    return AlertPayload(alert=found, errors=errors, client_mutation_id=given.client_mutation_id)


async def _settle(
    info: Info, name: str, identity: str, given: HandleAlertInput, state: AlertState
) -> None:
    uses, actor, now = info.context.uses, info.context.identity.actor, datetime.now(UTC)
    reason = given.reason if isinstance(given, DismissAlertInput) else None
    verdict = Verdict(state, reason, await masked_note(info, given.note, "note"))
    key = request_key(info, name, given)
    await settle_alert(
        uses.database, identity, given.version, verdict, actor=actor, now=now, key=key
    )


async def masked_note(info: Info, text: str | None, name: str) -> str | None:
    """A short text of a person as it may be stored; None for one without content.

    Raises:
        InvalidInputError: it is too long.
    """
    told = (text or "").strip()
    if not told:
        return None
    if len(told) > LONGEST_NOTE:
        raise InvalidInputError(f"At most {LONGEST_NOTE:,} characters are taken.", path=[name])
    return await asyncio.to_thread(info.context.uses.pipeline.mask_query, told)


async def _alert(info: Info, key: str) -> Alert | None:
    found = (await queries.by_ids(info.context.uses.database, [key])).get(key)
    return None if found is None else Alert.from_model(found)


async def _page(
    info: Info,
    first: int | None,
    after: str | None,
    wanted: tuple[list[RuleKind] | None, list[AlertState] | None],
) -> Connection[Alert]:
    database, part = info.context.uses.database, page_slice(first, after, None, None)
    kinds, states = wanted
    for name, some in (("kinds", kinds), ("states", states)):
        if some is not None and not some:
            raise InvalidInputError("An empty list finds nothing: leave it out.", path=[name])
    cursors = scope("alerts", repr((sorted(kinds or ()), sorted(states or ()))))
    before = cursors.decode(part.after, "after")
    found = await queries.page(database, kinds, states, before, part.size + 1)
    rows = found[: part.size]
    places = [cursors.encode(alert.key) for alert in rows]
    nodes = [Alert.from_model(alert) for alert in rows]
    return Connection(
        edges=edges_of(nodes, places),
        nodes=nodes,
        page_info=page_info(places, following=len(found) > part.size, preceding=before is not None),
        count=partial(queries.count, database, kinds, states),
    )
