"""The objects of a JSON stream, one at a time: of an array, of one in an envelope, or one after
another.
"""

import codecs
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

import ijson

from ingest.sources.record import BROKEN

#: Deeper objects are no rows of a table; they are passed over without being built.
DEEPEST = 8
TOO_DEEP: Final = object()
#: Stands for bytes that are not UTF-8: Unicode guarantees that no text has this character.
BAD_BYTES = "\ufdd0"

_BUFFER_BYTES = 1 << 16
#: The longest a character cut by the end of a chunk can be, in bytes.
_LONGEST_TAIL = 3

_Events: TypeAlias = Iterator[tuple[str, Any]]


class MalformedError(Exception):
    """The stream is no JSON, from here on."""


#: Where an answer of Elasticsearch has its records.
HITS = ("hits", "hits")


@dataclass(frozen=True, slots=True)
class Listed:
    """A record that is a list; ``around``: what stood before it in its document."""

    values: list[object]
    around: dict[str, object]


def documents(stream: io.BufferedReader, path: Sequence[str] = HITS) -> Iterator[object]:
    """The values of a top-level array, those of the array at ``path`` in a top-level object, or
    the top-level values; lists of an array as ``Listed``.

    Raises:
        MalformedError: the stream breaks off or is no JSON; what came before is good.
    """
    events = _events(stream)
    for event, value in events:
        if event == "start_array":
            yield from _items(events, {})
        elif event == "start_map":
            yield from _document(events, path)
        else:
            yield value


def _events(stream: io.BufferedReader) -> _Events:
    try:
        yield from ijson.basic_parse(_Utf8(stream), multiple_values=True, buf_size=_BUFFER_BYTES)
    except (ijson.JSONError, ValueError) as error:
        raise MalformedError(str(error)) from error


def _items(events: _Events, around: dict[str, object]) -> Iterator[object]:
    for event, value in events:
        if event == "end_array":
            return
        item = _value(events, event, value, 0)
        yield Listed(item, around) if isinstance(item, list) else item


def _document(events: _Events, path: Sequence[str]) -> Iterator[object]:
    """One top-level object, or the records in it."""
    record: dict[str, object] = {}
    is_envelope = False
    for event, key in events:
        if event == "end_map":
            break
        event, value = next(events)
        if key == path[0] and event in {"start_map", "start_array"}:
            is_envelope = True
            yield from _inside(events, event, path[1:], record)
        else:
            record[key] = _value(events, event, value, 0)
    if not is_envelope:
        yield record


def _inside(
    events: _Events, event: str, path: Sequence[str], around: dict[str, object]
) -> Iterator[object]:
    """The records of the value that begins with this event; nothing where the path ends else."""
    if event == "start_array":
        yield from _items(events, around) if not path else _passed(events)
        return
    for event, key in events:
        if event == "end_map":
            return
        event, value = next(events)
        if path and key == path[0] and event in {"start_map", "start_array"}:
            yield from _inside(events, event, path[1:], around)
        else:
            around[key] = _value(events, event, value, 0)


def _passed(events: _Events) -> Iterator[object]:
    _pass_over(events)
    return iter(())


def _value(events: _Events, event: str, value: object, depth: int) -> object:
    """The value that begins with this event."""
    if event not in {"start_map", "start_array"}:
        return value
    if depth > DEEPEST:
        return _pass_over(events)
    if event == "start_array":
        items: list[object] = []
        for event, value in events:
            if event == "end_array":
                break
            items.append(_value(events, event, value, depth + 1))
        return items
    record: dict[str, object] = {}
    for event, key in events:
        if event == "end_map":
            break
        event, value = next(events)
        record[key] = _value(events, event, value, depth + 1)
    return record


def _pass_over(events: _Events) -> object:
    open_ones = 1
    while open_ones:
        event, _ = next(events)
        open_ones += event.startswith("start_") - event.startswith("end_")
    return TOO_DEEP


class _Utf8:
    """A stream without byte order mark, in which ``BAD_BYTES`` stands for what is not UTF-8.

    The parser would stop at the first of them, and with it every record that follows.
    """

    def __init__(self, stream: io.BufferedReader) -> None:
        self._stream = stream
        self._tail = b""
        self._first = True

    def read(self, size: int = -1) -> bytes:
        data = self._stream.read(size)
        if not size:
            return data
        if self._first:
            self._first = False
            data = data.removeprefix(codecs.BOM_UTF8)
        whole = self._tail + data
        cut = _incomplete(whole) if data else 0
        self._tail = whole[len(whole) - cut :]
        whole = whole[: len(whole) - cut]
        if data and not whole:
            return self.read(size)
        return _repaired(whole)


def _incomplete(data: bytes) -> int:
    """How many bytes at the end are the beginning of a character."""
    for length in range(1, min(_LONGEST_TAIL, len(data)) + 1):
        byte = data[-length]
        if byte >= 0xC0:
            needed = 4 if byte >= 0xF0 else 3 if byte >= 0xE0 else 2
            return length if length < needed else 0
        if byte < 0x80:
            return 0
    return 0


def _repaired(data: bytes) -> bytes:
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        text = data.decode("utf-8", "surrogateescape")
        return BROKEN.sub(BAD_BYTES, text).encode("utf-8")
    return data
