"""Amounts of money as people and systems write them.

A cell may name its own currency and its own unit (``$1.2万``); both count more than the column's.
Whether a point or a comma divides decimals is never guessed from a cell that may be read both
ways: it is a property of its column (``decimal_in``).
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from functools import cache
from itertools import chain
from typing import TypeAlias

from graph.domain.money import Money, exponent, money
from graph.errors import InvalidInputError
from ingest.chinese import number
from ingest.sources.record import FieldError
from ingest.sources.words import Words, any_of, fold

_NUMBER = r"(?:\d[\d.,' ]*|\.\d+)"
_CHINESE = "零〇一二两三四五六七八九十百千万亿壹贰叁参肆伍陆柒捌玖拾佰仟廿卅"
_TENTHS = re.compile(
    rf"(?P<whole>.*?)[元圆块]?零?(?:(?P<tenth>[\d{_CHINESE}])[角毛](?P<last>[\d{_CHINESE}])?)?"
    rf"零?(?:(?P<cent>[\d{_CHINESE}])分)?"
)
#: 三块五 is 3.50 yuan, 一万二 12,000: a last digit without unit counts the next smaller one.
_COLLOQUIAL = re.compile(rf"(?P<whole>.+)块(?P<tenth>[1-9{_CHINESE}])")
_INDIAN = frozenset({"INR", "PKR", "BDT", "NPR", "LKR"})
_GROUPED = {".": r"\d{1,3}(?:[, ']\d{3})+", ",": r"\d{1,3}(?:[. ']\d{3})+"}
_LAKHS = {".": r"\d{1,2}(?:,\d{2})*,\d{3}", ",": r"\d{1,2}(?:\.\d{2})*\.\d{3}"}
_SCIENTIFIC = re.compile(r"(\d(?:[.,]\d{1,3})?)e([+-]?\d{1,2})")
#: A dash where the decimals would be, and other ends without meaning.
_END = re.compile(r"(?:[.,](?:-{1,2}|—|–)|/-|[整正也]|\s*\bonly|[。；;.])$")
_NEGATIVE = re.compile(r"^\(.*\)$|^[-−–▲△](?=.*\d)|[-−]$|^负|^minus|^欠")
_RANGE = re.compile(r"\d[^\d]*(?:-|~|—|–|至|到|\bto\b|\bor\b|或|/)[^\d]*\d")
_ABOUT = re.compile(
    r"^(?:大?约|大概|差不多|about|approx\.?|approximately|circa|ca\.|~|≈)\s*|\s*(?:左右|上下|程度)$"
)
_REMARK = re.compile(
    r"^[^\d]*[:：]\s*(?=\d|[^\d:：]*\d)|\s*\([^()\d零一-十百千万亿壹-玖拾佰仟]*\)$"
)
#: Telephone numbers, dates and fixed-width fields that stand in a column of amounts.
_NO_AMOUNT = re.compile(r"1[3-9]\d{9}|0\d{3,}|\d{14,}")
_FLOAT_NOISE = 9
#: Longer texts (characters) are no amounts, and not looked through for one.
_LONGEST = 120
#: Signs of decimals as they are seen in a cell; ``None``: the cell may be read both ways.
Evidence: TypeAlias = str | None


@dataclass(frozen=True, slots=True)
class AmountColumn:
    """How a column is written: its currency (ISO 4217), what its unit is worth in major units of
    it, and its decimal sign; ``None``: a cell that may be read both ways is refused.
    """

    currency: str
    factor: Decimal = Decimal(1)
    decimal: Evidence = "."


@dataclass(frozen=True, slots=True)
class _Parsed:
    """``has_unit``: the cell says what its number is worth, as 1.2万 and 100元 do."""

    value: Decimal
    currency: str
    has_unit: bool


def as_amount(text: str, column: AmountColumn, words: Words) -> Money | None:
    """The amount that a cell says; None where it says that there is none.

    Raises:
        FieldError: it is no amount, negative, a range, or may be read in two ways.
    """
    if len(text) > _LONGEST:
        raise FieldError("is no amount, but a text")
    folded = _REMARK.sub("", _ABOUT.sub("", _unquoted(fold(text))))
    try:
        parsed = _parsed(folded, column, words)
    except FieldError as error:
        # A phrase with one amount in it, such as 手续费500元.
        parsed = _in_phrase(folded, column, words, error)
    if parsed is None:
        return None
    scaled = parsed.value if parsed.has_unit else parsed.value * column.factor
    try:
        # Trailing zeros are no more decimals than the currency has.
        return money(_without_noise(scaled).normalize(), parsed.currency)
    except InvalidInputError as error:
        raise FieldError(error.message.removeprefix("amount").lstrip(": ").rstrip(".")) from error


def decimal_in(text: str) -> Evidence:
    """The decimal sign that the cell shows, if it can be read in one way only."""
    match = re.search(_NUMBER, fold(text[:_LONGEST]))
    number = match[0].rstrip("., '") if match else ""
    signs = [character for character in number if character in ".,"]
    if not signs:
        return None
    last = signs[-1]
    before, _, after = number.rpartition(last)
    if len(set(signs)) == 2:
        return last
    if len(signs) > 1:
        return "," if last == "." else "."
    # 1,234 may be read both ways; 12,34 and 0,500 and 1234,567 may not.
    return None if len(after) == 3 and 1 <= len(before) <= 3 and before != "0" else last


def column_decimal(seen: Mapping[str, int]) -> Evidence:
    """The decimal sign of a column by how often each was seen; ``None`` where both were."""
    signs = [sign for sign in (".", ",") if seen.get(sign)]
    return signs[0] if len(signs) == 1 else None


def _unquoted(text: str) -> str:
    """Without what spreadsheets put around a text: an apostrophe, a formula of it."""
    plain = text.removeprefix("'").replace("’", "'")
    return re.sub(r'^="?(.*?)"?$', r"\1", plain).strip()


def _parsed(folded: str, column: AmountColumn, words: Words) -> _Parsed | None:
    body = folded
    while (shorter := _END.sub("", body).strip()) != body:
        body = shorter
    is_negative = bool(_NEGATIVE.search(body))
    body, signs, named = _without_currency(body, words)
    if body and words.is_nothing(body):
        return None
    body = re.sub(r"^[-−–▲△(]+|[-−)]+$", "", body).strip() if is_negative else body.lstrip("+")
    if _RANGE.search(body) and not _SCIENTIFIC.fullmatch(body):
        raise FieldError("is a range of amounts, not one")
    currency = _chosen(signs, column.currency, words)
    value, has_unit = _value(body, column, currency, words, named=named)
    if is_negative and value:
        raise FieldError("is a negative amount")
    return _Parsed(value, currency, has_unit or named)


def _in_phrase(
    folded: str, column: AmountColumn, words: Words, error: FieldError
) -> _Parsed | None:
    """The one amount of a phrase, if it names a currency there.

    Raises:
        FieldError: ``error`` where there is none, or several.
    """
    if _NEGATIVE.search(folded) or _RANGE.search(folded) or _BOUND.search(folded):
        raise error
    pattern = _phrase_pattern(words)
    rest = _YEAR.sub("", pattern.sub("", folded))
    if not re.search(rf"[{_LETTERS}]", folded) or (re.search(r"\d", rest) and "共" not in folded):
        raise error
    results = {
        (parsed.value, parsed.currency): parsed
        for part in pattern.finditer(folded)
        if (parsed := _try(part[0], column, words)) is not None
    }
    if len(results) != 1:
        raise error
    return next(iter(results.values()))


def _try(part: str, column: AmountColumn, words: Words) -> _Parsed | None:
    try:
        return _parsed(part, column, words)
    except FieldError:
        return None


def _without_currency(body: str, words: Words) -> tuple[str, list[str], bool]:
    """The number, the signs and names of currencies around it, and whether a name follows it."""
    before, after = _affixes(words)
    signs: list[str] = []
    named = False
    while True:
        if match := before.match(body):
            signs.append(_key(match[1]))
            body = body[match.end() :].strip()
        elif match := after.search(body):
            sign = _key(match[1])
            signs.append(sign)
            # ISO codes and signs are formats of a column; 元 and dollars are what the cell says.
            named = named or (sign.isalpha() and sign.upper() not in words.codes)
            body = _END.sub("", body[: match.start()].strip())
        else:
            return body, signs, named


def _chosen(signs: Sequence[str], currency: str, words: Words) -> str:
    """The currency that is named, if only in part: ``$`` is the column's own where it is one."""
    if not signs:
        return currency
    own = [words.shared.get(sign) or (words.currencies[sign],) for sign in signs]
    candidates = [code for code in own[0] if all(code in others for others in own[1:])]
    if currency in candidates:
        return currency
    if len(candidates) == 1 or (len(signs) == 1 and signs[0] in words.usual):
        return candidates[0]
    raise FieldError("does not say which currency it is in: set currency, or map it by value_map")


def _value(
    body: str, column: AmountColumn, currency: str, words: Words, *, named: bool
) -> tuple[Decimal, bool]:
    """The number, and whether it has a unit of its own."""
    if _NO_AMOUNT.fullmatch(body) or _is_day(body):
        raise FieldError("is no amount, but a number of another kind")
    if match := _SCIENTIFIC.fullmatch(body):
        return Decimal(f"{match[1].replace(',', '.')}e{match[2]}"), False
    if (minor := _minor(body, column, currency, words)) is not None:
        return minor, True
    if (match := _COLLOQUIAL.fullmatch(body)) and not match["whole"].endswith(("角", "毛")):
        whole = _value(match["whole"], column, currency, words, named=True)[0]
        return whole + _digit(match["tenth"]) / 10, True
    match = _TENTHS.fullmatch(body)
    if match and (match["tenth"] or match["cent"]):
        yuan = match["whole"].strip()
        value = _value(yuan, column, currency, words, named=True)[0] if yuan else Decimal(0)
        tenths, cents = _digit(match["tenth"]), _digit(match["cent"] or match["last"])
        return value + tenths / 10 + cents / 100, True
    if not body or not (body[0].isdigit() or body[0] in _CHINESE or body[0] == "."):
        raise FieldError("is no amount")
    if not any(character.isdigit() for character in body):
        return _numeral(body, column, named=named)
    return _with_units(body, column, currency, words, named=named)


def _minor(body: str, column: AmountColumn, currency: str, words: Words) -> Decimal | None:
    """So many fen, cents or pence."""
    match = _minor_pattern(words).fullmatch(body)
    if match is None:
        return None
    return _number(match[1].strip(), column.decimal, currency).scaleb(-exponent(currency))


def _numeral(body: str, column: AmountColumn, *, named: bool) -> tuple[Decimal, bool]:
    """A Chinese numeral: a plain one counts the column's unit, 三万 says its own."""
    value = _chinese(body)
    if re.search("[万亿]", body) or named:
        return value, True
    if column.factor != 1 and re.search("[十百千拾佰仟]", body):
        raise FieldError("does not say whether it counts the column's unit")
    return value, False


def _with_units(
    body: str, column: AmountColumn, currency: str, words: Words, *, named: bool
) -> tuple[Decimal, bool]:
    parts = _unit_pattern(words).findall(body)
    if _key("".join(number + unit for number, unit in parts)) != _key(body):
        raise FieldError("is no amount")
    worths = [words.units[_key(unit)] if unit else Decimal(1) for _, unit in parts]
    if sorted(worths, reverse=True) != worths or len(set(worths)) != len(worths):
        raise FieldError("is no amount")
    numbers = [_number(number.strip(), column.decimal, currency) for number, _ in parts]
    if len(parts) > 1 and not parts[-1][1] and numbers[-1] < 10:
        # 1万2 is 12,000: the last digit counts the next smaller unit.
        worths[-1] = worths[-2] / 10
    has_unit = any(unit for _, unit in parts)
    if has_unit and not named and column.factor < 1:
        raise FieldError("does not say whether it counts the column's unit")
    values = (number * worth for number, worth in zip(numbers, worths, strict=True))
    return sum(values, Decimal(0)), has_unit


def _number(text: str, decimal: Evidence, currency: str) -> Decimal:
    if decimal is None:
        decimal = decimal_in(text) or _undecided(text)
    whole, sign, fraction = text.rpartition(decimal)
    if not sign:
        whole, fraction = text, ""
    patterns = [r"\d*", _GROUPED[decimal]] + ([_LAKHS[decimal]] if currency in _INDIAN else [])
    fits = any(re.fullmatch(pattern, whole) for pattern in patterns)
    if not fits or (fraction and not fraction.isdigit()) or not (whole or fraction):
        raise FieldError("is no amount, or its separators are not those of its column")
    digits = re.sub(r"[^0-9]", "", whole)
    return Decimal(f"{digits or 0}.{fraction or 0}")


def _undecided(text: str) -> str:
    if "." in text or "," in text:
        raise FieldError("may be read in two ways: set decimal to the sign before the decimals")
    return "."


def _is_day(text: str) -> bool:
    if not re.fullmatch(r"(?:19|20)\d{6}", text):
        return False
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True


def _chinese(text: str) -> Decimal:
    try:
        return number(text)
    except ValueError as error:
        raise FieldError("is no amount") from error


def _digit(text: str | None) -> Decimal:
    return _chinese(text) if text and not text.isdigit() else Decimal(text or 0)


def _without_noise(value: Decimal) -> Decimal:
    """Without what binary floating point leaves behind the twelfth digit (0.30000000000000004)."""
    try:
        rounded = round(value, _FLOAT_NOISE)
    except InvalidOperation:
        return value
    noisy = -int(value.as_tuple().exponent) > _FLOAT_NOISE
    return rounded if noisy and abs(value - rounded) < Decimal("1e-11") else value


def _key(text: str) -> str:
    return text.replace(" ", "")


_BOUND = re.compile(
    r"[多余几数近每]|以[上下内]|不[足到超]|超过|至少|最[多高低少]|[x×*+%％/]"
    r"|up to|at least|less|more|over|under|max|min|\bper\b"
)
_YEAR = re.compile(r"(?:19|20)\d\d年(?:\d{1,2}月(?:\d{1,2}日)?)?")
_LETTERS = r"A-Za-z\u3400-\u9fff"


def _names(words: Words) -> Iterator[str]:
    """Names and signs beside a number. 156 is the yuan in a column of currencies, and 1562 yuan are
    no two of them.
    """
    every = chain(words.currencies, words.shared)
    return (name for name in every if not any(map(str.isdigit, name)))


@cache
def _affixes(words: Words) -> tuple[re.Pattern[str], re.Pattern[str]]:
    names = any_of(_names(words))
    return (
        re.compile(rf"({names})(?=[\s\d.,:\-+(¥$€£{_CHINESE}]|$)[ .:]*"),
        # The letters of a name are not the end of another word, but a unit may stand before them.
        re.compile(rf"(?<![a-z]{{2}})\s*(?<![a-z](?=[a-z]))({names})\.?$"),
    )


@cache
def _unit_pattern(words: Words) -> re.Pattern[str]:
    return re.compile(rf"({_NUMBER})({any_of(words.units)}|)\.?(?![a-z])")


@cache
def _minor_pattern(words: Words) -> re.Pattern[str]:
    return re.compile(rf"({_NUMBER})\s*(?:{any_of(words.minor_units)})")


@cache
def _phrase_pattern(words: Words) -> re.Pattern[str]:
    names, unit = any_of(_names(words)), any_of(words.units)
    number = rf"(?:{_NUMBER}\s*(?:{unit})?|[{_CHINESE}]{{2,}})"
    return re.compile(
        rf"(?<![a-z])(?:{names})\s*[.:]?\s*{number}(?:\s*(?:{names}))?|{number}\s*(?:{names})(?![a-z])"
    )
