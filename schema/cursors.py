"""Cursors: opaque places in one list, narrowed by one filter; never offsets.

A cursor holds the list's name (an order, for complaints), a digest of what narrows it, and the
key of the row it stands at. The key is only ever compared with, so a forged one is merely another
place in the list that its sender may read anyway.
"""

import base64
import binascii
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import Enum

from graph.domain.filters import ComplaintFilter
from graph.errors import CursorError

_LONGEST = 2_000


@dataclass(frozen=True, slots=True)
class CursorScope:
    """Which list, and a digest of what narrows it."""

    list: str
    narrowed: str

    def encode(self, key: str) -> str:
        raw = json.dumps([self.list, self.narrowed, key], separators=(",", ":"))
        return base64.urlsafe_b64encode(raw.encode()).decode().rstrip("=")

    def decode(self, cursor: str | None, name: str) -> str | None:
        """The key of a cursor of this very list; ``name`` is the argument's.

        Raises:
            CursorError: it is none of ours, or of another order or filter.
        """
        if cursor is None:
            return None
        parts = _parts(cursor)
        if parts is None:
            raise CursorError(
                f"`{name}` is not a cursor of this service: send an `endCursor`, a `startCursor` "
                "or an edge's `cursor` as it came.",
                path=[name],
            )
        listed, narrowed, key = parts
        if listed != self.list or narrowed != self.narrowed:
            raise CursorError(
                f"`{name}` is a cursor of another order or filter: start again without it, or ask "
                "with the order and filter that it came from.",
                path=[name],
            )
        return key


def scope(name: str, narrowed: object = None) -> CursorScope:
    """The scope of a list; equal filters have equal digests, whatever the order of their values."""
    text = json.dumps(_plain(narrowed), sort_keys=True, separators=(",", ":"))
    return CursorScope(name, hashlib.blake2b(text.encode(), digest_size=9).hexdigest())


def _parts(cursor: str) -> tuple[str, str, str] | None:
    try:
        padded = cursor[:_LONGEST] + "=" * (-len(cursor) % 4)
        raw = base64.b64decode(padded, altchars=b"-_", validate=True)
        parts = json.loads(raw.decode())
    except (binascii.Error, ValueError, RecursionError):
        return None
    if not isinstance(parts, list) or len(parts) != 3:
        return None
    if not all(isinstance(part, str) and _is_text(part) for part in parts):
        return None
    return parts[0], parts[1], parts[2]


def _is_text(part: str) -> bool:
    """Whether it can be sent on: no NUL, no half of a surrogate pair."""
    return "\x00" not in part and not any("\ud800" <= c <= "\udfff" for c in part)


def _plain(value: object) -> object:
    if isinstance(value, ComplaintFilter):
        return {name: _plain(v) for name, v in _fields(value).items() if v is not None}
    if isinstance(value, tuple):
        return sorted(str(_plain(part)) for part in value)
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat() if value.tzinfo else value.isoformat()
    if isinstance(value, Enum):
        return value.name
    if isinstance(value, Decimal):
        return str(value.normalize())
    if isinstance(value, date):
        return value.isoformat()
    return value


def _fields(filters: ComplaintFilter) -> Mapping[str, object]:
    return {f.name: getattr(filters, f.name) for f in fields(filters)}
