"""Amounts and shares that a text states, with their places."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from ingest.drafting.numbers import NUMBER, value_of

_NAMES = {
    "人民币": "CNY", "元": "CNY", "圆": "CNY", "块钱": "CNY", "块": "CNY", "rmb": "CNY",
    "cny": "CNY", "yuan": "CNY", "renminbi": "CNY", "¥": "CNY", "美元": "USD", "美金": "USD",
    "us$": "USD", "usd": "USD", "$": "USD", "dollar": "USD", "dollars": "USD", "港元": "HKD",
    "港币": "HKD", "hk$": "HKD", "hkd": "HKD", "欧元": "EUR", "eur": "EUR", "€": "EUR",
    "euro": "EUR", "euros": "EUR", "英镑": "GBP", "gbp": "GBP", "£": "GBP", "pound": "GBP",
    "pounds": "GBP", "日元": "JPY", "jpy": "JPY", "yen": "JPY",
}  # fmt: skip
_SIGNS = sorted(_NAMES, key=len, reverse=True)
_NAME = "|".join(
    f"{re.escape(name)}\\b" if name.isascii() and name.isalpha() else re.escape(name)
    for name in _SIGNS
)
_BEFORE = "|".join(
    (rf"(?<![A-Za-z]){re.escape(name)}" if name.isascii() else re.escape(name))
    for name in _SIGNS
    if name not in ("元", "圆", "块", "块钱", "yuan", "dollar", "dollars", "euros", "pounds")
)
_TO = (
    r"(?:\s?(?:~|—|–|至|到|或|和|与|及|、)\s?|\s(?:to|or)\s|(?<=\d)\sand\s"
    r"|(?<=[\d一二三四五六七八九十百千万])\s?-\s?)"
)
_TENTHS = rf"(?:(?P<tenth>{NUMBER})[角毛](?:(?P<cent>{NUMBER})分)?|(?P<only>{NUMBER})分)"
_TAIL = (
    rf"(?:\s?{_TENTHS}|\s(?:and\s)?(?P<fen>{NUMBER})\s?(?:fen|cents?)\b"
    r"|(?P<digit>[1-9一二三四五六七八九](?!\s?[\d年月日天号个]))|[整正])?"
)
_AFTER = re.compile(
    rf"(?:(?:{_BEFORE})\s?)?(?:(?P<low>{NUMBER}){_TO})?"
    rf"(?P<value>{NUMBER})(?P<vague>[多余来几])?(?P<unit>[百千万亿]*)\s?(?P<name>{_NAME}){_TAIL}",
    re.IGNORECASE,
)
_LED = re.compile(
    rf"(?P<name>{_BEFORE})\s?(?:(?P<low>{NUMBER}){_TO}(?:{_BEFORE})?\s?)?(?P<value>{NUMBER})"
    r"(?P<vague>[多余来几](?=\s?[万千百元块圆]))?(?P<unit>[百千万亿]*)"
    rf"(?:\s?(?:元|圆|块钱|块|yuan\b|dollars\b){_TAIL})?",
    re.IGNORECASE,
)
_SMALL = re.compile(
    rf"(?P<tenth>{NUMBER})[角毛](?!度|色|落)|(?P<cent>{NUMBER})\s?(?:分钱|fen\b|cents?\b)",
    re.IGNORECASE,
)
#: So many, without saying how many.
_VAGUE = re.compile(
    rf"(?:几|数|上|近|好几|若干)[十百千万亿]+[多余来]?\s?(?:{_NAME})"
    r"|\b(?:several|a few|some|many)\s(?:hundreds?|thousands?|dozens?|millions?)(?:\sof)?"
    rf"\s(?:{_NAME})"
    rf"|\b(?:hundreds|thousands|tens of thousands)\sof\s(?:{_NAME})",
    re.IGNORECASE,
)
#: Ten thousands with nothing counted behind them are money.
_WAN = re.compile(
    rf"(?P<value>{NUMBER})(?<=[万亿])(?![\s\d]*[名位个件人次户笔多余家只条步字年里公])"
)
#: What may stand between words of money and a number, and what makes it a number of something else.
_SPENT_ZH = (
    r"(?:退还|退回|返还|退款|退|赔偿|补偿|赔付|赔|支付|减免|免除|扣除|扣划|扣收|收取|补发|垫付"
    r"|合计|共计|总计|金额|费用|款项|手续费|年费|利息|本金|补贴)"
    r"(?:[为是共计约:]|您|给您|客户|人民币|一共|金额|总计|了){0,3}\s?"
)
_OTHERS_ZH = r"[年月日天号个次笔期名位条项件张遍家种点时小分秒%‰倍成折周]|工作"
_SPENT_EN = (
    r"\b(?:refund(?:ed|ing)?|pay(?:ing)?|paid|compensat(?:e|ed|ion|ing)|credit(?:ed|ing)?"
    r"|reimburs(?:e|ed|ing|ement)|waiv(?:e|ed|ing)|charged?|fees?|amount(?:s|ing)?|totals?|sum)"
    r"(?:\s(?:of|is|was|to|you|the|with|by|a|an|total|totalling|your|account)){0,4}\s"
)
_OTHERS_EN = (
    r"%|per\s?cent|st\b|nd\b|rd\b|th\b|times?|instal|of\b"
    r"|(?:working|business|calendar)?\s?-?(?:days?|weeks?|months?|years?|hours?|minutes?)"
)
#: A number that stands where money is spoken of.
_SPENT = re.compile(
    rf"{_SPENT_ZH}(?P<zh>{NUMBER})(?![\s\x00]*(?:{_OTHERS_ZH}))"
    rf"|{_SPENT_EN}(?P<en>{NUMBER})(?!\s?(?:{_OTHERS_EN}))",
    re.IGNORECASE,
)
_SHARE = re.compile(
    rf"(?P<value>{NUMBER})\s?(?P<unit>%|‰|个?百分点|percent\b|per\scent\b|pct\b"
    r"|percentage\spoints?\b|(?:basis\spoints?|bps?)\b|倍(?!感|受|加)|折(?!算|线|叠|旧|扣)"
    r"|成(?=[^功立为员本交果熟人年长的]|$))"
    rf"|(?P<part>百|千|万)分之(?P<count>{NUMBER})|(?P<whole>百分之百)"
    r"|(?P<half>一半|半数|半价|\bhalf\b(?!\san?\b))"
    r"|(?P<double>\b(?:double|twice|triple)\b|翻倍|双倍)",
    re.IGNORECASE,
)
#: A smaller number in words, without anything behind it, counts something else.
_FEWEST = 10
_PERCENT_OF = {"‰": Decimal("0.1"), "倍": Decimal(100), "折": Decimal(10), "成": Decimal(10)}


@dataclass(frozen=True, slots=True)
class Amount:
    """``value`` in major units, None for so many; ``currency`` None where it names none."""

    start: int
    end: int
    value: Decimal | None
    currency: str | None


@dataclass(frozen=True, slots=True)
class Share:
    """``percent``: 0.5折 and 三成 too."""

    start: int
    end: int
    percent: Decimal


def shares(text: str) -> Iterator[Share]:
    for match in _SHARE.finditer(text):
        yield Share(match.start(), match.end(), _percent(match))


def _percent(match: re.Match[str]) -> Decimal:
    if match["whole"]:
        return Decimal(100)
    if match["half"]:
        return Decimal(50)
    if match["double"]:
        return Decimal(300 if match["double"].casefold() == "triple" else 200)
    if match["part"]:
        counted = value_of(match["count"]) or Decimal(0)
        return counted / {"百": 1, "千": 10, "万": 100}[match["part"]]
    unit = match["unit"].casefold()
    counted = value_of(match["value"]) or Decimal(0)
    if unit.startswith(("basis", "bp")):
        return counted / 100
    if unit == "折" and counted >= 10:  # 八五折 is read as 85
        return counted
    return counted * _PERCENT_OF.get(unit, Decimal(1))


def amounts(text: str) -> list[Amount]:
    """In order of their places; both ends of a range, as two at one place."""
    found: list[Amount] = []
    for pattern in (_LED, _AFTER):
        for match in pattern.finditer(text):
            if _free(found, match):
                found += _named(match)
    for match in _SMALL.finditer(text):
        if _free(found, match):
            small = match["tenth"] or match["cent"]
            worth = Decimal("0.1") if match["tenth"] else Decimal("0.01")
            value = value_of(small)
            found.append(_at(match, None if value is None else value * worth, "CNY"))
    for match in _VAGUE.finditer(text):
        if _free(found, match):
            found.append(_at(match, None, None))
    for match in _WAN.finditer(text):
        if _free(found, match):
            found.append(_at(match, value_of(match["value"]), None))
    for match in _SPENT.finditer(text):
        name = "zh" if match["zh"] else "en"
        if all(match.end(name) <= each.start or match.start(name) >= each.end for each in found):
            value = value_of(match[name])
            if value is None or value >= _FEWEST or match[name][0].isdigit():
                found.append(Amount(match.start(name), match.end(name), value, None))
    return sorted(found, key=lambda each: (each.start, each.end))


def _named(match: re.Match[str]) -> Iterator[Amount]:
    currency = _NAMES[match["name"].casefold().strip()]
    if match["vague"]:
        yield _at(match, None, currency)
        return
    whole = value_of(match["value"])
    unit = Decimal(1)
    for sign in match["unit"]:
        unit *= {"百": 100, "千": 1_000, "万": 10_000, "亿": 100_000_000}[sign]
    if match["low"]:
        low = value_of(match["low"])
        # 3至5万元 counts both in ten thousands.
        yield _at(match, None if low is None else low * _shared(match["value"]) * unit, currency)
    yield _at(match, None if whole is None else whole * unit + _rest(match), currency)


def _shared(value: str) -> Decimal:
    scale = re.search(r"[百千万亿]+$", value)
    return (value_of(f"1{scale[0]}") or Decimal(1)) if scale else Decimal(1)


def _rest(match: re.Match[str]) -> Decimal:
    """角 and 分 behind the yuan; 三块五 is 3.50."""
    tenth = value_of(match["tenth"]) if match["tenth"] else None
    last = match["cent"] or match["only"] or match["fen"]
    cent = value_of(last) if last else None
    digit = value_of(match["digit"]) if match["digit"] else None
    return sum(
        (
            part * worth
            for part, worth in (
                (tenth, Decimal("0.1")),
                (cent, Decimal("0.01")),
                (digit, Decimal("0.1")),
            )
            if part is not None
        ),
        Decimal(0),
    )


def _at(match: re.Match[str], value: Decimal | None, currency: str | None) -> Amount:
    return Amount(match.start(), match.end(), value, currency)


def _free(found: list[Amount], match: re.Match[str]) -> bool:
    return all(match.end() <= each.start or match.start() >= each.end for each in found)
