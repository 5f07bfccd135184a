"""Where log lines go."""

import sys
from contextlib import suppress
from typing import TextIO, cast


class LogStream:
    """A stream whose lines may be lost: a log on a full disk must not end what it tells of, and
    there is nowhere else to say so.
    """

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def write(self, text: str) -> int:
        with suppress(OSError):
            self._stream.write(text)
        return len(text)

    def flush(self) -> None:
        with suppress(OSError):
            self._stream.flush()


def log_stream() -> TextIO:
    """Standard error, for loggers."""
    return cast("TextIO", LogStream(sys.stderr))
