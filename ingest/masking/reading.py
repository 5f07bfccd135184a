"""A text prepared once for all detectors, and what they find in it."""

import re
from dataclasses import dataclass

from graph.domain.enums import Language
from graph.domain.placeholders import PLACEHOLDER, MaskKind
from ingest.chinese import simplified
from ingest.masking.folding import fold
from ingest.masking.labels import Labelled, is_amount, is_order, label_before

_HAN = re.compile(r"[\u3400-\u9fff]")
_LATIN = re.compile(r"[A-Za-z]")
_LONG_NUMBER = re.compile(r"\d{4}")
#: Stands in a reading for each character of a placeholder: neither word nor punctuation, so that
#: what was masked before bears no witness for or against its neighbours.
HIDDEN = "\ue000"
_LETTERS_PER_HAN = 4  # about as much is said by one Chinese character as by four letters


@dataclass(frozen=True, slots=True)
class Span:
    """Personal data at ``text[start:end]``."""

    start: int
    end: int
    kind: MaskKind


class Reading:
    """``folded`` is as long as ``text`` (see ``folding``); labels are looked up once each.

    Traditional characters count as simplified ones, so that each word need be known in one script.
    ``lowered`` tells whether words occur, not where: small letters may be longer.
    """

    __slots__ = (
        "_labels",
        "folded",
        "has_chinese",
        "has_long_number",
        "is_traditional",
        "lowered",
        "text",
    )

    def __init__(self, text: str) -> None:
        """Fold ``text``; labels are worked out when asked for."""
        self.text = text
        plain = fold(text)
        folded = simplified(plain)
        self.is_traditional = folded != plain
        self.folded = PLACEHOLDER.sub(_hidden, folded) if "[" in folded else folded
        self.lowered = self.folded.lower()
        # Most texts lack what most detectors look for: they need not read such a text.
        self.has_chinese = not text.isascii() and _HAN.search(text) is not None
        self.has_long_number = _LONG_NUMBER.search(self.folded) is not None
        self._labels: dict[int, Labelled | None] = {}

    def label(self, start: int) -> Labelled | None:
        """What the words before ``start`` say that the number there is."""
        if start not in self._labels:
            self._labels[start] = label_before(self.folded, start)
        return self._labels[start]

    def is_order(self, start: int, end: int) -> bool:
        """Whether the words beside it make it a number of order, contract, serial ..."""
        return is_order(self.folded, start, end, self.label(start))

    def is_amount(self, start: int, end: int) -> bool:
        """Whether the words beside it make it an amount."""
        return is_amount(self.folded, start, end, self.label(start))


def _hidden(placeholder: re.Match[str]) -> str:
    return HIDDEN * len(placeholder[0])


def language_of(text: str) -> Language:
    """The language in which placeholders are put: Chinese unless Latin letters prevail."""
    letters = len(_LATIN.findall(text))
    prevails = letters > _LETTERS_PER_HAN * len(_HAN.findall(text))
    return Language.EN if prevails else Language.ZH
