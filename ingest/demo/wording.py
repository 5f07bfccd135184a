"""How dates, amounts and the like are written: in many ways, as people do."""

from datetime import date
from random import Random

_WEEKDAYS_ZH = "一二三四五六日"
_WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)
_WAITS_ZH = (
    (1, ("一整天", "大半天")),
    (3, ("两三天", "三天")),
    (6, ("快一个星期", "五六天")),
    (10, ("一个多星期", "七八天", "一周多")),
    (17, ("半个月", "两个星期", "十多天")),
    (26, ("二十多天", "三个星期")),
    (50, ("一个多月", "一个月")),
    (85, ("两个多月", "两个月")),
    (10_000, ("好几个月", "三个多月", "小半年")),
)
_HOURS_ZH = (
    "上午九点多",
    "上午十点左右",
    "中午",
    "下午两点",
    "下午三点多",
    "下午四点半",
    "晚上七点多",
    "晚上九点左右",
)
_TIMES_ZH = ("两三次", "三次", "三四次", "四次", "好几次", "五六次", "好多次")
_TIMES = ("twice", "three times", "four times", "several times", "five times")
_TEN_THOUSAND = 1_000_000


def day_zh(random: Random, day: date, today: date) -> str:
    """A day as someone names it who writes on ``today``."""
    passed = (today - day).days
    forms = [f"{day.month}月{day.day}日", f"{day.month}月{day.day}号"]
    if passed <= 2:
        forms += [("今天", "昨天", "前天")[passed]] * 3
    elif passed <= 6:
        forms.append(
            f"{'上周' if day.weekday() >= today.weekday() else '周'}{_WEEKDAYS_ZH[day.weekday()]}"
        )
    elif passed <= 50 and (today.month - day.month) % 12 == 1:
        forms += [f"上个月{day.day}号", f"上月{day.day}日"]
    if day.year != today.year:
        forms = [f"{day.year}年{day.month}月{day.day}日", f"{day.year}年{day.month}月"]
        if day.year == today.year - 1:
            forms += [f"去年{day.month}月", f"去年{day.month}月{day.day}号"]
    elif passed > 60:
        forms += [f"今年{day.month}月", f"{day.year}年{day.month}月{day.day}日"]
    return random.choice(forms)


def day_en(random: Random, day: date, today: date) -> str:
    """A day with its preposition, as someone names it who writes on ``today``."""
    passed = (today - day).days
    month = _MONTHS[day.month - 1]
    if day.year != today.year:
        forms = [f"in {month} {day.year}", f"on {day.day} {month} {day.year}"]
    else:
        forms = [f"on {day.day} {month}", f"on {month} {day.day}"]
    if passed <= 1:
        forms += [("today", "yesterday")[passed]] * 3
    elif passed <= 6:
        forms += [f"last {_WEEKDAYS[day.weekday()]}", f"on {_WEEKDAYS[day.weekday()]}"]
    return random.choice(forms)


def money_zh(random: Random, fen: int) -> str:
    """An amount in yuan, exact, in one of the ways it is written."""
    if fen >= _TEN_THOUSAND and fen % (_TEN_THOUSAND // 10) == 0 and random.random() < 0.7:
        ten_thousands = f"{fen / _TEN_THOUSAND:.1f}".removesuffix(".0")
        return f"{ten_thousands}万{random.choice(('元', '块', '', '元'))}"
    if random.random() < 0.6:
        return formal_zh(random, fen)
    return _number(random, fen, grouped=0) + random.choice(("块", "块钱"))


def formal_zh(random: Random, fen: int) -> str:
    """An amount as the bank writes it."""
    return _number(random, fen, grouped=0.15) + "元"


def money_en(random: Random, fen: int) -> str:
    number = _number(random, fen, grouped=0.7)
    return random.choice((f"{number} yuan", f"CNY {number}", f"RMB {number}", f"¥{number}"))


def _number(random: Random, fen: int, *, grouped: float) -> str:
    yuan, rest = divmod(fen, 100)
    text = f"{yuan:,}" if random.random() < grouped else str(yuan)
    if not rest:
        return text
    decimals = f"{rest:02d}"
    return f"{text}.{decimals[:1] if decimals[1] == '0' else decimals}"


def wait_zh(random: Random, days: int) -> str:
    """How long someone has waited who was wronged ``days`` ago."""
    return random.choice(next(forms for until, forms in _WAITS_ZH if days <= until))


def hour_zh(random: Random) -> str:
    return random.choice(_HOURS_ZH)


def times_zh(random: Random) -> str:
    return random.choice(_TIMES_ZH)


def times_en(random: Random) -> str:
    return random.choice(_TIMES)
