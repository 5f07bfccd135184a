"""One recorder a process: it writes what was looked at, before the answer leaves.

All who wait while a transaction is under way share the next one, so that readers queue neither
behind writers nor behind each other for longer than that. A process's records are a chain of its
own (``graph.domain.access_log``), so that processes share no lock.
"""

import asyncio
import platform
from collections import deque
from collections.abc import Callable, Sequence
from contextvars import Context
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import structlog

from graph.commands.access_log import append, open_segment
from graph.consistency.access_log import Verified, verify
from graph.database import Database
from graph.domain.access_log import (
    LONGEST_SEGMENT,
    Access,
    Head,
    RecordKind,
    Sealer,
    Segment,
    anchors,
)
from graph.errors import ComplaintGraphError, InvalidInputError, UnavailableError, described
from graph.queries.access_log import heads, records_since

log = structlog.get_logger(__name__)

#: What the key of the access log is derived for.
PURPOSE = "access-log"
#: Accesses that one transaction writes; more wait for the next.
_BATCH = 500
#: Records that are read to verify the log while somebody waits.
MOST_VERIFIED = 100_000
#: After so long an answer is better refused than kept waiting.
_SECONDS = 30.0
#: A process goes on in a new segment when its own is so old.
_ROLL = LONGEST_SEGMENT / 2
#: How often a segment keeps where the others stand, while there is something to write.
_ANCHOR = timedelta(minutes=5)
_UNAVAILABLE = (
    "What was looked at could not be recorded, so nothing is shown: try again in a moment. A "
    "change that was asked for may have been made; with the same `idempotencyKey` it is not made "
    "twice."
)


@dataclass(slots=True)
class Options:
    """``roll`` and ``anchor`` as above; shorter in tests."""

    roll: timedelta = _ROLL
    anchor: timedelta = _ANCHOR
    seconds: float = _SECONDS


class Recorder:
    """Records accesses; nothing is written, and no segment opened, before the first."""

    def __init__(
        self,
        database: Database,
        sealer: Sealer,
        *,
        options: Options | None = None,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self.options = options or Options()
        self._database = database
        self._sealer = sealer
        self._clock = clock
        self._process = uuid4().hex
        self._segment: Segment | None = None
        self._anchored = clock()
        self._waiting: deque[tuple[Access, asyncio.Future[None]]] = deque()
        self._writing: asyncio.Task[None] | None = None

    async def record(self, access: Access) -> None:
        """Return once the record is written.

        Raises:
            UnavailableError: it could not be, so the answer must not leave.
        """
        written: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append((access, written))
        if self._writing is None or self._writing.done():
            # A context of its own: what is written for many counts as the cost of none of them.
            self._writing = asyncio.create_task(self._drain(), context=Context())
        await written

    async def verify(self, since: datetime) -> Verified:
        """Hold the log to account (``graph.consistency.access_log``), this process's part with it.

        Raises:
            InvalidInputError: more than ``MOST_VERIFIED`` records stand in what was written since.
        """
        count = await records_since(self._database.read, since)
        if count > MOST_VERIFIED:
            raise InvalidInputError(
                f"{count:,} records have been written since then, and up to {MOST_VERIFIED:,} are "
                "read here: begin later, or run `complaint-graph audit verify`.",
                path=["from"],
            )
        return await verify(self._database, self._sealer, since=since)

    async def close(self) -> None:
        """End the segment, after what waits is written; one that cannot be ended ends by age."""
        if self._writing is not None:
            await asyncio.wait({self._writing})
        try:
            await self._close()
        except ComplaintGraphError as error:
            log.warning("the access log's segment could not be closed", **described(error))

    async def _drain(self) -> None:
        while self._waiting:
            size = min(_BATCH, len(self._waiting))
            batch = [self._waiting.popleft() for _ in range(size)]
            failure: BaseException | None = None
            try:
                async with asyncio.timeout(self.options.seconds):
                    await self._write([access for access, _ in batch])
            except Exception as error:  # noqa: BLE001 - raised again, where it is waited for
                log.error("what was looked at could not be recorded", **described(error))
                # Written or not: whatever comes next is another chain.
                self._segment = None
                failure = error
            for _, written in batch:
                if written.done():
                    continue
                if failure is None:
                    written.set_result(None)
                else:
                    written.set_exception(_refusal(failure))

    async def _write(self, accesses: Sequence[Access]) -> None:
        now = self._clock()
        if self._segment is not None and now - self._segment.opened_at >= self.options.roll:
            await self._close()
        # A segment that is gone or was changed is left as it is found.
        for _ in range(2):
            before = self._segment or await self._open(now)
            after, records = before, []
            if now - self._anchored >= self.options.anchor:
                after, anchor = before.with_record(
                    self._sealer, RecordKind.ANCHOR, now, anchors(await self._others(now))
                )
                records.append(anchor)
            after, chained = after.with_accesses(self._sealer, accesses)
            records += chained
            if await append(self._database, self._sealer, before, after, records):
                self._segment = after
                if len(records) > len(chained):
                    self._anchored = now
                return
            log.error("the access log's segment is gone or was changed", segment=before.id)
            self._segment = None
        raise UnavailableError(_UNAVAILABLE)

    async def _others(self, now: datetime) -> list[Head]:
        own = self._segment.id if self._segment else 0
        return await heads(self._database.read, now - 2 * LONGEST_SEGMENT, besides=own)

    async def _open(self, now: datetime) -> Segment:
        self._segment = await open_segment(
            self._database,
            self._sealer,
            process=self._process,
            host=platform.node(),
            now=now,
        )
        self._anchored = now
        log.info("a segment of the access log begins", segment=self._segment.id)
        return self._segment

    async def _close(self) -> None:
        before, self._segment = self._segment, None
        if before is None:
            return
        now = self._clock()
        after, record = before.with_record(
            self._sealer, RecordKind.CLOSED, now, anchors(await self._others(now))
        )
        if not await append(self._database, self._sealer, before, after, [record]):
            log.error("the access log's segment is gone or was changed", segment=before.id)


def _refusal(failure: BaseException) -> BaseException:
    """What each who waits is told; a defect stays one."""
    if isinstance(failure, ComplaintGraphError | TimeoutError):
        refusal: BaseException = UnavailableError(_UNAVAILABLE)
    else:
        refusal = RuntimeError("the access log failed")
    refusal.__cause__ = failure
    return refusal
