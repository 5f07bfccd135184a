"""What is planted in a seeded text."""

import re
from dataclasses import dataclass

from graph.domain.enums import Language
from graph.domain.placeholders import MaskKind
from ingest.masking.folding import fold

_NOT_SIGNS = re.compile(r"[^0-9A-Za-z@\u4e00-\u9fff]")
#: Of these not one may survive.
HARD_KINDS = frozenset({MaskKind.ID_NUMBER, MaskKind.MOBILE, MaskKind.BANK_CARD, MaskKind.EMAIL})


@dataclass(frozen=True, slots=True)
class Secret:
    """Personal data as it is written in the text at ``start``."""

    kind: MaskKind
    written: str
    start: int

    @property
    def end(self) -> int:
        """Where the text goes on."""
        return self.start + len(self.written)

    @property
    def traces(self) -> tuple[str, ...]:
        """The forms to search for: as written, and in half width without separators."""
        plain = _NOT_SIGNS.sub("", fold(self.written))
        return tuple(dict.fromkeys((self.written, plain, plain.lower())))


@dataclass(frozen=True, slots=True)
class SeededText:
    """``names`` are given in the record; ``ordinary`` must stay as they are."""

    text: str
    language: Language
    secrets: tuple[Secret, ...]
    ordinary: tuple[str, ...]
    names: tuple[str, ...] = ()
