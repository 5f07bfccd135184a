"""Whether the cases that somebody wants to change are within reach."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from graph.commands.requests import RequestKey, known
from graph.errors import NotFoundError
from graph.queries.complaints import by_ids
from schema.policy import Group
from schema.request import Info


async def check_reached(
    info: Info, ids: Sequence[str], argument: str, key: RequestKey | None
) -> None:
    """Asked before a change, which locks the cases and reads them again.

    Raises:
        NotFoundError: one of them is not within reach, or there is no such complaint: the answer
            is the same.
    """
    if await beyond_reach(info, dict.fromkeys(ids, key)):
        raise beyond(argument)


async def beyond_reach(info: Info, keys: Mapping[str, RequestKey | None]) -> frozenset[str]:
    """Those of the cases that may not be changed; ``keys``: under which each is retried.

    A retry of what was done is answered, also when that has taken a case out of reach.
    """
    uses, identity = info.context.uses, info.context.identity
    scope = uses.policy.scope(identity, Group.DESK)
    if scope.everything:
        return frozenset()
    now = datetime.now(UTC)
    reached = await by_ids(uses.database, list(keys), scope)
    refused = set()
    for identifier in keys.keys() - reached.keys():
        key = keys[identifier]
        if key is None or not await known(uses.database, key, now):
            refused.add(identifier)
    return frozenset(refused)


def beyond(argument: str) -> NotFoundError:
    """The answer for what is beyond reach, and for what is not there."""
    return NotFoundError("There is no complaint with this id.", path=[argument])
