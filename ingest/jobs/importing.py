"""Imports of files that were sent: looked at first, then stored as a job, one at a time."""

import asyncio
from datetime import UTC, datetime
from secrets import token_bytes
from typing import IO
from zoneinfo import ZoneInfo

import structlog

from graph.commands.leases import lease
from graph.database import Database
from graph.domain.identity import KEY_BYTES, Keyring
from graph.domain.jobs import (
    MOST_PROBLEMS,
    Bound,
    Job,
    JobKind,
    JobProblem,
    JobReport,
    NewJob,
    Result,
)
from graph.errors import ComplaintGraphError, described
from ingest.importer import Importer, ImportReport
from ingest.jobs.runner import Jobs, Reporter
from ingest.jobs.uploads import Held, Upload, Uploads
from ingest.masking import Masker
from ingest.prepare import IntakeRules, Preparer
from ingest.problems import Weight
from ingest.sources import (
    Source,
    cfpb,
    check,
    load_mapping,
    parsed_mapping,
    shipped,
    suggest,
    table,
)

log = structlog.get_logger(__name__)

#: Whoever imports a file holds this lease; one that has died loses it after so many seconds.
LEASE, LEASE_SECONDS = "import", 60.0
#: How often an import that waits looks whether it is its turn, in seconds.
TURN_SECONDS = 1.0
#: The mapping's name of a file of the CFPB, which needs none.
CFPB = "cfpb"
#: Rows that are shown before an import.
SHOWN_ROWS = 5
_BOUND = Bound(
    4, "Four imports run or wait already: send the file again when one has ended.", everybody=True
)


class FileImports:
    """What comes by the API's `/imports` and by the console's page."""

    def __init__(
        self,
        database: Database,
        jobs: Jobs,
        importer: Importer,
        masker: Masker,
        rules: IntakeRules,
        process: str | None = None,
    ) -> None:
        """``process``: of several that serve, the name of this one."""
        self._database = database
        self._jobs = jobs
        self._importer = importer
        self._masker = masker
        self._rules = rules
        self.uploads = Uploads(process)

    def upload(self, file: IO[bytes], name: str) -> Upload:
        """A file that was sent, held from now on."""
        return Upload(file, name, self._masker)

    async def start(self, upload: Upload, mapping: str | None, person: str) -> Job:
        """Begin to import; the file is closed at the end, whatever comes.

        ``mapping``: its text, the name of one that is shipped, ``cfpb``, or None: it is proposed.

        Raises:
            SourceError: it is no table, or the mapping is wrong.
            ConflictError: as many imports run or wait as may.
        """
        try:
            source = await asyncio.to_thread(self._source, upload, mapping)
            return await self._begin(source, upload, person)
        except BaseException:
            upload.close()
            raise

    async def _begin(self, source: Source, upload: Upload, person: str) -> Job:
        async def work(reporter: Reporter) -> Result:
            try:
                return await self._in_turn(source, reporter)
            finally:
                upload.close()

        return await self._jobs.start(NewJob(JobKind.IMPORT, person, upload.name, _BOUND), work)

    async def start_held(self, token: str, person: str) -> Job:
        """The same of a file that was looked at; it is held no longer once the job has begun.

        Raises:
            NotFoundError: it is held no longer.
            SourceError, ConflictError: as ``start``; the file is still held.
        """
        held = self.uploads.of(token, person)
        source = await asyncio.to_thread(self._source, held.upload, held.mapping)
        job = await self._begin(source, held.upload, person)
        self.uploads.take(token, person)
        return job

    async def look(self, upload: Upload, mapping: str | None, person: str) -> str:
        """Hold a file, and find out what an import would do; a token to ask for it by.

        Raises:
            SourceError: it is no table, so that no mapping can be proposed.
        """
        try:
            if mapping is None:
                mapping = await asyncio.to_thread(self._proposed, upload)
        except BaseException:
            upload.close()
            raise
        held = Held(upload, person, mapping)
        token = self.uploads.hold(held)
        self._check(held)
        return token

    async def look_again(self, token: str, person: str, mapping: str) -> None:
        """The same of a file that is held, by another mapping.

        Raises:
            NotFoundError: it is held no longer.
        """
        held = self.uploads.of(token, person)
        if held.checking is not None:
            await asyncio.wait({held.checking})
        held.mapping, held.report, held.error, held.rows = mapping, None, None, 0
        self._check(held)

    def _check(self, held: Held) -> None:
        held.checking = asyncio.create_task(self._checked(held))

    async def _checked(self, held: Held) -> None:
        # Ids and hashes are not shown, so any key does.
        preparer = Preparer(self._masker, Keyring(token_bytes(KEY_BYTES)), self._rules)

        def read(_: str, done: int, __: int | None) -> None:
            held.rows = done

        try:
            source = await asyncio.to_thread(self._source, held.upload, held.mapping)
            now = datetime.now(UTC)
            held.report = await asyncio.to_thread(check, source, preparer, now, SHOWN_ROWS, read)
        except ComplaintGraphError as error:
            held.error = error.message
        except Exception as error:  # noqa: BLE001 - told on the page, the rest to the log
            log.error("a file could not be looked at", **described(error))
            held.error = "Something went wrong on our side: the service's log tells more."

    def _proposed(self, upload: Upload) -> str:
        return suggest(upload.path, datetime.now(UTC), self._zone)

    def _source(self, upload: Upload, mapping: str | None) -> Source:
        now = datetime.now(UTC)
        if mapping == CFPB:
            return cfpb(upload.path, self._zone, now)
        if mapping in shipped():
            return table(upload.path, load_mapping(mapping), self._zone, now)
        text = mapping or self._proposed(upload)
        return table(upload.path, parsed_mapping(text), self._zone, now)

    @property
    def _zone(self) -> ZoneInfo:
        return self._rules.zone

    async def _in_turn(self, source: Source, reporter: Reporter) -> Result:
        """Import once no other process does."""
        while True:
            async with lease(self._database, LEASE, seconds=LEASE_SECONDS) as held:
                if held:
                    report = await self._importer.run(source, progress=reporter, keep=False)
                    return Result(_report(report, source), error=report.damage)
            reporter("wait", 0, None)
            await asyncio.sleep(TURN_SECONDS)


def _report(made: ImportReport, source: Source) -> JobReport:
    problems = (
        JobProblem(each.weight is Weight.REJECTED, each.field, each.reason, each.count, each.line)
        for each in made.problems[:MOST_PROBLEMS]
    )
    return JobReport(
        rows=made.rows,
        created=made.loaded,
        updated=made.updated,
        unchanged=made.unchanged,
        rejected=made.rejected,
        warnings=made.warnings,
        problems=tuple(problems),
        notes=source.notes,
    )
