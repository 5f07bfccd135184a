"""Texts of cells as values: truth values, numbers, identifiers, members of a closed set.

Every function raises ``FieldError`` for what it cannot take; its reason does not hold the value.
"""

import re
from collections.abc import Mapping
from enum import StrEnum
from typing import TypeVar

from graph.domain.vocabulary import Label
from ingest.sources.record import FieldError
from ingest.sources.words import Words, fold

_E = TypeVar("_E", bound=StrEnum)

_ROUNDED = re.compile(r"\d(?:\.\d+)?[eE]\+?\d+")
_POINT_ZERO = re.compile(r"(\d+)\.0+")


def as_identifier(text: str) -> str:
    """An identifier that a spreadsheet has not spoilt; ``13812345678.0`` is mended."""
    if _ROUNDED.fullmatch(text) and "+" in text:
        raise FieldError("was rounded by a spreadsheet (1.1E+17): export the column as text")
    match = _POINT_ZERO.fullmatch(text)
    return match[1] if match else text


def as_truth(text: str, words: Words) -> bool:
    answer = words.answer(text)
    if answer is None:
        raise FieldError("is neither yes nor no; map it by value_map")
    return answer


def as_number(text: str, least: float, most: float) -> float:
    """A number in a range; a percentage where it is one of shares, 0 to 1."""
    percent = text.endswith(("%", "％")) and most == 1
    try:
        value = float(text.rstrip("%％")) / (100 if percent else 1)
    except ValueError:
        value = float("nan")
    # Not a number lies nowhere.
    if not least <= value <= most:
        raise FieldError(f"is no number from {least:g} to {most:g}")
    return value


def as_rating(text: str) -> int:
    """Satisfaction, 1 to 5."""
    value = as_number(text, 1, 5)
    if not value.is_integer():
        raise FieldError("is no whole number from 1 to 5")
    return int(value)


def as_member(kind: type[_E], text: str, words: Words) -> _E:
    """A member of a closed set by its name, its label or another word for it."""
    value = words.member(kind, text)
    if value is None:
        raise FieldError(f"is not known; map it by value_map to one of {', '.join(kind)}")
    return kind(value)


def as_code(labels: Mapping[str, Label], text: str) -> str:
    """A business code, as itself or by its label in Chinese or English."""
    folded = fold(text)
    for code, label in labels.items():
        if folded in {fold(code), fold(label.zh), fold(label.en)}:
            return code
    raise FieldError(f"is not known; map it by value_map to one of {', '.join(labels)}")
