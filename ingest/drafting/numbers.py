"""Numbers as answers write them: digits, Chinese numerals, both with 万, and English words."""

import re
from decimal import Decimal

from ingest.chinese import number

_SMALL = (
    "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven",
    "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen",
)  # fmt: skip
_TENS = ("twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
_WORDS = {
    **{word: Decimal(value) for value, word in enumerate(_SMALL)},
    **{word: Decimal(10 * value) for value, word in enumerate(_TENS, start=2)},
}
_SCALES = {
    "hundred": Decimal(100),
    "thousand": Decimal(1_000),
    "million": Decimal(1_000_000),
    "billion": Decimal(1_000_000_000),
    "k": Decimal(1_000),
    "m": Decimal(1_000_000),
}
_UNITS = {
    "十": Decimal(10), "百": Decimal(100), "佰": Decimal(100), "千": Decimal(1_000),
    "仟": Decimal(1_000), "万": Decimal(10_000), "亿": Decimal(100_000_000),
}  # fmt: skip
_NUMERALS = "零〇一二两三四五六七八九十百千万亿壹贰叁参肆伍陆柒捌玖拾佰仟廿卅"
_COUNTED = _NUMERALS.translate(str.maketrans("", "", "百千万亿佰仟"))
_ANY_WORD = "|".join([*_WORDS, *(each for each in _SCALES if len(each) > 1)])

_BEGINS = r"(?<!\d)(?<!\d[.,])"
#: Digits, perhaps grouped: 1,180.00.
DIGITS = r"(?:\d{1,3}(?:,\d{3}){1,4}(?:\.\d{1,4})?|\d{1,13}(?:\.\d{1,6})?)"
_CHINESE = (
    rf"(?:{DIGITS}\s?[百千万亿]{{1,3}}){{1,4}}(?:\d{{1,4}})?"
    rf"|(?<![{_NUMERALS}])(?=[百千万亿]{{0,3}}[{_COUNTED}])[{_NUMERALS}]{{1,24}}(?:点[零一二三四五六七八九]{{1,6}})?"
)
_ENGLISH = (
    rf"{DIGITS}(?:\s?(?:hundred|thousand|million|billion)\b|[km]\b)"
    rf"|\b(?:an?\s+)?(?:{_ANY_WORD})(?:[\s-]{{1,2}}(?:and[\s-])?(?:{_ANY_WORD})){{0,12}}"
    rf"(?:\s+point(?:\s+(?:{_ANY_WORD})){{1,6}})?\b"
)
#: A number in digits, with units (1.2万, 1.2 thousand), or in the words of either language.
NUMBER = rf"(?:{_BEGINS}(?:{_ENGLISH}|{_CHINESE}|{DIGITS}))"

_PART = re.compile(r"(\d+(?:\.\d+)?)\s?([百千万亿]*)")
_SCALED = re.compile(rf"({DIGITS})\s?(hundred|thousand|million|billion|[km])?", re.IGNORECASE)


def value_of(text: str) -> Decimal | None:
    """What a number is worth, as ``NUMBER`` finds it; None for what is none after all."""
    plain = text.strip()
    if re.fullmatch(DIGITS, plain):
        return Decimal(plain.replace(",", ""))
    if re.search(r"[A-Za-z]", plain):
        return _english(plain.casefold())
    if re.search(r"\d", plain):
        return _with_units(plain.replace(",", ""))
    try:
        return number(plain.replace("拾", "十").replace("佰", "百").replace("仟", "千"))
    except ValueError:
        return None


def _with_units(text: str) -> Decimal:
    """1.2万 and 3万5千; 3万5 is 35,000, as people say it."""
    total, worth = Decimal(0), Decimal(0)
    for digits, units in _PART.findall(text):
        before, worth = worth, Decimal(1)
        for unit in units:
            worth *= _UNITS[unit]
        if not units and before and len(digits) == 1:
            worth = before / 10
        total += Decimal(digits) * worth
    return total


def _english(text: str) -> Decimal | None:
    scaled = _SCALED.fullmatch(text)
    if scaled:
        return Decimal(scaled[1].replace(",", "")) * _SCALES.get(scaled[2] or "", Decimal(1))
    text, _, decimals = text.partition(" point ")
    if decimals:
        digits = "".join(str(_WORDS.get(word, 0)) for word in decimals.split())
        whole = _english(text)
        return None if whole is None else whole + Decimal(f"0.{digits}")
    total, current = Decimal(0), Decimal(0)
    words = [word for word in re.split(r"[\s-]+", text) if word not in ("and", "a", "an")]
    for word in words:
        if word in _WORDS:
            current += _WORDS[word]
        elif word == "hundred":
            current = (current or Decimal(1)) * 100
        elif word in _SCALES:
            total += (current or Decimal(1)) * _SCALES[word]
            current = Decimal(0)
        else:
            return None
    return total + current
