"""Import a whole source: streaming, in fixed batches, safe to run again at any point.

Nothing but the graph remembers how far an import came: rows that are there unchanged are passed
over, so a second run goes on where a killed one ended, and one with nothing to do changes nothing.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import structlog

from graph.commands.catalogue import KnownCodes
from graph.commands.rows import Act, Prepared
from graph.commands.store import Stored
from graph.domain.case import Case
from graph.domain.catalogue import CatalogueEntry
from graph.domain.identity import Keyring
from graph.errors import InvalidInputError, TooLargeError
from graph.progress import Progress, silent
from ingest.pipeline import Pipeline
from ingest.prepare import Preparer, consistent, entries
from ingest.problems import ProblemGroup, ProblemTable
from ingest.record import IncomingComplaint, Rejected, Row, RowSource
from ingest.rejects import RejectsFile, rejects_file
from ingest.scan import Scan, scanning
from ingest.trees import Misplaced, Place, well_placed

log = structlog.get_logger(__name__)

#: Rows written in one transaction: larger ones were slower (see docs/measurements.md).
BATCH = 500


@dataclass(slots=True)
class ImportReport:
    """What became of every row: loaded + updated + unchanged + rejected = rows.

    ``repeated``: rows without an id that say the same as another one, and are unchanged beside it;
    ``warnings``: values that were left out; ``problems``: these and the rejected rows by field and
    reason; ``rejects``: the file of the rejected rows; ``damage``: why the source could not be read
    to its end, if so.
    """

    rows: int = 0
    loaded: int = 0
    updated: int = 0
    unchanged: int = 0
    rejected: int = 0
    repeated: int = 0
    warnings: int = 0
    linked: int = 0
    seconds: float = 0.0
    rejects: str | None = None
    damage: str | None = None
    problems: list[ProblemGroup] = field(default_factory=list)


@dataclass(slots=True)
class _Batch:
    """Distinct complaints; ``again`` counts rows that repeat one of them word for word."""

    cases: list[Case] = field(default_factory=list)
    catalogue: dict[tuple[str, str], CatalogueEntry] = field(default_factory=dict)
    rows: int = 0
    again: int = 0

    def add(self, entry: CatalogueEntry) -> None:
        """The first that is named with a wider one counts, else the first."""
        known = self.catalogue.get((entry.kind, entry.code))
        if known is None or (known.wider is None and entry.wider is not None):
            self.catalogue[entry.kind, entry.code] = entry


class Importer:
    """Brings sources into the graph through the pipeline."""

    def __init__(
        self, pipeline: Pipeline, preparer: Preparer, keyring: Keyring, work_folder: Path
    ) -> None:
        self._pipeline = pipeline
        self._preparer = preparer
        self._keyring = keyring
        self._folder = work_folder

    async def run(
        self,
        source: RowSource,
        *,
        rejects: Path | None = None,
        progress: Progress = silent,
        link: bool = True,
        keep: bool = True,
        most: int | None = None,
    ) -> ImportReport:
        """Import every row; those that cannot be taken are written to the rejects file.

        ``keep``: whether there is one; without it nothing of the source is left in a file.
        ``most``: rows that it may have; None: any number.

        Raises:
            SourceError: the file cannot be read at all.
            TooLargeError: it has more rows, of which none was stored.
        """
        started = time.monotonic()
        report = ImportReport()
        with scanning(self._folder, self._preparer.rules.zone) as scan:
            await asyncio.to_thread(scan.read, source, progress)
            if most is not None and scan.rows > most:
                raise TooLargeError(f"These are more than {most:,} rows: send fewer at once.")
            path = rejects or self._folder / "rejects" / f"{source.path.name}.rejects.csv"
            table = ProblemTable(self._preparer.masker)
            with rejects_file(path if keep else None, table) as bad:
                run = self._keyring.content_hash(scan.fingerprint)
                most = self._preparer.rules.most_people
                now = datetime.now(UTC)
                act = Act("import", now, self._keyring, run, most_people=most)
                await self._load(scan, bad, act, report, progress)
                report.rejected, report.warnings = table.rejected, table.warnings
                report.problems = table.groups()
                report.rejects = str(path) if keep and table.rejected else None
        report.rows = scan.rows
        report.repeated = scan.repeated
        report.damage = scan.damage.message if scan.damage else None
        if link:
            report.linked = await self._pipeline.backlog.link_all(progress)
            await self._pipeline.backlog.escalate_all(progress)
        report.seconds = round(time.monotonic() - started, 3)
        counts = {name: value for name, value in asdict(report).items() if name != "problems"}
        log.info("import finished", system=source.system, **counts)
        return report

    async def _load(
        self,
        scan: Scan,
        bad: RejectsFile,
        act: Act,
        report: ImportReport,
        progress: Progress,
    ) -> None:
        """Store batch by batch; while one is written, the next is read and encoded."""
        done = 0
        codes = KnownCodes()
        left_out = await self._pipeline.misplaced(scan.places)
        writing: asyncio.Task[None] | None = None
        try:
            async for batch, prepared in self._prepared(scan, bad, act.now, left_out):
                if writing is not None:
                    await writing
                writing = asyncio.create_task(self._write(batch, prepared, act, codes, report))
                done += batch.rows
                progress("import", done, scan.rows)
        finally:
            # Whatever ends the reading, no batch goes on behind it.
            if writing is not None:
                await writing
        progress("import", scan.rows, scan.rows)

    async def _prepared(
        self, scan: Scan, bad: RejectsFile, now: datetime, left_out: Mapping[Place, Misplaced]
    ) -> AsyncIterator[tuple[_Batch, list[Prepared]]]:
        rows = scan.content()
        while True:
            batch = await asyncio.to_thread(self._read, rows, scan, bad, now, left_out)
            if not batch.rows:
                return
            yield batch, await self._pipeline.encode(batch.cases)

    def _read(
        self,
        rows: Iterator[Row],
        scan: Scan,
        bad: RejectsFile,
        now: datetime,
        left_out: Mapping[Place, Misplaced],
    ) -> _Batch:
        """The next rows as cases, rejects written away; CPU work, in a thread."""
        batch = _Batch()
        known: dict[str, str] = {}
        for row in rows:
            batch.rows += 1
            content, case = self._case(row, scan, bad, now, left_out)
            if content is None or case is None:
                pass
            elif case.id in known:
                batch.again += 1
            else:
                known[case.id] = case.content_hash
                batch.cases.append(case)
                for entry in entries(content):
                    batch.add(entry)
            if batch.rows == BATCH:
                break
        return batch

    def _case(
        self,
        row: Row,
        scan: Scan,
        bad: RejectsFile,
        now: datetime,
        left_out: Mapping[Place, Misplaced],
    ) -> tuple[IncomingComplaint | None, Case | None]:
        """The row's complaint and case; neither for a row that does not count."""
        content = row.content
        if isinstance(content, IncomingComplaint):
            overruled = scan.overruled(row, content)
            if overruled is None:
                content, misplaced = well_placed(row.line, content, left_out)
                content, warnings = consistent(row.line, content, self._preparer.rules.zone)
                try:
                    case = self._preparer.prepare(content, now=now)
                except InvalidInputError as error:
                    content = Rejected(row.line, ".".join(error.path) or "row", error.message)
                else:
                    bad.table.warn((*row.warnings, *misplaced, *warnings))
                    return content, case
            else:
                content = overruled
        bad.add(row, content)
        return None, None

    async def _write(
        self,
        batch: _Batch,
        prepared: list[Prepared],
        act: Act,
        codes: KnownCodes,
        report: ImportReport,
    ) -> None:
        catalogue = list(batch.catalogue.values())
        fates = await self._pipeline.store(prepared, catalogue, act, codes)
        counts = {fate: list(fates.values()).count(fate) for fate in Stored}
        report.loaded += counts[Stored.LOADED]
        report.updated += counts[Stored.UPDATED]
        report.unchanged += counts[Stored.UNCHANGED] + batch.again
