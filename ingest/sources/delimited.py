"""CSV and its relatives as records: RFC 4180, and what to do with rows that are not.

A quote that is never closed would swallow the rest of the file as one cell. So a record is
bounded, quoting is read strictly, and after a row that cannot be read the next line that begins
a row of the right number of columns is looked for; everything between is one rejection.
"""

import csv
import io
from collections import deque
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from itertools import count, islice

from graph.domain.case import LONGEST_TEXT
from graph.errors import SourceError
from ingest.sources.header import Header
from ingest.sources.record import BROKEN, Record, with_spoiled
from ingest.sources.text import TextLines

#: A row of more characters cannot be one (ten texts of the greatest length).
LONGEST_RECORD = 1_000_000
#: How far a row is followed when a damaged place is left behind.
_PROBE_LINES = 200
#: So many short rows are no accident.
_FEWEST_SHORT = 2

#: Stands for a carriage return inside a line; a noncharacter, which no text has.
_RETURN = "\ufdd1"

_TOO_LONG = f"holds a text of more than {LONGEST_TEXT:,} characters, or a quote is never closed"
_REASONS = {
    "unexpected end of data": "a quote is never closed",
    "field larger than field limit": _TOO_LONG,
    "expected after": "a quote inside a quoted cell is not doubled, or a quote is never closed",
}


@dataclass(frozen=True, slots=True)
class Dialect:
    """``header_row`` 0: the first line that is not blank; ``columns``: the file has no header;
    ``trims``: its rows end with their last cell that holds something.
    """

    delimiter: str = ","
    quote: str = '"'
    header_row: int = 0
    columns: tuple[str, ...] = ()
    trims: bool = False


class _TooLongError(Exception):
    """The record in hand exceeds its bound."""


class DelimitedRecords:
    """The records of a delimited file; ``used``: the names of the columns that are read.

    Raises:
        SourceError: no header.
    """

    def __init__(
        self, lines: TextLines, dialect: Dialect, name: str, used: Collection[str] = ()
    ) -> None:
        self._feed = _Feed(lines)
        self._dialect = dialect
        self.header = Header(dialect.columns or self._header(name), name, used)

    def __iter__(self) -> Iterator[Record]:
        feed, header = self._feed, self.header
        width = len(header.names)
        reader = self._reader(feed)
        while True:
            line = feed.begin()
            try:
                values = next(reader)
            except StopIteration:
                return
            except (csv.Error, _TooLongError) as error:
                yield self._recover(line, _reason(error), bounded=False)
                continue
            if feed.returns:
                values = [value.replace(_RETURN, "\r") for value in values]
            if not values or (not values[0].strip() and _blank(values)):
                continue
            if len(values) != width and not self._is_whole(values):
                reason = f"the row has {len(values)} columns instead of {width}"
                yield self._recover(line, reason, bounded=True)
                continue
            cells = header.cells(values)
            yield Record(line, with_spoiled(cells) if feed.doubtful else cells)

    def _is_whole(self, values: Sequence[str]) -> bool:
        """Whether a row of another length than the header lacks nothing but empty cells.

        Separators may stand after the last cell, and a file may leave out empty cells at the end.
        """
        header = self.header
        if len(values) > header.width:
            return _blank(values[header.width :])
        return len(values) == header.width or (self._dialect.trims and len(values) > 1)

    def _reader(self, lines: Iterator[str], *, strict: bool = True) -> Iterator[list[str]]:
        return csv.reader(
            lines,
            delimiter=self._dialect.delimiter,
            quotechar=self._dialect.quote or None,
            quoting=csv.QUOTE_MINIMAL if self._dialect.quote else csv.QUOTE_NONE,
            strict=strict,
        )

    def _header(self, name: str) -> list[str]:
        feed = self._feed
        reader = self._reader(feed)
        try:
            while feed.begin() < self._dialect.header_row:
                next(feed)
            while _blank(header := next(reader)):
                pass
        except StopIteration:
            raise SourceError(f"{name} has no header row; there is nothing to import.") from None
        except (csv.Error, _TooLongError) as error:
            raise SourceError(
                f"The header row of {name} cannot be read ({_reason(error)}); "
                "check the delimiter and the quotes."
            ) from error
        if feed.doubtful and BROKEN.search("".join(header).replace("\0", "\ufdd0")):
            raise SourceError(f"The header row of {name} holds no text; check the file's format.")
        return [cell.replace(_RETURN, "\r").strip() for cell in header]

    def _recover(self, start: int, reason: str, *, bounded: bool) -> Record:
        """Leave the damaged place behind and give the rejection of it.

        ``bounded``: the record itself ended properly, so that nothing after it is in doubt.
        """
        feed = self._feed
        first = feed.taken[0][0]
        left = len(feed.taken) - 1
        feed.give_back(left)
        while (left > 0 or not bounded) and not feed.ended and not self._begins_row():
            feed.drop()
            left -= 1
        end = feed.line - 1
        if end > start:
            reason = f"{reason}; lines {start} to {end} are left out"
        return Record.unreadable(start, first, reason)

    def _begins_row(self) -> bool:
        """Whether the next line looks like the beginning of a row, be it a broken one."""
        width = len(self.header.names)
        lenient = self._reader(islice(self._feed.ahead(), 1), strict=False)
        strict = self._reader(self._feed.ahead())
        return _width(lenient) == width or _width(strict) == width


class _Feed:
    """Lines for a csv reader that can be given back, with the number of the next one."""

    def __init__(self, lines: TextLines) -> None:
        self._lines = lines
        self._pending: deque[tuple[str, bool]] = deque()
        self._size = 0
        self.taken: list[tuple[str, bool]] = []
        self.line = 1
        #: Some line so far had carriage returns within, given as ``_RETURN``.
        self.returns = False

    @property
    def doubtful(self) -> bool:
        """Whether some line so far held bytes or characters that no row may have."""
        return self._lines.broken or self._lines.nul

    @property
    def ended(self) -> bool:
        return not self._pending and not self._pull()

    def begin(self) -> int:
        """Start a record; gives the number of its first line."""
        self.taken = []
        self._size = 0
        return self.line

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        item = self._pending.popleft() if self._pending else self._next_line()
        if item is None:
            raise StopIteration
        line, whole = item
        self.line += 1
        self.taken.append(item)
        self._size += len(line)
        if self._size > LONGEST_RECORD or not whole:
            raise _TooLongError
        return line

    def give_back(self, number: int) -> None:
        """The last lines taken come again."""
        if number > 0:
            self._pending.extendleft(reversed(self.taken[-number:]))
            self.line -= number

    def drop(self) -> None:
        self._pending.popleft()
        self.line += 1

    def ahead(self) -> Iterator[str]:
        """The coming lines, without taking them, as far as one row may reach."""
        size = 0
        for index in count():
            if index == _PROBE_LINES or size > LONGEST_RECORD:
                raise _TooLongError
            if index == len(self._pending) and not self._pull():
                return
            line, whole = self._pending[index]
            if not whole:
                raise _TooLongError
            size += len(line)
            yield line

    def _next_line(self) -> tuple[str, bool] | None:
        item = self._lines.next()
        if item is None or "\r" not in item[0]:
            return item
        line, whole = item
        body = line.rstrip("\r\n")
        if "\r" in body:
            # The csv module takes it for the end of a row even in the middle of a line.
            self.returns = True
            line = body.replace("\r", _RETURN) + line[len(body) :]
        return line, whole

    def _pull(self) -> bool:
        item = self._next_line()
        if item is not None:
            self._pending.append(item)
        return item is not None


def _width(reader: Iterator[list[str]]) -> int | None:
    try:
        return len(next(reader))
    except (csv.Error, _TooLongError, StopIteration):
        return None


def physical_lines(text: str) -> list[str]:
    """The lines with their ends: at LF, CRLF and CR, and at no other separator of Unicode."""
    return list(io.StringIO(text, newline=""))


def trims(text: str, dialect: Dialect) -> bool:
    """Whether the rows of a beginning of a file end with their last cell that holds something.

    So they do where some are shorter than the header, and none has an empty last cell: a file
    whose rows all have their length has broken ones where they are short. Nor do they where few
    are short, and all of these are the pieces of rows that a line break has cut.
    """
    reader = csv.reader(
        physical_lines(text)[max(0, dialect.header_row - 1) : -1],
        delimiter=dialect.delimiter,
        quotechar=dialect.quote or None,
        quoting=csv.QUOTE_MINIMAL if dialect.quote else csv.QUOTE_NONE,
    )
    try:
        rows = [row for row in reader if row and not _blank(row)]
    except csv.Error:
        return False
    if dialect.columns:
        rows.insert(0, list(dialect.columns))
    width = len(rows[0]) if rows else 0
    lengths = [len(row) for row in rows[1:]]
    short = sum(length < width for length in lengths)
    if short < _FEWEST_SHORT or not all(row[-1].strip() for row in rows[1:]):
        return False
    return 2 * short > len(lengths) or _in_pieces(lengths, width) < short


def _in_pieces(lengths: Sequence[int], width: int) -> int:
    """How many of the rows are pieces of one that was cut.

    A break inside a cell makes two cells of it, so ``n`` pieces have ``width + n - 1`` cells.
    """
    pieces, run = 0, list[int]()
    for length in lengths:
        run = [*run, length] if length < width else []
        if len(run) > 1 and sum(run) >= width + len(run) - 1:
            pieces += len(run) if sum(run) == width + len(run) - 1 else 0
            run = []
    return pieces


def _blank(values: Sequence[str]) -> bool:
    return not any(value.strip() for value in values)


def _reason(error: Exception) -> str:
    if isinstance(error, _TooLongError):
        return f"the row {_TOO_LONG}"
    message = str(error)
    return next((reason for start, reason in _REASONS.items() if start in message), message)
