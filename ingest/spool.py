"""Objects in a temporary file, written once and read again: memory does not grow with them."""

import pickle
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryFile
from types import TracebackType
from typing import Generic, Self, TypeVar

_T = TypeVar("_T")


class Spool(Generic[_T]):
    """Written, then iterated, in the order of writing; a context manager.

    Its file, under ``folder`` or by default the system's temporary folder, has no name and goes
    with the context, or with the process.
    """

    def __init__(self, folder: Path | None = None) -> None:
        self._file = TemporaryFile(dir=folder)  # noqa: SIM115
        self._pickler = pickle.Pickler(self._file, pickle.HIGHEST_PROTOCOL)
        # Without a memo: it would keep every object that was ever written.
        self._pickler.fast = True

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._file.close()

    def write(self, item: _T) -> None:
        self._pickler.dump(item)

    def __iter__(self) -> Iterator[_T]:
        self._file.seek(0)
        while True:
            try:
                # It is this process's own file.
                yield pickle.load(self._file)  # noqa: S301
            except EOFError:
                return
