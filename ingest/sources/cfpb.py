"""The consumer complaints that the US Consumer Financial Protection Bureau publishes.

The bulk download (CSV or JSON, zipped or not), exports of its search (CSV with other dates, JSON
with ``_source``) and answers of its API (``hits.hits``). The bureau's field reference explains
the values: https://cfpb.github.io/api/ccdb/fields.html
"""

import codecs
import hashlib
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import lru_cache
from pathlib import Path
from typing import TypeVar
from zoneinfo import ZoneInfo

from graph.domain.case import LONGEST_TEXT
from graph.domain.catalogue import chain
from graph.domain.enums import BranchLevel, CaseStatus, CatalogueKind, Channel
from graph.errors import SourceError
from ingest.record import Chain, IncomingCause, IncomingComplaint, IncomingDecision, Row
from ingest.sources.cells import LONGEST_NAME
from ingest.sources.cfpb_terms import (
    API,
    CHANNELS,
    CSV,
    DISPUTED,
    NO_RESPONSE,
    NOTHING,
    RESPONSES,
    TIMELY,
    Columns,
)
from ingest.sources.delimited import DelimitedRecords, Dialect
from ingest.sources.files import Meter, refuse_other_formats, sample
from ingest.sources.json_records import json_records
from ingest.sources.record import FieldError, Flaw, Record, Spoiled, as_text
from ingest.sources.source import Problems, rows_of
from ingest.sources.text import text_lines
from ingest.sources.times import check_time

_T = TypeVar("_T")

SYSTEM = "cfpb"
#: Changes when the same file would give other complaints.
_VERSION = "2"
_CACHED = 8192

_LONGEST_ID = 20
#: Stands for characters that no text may have.
_REPLACED = "\ufffd"
_BROKEN = "holds characters that no text may have"
_ISO_DAY = re.compile(r"(\d{4})-(\d\d)-(\d\d)(?:[T ].*)?")
_US_DAY = re.compile(r"(\d\d?)/(\d\d?)/(\d{4}|\d\d)")
_LEVELS = (BranchLevel.HEAD_OFFICE, BranchLevel.PROVINCE)


def cfpb(path: Path, zone: ZoneInfo, now: datetime) -> "CfpbSource":
    """A source of the bureau's complaints; dates are days of the business zone."""
    return CfpbSource(path, zone, now)


@dataclass(frozen=True)
class CfpbSource:
    """See ``cfpb``."""

    path: Path
    zone: ZoneInfo
    now: datetime
    meter: Meter = field(init=False)
    notes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        object.__setattr__(self, "meter", Meter(self.path))

    @property
    def system(self) -> str:
        return SYSTEM

    @property
    def used(self) -> frozenset[str]:
        return frozenset((*CSV, *API))

    def fingerprint(self) -> str:
        how = "\0".join((SYSTEM, _VERSION, self.zone.key))
        return hashlib.sha256(how.encode()).hexdigest()[:32]

    def rows(self) -> Iterator[Row]:
        with self._records() as (records, columns):
            yield from rows_of(records, _Reader(columns, self.zone, self.now).complaint)
        self.meter.finish()

    @contextmanager
    def _records(self) -> Iterator[tuple[Iterator[Record], Columns]]:
        refuse_other_formats(self.path)
        head = sample(self.path).removeprefix(codecs.BOM_UTF8).lstrip()
        if head.startswith((b"[", b"{")):
            with json_records(self.path, self.meter) as records:
                yield _recognised(records, self.path.name), API
            return
        with text_lines(self.path, "utf-8", self.meter) as lines:
            table = DelimitedRecords(lines, Dialect(), self.path.name)
            _check_columns(table.header.names, CSV.required, self.path.name)
            yield iter(table), CSV


class _Reader:
    """Reads one file's records; what repeats from row to row is made once and shared."""

    def __init__(self, columns: Columns, zone: ZoneInfo, now: datetime) -> None:
        self._columns = columns
        self._zone = zone
        self._now = now
        self._day = lru_cache(_CACHED)(self._read_day)
        self._product = lru_cache(_CACHED)(_product)
        self._branch = lru_cache(_CACHED)(_branch)
        self._causes = lru_cache(_CACHED)(_causes)

    def complaint(self, record: Record, problems: Problems) -> IncomingComplaint | None:
        results = []
        for column in self._columns:
            cell = record.cells.get(column, "")
            text = cell.mended() if isinstance(cell, Spoiled) else as_text(cell)
            results.append("" if text in NOTHING else text)
        row = Columns._make(results)
        source_id = problems.needed(_source_id, row.id)
        received = problems.needed(self._day, row.received)
        if source_id is None or received is None:
            return None
        optional = problems.optional
        decided, decision = self._decided(row, problems)
        return IncomingComplaint(
            source_system=SYSTEM,
            source_id=source_id,
            received_at=received,
            channel=optional(_known, CHANNELS, row.via, "channel", CSV.via) or Channel.OTHER,
            status=CaseStatus.CLOSED if decided else CaseStatus.INVESTIGATING,
            narrative=optional(_narrative, row.narrative),
            vulnerable=True if "Older American" in row.tags else None,
            product=optional(self._product, row.product, row.sub_product) or (),
            branch=optional(self._branch, row.company, row.state) or (),
            causes=optional(self._causes, row.issue, row.sub_issue) or (),
            decisions=(decision,) if decision else (),
        )

    def _decided(self, row: Columns, problems: Problems) -> tuple[bool, IncomingDecision | None]:
        """Whether the bureau says that the firm has answered, and the answer."""
        try:
            # An empty response is one that has not come yet.
            answer = _known(RESPONSES, row.response, "decision", CSV.response)
        except FieldError as error:
            problems.warn(Flaw(error.field, error.reason, error.value))
            return True, None
        timely = problems.optional(_known, TIMELY, row.timely, "decision.timely", CSV.timely)
        satisfaction = problems.optional(
            _known, DISPUTED, row.disputed, "decision.satisfaction", CSV.disputed
        )
        if answer is None:
            return False, None
        outcome, remedy = answer
        return True, IncomingDecision(
            outcome,
            remedy,
            satisfaction=satisfaction,
            timely=timely,
            summary=problems.optional(_summary, row.public_response),
        )

    def _read_day(self, text: str) -> date:
        day = _day(text)
        try:
            check_time(day, self._zone, self._now, CSV.received)
        except FieldError as error:
            raise FieldError(f"{CSV.received} {error.reason}", "received_at", value=text) from error
        return day


def _check_columns(columns: Collection[str], required: Sequence[str], name: str) -> None:
    missing = [column for column in required if column not in columns]
    if missing:
        raise SourceError(
            f"{name} is no file of the CFPB: it has no column {', '.join(missing)}; "
            "import another table with a mapping."
        )


def _recognised(records: Iterator[Record], name: str) -> Iterator[Record]:
    """The records, unless the first shows that they are something else."""
    for record in records:
        if not (record.flaw or any(column in record.cells for column in API.required)):
            _check_columns(record.cells, API.required, name)
        yield record
        break
    yield from records


def _source_id(text: str) -> str:
    if not text:
        raise FieldError(f"{CSV.id} is missing", "source_id")
    if not (text.isascii() and text.isdigit() and len(text) <= _LONGEST_ID):
        raise FieldError(f"{CSV.id} is no number", "source_id", value=text)
    return text


def _day(text: str) -> date:
    if not text:
        raise FieldError(f"{CSV.received} is missing", "received_at")
    try:
        if match := _ISO_DAY.fullmatch(text):
            year, month, day = match.groups()
        elif match := _US_DAY.fullmatch(text):
            month, day, year = match.groups()
            # The bureau's two-digit years begin in 2011.
            year = year if len(year) > 2 else f"20{year}"
        else:
            raise ValueError
        return date(int(year), int(month), int(day))
    except ValueError:
        raise FieldError(f"{CSV.received} is no day", "received_at", value=text) from None


def _narrative(text: str) -> str | None:
    if len(text) > LONGEST_TEXT:
        raise FieldError(
            f"{CSV.narrative} has more than {LONGEST_TEXT:,} characters, and was cut",
            "narrative",
            instead=text[:LONGEST_TEXT],
        )
    # The same text from a file with other line ends is the same.
    plain = text.replace("\r\n", "\n").replace("\r", "\n") or None
    return _whole(plain, CSV.narrative, "narrative")


def _summary(text: str) -> str | None:
    public = None if NO_RESPONSE.search(text) else text or None
    return _whole(public, CSV.public_response, "decision.summary")


def _whole(text: str | None, column: str, field: str) -> str | None:
    """The text; that it was mended is reported."""
    if text and _REPLACED in text:
        raise FieldError(f"{column} {_BROKEN}, and was mended", field, instead=text)
    return text


def _known(values: Mapping[str, _T], text: str, field: str, column: str) -> _T:
    try:
        return values[text]
    except KeyError:
        raise FieldError(f"{column} is not known", field, value=text) from None


def _product(product: str, sub_product: str) -> Chain:
    return chain(CatalogueKind.PRODUCT, *_names(product, sub_product, "product", CSV.product))


def _causes(issue: str, sub_issue: str) -> tuple[IncomingCause, ...]:
    names = _names(issue, sub_issue, "causes", CSV.issue)
    return (IncomingCause(chain(CatalogueKind.ROOT_CAUSE, *names)),) if names else ()


def _branch(company: str, state: str) -> Chain:
    names = _names(company, state, "branch", CSV.company)
    return chain(CatalogueKind.BRANCH, *names, levels=_LEVELS[: len(names)])


def _names(wide: str, narrow: str, field: str, column: str) -> tuple[str, ...]:
    if _REPLACED in wide + narrow:
        raise FieldError(f"{column} {_BROKEN}", field)
    if narrow and not wide:
        raise FieldError(f"{column} is missing, but a part of it is given", field)
    if max(len(wide), len(narrow)) > LONGEST_NAME:
        raise FieldError(f"{column} has more than {LONGEST_NAME} characters", field)
    return tuple(name for name in (wide, narrow) if name)
