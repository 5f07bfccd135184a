"""Ordinary numbers of complaints: amounts, dates, rates, orders, public telephone numbers."""

import random

from benchmarks.seeded.numbers import card, digits, mobile
from ingest.masking.vocabulary import words

_ORDER_WORDS_ZH = words("order_words_zh", "benchmarks.seeded")
_ORDER_WORDS_EN = words("order_words_en", "benchmarks.seeded")
_HOTLINES = (
    "95588",
    "95533",
    "95566",
    "400-888-8888",
    "4008308003",
    "800-830-8003",
    "12378",
    "12345",
    "110",
)


def zh(rng: random.Random) -> str:
    """One ordinary number with what makes it one."""
    kind = rng.randrange(10)
    if kind <= 1:
        return rng.choice(_ORDER_WORDS_ZH) + rng.choice(("", "：", ":", "为", "是")) + _code(rng)
    if kind <= 3:
        return _amount_zh(rng)
    if kind <= 5:
        return _moment_zh(rng)
    return rng.choice(
        (
            f"年化利率{rng.randint(100, 2400) / 100:.2f}%",
            f"手续费{rng.randint(1, 99) / 10}％",
            f"分{rng.choice((3, 6, 12, 24, 36))}期",
            f"等了{rng.randint(2, 90)}天",
            f"打了{rng.randint(2, 30)}次{rng.choice(_HOTLINES)}",
            f"尾号{rng.randint(0, 9999):04d}",
            f"后四位{rng.randint(0, 9999):04d}",
            f"{rng.randint(1, 9)}号窗口",
            f"{rng.randint(1, 99_999)}积分",
            f"LPR加{rng.randint(5, 95)}个基点",
            f"银保监发〔20{rng.randint(10, 24)}〕{rng.randint(1, 99)}号",
            f"工号{rng.randint(1000, 99999)}",
        )
    )


def en(rng: random.Random) -> str:
    """One ordinary number with what makes it one."""
    kind = rng.randrange(10)
    if kind <= 2:
        return f"{rng.choice(_ORDER_WORDS_EN)}{rng.choice((' ', ': ', ' # '))}{_code(rng)}"
    if kind <= 4:
        return _amount_en(rng)
    return rng.choice(
        (
            f"{rng.randint(1, 12)}/{rng.randint(1, 28)}/20{rng.randint(10, 25)}",
            f"20{rng.randint(10, 25)}-{rng.randint(1, 12):02d}-{rng.randint(1, 28):02d}",
            f"{rng.randint(1, 29)}.{rng.randint(10, 99)}%",
            f"{rng.randint(2, 90)} days",
            "XX/XX/XXXX",
            f"{{${rng.randint(1, 9999)}.00}}",
            "XXXX XXXX XXXX",
            f"15 U.S.C. {rng.randint(1600, 1699)}",
            f"ending in {rng.randint(0, 9999):04d}",
            f"1-800-{rng.randint(200, 999)}-{rng.randint(1000, 9999)}",
            f"{rng.randint(1, 12)}:{rng.randint(10, 59)} pm",
            f"a score of {rng.randint(400, 850)}",
        )
    )


def _code(rng: random.Random) -> str:
    return rng.choice(
        (
            card(rng),  # passes Luhn under an issuer's prefix, and is an order number all the same
            mobile(rng),
            digits(rng, rng.randint(8, 20)),
            f"20{rng.randint(18, 25)}{rng.randint(1, 12):02d}15{digits(rng, 8)}",
            f"HT-20{rng.randint(18, 25)}-{digits(rng, 6)}",
            f"DD{digits(rng, 14)}",
            f"{digits(rng, 4)}-{digits(rng, 4)}-{digits(rng, 4)}",
        )
    )


def _amount_zh(rng: random.Random) -> str:
    amount = rng.randint(1, 99_999)
    return rng.choice(
        (
            f"{amount}元",
            f"{amount}.{rng.randint(0, 99):02d}元",
            f"{amount:,}.{rng.randint(0, 99):02d}元",
            f"人民币{amount}元",
            f"￥{amount}.00",
            f"{rng.randint(1, 500)}万元",
            f"{rng.randint(1, 90)}.{rng.randint(1, 9)}万",
            f"{rng.randint(10**9, 2 * 10**10)}元",
            f"{digits(rng, 10)}.{rng.randint(10, 99)}元",
            f"{rng.randint(10**9, 10**10):,}元",
            f"{rng.randint(10, 900)}美元",
            f"余额{amount}.{rng.randint(0, 99):02d}",
        )
    )


def _amount_en(rng: random.Random) -> str:
    amount = rng.randint(1, 99_999)
    return rng.choice(
        (
            f"${amount:,}.{rng.randint(0, 99):02d}",
            f"${amount}",
            f"{amount} dollars",
            f"USD {digits(rng, 10)}",
            f"${digits(rng, 11)}.00",
            f"{amount:,} yuan",
        )
    )


def _moment_zh(rng: random.Random) -> str:
    year, month, day = rng.randint(2015, 2025), rng.randint(1, 12), rng.randint(1, 28)
    return rng.choice(
        (
            f"{year}年{month}月{day}日",
            f"{year}-{month:02d}-{day:02d}",
            f"{year}/{month}/{day}",
            f"{year}{month:02d}{day:02d}",
            f"{month}月{day}号",
            f"{year}-{month:02d}-{day:02d} {rng.randint(0, 23):02d}:{rng.randint(0, 59):02d}:00",
            f"{year}.{month}.{day}",
            f"{rng.randint(8, 20)}点{rng.randint(10, 59)}分",
            f"交易时间{year}{month:02d}{day:02d}{rng.randint(0, 23):02d}{rng.randint(0, 59):02d}00",
        )
    )
