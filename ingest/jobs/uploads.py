"""Files that were sent: they hold what is not masked yet, so they never lie under a name."""

import asyncio
import os
from collections import OrderedDict
from dataclasses import dataclass, field
from pathlib import Path, PosixPath
from secrets import token_urlsafe
from typing import IO

from graph.errors import NotFoundError, UnavailableError
from ingest.masking import Masker
from ingest.sources import CheckReport

#: Files that a process holds until they are imported; of more the oldest is let go.
MOST = 8
#: How long one is held, in seconds.
HELD_SECONDS = 1_800.0
_LONGEST_NAME = 120
_DESCRIPTORS = Path("/proc/self/fd")


class SentPath(PosixPath):
    """Leads to an open file that has no name; its name is the one that it was sent with."""

    sent_as = ""

    @property
    def name(self) -> str:
        return self.sent_as


class Upload:
    """A file that was sent: its bytes go with the process, or with ``close``.

    ``name``: as it was sent, masked; its ending tells the format.
    """

    def __init__(self, file: IO[bytes], name: str, masker: Masker) -> None:
        """Takes an own hold of the file, which may be closed then.

        Raises:
            UnavailableError: this system opens no file a second time that has no name.
        """
        if not _DESCRIPTORS.is_dir():
            raise UnavailableError(
                "Only a service on Linux takes files: use `complaint-graph import` here."
            )
        file.flush()
        self._descriptor: int | None = os.dup(file.fileno())
        self.name = _name(name, masker)
        self.path = SentPath(_DESCRIPTORS / str(self._descriptor))
        self.path.sent_as = self.name

    def close(self) -> None:
        """Let go of it; once is enough."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None


def _name(sent: str, masker: Masker) -> str:
    """Without folders and signs that are no text; what is personal in it is masked."""
    plain = "".join(c for c in sent.replace("\\", "/").rpartition("/")[2] if c.isprintable())
    stem, dot, ending = plain[-_LONGEST_NAME:].rpartition(".")
    masked = masker.mask(stem if dot else ending).text.replace("/", "-")
    return f"{masked}.{ending}" if dot and masked else masked or f"file{dot}{ending if dot else ''}"


@dataclass(slots=True)
class Held:
    """A file that is looked at before it is imported, by whoever sent it.

    ``mapping``: as text, or the name of one that is shipped; ``report``: what an import would do,
    once that is known; ``error``: why it could not be told. ``rows``: looked at so far.
    """

    upload: Upload
    person: str
    mapping: str
    report: CheckReport | None = None
    error: str | None = None
    rows: int = 0
    checking: asyncio.Task[None] | None = field(default=None, repr=False)


class Uploads:
    """The files that a process holds, each for its person and for a while."""

    def __init__(self, process: str | None = None) -> None:
        """``process``: of several, the name of this one, which its tokens begin with."""
        self._held: OrderedDict[str, Held] = OrderedDict()
        self._before = f"{process}." if process else ""

    def hold(self, held: Held) -> str:
        """A token that nobody guesses."""
        token = self._before + token_urlsafe(18)
        self._held[token] = held
        asyncio.get_running_loop().call_later(HELD_SECONDS, self._let_go, token)
        while len(self._held) > MOST:
            self._let_go(next(iter(self._held)))
        return token

    def of(self, token: str, person: str) -> Held:
        """Raises NotFoundError: it is held no longer, by another process, or for somebody else."""
        held = self._held.get(token)
        if held is None or held.person != person:
            raise NotFoundError("This file is held no longer: send it again.", path=["file"])
        return held

    def take(self, token: str, person: str) -> Held:
        """The same, and it is held no longer: whoever takes it closes it."""
        held = self.of(token, person)
        del self._held[token]
        return held

    def close(self) -> None:
        """Let go of all."""
        for token in list(self._held):
            self._let_go(token)

    def _let_go(self, token: str) -> None:
        held = self._held.pop(token, None)
        if held is None:
            return
        if held.checking is None or held.checking.done():
            held.upload.close()
        else:  # its thread reads
            held.checking.add_done_callback(lambda _: held.upload.close())
