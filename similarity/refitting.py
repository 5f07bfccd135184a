"""Keep the clusters up to date without anybody running a command."""

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

import structlog

from graph.commands.leases import lease, turn
from graph.database import Database
from graph.domain.spaces import EmbeddingSpace
from graph.errors import ConflictError, InvalidInputError
from graph.progress import Progress, silent
from graph.queries.clusters import FitState, fit_state, vector_count
from graph.queries.spaces import active_space
from similarity.clusters import Refit, refit

log = structlog.get_logger(__name__)

#: Whoever divides the complaints holds this lease.
LEASE = "clusters"


@dataclass(frozen=True, slots=True)
class RefitPolicy:
    """When clusters are made anew.

    ``first``: texts from which there are clusters at all. ``share``, ``count``: texts more or fewer
    than at the last fit, as a share of these or in number; either is enough. That waits for the
    quiet time, ``hours`` from the hour ``quiet_from`` of the bank's ``zone``; where there are
    twice as many texts it does not. ``every``: seconds between two looks of all processes.
    """

    zone: ZoneInfo
    first: int = 100
    share: float = 0.1
    count: int = 5_000
    quiet_from: int = 2
    hours: int = 4
    every: float = 600.0

    def due(self, last: FitState | None, texts: int, space: str, now: datetime) -> bool:
        """Whether to fit now; ``texts``: those that a fit would look at."""
        if last is None or last.space != space or not last.texts:
            return texts >= self.first
        changed = abs(texts - last.texts)
        if texts >= max(self.first, 2 * last.texts):
            return True
        return self.quiet(now) and changed >= min(self.count, self.share * last.texts)

    def quiet(self, now: datetime) -> bool:
        """Whether it is the quiet time."""
        hour = now.astimezone(self.zone).hour
        return (hour - self.quiet_from) % 24 < self.hours


async def refit_if_due(database: Database, policy: RefitPolicy, now: datetime) -> Refit | None:
    """Divide all complaints anew if enough has changed and no other process does; None if not.

    Costs one statement in most calls. To be run beside everything else: reading and writing go on
    page by page, what computes runs in threads.
    """
    if not await turn(database, LEASE, seconds=policy.every):
        return None
    space = await active_space(database)
    if space is None or not await _due(database, policy, space, now):
        return None
    async with lease(database, LEASE) as held:
        # Whoever held it before us may have just done it.
        if not held or not await _due(database, policy, space, now):
            return None
        try:
            made = await refit(database, space, now)
        except ConflictError:
            log.info("another fit of the clusters was begun meanwhile")
            return None
    log.info("the clusters were made anew", **made.as_dict())
    return made


async def refit_now(database: Database, now: datetime, progress: Progress = silent) -> Refit:
    """Divide all complaints anew because somebody asks for it.

    Raises:
        InvalidInputError: there are no texts yet.
        ConflictError: another process does it.
    """
    space = await active_space(database)
    if space is None:
        raise InvalidInputError("The graph has no texts yet: import some first.")
    async with lease(database, LEASE) as held:
        if not held:
            raise ConflictError(
                "Another process divides the complaints at this moment: wait until it has "
                "finished, then nothing may be left to do."
            )
        return await refit(database, space, now, progress)


async def _due(
    database: Database, policy: RefitPolicy, space: EmbeddingSpace, now: datetime
) -> bool:
    last = await fit_state(database)
    return policy.due(last, await vector_count(database, space), space.name, now)
