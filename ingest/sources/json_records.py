"""JSON as records: lines of objects, an array of objects, or an array in an envelope.

Streaming: one record is held at a time. Nested objects become names with dots; lists of plain
values stay lists.
"""

import codecs
import io
import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from graph.errors import SourceError
from ingest.sources.documents import (
    DEEPEST,
    HITS,
    TOO_DEEP,
    Listed,
    MalformedError,
    documents,
)
from ingest.sources.files import Meter, opened, sample
from ingest.sources.record import BROKEN, WHOLE_ROW, Cell, Flaw, Record, with_spoiled
from ingest.sources.text import TextLines, text_lines

#: Where documents name the columns of records that are lists.
_COLUMN_KEYS = {"columns", "fields", "headers", "header"}


@contextmanager
def json_records(
    path: Path,
    meter: Meter | None = None,
    place: str | None = None,
    columns: Sequence[str] = (),
) -> Iterator[Iterator[Record]]:
    """Records of a JSON file of any of the shapes, told by its beginning.

    ``place``: where in a document the records are, such as ``tickets`` or ``result.rows``;
    ``columns``: the names for records that are lists, by default as the document has them.

    Raises:
        SourceError: the file is no JSON; while reading: JSON that ends or breaks off.
    """
    head = sample(path).removeprefix(codecs.BOM_UTF8).lstrip()
    if not head.startswith((b"[", b"{")):
        raise SourceError(f"{path.name} is no JSON; it begins with neither a bracket nor a brace.")
    if place is None and _is_lines(head):
        with text_lines(path, "utf-8", meter, header=False) as lines:
            yield line_records(lines)
        return
    with opened(path, meter) as stream:
        yield _stream_records(stream, path, place, columns)


def line_records(lines: TextLines) -> Iterator[Record]:
    """A record for each line that is not blank; a broken line is one rejection."""
    number = 0
    while (item := lines.next()) is not None:
        number += 1
        line, whole = item
        if line.strip():
            yield _line_record(number, line, whole)


def _is_lines(head: bytes) -> bool:
    """Whether the first line alone is an object, others follow, and it is no answer of
    Elasticsearch.
    """
    first, _, others = head.partition(b"\n")
    if not head.startswith(b"{") or not others.strip():
        return False
    try:
        value = json.loads(first)
    except (ValueError, RecursionError):
        return False
    return not isinstance(value.get("hits"), dict)


def _line_record(number: int, line: str, whole: bool) -> Record:
    def flawed(reason: str) -> Record:
        return Record.unreadable(number, line, reason)

    if not whole:
        return flawed("the line is longer than a row can be")
    if BROKEN.search(line):
        return flawed("the line holds bytes that are not of the encoding")
    try:
        # Numbers stay as they are written: an id is not rounded.
        value = json.loads(line, parse_int=str, parse_float=str, parse_constant=str)
    except ValueError as error:
        at = f" at character {error.colno}" if isinstance(error, json.JSONDecodeError) else ""
        return flawed(f"the line is no JSON object{at}")
    except RecursionError:
        return flawed("the line is nested too deeply")
    if not isinstance(value, dict):
        return flawed("the line is no JSON object")
    return _record(number, value)


def _record(number: int, value: dict[str, object]) -> Record:
    source = value.get("_source")
    if isinstance(source, dict):
        value = source
    cells: dict[str, Cell] = {}
    flaw = _flatten(value, "", cells, 0)
    return Record(number, with_spoiled(cells), flaw, _places(value))


def _places(value: dict[str, object]) -> tuple[str, ...]:
    """Where lists of objects, or of lists, lie, the longest first: records may lie there.

    Names with dots, as ``records`` takes them; what lies in a list's own items does not count.
    """
    lists = dict(_lists(value, "", 0))
    return tuple(sorted(lists, key=lambda place: -lists[place]))


def _lists(value: dict[str, object], prefix: str, depth: int) -> Iterator[tuple[str, int]]:
    for key, item in value.items():
        if "." in key:  # no place can name it
            continue
        if isinstance(item, dict) and depth < DEEPEST:
            yield from _lists(item, f"{prefix}{key}.", depth + 1)
        elif isinstance(item, list) and item and all(isinstance(p, dict | list) for p in item):
            yield prefix + key, len(item)


def _flatten(
    value: dict[str, object], prefix: str, cells: dict[str, Cell], depth: int
) -> Flaw | None:
    flaw = None
    for key, item in value.items():
        name = prefix + key
        if not key.isascii() and BROKEN.search(key):
            flaw = Flaw(WHOLE_ROW, "the record has a key that is no text")
        elif item is TOO_DEEP or (isinstance(item, dict) and depth == DEEPEST):
            flaw = Flaw(WHOLE_ROW, "the record is nested too deeply")
        elif isinstance(item, dict):
            flaw = _flatten(item, f"{name}.", cells, depth + 1) or flaw
        elif isinstance(item, list):
            if any(isinstance(part, dict | list) for part in item):
                # Nothing can be mapped from it; what is not mapped does no harm.
                continue
            cells[name] = tuple(_plain(part) for part in item)
        else:
            cells[name] = _plain(item)
    return flaw


def _plain(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


def _stream_records(
    stream: io.BufferedReader, path: Path, place: str | None, columns: Sequence[str]
) -> Iterator[Record]:
    number, name = 0, path.name
    way = tuple(place.split(".")) if place else HITS
    try:
        for value in documents(stream, way):
            number += 1
            if isinstance(value, Listed):
                if number == 1 and not columns:
                    columns = _column_names(value.around) or _names_behind(path, way)
                yield _listed(number, value, columns, name)
            elif isinstance(value, dict):
                yield _record(number, value)
            else:
                text = json.dumps(value, ensure_ascii=False, default=str)
                yield Record.unreadable(number, text, "the value is no JSON object")
        if place and not number:
            raise SourceError(f"{name} has no records at {place}; check records under [file].")
    except MalformedError as error:
        raise SourceError(
            f"{name} is no well-formed JSON after record {number}; get the whole file again "
            "and repeat the import."
        ) from error


def _listed(number: int, item: Listed, names: Sequence[str], name: str) -> Record:
    if not names and number > 1:
        text = json.dumps(item.values, ensure_ascii=False, default=str)
        return Record.unreadable(number, text, "the value is no JSON object")
    if not names:
        raise SourceError(
            f"The records of {name} are lists without names; set columns under [file] of "
            "the mapping."
        )
    if len(item.values) != len(names):
        text = json.dumps(item.values, ensure_ascii=False, default=str)
        reason = f"the row has {len(item.values)} values instead of {len(names)}"
        return Record.unreadable(number, text, reason)
    return _record(number, dict(zip(names, item.values, strict=True)))


def _names_behind(path: Path, way: Sequence[str]) -> tuple[str, ...]:
    """The names of the columns where the document has them behind its rows: it is read twice."""
    around: dict[str, object] = {}
    with opened(path, None) as stream:
        for value in documents(stream, way):
            if isinstance(value, Listed):
                around = value.around  # complete once the document has ended
    return _column_names(around)


def _column_names(around: dict[str, object]) -> tuple[str, ...]:
    """The names that a document gives its columns: texts, or objects that have a name."""
    for key, value in around.items():
        if isinstance(value, dict) and (names := _column_names(value)):
            return names
        if key.lower() in _COLUMN_KEYS and isinstance(value, list):
            names = tuple(
                str(item.get("name", "") if isinstance(item, dict) else item) for item in value
            )
            if all(names):
                return names
    return ()
