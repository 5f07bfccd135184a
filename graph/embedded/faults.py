"""Why Neo4j did not start: its log's reason as one sentence that says what to do."""

import re
import signal
from pathlib import Path

from graph.embedded.layout import Layout
from graph.errors import EngineError

_TAIL_BYTES = 64 * 1024
#: What Neo4j's log says, once for each request, of a graph that answers nothing until java is
#: another one, as after a disk that was full.
PANIC = "needs to be restarted"

#: what the logs say → what a person is told
_REASONS = (
    (
        r"No space left on device|Disk quota exceeded",
        "the disk of {root} is full: make room and start again",
    ),
    (
        r"Read-only file system|AccessDeniedException|Permission denied",
        "files in {root} cannot be written: give them to the user that runs the service",
    ),
    (
        r"FileLockException|store_lock|Lock file has been locked",
        "another Neo4j uses {root}: end it first",
    ),
    (
        r"Could not reserve enough space|Invalid maximum heap size|Cannot allocate memory"
        r"|OutOfMemoryError|insufficient memory|Too small (?:initial|maximum) heap",
        "memory does not suffice for the heap: close other programs or set another heap size",
    ),
    (
        r"UnableToMigrate|UnsupportedLogVersion|UnsupportedFormat|newer than the running",
        "the graph in {root} is of a version that it cannot read: use the release that wrote it",
    ),
    (
        r"NoClassDefFoundError|ClassNotFoundException|Could not find or load main class",
        "its jars are damaged: remove the folder of the jar cache and start again",
    ),
)
_CAUSE = re.compile(r"(?:Caused by: (?:[\w$]+\.)*[\w$]+: | ERROR |^Error.*: )(.+)", re.MULTILINE)
_CRASHES = {-signal.SIGABRT, -signal.SIGBUS, -signal.SIGILL, -signal.SIGSEGV}
_PORT = re.compile(r"Address already in use|BindException|PortBindException")


class PortBusyError(EngineError):
    """Somebody else listens on the port."""


class CrashedError(EngineError):
    """Java itself crashed."""


class PanicError(EngineError):
    """Neo4j has stopped by itself."""


class KilledError(EngineError):
    """Somebody killed java: a person, or the kernel for want of memory."""


def written_since(path: Path, offset: int) -> str:
    """What was added to a log since ``offset`` bytes, at most its last 64 kB."""
    if not path.exists():
        return ""
    with path.open("rb") as file:
        size = file.seek(0, 2)
        begin = offset if offset <= size else 0  # a smaller file is a new one
        file.seek(max(begin, size - _TAIL_BYTES))
        return file.read().decode("utf-8", "replace")


def why(layout: Layout, text: str, code: int | None, seconds: float) -> EngineError:
    """The error for a java that ended, or was ended as it did not answer for ``seconds``.

    ``text``: what its logs say, ``code``: its exit code or None.
    """
    if code == -signal.SIGKILL:
        return KilledError(
            "Neo4j was killed from outside: if nobody did so, the machine has too little memory; "
            f"see {layout.log}."
        )
    if _PORT.search(text):
        return PortBusyError(f"Neo4j's port is taken by another program; see {layout.log}.")
    if code in _CRASHES:
        return CrashedError(
            f"Neo4j's java crashed (signal {-code}): see {layout.crash_log} and {layout.log}, "
            "and report it if it happens again."
        )
    for pattern, reason in _REASONS:
        if re.search(pattern, text, re.IGNORECASE):
            cause = reason.format(root=layout.root)
            return EngineError(f"Neo4j cannot start, as {cause}; see {layout.log}.")
    if code is None:
        return EngineError(
            f"Neo4j did not answer within {round(seconds)} s{_last_error(text)}: give it longer by "
            f"COMPLAINT_GRAPH_NEO4J__START_SECONDS, or see {layout.log} and {layout.console_log} "
            "for the reason."
        )
    ended = f"ended (code {code})"
    return EngineError(
        f"Neo4j {ended}{_last_error(text)}: see {layout.log} and {layout.console_log} for the "
        "reason, or set COMPLAINT_GRAPH_NEO4J__URI to a server of your own."
    )


def _last_error(text: str) -> str:
    """What the log gives as the root of it, in brackets."""
    causes = _CAUSE.findall(text)
    return f' ("{causes[-1].strip()[:200]}")' if causes else ""
