"""What runs behind the requests: some of it in every process, some in one of all.

What time brings is looked for by one process, which holds a lease in the graph. When it is killed,
another one goes on within ``LEASE_SECONDS`` and ``TRY_SECONDS``. The lease saves work; it
protects nothing: each of these works may also be done by two at once, so that a process that was
stopped for a while and does not know yet that its lease has passed does no harm.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import TypeAlias

import structlog

from api.services import Services, access_sealer
from api.webhooks.delivery import Deliverer
from graph.commands import jobs as commands
from graph.commands.access_log import remove_expired
from graph.commands.clusters import finish_fit
from graph.commands.drills import forget_old
from graph.commands.leases import lead
from graph.commands.terms import follow_terms
from graph.errors import ConfigurationError, described
from graph.progress import Progress, silent
from ingest.retention import end_retention
from similarity.recalibration import recalibrate_if_due
from similarity.refitting import refit_if_due
from similarity.spaces import fill_space

log = structlog.get_logger(__name__)
Work: TypeAlias = Callable[[Services], Awaitable[None]]

#: The lease of what one process does for all.
LEASE = "background"
#: The lease of a process that was killed ends after so many seconds.
LEASE_SECONDS = 20.0
#: How often the others try to get it, in seconds.
TRY_SECONDS = 3.0
#: After an error, work begins again so many seconds later.
PAUSE_SECONDS = 2.0
#: How often a running service looks what others have changed (spaces), in seconds.
FOLLOW_SECONDS = 1.0
#: How often a running service asks for what waits on complaints, in seconds.
BACKLOG_SECONDS = 1.0
#: How often a running service looks for what time has changed, in seconds.
SWEEP_SECONDS = 60.0
#: How often all complaints are looked through for early warnings, in seconds.
WATCH_SECONDS = 3_600.0
#: How often the access log is looked through for what is too old, in seconds.
LOG_SECONDS = 3_600.0
#: How often is looked for jobs and files that are too old, in seconds.
JOB_SECONDS = 600.0
#: How often the weights of words are learnt anew, in seconds.
WEIGHTS_SECONDS = 600.0


async def finish_work(services: Services, progress: Progress = silent) -> None:
    """What waits or an interrupted process left: texts to encode, links, rules, a fit of clusters.

    And what other settings or a newer calendar left: deadlines to compute again. Any number of
    processes may do it at once.
    """
    await follow_terms(services.database, services.limits, datetime.now(UTC), progress)
    for opened in services.book.writable:
        await fill_space(services.database, opened.space, opened.encoder, progress=progress)
    await services.pipeline.backlog.drain(progress)
    await finish_fit(services.database, progress)
    if older := await services.pipeline.remasker.older():
        log.warning("texts of an older version of masking: run `remask`", complaints=older)


async def work_off(services: Services) -> None:
    """Finish what waits as it comes up, behind the requests, until cancelled."""
    await finish_work(services)
    while True:
        await asyncio.sleep(BACKLOG_SECONDS)
        await services.pipeline.backlog.drain()
        await finish_fit(services.database)


async def follow(services: Services) -> None:
    """Keep up with what other processes change, until cancelled."""
    learnt = 0.0
    while True:
        await asyncio.sleep(FOLLOW_SECONDS)
        await services.book.refresh()
        await services.suggester.refresh(services.book.writable)
        await services.size.refresh()
        learnt += FOLLOW_SECONDS
        if learnt >= WEIGHTS_SECONDS:
            learnt = 0.0
            await services.weights.refresh()


async def watch(services: Services) -> None:
    """Find what time brings (deadlines, overdue cases, groups, early warnings), until cancelled."""
    waited = WATCH_SECONDS
    while True:
        await asyncio.sleep(SWEEP_SECONDS)
        waited += SWEEP_SECONDS
        await services.desk.sweep()
        if waited >= WATCH_SECONDS:
            waited = 0.0
            await services.watcher.update()


async def keep_clusters(services: Services) -> None:
    """Make the clusters and the measure of likeness anew when enough has changed, until cancelled.

    Apart from ``watch``: a fit of a large bank takes minutes, in which deadlines go on.
    """
    policy = services.settings.refit_policy
    while True:
        await asyncio.sleep(SWEEP_SECONDS)
        await recalibrate_if_due(services.database, datetime.now(UTC))
        if services.settings.clusters.automatic:
            await refit_if_due(services.database, policy, datetime.now(UTC))


async def shorten_log(services: Services) -> None:
    """Remove what was kept for as long as it is to be kept, until cancelled.

    The access log's records, and what people answered in drills.
    """
    while True:
        now = datetime.now(UTC)
        before = now - timedelta(days=services.settings.access.log_days)
        sealer = access_sealer(services.keyring)
        if removed := await remove_expired(services.database, sealer, before=before, now=now):
            log.info("old segments of the access log removed", segments=removed)
        days = services.settings.desk.drill_days
        if days is not None:
            forgotten = await forget_old(services.database, now - timedelta(days=days))
            if forgotten:
                log.info("old drills forgotten", sittings=forgotten)
        await asyncio.sleep(LOG_SECONDS)


async def forget_jobs(services: Services) -> None:
    """Remove jobs that are older than they are kept, until cancelled."""
    while True:
        if jobs := await commands.forget(services.database, services.settings.jobs.kept):
            log.info("old jobs removed", jobs=jobs)
        await asyncio.sleep(JOB_SECONDS)


async def remove_files(services: Services) -> None:
    """Remove this machine's files of exports once they are old, until cancelled."""
    while True:
        if files := await asyncio.to_thread(services.exports.sweep):
            log.info("old files of exports removed", files=files)
        await asyncio.sleep(JOB_SECONDS)


async def follow_provider(services: Services) -> None:
    """Keep the sign-in's keys fresh, until cancelled."""
    if services.access.provider is not None:
        await services.access.provider.run()
    await asyncio.Event().wait()


async def retain(services: Services) -> None:
    """Erase people from cases that were kept for as long as they are to be, until cancelled."""
    terms = services.settings.retention_terms
    while True:
        try:
            erased = await end_retention(services.database, services.people, terms)
        except ConfigurationError as error:
            log.error("nobody is erased", reason=error.message)
        else:
            if erased:
                log.info("people erased from cases whose time was over", cases=erased)
        await asyncio.sleep(LOG_SECONDS)


async def tell_webhooks(services: Services) -> None:
    """Tell receivers elsewhere what happens, until cancelled."""
    settings = services.settings.webhooks
    await Deliverer(services.database, services.keyring, settings).run()


#: What each process does for itself, and what waits in the graph for whoever comes first.
EVERY_PROCESS: Sequence[Work] = (follow, work_off, follow_provider, remove_files)
#: What one process does for all.
LEADER_ALONE: Sequence[Work] = (
    watch,
    keep_clusters,
    shorten_log,
    forget_jobs,
    retain,
    tell_webhooks,
)


async def lead_background(services: Services) -> None:
    """Do ``LEADER_ALONE`` while no other process does it, until cancelled."""

    async def work() -> None:
        log.info("this process does the background work")
        await run_all(LEADER_ALONE, services)

    while True:
        await lead(services.database, LEASE, work, seconds=LEASE_SECONDS)
        await asyncio.sleep(TRY_SECONDS)


async def run_all(works: Sequence[Work], services: Services) -> None:
    """Do all of them, each past its errors, until cancelled."""
    async with asyncio.TaskGroup() as tasks:
        for work in works:
            tasks.create_task(_keep(partial(work, services)))


async def _keep(work: Callable[[], Awaitable[None]]) -> None:
    """Go on past a time in which the graph was away."""
    while True:
        try:
            await work()
        except Exception as error:  # noqa: BLE001 - nothing there may end the service
            log.warning("work behind the requests failed and begins again", **described(error))
            await asyncio.sleep(PAUSE_SECONDS)
