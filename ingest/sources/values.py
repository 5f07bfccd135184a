"""Texts of cells as values: amounts, truth values, numbers, members of a closed set.

Every function raises ``FieldError`` for what it cannot take; its reason shows a value only where
it cannot be personal data (a short word of a closed set).
"""

import re
import unicodedata
from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from functools import cache
from types import MappingProxyType
from typing import TypeVar

from graph.domain.money import Money, money
from graph.domain.vocabulary import Label, label_of
from graph.errors import InvalidInputError
from ingest.sources.record import FieldError

_E = TypeVar("_E", bound=StrEnum)

_LONGEST_SHOWN = 40
_AMOUNT = re.compile(r"([-+]?)[¥￥$€£]?\s*([-+]?)(\d{1,3}(?:,\d{3})+|\d+)(\.\d+)?\s*([万亿]?)元?")
_MYRIADS = MappingProxyType({"": 1, "万": 10_000, "亿": 100_000_000})
_ROUNDED = re.compile(r"\d(?:\.\d+)?[eE]\+?\d+")
_TRUTH: Mapping[str, bool] = MappingProxyType(
    dict.fromkeys(("true", "yes", "y", "1", "是", "有", "√"), True)
    | dict.fromkeys(("false", "no", "n", "0", "否", "无", "×"), False)
)


def as_identifier(text: str) -> str:
    """An identifier that a spreadsheet has not spoilt."""
    if _ROUNDED.fullmatch(text) and "+" in text:
        raise FieldError("was rounded by a spreadsheet (1.1E+17): export the column as text")
    return text


def as_amount(text: str, currency: str, factor: Decimal) -> Money:
    """An amount such as 1,234.50, ¥88 or 1.2万元, times ``factor`` in major units."""
    match = _AMOUNT.fullmatch(unicodedata.normalize("NFKC", text).replace(" ", ""))
    if match is None:
        raise FieldError("is no amount")
    outer, inner, whole, fraction, unit = match.groups()
    if "-" in outer + inner:
        raise FieldError("is a negative amount")
    try:
        value = Decimal(whole.replace(",", "") + (fraction or "")) * _MYRIADS[unit] * factor
        # Trailing zeros are no more decimals than the currency has.
        return money(value.normalize(), currency)
    except InvalidInputError as error:
        raise FieldError(error.message) from error
    except InvalidOperation as error:
        raise FieldError("is no amount") from error


def as_truth(text: str) -> bool:
    try:
        return _TRUTH[text.casefold()]
    except KeyError:
        raise FieldError(f"{shown_code(text)} is neither yes nor no") from None


def as_number(text: str, least: float, most: float) -> float:
    try:
        value = float(text)
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


def as_member(kind: type[_E], text: str) -> _E:
    """A member of a closed set by its name or by its label in Chinese or English."""
    value = _words(kind).get(text.casefold())
    if value is None:
        raise FieldError(
            f"{shown_code(text)} is not known; map it by value_map to one of {', '.join(kind)}"
        )
    return kind(value)


def as_code(labels: Mapping[str, Label], text: str) -> str:
    """A business code, given as itself or by its label in Chinese or English."""
    folded = text.casefold()
    for code, label in labels.items():
        if folded in {code.casefold(), label.zh.casefold(), label.en.casefold()}:
            return code
    raise FieldError(
        f"{shown_code(text)} is not known; map it by value_map to one of {', '.join(labels)}"
    )


@cache
def _words(kind: type[StrEnum]) -> dict[str, str]:
    labels = {
        word.casefold(): member.value
        for member in kind
        for word in (label_of(member).zh, label_of(member).en)
    }
    return labels | {member.value.casefold(): member.value for member in kind}


def shown_code(text: str) -> str:
    """A word of a closed set, for a message; nothing that looks like a text or a number."""
    if not text:
        return "(nothing)"
    if len(text) > _LONGEST_SHOWN or any(character.isdigit() for character in text):
        return f"a value of {len(text)} characters"
    return repr(text)
