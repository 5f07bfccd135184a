"""Recognisers that are data (``recognisers.toml``): a word, and what stands behind it."""

import re
import tomllib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Any

from graph.domain.placeholders import MaskKind
from ingest.masking.phones import is_service
from ingest.masking.reading import Reading, Span

_PIECE = re.compile(r"<<(\w+)>>")
_TELLING = re.compile(r"[0-9_@零〇一二三四五六七八九幺-]")
#: Letters of Taiwan's numbers, by what they count as from 10 on.
_TAIWAN = "ABCDEFGHJKLMNPQRSTUVXYWZIO"
_TAIWAN_WEIGHTS = (1, 9, 8, 7, 6, 5, 4, 3, 2, 1, 1)


@dataclass(frozen=True, slots=True)
class Recogniser:
    """See ``recognisers.toml``; the last group of ``pattern`` that matched is what is found."""

    kind: MaskKind
    hints: tuple[str, ...]
    pattern: re.Pattern[str]
    near: re.Pattern[str] | None
    reach: int
    check: Callable[[str], bool] | None
    private: bool

    def find(self, reading: Reading) -> Iterator[Span]:
        """What it finds in a text, in its order."""
        if self.hints and not any(hint in reading.lowered for hint in self.hints):
            return
        for match in self.pattern.finditer(reading.folded):
            start, end = match.span(match.lastgroup or 0)
            if self.near and not self.near.search(
                reading.folded, max(0, start - self.reach), start
            ):
                continue
            if self.check is not None and not self.check(reading.folded[start:end]):
                continue
            if self.private and _is_public(reading, start, end):
                continue
            yield Span(start, end, self.kind)


def _is_public(reading: Reading, start: int, end: int) -> bool:
    digits = re.sub(r"\D", "", reading.folded[start:end])
    return reading.is_order(start, end) or is_service(digits)


def find(reading: Reading) -> Iterator[Span]:
    """What any of them finds."""
    for recogniser in recognisers():
        yield from recogniser.find(reading)


@cache
def recognisers() -> tuple[Recogniser, ...]:
    """All of them, in the order of the file."""
    text = files("ingest.masking").joinpath("recognisers.toml").read_text("utf-8")
    data = tomllib.loads(text)
    pieces = {name: _joined(piece) for name, piece in data["pieces"].items()}
    return tuple(_recogniser(entry, pieces) for entry in data["recogniser"])


def _recogniser(entry: Mapping[str, Any], pieces: Mapping[str, str]) -> Recogniser:
    near = entry.get("near")
    return Recogniser(
        MaskKind(entry["kind"]),
        tuple(entry.get("hints", ())),
        _compiled(entry["pattern"], pieces),
        _compiled(near, pieces) if near else None,
        entry.get("reach", 0),
        _CHECKS[entry["check"]] if "check" in entry else None,
        entry.get("private", False),
    )


def _compiled(pattern: str | list[str], pieces: Mapping[str, str]) -> re.Pattern[str]:
    return re.compile(_filled(_joined(pattern), pieces), re.IGNORECASE)


def _filled(pattern: str, pieces: Mapping[str, str]) -> str:
    return _PIECE.sub(lambda match: _filled(pieces[match[1]], pieces), pattern)


def _joined(pattern: str | list[str]) -> str:
    return pattern if isinstance(pattern, str) else "".join(pattern)


def _is_account_name(text: str) -> bool:
    """Whether it is no mere word."""
    return _TELLING.search(text) is not None


def _is_taiwan_id(text: str) -> bool:
    """By the check digit: a letter counts as two digits, and the sum is a multiple of ten."""
    digits = f"{_TAIWAN.index(text[0]) + 10}{text[1:]}"
    total = sum(int(digit) * weight for digit, weight in zip(digits, _TAIWAN_WEIGHTS, strict=True))
    return total % 10 == 0


_CHECKS: Mapping[str, Callable[[str], bool]] = MappingProxyType(
    {"account_name": _is_account_name, "taiwan_id": _is_taiwan_id}
)
