"""The one pass over a source's file: how many rows, and which of two rows with one id counts.

The result must not depend on the order of the rows, so where a file has the same id twice with
different content, one rule decides for all orders: the later decision, then the later receipt,
then the larger digest. The rows lie in a temporary file without a name, which goes with the
process, and what decides between them in a temporary database, so memory does not grow.
"""

import hashlib
import sqlite3
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from zoneinfo import ZoneInfo

from graph.domain.moments import instant
from graph.errors import SourceError
from graph.progress import Progress, silent
from ingest.prepare import canonical
from ingest.record import IncomingComplaint, Rejected, Row, RowSource
from ingest.spool import Spool
from ingest.trees import Place, places

_PROGRESS_EVERY = 1_000
#: Before every time, so that what is counted from it is positive.
_START = datetime.min.replace(tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class _Place:
    """A digest of a row's id, its rank among rows with the same id, and its digest."""

    key: bytes
    rank: str
    digest: bytes


class Scan:
    """A source's rows, read once; ``overruled`` says which do not count."""

    def __init__(self, database: sqlite3.Connection, spool: Spool[Row], zone: ZoneInfo) -> None:
        self._database = database
        self._spool = spool
        self._zone = zone
        self.rows = 0
        self.fingerprint = ""
        #: Why the file could not be read to its end; the rows before that place count.
        self.damage: SourceError | None = None
        self._conflicts = False
        #: Rows without an id that say the same as another one: together they are one complaint.
        self.repeated = 0
        #: Which entry stands under which, with how many rows say so; as large as the trees.
        self.places: Counter[Place] = Counter()

    def read(self, source: RowSource, progress: Progress = silent) -> None:
        """Go through the whole source."""
        self._database.execute("CREATE TABLE seen (key BLOB, rank TEXT, digest BLOB, line INTEGER)")
        self._database.executemany(
            "INSERT INTO seen VALUES (?, ?, ?, ?)", self._places(source, progress)
        )
        progress("check", self.rows, self.rows)
        # Of each id with several contents, the row that counts: greatest rank, then digest.
        self._database.execute(
            """
            CREATE TABLE winner AS
            SELECT key, max(rank || hex(digest)) AS best, count(DISTINCT digest) AS contents
            FROM seen GROUP BY key HAVING contents > 1
            """
        )
        self._database.execute("CREATE INDEX winner_key ON winner (key)")
        self._conflicts = bool(
            self._database.execute("SELECT EXISTS (SELECT 1 FROM winner)").fetchone()[0]
        )

        # A row without an id is known by its content.
        self.repeated = self._database.execute(
            "SELECT count(*) - count(DISTINCT key) FROM seen WHERE key = digest"
        ).fetchone()[0]

    def _places(
        self, source: RowSource, progress: Progress
    ) -> Iterator[tuple[bytes, str, bytes, int]]:
        content = 0
        for row in self._readable(source):
            self.rows += 1
            self._spool.write(row)
            if self.rows % _PROGRESS_EVERY == 0:
                progress("check", self.rows, None)
            if isinstance(row.content, IncomingComplaint):
                self.places.update(places(row.content))
                place = _place(row.content, self._zone)
                # A sum does not depend on the order: a shuffled file is the same import.
                content = (content + int.from_bytes(place.digest, "big")) % (1 << 128)
                yield place.key, place.rank, place.digest, row.line
        self.fingerprint = f"{source.system}:{source.fingerprint()}:{self.rows}:{content}"

    def content(self) -> Iterator[Row]:
        """The rows again, in the file's order."""
        return iter(self._spool)

    def _readable(self, source: RowSource) -> Iterator[Row]:
        """The source's rows up to where it is damaged, if it is.

        Raises:
            SourceError: not one row can be read.
        """
        any_rows = False
        try:
            for row in source.rows():
                any_rows = True
                yield row
        except SourceError as error:
            if not any_rows:
                raise
            self.damage = error

    def overruled(self, row: Row, complaint: IncomingComplaint) -> Rejected | None:
        """Why this row does not count, if another one with its id does."""
        if not self._conflicts:
            return None
        place = _place(complaint, self._zone)
        results = self._database.execute(
            "SELECT best FROM winner WHERE key = ?", (place.key,)
        ).fetchone()
        if results is None or results[0] == place.rank + place.digest.hex().upper():
            return None
        line = self._database.execute(
            "SELECT min(line) FROM seen WHERE key = ? AND rank || hex(digest) = ?",
            (place.key, results[0]),
        ).fetchone()[0]
        return Rejected(
            row.line,
            "sourceId",
            "another row has the same id with other content, and counts",
            f"line {line}",
        )


def _place(complaint: IncomingComplaint, zone: ZoneInfo) -> _Place:
    digest = _digest(canonical(complaint))
    decided = max(
        (instant(d.at, zone) for d in complaint.decisions if d.at is not None), default=None
    )
    key = complaint.source_id
    # An id may be a person's number: it is compared, never kept.
    own = digest if key is None else _digest(key)
    rank = f"{_sortable(decided)}|{_sortable(instant(complaint.received_at, zone))}|"
    return _Place(own, rank, digest)


def _digest(text: str) -> bytes:
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).digest()


def _sortable(at: datetime | None) -> str:
    """Microseconds as a text that sorts as they do."""
    return f"{0 if at is None else (at - _START) // _MICROSECOND:020d}"


@contextmanager
def scanning(folder: Path, zone: ZoneInfo) -> Iterator[Scan]:
    """A scan whose notes lie in a temporary folder under ``folder`` and go with it."""
    folder.mkdir(parents=True, exist_ok=True)
    with (
        TemporaryDirectory(dir=folder, prefix="scan-") as temporary,
        Spool[Row](folder) as spool,
    ):
        # Worker threads use it one after the other, never two at once.
        connection = sqlite3.connect(Path(temporary) / "rows.sqlite", check_same_thread=False)
        try:
            connection.executescript("PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF")
            yield Scan(connection, spool, zone)
        finally:
            connection.close()
