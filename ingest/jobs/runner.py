"""Jobs of this process: begun, heard of every second, stopped when that is asked for."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeAlias

import structlog

from graph.commands import jobs as commands
from graph.commands.requests import RequestKey
from graph.database import Database
from graph.domain.jobs import Beat, Job, JobPhase, JobState, NewJob, Result
from graph.errors import ComplaintGraphError, UnavailableError, described

log = structlog.get_logger(__name__)

#: How often is written how far jobs are, in seconds.
BEAT_SECONDS = 1.0
#: How long jobs have at the end of a process to come to the end of their batch.
CLOSE_SECONDS = 10.0
_MASKED = "Something went wrong on our side: the service's log tells more under this job's id."


class StoppedError(Exception):
    """A job was told to stop, and does; ``state``: how it reads then."""

    def __init__(self, state: JobState) -> None:
        super().__init__()
        self.state = state


class Reporter:
    """How far one job is: a ``graph.progress.Progress``, called from any thread.

    ``stopped``: how it reads once it has stopped; None as long as it is not told to.
    """

    def __init__(self, job: Job) -> None:
        self.job = job
        self._phase: JobPhase | None = None
        self._done = 0
        self._total: int | None = None
        self.stopped: JobState | None = None

    def __call__(self, task: str, done: int, total: int | None) -> None:
        """Raises StoppedError: between two batches is the place to stop."""
        self.check()
        self._phase, self._done, self._total = JobPhase.of(task) or self._phase, done, total

    def check(self) -> None:
        """Raises StoppedError: the job was told to stop."""
        if self.stopped is not None:
            raise StoppedError(self.stopped)

    def stop(self, state: JobState) -> None:
        """Let it stop after its batch, and read so."""
        self.stopped = state

    @property
    def beat(self) -> Beat:
        return Beat(self.job.id, self._phase, self._done, self._total)


#: What a job does; an error of ours becomes the sentence that people read.
Work: TypeAlias = Callable[[Reporter], Awaitable[Result]]


class Jobs:
    """What runs in this process; ``close`` ends it."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._running: dict[str, tuple[Reporter, asyncio.Task[None]]] = {}
        self._beating: asyncio.Task[None] | None = None

    async def start(self, new: NewJob, work: Work, key: RequestKey | None = None) -> Job:
        """Begin a job; it goes on when this returns. A retry gets the job of the first time."""
        job, fresh = await commands.begin(self._database, new, key)
        if fresh:
            reporter = Reporter(job)
            task = asyncio.create_task(self._run(reporter, work))
            self._running[job.id] = reporter, task
            if self._beating is None or self._beating.done():
                self._beating = asyncio.create_task(self._beat())
        return job

    async def settle(self, seconds: float | None = None) -> None:
        """Until what runs here has ended, or so many seconds have passed."""
        if tasks := [task for _, task in self._running.values()]:
            await asyncio.wait(tasks, timeout=seconds)

    async def close(self) -> None:
        """Stop what runs, each job after its batch; what does not stop in time is broken off."""
        if self._beating is not None:
            self._beating.cancel()
            await asyncio.gather(self._beating, return_exceptions=True)
        tasks = [task for _, task in self._running.values()]
        for reporter, _ in self._running.values():
            reporter.stop(JobState.INTERRUPTED)
        await self.settle(CLOSE_SECONDS)
        late = list(self._running)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        if late:
            try:
                await commands.interrupt(self._database, late)
            except UnavailableError as error:
                # They read so a minute later anyhow.
                log.warning("that jobs were broken off could not be written", **described(error))

    async def _run(self, reporter: Reporter, work: Work) -> None:
        identity = reporter.job.id
        try:
            state, result = await self._outcome(reporter, work)
            log.info("job ended", job=identity, kind=reporter.job.kind.value, state=state.value)
            await commands.end(self._database, identity, state, result, reporter.beat)
        except Exception as error:  # noqa: BLE001 - it reads as interrupted
            log.error("what became of a job could not be written", job=identity, **described(error))
        finally:
            del self._running[identity]

    async def _outcome(self, reporter: Reporter, work: Work) -> tuple[JobState, Result]:
        try:
            result = await work(reporter)
        except StoppedError as stopped:
            return stopped.state, Result()
        except ComplaintGraphError as error:
            if reporter.stopped is not None:
                return reporter.stopped, Result()
            return JobState.FAILED, Result(error=error.message)
        except Exception as error:  # noqa: BLE001 - told to whoever began it, the rest to the log
            log.error("a job failed", job=reporter.job.id, **described(error))
            return JobState.FAILED, Result(error=_MASKED)
        return (JobState.FAILED if result.error else JobState.DONE), result

    async def _beat(self) -> None:
        """Write how far jobs are, and hear which are to stop, as long as any runs."""
        while self._running:
            await asyncio.sleep(BEAT_SECONDS)
            beats = [reporter.beat for reporter, _ in self._running.values()]
            try:
                stopped = await commands.beat(self._database, beats)
            except Exception as error:  # noqa: BLE001 - jobs would read as interrupted while they run
                log.warning("how far jobs are could not be written", **described(error))
                continue
            for identity in stopped & self._running.keys():
                self._running[identity][0].stop(JobState.CANCELLED)
