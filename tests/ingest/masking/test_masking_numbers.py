"""Numbers are found however they are written and wherever they stand."""

import random
import re

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from stdnum import luhn

from benchmarks.seeded import numbers, people
from ingest.masking import Masker
from ingest.masking.bank_cards import is_issued
from ingest.masking.resident_id import is_long, is_short, lengthen

MASKER = Masker()
SEEDS = st.integers(0, 2**32)
BEFORE = st.sampled_from(
    (
        *(
            "",
            "我的",
            "电话",
            "：",
            "(",
            "（",
            "【",
            "“",
            "1、",
            "2.",
            "tel",
            "\n",
            "\t",
            "#",
            "😀",
            "，",
        ),
        *(
            "余额不足",
            "100元，",
            "2024-03-15 ",
            "3.65% ",
            "张三/",
            "my ",
            "XXXX ",
            "\u200b",
            "\u3000",
        ),
        *("订单我不要了，", "编号错了，", "没有合同。", "第一次", "*", "，2024年3月，"),
    )
)
AFTER = st.sampled_from(
    (
        *(
            "",
            "是我的",
            "，",
            "。",
            ")",
            "】",
            "\n",
            "元旦前",
            "万一",
            "年后",
            "号",
            "/张三",
            "😀",
            "...",
            "?",
        ),
        *(" 100元", "，100元", " exp 12/26", "的", "；订单号123", "a", "\u200b", "第二次"),
    )
)
WRITERS = {
    "id": lambda rng: numbers.write_id(rng, numbers.resident_id(rng)),
    "mobile": lambda rng: numbers.write_mobile(rng, numbers.mobile(rng)),
    "card": lambda rng: numbers.write_card(rng, numbers.card(rng)),
    "e-mail": people.email,
}


@pytest.mark.parametrize("kind", WRITERS)
@given(seed=SEEDS, before=BEFORE, after=AFTER)
def test_whatever_stands_beside_it(kind: str, seed: int, before: str, after: str) -> None:
    written = WRITERS[kind](random.Random(seed))
    # A letter or a digit directly at an address belongs to it.
    assume(not (kind == "e-mail" and (before + " ")[-2:-1].isascii() and before[-1:].isalnum()))
    masked = MASKER.mask(before + written + after).text
    assert written not in masked
    assert not re.search(r"\d{7}", re.sub(r"\D", "", masked.replace(before, "").replace(after, "")))


@pytest.mark.parametrize("kind", ["id", "mobile", "card"])
@given(seed=SEEDS, gap=st.sampled_from((" ", "、", "/", "和", "，", "\n", " / ", "；", "或")))
def test_two_beside_each_other(kind: str, seed: int, gap: str) -> None:
    rng = random.Random(seed)
    first, second = WRITERS[kind](rng), WRITERS[kind](rng)
    masked = MASKER.mask(f"{first}{gap}{second}").text
    assert first not in masked
    assert second not in masked


@given(SEEDS)
def test_groups_of_any_size_make_one_identity_number(seed: int) -> None:
    rng = random.Random(seed)
    number = numbers.resident_id(rng)
    cuts = sorted(rng.sample(range(1, 18), rng.randint(0, 5)))
    parts = [number[a:b] for a, b in zip([0, *cuts], [*cuts, 18], strict=True)]
    assert MASKER.mask(rng.choice((" ", "-", ".")).join(parts)).text == "[身份证号]"


@given(
    st.sampled_from(
        ("订单号", "合同编号：", "流水号", "保单号 ", "order no. ", "ref: ", "invoice # ")
    ),
    SEEDS,
)
def test_a_number_of_an_order_stays_though_it_passes_luhn(word: str, seed: int) -> None:
    number = numbers.card(random.Random(seed))
    assert luhn.is_valid(number)
    assert MASKER.mask(f"{word}{number}").text == f"{word}{number}"


@given(st.from_regex(r"[1-9][0-9]{12,18}", fullmatch=True))
def test_a_number_without_words_is_a_card_only_by_luhn_and_issuer(number: str) -> None:
    masked = MASKER.mask(f"数字{number}完").text
    # Of 15 and 18 digits it may be a resident ID, after 86 a telephone with its country.
    if not is_issued(number) and len(number) not in {15, 18} and not number.startswith("86"):
        assert number in masked
    if is_issued(number):
        assert number not in masked


@given(
    st.integers(10**9, 10**13), st.sampled_from(("元", "万元", ".00元", "美元", " dollars", "积分"))
)
def test_amounts_of_many_digits_stay(amount: int, unit: str) -> None:
    assert MASKER.mask(f"转账{amount}{unit}").text == f"转账{amount}{unit}"


@given(SEEDS)
def test_short_and_long_identity_numbers_of_a_person_agree(seed: int) -> None:
    rng = random.Random(seed)
    short = numbers.short_id(rng)
    assert is_short(short)
    assert is_long(lengthen(short))
    assert lengthen(short)[6:8] == "19"


@given(SEEDS, st.integers(0, 16), st.integers(1, 9))
def test_the_check_digit_notices_one_wrong_digit(seed: int, place: int, by: int) -> None:
    number = numbers.resident_id(random.Random(seed))
    wrong = str((int(number[place]) + by) % 10)
    assert not is_long(number[:place] + wrong + number[place + 1 :])
