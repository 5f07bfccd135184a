"""Any table of complaints (CSV, TSV, JSON, JSON lines, XLSX) by a mapping."""

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from graph.domain.vocabulary import Vocabulary
from graph.errors import SourceError
from ingest.record import Row
from ingest.sources.files import Meter
from ingest.sources.header import Header
from ingest.sources.mapping import TableMapping
from ingest.sources.opening import open_records
from ingest.sources.profile import Profile
from ingest.sources.reading import ReadingContext, TableReader, check_codes
from ingest.sources.record import Record
from ingest.sources.source import rows_of
from ingest.sources.words import default_words, load_words
from ingest.spool import Spool

#: Changes when the same file and mapping would give other complaints.
_VERSION = "2"


def table(
    path: Path,
    mapping: TableMapping,
    zone: ZoneInfo,
    now: datetime,
    vocabulary: Vocabulary | None = None,
) -> "TableSource":
    """A source of the table's rows.

    ``zone``: the business zone, of times that name no zone and if the mapping names none;
    ``vocabulary``: the codes that may occur, by default those of ``graph.domain.vocabulary``.

    Raises:
        SourceError: the mapping uses a code that the vocabulary does not have, or words that
            cannot be read.
    """
    codes = vocabulary or Vocabulary()
    check_codes(mapping.fields, codes)
    words = load_words(Path(mapping.words)) if mapping.words else default_words()
    return TableSource(path, mapping, ReadingContext(zone, now, codes, words))


@dataclass
class TableSource:
    """See ``table``. ``notes``: what the latest reading saw in columns as a whole."""

    path: Path
    mapping: TableMapping
    context: ReadingContext = field(repr=False)
    meter: Meter = field(init=False)
    notes: tuple[str, ...] = ()
    #: Names of the columns that the mapping names by their position.
    _positioned: frozenset[str] = frozenset()

    def __post_init__(self) -> None:
        self.meter = Meter(self.path)

    @property
    def system(self) -> str:
        return self.mapping.system

    @property
    def used(self) -> frozenset[str]:
        return self._mapped | self._positioned

    @property
    def _mapped(self) -> frozenset[str]:
        return frozenset(column for _, column in self.mapping.columns())

    def fingerprint(self) -> str:
        # What the words say counts, not where their file lies.
        mapping = self.mapping.model_dump_json(exclude={"words"})
        how = "\0".join((_VERSION, mapping, self.context.zone.key)).encode()
        words = Path(self.mapping.words).read_bytes() if self.mapping.words else b""
        return hashlib.sha256(how + b"\0" + words).hexdigest()[:32]

    def rows(self) -> Iterator[Row]:
        """Every row, read by what its columns show as a whole: the file is parsed once into a
        temporary one, which needs about its size on disk.
        """
        profile = Profile(self.mapping, self.context.words, self.context.latest_year)
        with Spool[Record]() as spool:
            with open_records(self.path, self.mapping.file, self._mapped, self.meter) as opened:
                if opened.header:
                    self._check_columns(opened.header)
                    self._positioned = opened.header.positioned
                damage = _spooled(self._recognised(opened.records), profile, spool)
                self.notes = tuple(dict.fromkeys((*opened.notes(), *profile.notes())))
                from_1904 = opened.from_1904
            profile.check()
            reader = TableReader(self.mapping, profile, self.context, from_1904=from_1904)
            yield from rows_of(_raising(spool, damage), reader.complaint)
        self.meter.finish()

    def _check_columns(self, header: Header) -> None:
        missing = [
            f"{column} ({key})" for key, column in self.mapping.columns() if column not in header
        ]
        if missing:
            raise SourceError(
                f"{self.path.name} has no column {', '.join(dict.fromkeys(missing))}; "
                f"it has {', '.join(dict.fromkeys(header.names))}."
            )

    def _recognised(self, records: Iterator[Record]) -> Iterator[Record]:
        """The records, unless the first has nothing of what is mapped."""
        for record in records:
            if record.flaw is None and not self.used.intersection(record.cells):
                if record.places:
                    raise SourceError(
                        f"{self.path.name} is one JSON object with a list in it: set records = "
                        f'"{record.places[0]}" under [file] of the mapping.'
                    )
                self._check_columns(Header(tuple(record.cells), self.path.name))
            yield record
            break
        yield from records


def _spooled(
    records: Iterator[Record], profile: Profile, spool: Spool[Record]
) -> SourceError | None:
    """Write the records away while the profile sees them; the damage of the file, if it has one."""
    try:
        for record in records:
            if record.flaw is None:
                profile.see(record.cells)
            spool.write(record)
    except SourceError as error:
        return error
    return None


def _raising(records: Iterable[Record], damage: SourceError | None) -> Iterator[Record]:
    """The records, then the damage of the file behind them."""
    yield from records
    if damage is not None:
        raise damage
