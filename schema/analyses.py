"""Turns of analyses: few run at once, so that they go on beside the work of the desk.

An analysis reads many complaints, and the graph has few cores. What waits for its turn holds no
connection and no lock; of one person they run one after the other, so that nobody waits behind
another's fifty.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from weakref import WeakValueDictionary

from graph.errors import BusyError


@dataclass(frozen=True, slots=True)
class TurnOptions:
    """``most``: analyses at once in one process; ``seconds``: how long one may wait for that."""

    most: int = 2
    seconds: float = 30.0


class Turns:
    """Who may analyse now."""

    def __init__(self, options: TurnOptions) -> None:
        self._options = options
        self._free = asyncio.Semaphore(options.most)
        self._of: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    @asynccontextmanager
    async def turn(self, actor: str) -> AsyncIterator[None]:
        """Wait for a turn, and keep it inside.

        Raises:
            BusyError: it did not come in time.
        """
        own = self._of.setdefault(actor, asyncio.Lock())
        try:
            async with asyncio.timeout(self._options.seconds):
                await self._taken(own)
        except TimeoutError as error:
            raise BusyError(
                "Other analyses took too long: try again in a moment, with fewer at once."
            ) from error
        try:
            yield
        finally:
            self._free.release()
            own.release()

    async def _taken(self, own: asyncio.Lock) -> None:
        """Both, or none of them."""
        await own.acquire()
        try:
            await self._free.acquire()
        except BaseException:
            own.release()
            raise
