"""What waits on stored complaints: links, then the rules of escalation.

Within one process one batch is served at a time. Those who register at the same moment are served
together, by whoever comes first: a group event is then detected once for all of them. What other
processes left, or marked anew, is drained in the background.
"""

import asyncio
from collections.abc import Sequence
from itertools import islice
from uuid import uuid4

from graph.commands.linking import link_pending
from graph.commands.moves import follow_moves
from graph.commands.waiting import Work, waiting_count
from graph.database import Database
from graph.progress import Progress, silent
from ingest.escalation.escalator import BATCH, Escalator
from similarity.spaces import SpaceBook


class Backlog:
    """Serves what waits; any number of processes may do so at once."""

    def __init__(self, database: Database, book: SpaceBook, escalator: Escalator) -> None:
        self._database = database
        self._book = book
        self._escalator = escalator
        #: Under which this process claims what it stores and serves itself.
        self.token = uuid4().hex
        self._turn = asyncio.Lock()
        #: Complaints whose callers wait for their turn, in order of arrival.
        self._asked: dict[str, None] = {}

    async def follow_up(self, ids: Sequence[str]) -> None:
        """Link and escalate complaints that were stored or have changed; done when it returns."""
        self._asked.update(dict.fromkeys(ids))
        async with self._turn:
            if not any(identity in self._asked for identity in ids):
                return  # whoever had the turn before has served these too
            others = (identity for identity in self._asked if identity not in set(ids))
            batch = [*ids, *islice(others, max(0, BATCH - len(ids)))]
            for identity in batch:
                self._asked.pop(identity, None)
            try:
                await self._escalator.follow_up(batch, self.token)
            except BaseException:
                # Their own callers try again, and learn what is wrong with theirs.
                self._asked.update(dict.fromkeys(set(batch) - set(ids)))
                raise

    async def link_all(self, progress: Progress = silent) -> int:
        """Link everything that waits; how many complaints that were.

        First, copies follow entries that have moved: families and rules read them.
        """
        await follow_moves(self._database, progress)
        total, done = await waiting_count(self._database, Work.LINK), 0
        while linked := await self._link_next():
            done += linked
            progress("link", done, max(total, done))
        return done

    async def escalate_all(self, progress: Progress = silent) -> int:
        """Apply the rules to everything that waits, oldest first; how many complaints."""
        total, done = await waiting_count(self._database, Work.ESCALATE), 0
        while seen := await self._escalate_next():
            done += seen
            progress("escalate", done, max(total, done))
        return done

    async def drain(self, progress: Progress = silent) -> int:
        """Link and escalate everything that waits; how many complaints."""
        return await self.link_all(progress) + await self.escalate_all(progress)

    async def _link_next(self) -> int:
        async with self._turn:
            return await link_pending(self._database, self._book.active.space)

    async def _escalate_next(self) -> int:
        async with self._turn:
            return await self._escalator.escalate_next()
