"""The highest resident memory of a process while something is done; Linux tells it, others not."""

from pathlib import Path
from threading import Event, Thread
from types import TracebackType

_EVERY = 0.2
#: Written to a process's ``clear_refs``, this begins its peak anew.
_ANEW = "5"


class Peak:
    """``with Peak(pid) as peak: …``; then ``peak.megabytes``, None where nothing tells.

    Another process is looked at several times a second: it may end before it can be asked.
    """

    def __init__(self, pid: int | None) -> None:
        self._folder = None if pid is None else Path(f"/proc/{pid}")
        self._ended = Event()
        self._watch = Thread(target=self._sample, daemon=True)
        self.megabytes: int | None = None

    def __enter__(self) -> "Peak":
        if self._folder is not None and self._folder.exists():
            (self._folder / "clear_refs").write_text(_ANEW)
            self._watch.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        self._ended.set()
        if self._watch.is_alive():
            self._watch.join()

    def _sample(self) -> None:
        ended = False
        while not ended:
            ended = self._ended.wait(_EVERY)
            self._read()

    def _read(self) -> None:
        assert self._folder is not None
        try:
            status = (self._folder / "status").read_text()
        except OSError:  # it has ended
            return
        for line in status.splitlines():
            if line.startswith("VmHWM:"):
                self.megabytes = round(int(line.split()[1]) / 1024)
