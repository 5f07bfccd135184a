"""Asks what people will ask first, so that none of them waits for a service that has just started.

Neo4j plans a statement when it is first sent and reads indexes when they are first used, and a
process makes its templates, caches and models ready in the same way. A case's page sends some
seventy statements.
"""

import asyncio
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

import structlog

from api.console.asking import document
from api.console.filters import fields
from api.console.listing import Listing
from api.services import Services, access_sealer
from graph.domain.access import LOCAL, SYSTEM_ACTOR, Identity, Reach
from graph.domain.access_log import Access
from schema.build import Schema
from schema.recorder import Recorder
from schema.request import RequestContext

log = structlog.get_logger(__name__)
_NEWEST = """
query Newest {
  complaints(first: 20, orderBy: RECEIVED_DESC) {
    nodes { reference branch { code } handledBy { department { code } } } } }
"""


class _Unread(Recorder):
    """Nobody reads these answers, so there is nothing to record."""

    async def record(self, access: Access) -> None:
        pass


async def warm(schema: Schema, services: Services) -> None:
    """Ask once, then wait to be cancelled."""
    await ask_first(schema, services)
    await asyncio.Event().wait()


async def ask_first(schema: Schema, services: Services) -> None:
    """Ask for the desk and for the newest case, as each kind of reach asks for them.

    What cannot be answered is logged: nothing depends on it.
    """
    started = time.monotonic()
    unread = _Unread(services.database, access_sealer(services.keyring))
    uses = replace(services, recorder=unread)

    async def answered(reach: Reach, text: str, **variables: Any) -> Mapping[str, Any]:
        who = Identity(SYSTEM_ACTOR, roles=LOCAL.roles, reach=reach)
        result = await schema.execute(
            text, variable_values=variables, context_value=RequestContext(uses, who)
        )
        for error in result.errors or ():
            log.info("not answered", code=(error.extensions or {}).get("code"))
        return result.data or {}

    newest = (await answered(Reach(everything=True), _NEWEST)).get("complaints")
    for reach, reference in _asked(newest["nodes"] if newest else ()):
        desk = Listing().variables(SYSTEM_ACTOR, fields(schema._schema))
        await answered(reach, document("desk"), **desk)
        await answered(reach, document("case"), reference=reference)
    log.info("asked what people ask first", seconds=round(time.monotonic() - started, 1))


def _asked(cases: Sequence[Mapping[str, Any]]) -> Iterator[tuple[Reach, str]]:
    """Each kind of reach, which sends statements of its own, with the newest case in it."""
    for case in cases[:1]:
        yield Reach(everything=True), case["reference"]
    for case in [each for each in cases if each["branch"]][:1]:
        yield Reach(branches=(case["branch"]["code"],)), case["reference"]
    for case in [each for each in cases if each["handledBy"]][:1]:
        department = case["handledBy"][0]["department"]["code"]
        yield Reach(departments=(department,)), case["reference"]
