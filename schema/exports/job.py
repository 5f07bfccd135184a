"""An export of cases as a job: its file lies in one folder for a while, readable by its owner."""

import time
from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from graph.commands.requests import RequestKey
from graph.domain.access import Identity
from graph.domain.jobs import Bound, ExportFormat, Job, JobKind, JobReport, NewJob, Result
from graph.errors import NotFoundError
from ingest.jobs import Jobs, Reporter
from schema.exports.asking import Asking
from schema.exports.cases import Wanted, count_cases, write_cases

_BOUND = Bound(
    1,
    "An export of yours is being written: wait until it has ended, or cancel it.",
    path=("format",),
)


class CaseExports:
    """Exports that people have asked for; ``kept``: how long their files are."""

    def __init__(self, jobs: Jobs, folder: Path, kept: timedelta) -> None:
        self._jobs = jobs
        self._folder = folder
        self._kept = kept

    async def start(
        self,
        asking: Asking,
        filters: Mapping[str, Any] | None,
        form: ExportFormat,
        identity: Identity,
        key: RequestKey | None = None,
    ) -> Job:
        """Begin to write the cases that ``asking`` shows whoever it asks for.

        Raises:
            ConflictError: another one of this person's is being written.
        """

        async def work(reporter: Reporter) -> Result:
            arguments = {"filter": filters} if filters else {}
            total = await count_cases(asking, arguments)
            self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            rows, _ = await write_cases(
                asking,
                self._folder / f"{reporter.job.id}{form.ending}",
                arguments,
                Wanted(),
                private=True,
                progress=lambda done: reporter("write", done, total and max(total, done)),
            )
            name = f"complaints-{datetime.now(UTC):%Y-%m-%d}{form.ending}"
            return Result(JobReport(rows=rows), file=name, kept=self._kept)

        return await self._jobs.start(
            NewJob(JobKind.EXPORT, identity.actor, bound=_BOUND), work, key
        )

    def file(self, identity: str, name: str) -> Path:
        """Where the file of a job lies that is called so when it is fetched.

        Raises:
            NotFoundError: it lies here no longer, or on another machine.
        """
        path = self._folder / f"{identity}{Path(name).suffix}"
        if path.is_file():
            return path
        raise NotFoundError("This file is no longer kept: start the export again.", path=["job"])

    def sweep(self) -> int:
        """Remove files that are older than they are kept; how many."""
        before, removed = time.time() - self._kept.total_seconds(), 0
        for each in self._folder.iterdir() if self._folder.is_dir() else ():
            # Another process may remove the same one.
            with suppress(FileNotFoundError):
                if each.stat().st_mtime < before:
                    each.unlink()
                    removed += 1
        return removed
