"""A file system that is full for a while, at moments that chance decides, while people work."""

import asyncio
import os
from dataclasses import dataclass
from pathlib import Path
from random import Random

from graph.errors import ConfigurationError

#: A larger file system is somebody's, and is not filled.
_LARGEST = 8 << 30
#: How long there is no room, in seconds.
_FULL_SECONDS = 8.0
#: The smallest piece of room that is taken.
_LAST = 4096


@dataclass
class Disk:
    """The file system of a data folder."""

    folder: Path
    random: Random
    filled: int = 0

    @property
    def _ballast(self) -> Path:
        return self.folder / "ballast"

    def check(self) -> None:
        """Raises ConfigurationError: it is too large to be one that was made to be filled."""
        size = os.statvfs(self.folder)
        if size.f_blocks * size.f_frsize > _LARGEST:
            raise ConfigurationError(
                f"{self.folder} lies on a large file system, which would be filled: mount a small "
                f"one (`mount -t tmpfs -o size=2g none DIR`) and name it with --home."
            )

    async def fill(self, times: int, seconds: float) -> None:
        """So many times, spread over about so many seconds."""
        for _ in range(times):
            await asyncio.sleep(self.random.uniform(0, 2 * seconds / times))
            try:
                # What others give back meanwhile is taken, too.
                for _ in range(round(_FULL_SECONDS)):
                    await asyncio.to_thread(self.take)
                    await asyncio.sleep(1)
                self.filled += 1
            finally:
                self.give_back()

    def give_back(self) -> None:
        self._ballast.unlink(missing_ok=True)

    def take(self) -> None:
        """All room that is left."""
        with self._ballast.open("ab") as file:
            step = 1 << 24
            while step >= _LAST:
                try:
                    os.posix_fallocate(file.fileno(), file.seek(0, os.SEEK_END), step)
                except OSError:
                    step //= 2
