"""What commands show: progress on standard error, results on standard output."""

import json
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import structlog
import typer
from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    Task,
    TaskID,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)
from rich.text import Text

from graph.errors import ComplaintGraphError
from graph.log_stream import log_stream
from graph.progress import Progress as Report
from graph.progress import silent

#: Exit codes beside 0 (done) and typer's 2 (wrong usage).
FAILED = 1
PARTLY_REJECTED = 3
DISAGREEMENTS = 4

# What is shown comes from files and graphs: brackets and colons in it are no markup.
out = Console(highlight=False, soft_wrap=True, markup=False, emoji=False)
err = Console(stderr=True, highlight=False, soft_wrap=True, markup=False, emoji=False)


log = structlog.get_logger(__name__)
#: Where there are no bars, a long work says how far it is so often, in seconds.
LINE_SECONDS = 10.0


class _Rate(ProgressColumn):
    """Units a second."""

    def render(self, task: Task) -> Text:
        speed = task.finished_speed or task.speed
        return Text("" if speed is None else f"{speed:,.0f}/s")


class Bars:
    """A bar for each task of a long work, with its rate and the time left."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress
        self._tasks: dict[str, TaskID] = {}

    def __call__(self, task: str, done: int, total: int | None) -> None:
        if task not in self._tasks:
            self._tasks[task] = self._progress.add_task(task, total=total)
        self._progress.update(self._tasks[task], completed=done, total=total)


class Lines:
    """A log line now and then, where nobody sees bars."""

    def __init__(self, seconds: float = LINE_SECONDS) -> None:
        self._seconds = seconds
        self._next = time.monotonic() + seconds

    def __call__(self, task: str, done: int, total: int | None) -> None:
        if time.monotonic() >= self._next:
            self._next = time.monotonic() + self._seconds
            log.info("progress", task=task, done=done, total=total)


def run(app: typer.Typer) -> None:
    """Run a command line; what went wrong is one sentence on standard error and an exit code."""
    log_to_stderr()
    try:
        app()
    except ComplaintGraphError as error:
        show_error(error.message)
        sys.exit(FAILED)
    except KeyboardInterrupt:
        err.print("Interrupted; run the same command again to go on.")
        sys.exit(130)


def show_error(message: str) -> None:
    """What went wrong, on standard error."""
    err.print(Text("complaint-graph:", style="bold red"), message)


@contextmanager
def progress(*, quiet: bool = False) -> Iterator[Report]:
    """Progress bars on standard error, log lines when it is no terminal; nothing for ``quiet``."""
    if quiet or not err.is_terminal:
        yield silent if quiet else Lines()
        return
    columns = (
        TextColumn("{task.description:>14}"),
        BarColumn(),
        MofNCompleteColumn(),
        _Rate(),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=err) as shown:
        yield Bars(shown)


def result(facts: Mapping[str, object], *, as_json: bool) -> None:
    """The facts of a finished command: one JSON object, or one line each."""
    if as_json:
        sys.stdout.write(json.dumps(facts, ensure_ascii=False) + "\n")
        return
    for name, value in facts.items():
        if value is not None:
            out.print(f"{name:>12}  {value}")


def log_to_stderr() -> None:
    """Structured logs on standard error, warnings and worse only while bars are shown."""
    import logging

    level = logging.WARNING if err.is_terminal else logging.INFO
    structlog.configure(
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.PrintLoggerFactory(log_stream()),
    )
