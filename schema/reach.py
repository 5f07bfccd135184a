"""Whether the cases that somebody wants to change are within reach."""

from collections.abc import Sequence
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

    A retry of what was done is answered, also when that has taken a case out of reach.

    Raises:
        NotFoundError: one of them is not within reach, or there is no such complaint: the answer
            is the same.
    """
    uses, identity = info.context.uses, info.context.identity
    scope = uses.policy.scope(identity, Group.DESK)
    if scope.everything or set(ids) <= (await by_ids(uses.database, ids, scope)).keys():
        return
    if key is None or not await known(uses.database, key, datetime.now(UTC)):
        raise NotFoundError("There is no complaint with this id.", path=[argument])
