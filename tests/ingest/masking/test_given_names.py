"""Names and identifiers of the record go wherever they stand in its texts."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.masking import Masker, MaskKind

MASKER = Masker()


@pytest.mark.parametrize(
    "cell",
    [
        "Talia Argondezzi (tma20)",
        "Argondezzi, Talia [4711]",
        "talia.argondezzi@bank.example Talia Argondezzi",
        "Talia Argondezzi <talia@bank.example>",
        "+55 41 8517-2872 - Talia Argondezzi",
        "Talia Argondezzi / 0412 345 678",
        "tma20 Talia Argondezzi",
        "Talia Argondezzi;tma20",
    ],
)
def test_a_name_with_something_beside_it_is_the_name(cell: str) -> None:
    for text in ("made by Talia Argondezzi today", "Argondezzi called", "TALIA ARGONDEZZI"):
        assert "rgond" not in MASKER.mask(text, names=[cell]).text.lower()


@pytest.mark.parametrize("cell", ["Store 5", "客户12", "Customer 4711", "Line A12", "UU0081426"])
def test_a_word_and_a_short_number_are_no_name(cell: str) -> None:
    text = "The Store on Line nine was closed for a Customer. 客户来电"
    assert MASKER.mask(text, names=[cell]).text == text


@pytest.mark.parametrize(
    ("text", "names", "masked"),
    [
        ("王伟与王 伟，王　伟", ["王伟"], "[姓名]与[姓名]，[姓名]"),
        ("高峰期高峰来过", ["高峰"], "[姓名]期[姓名]来过"),
        ("I, JOHN SMITH, and john smith", ["John Smith"], "I, [name], and [name]"),
        ("Smith wrote; John called", ["Smith, John"], "[name] wrote; [name] called"),
        ("a smith made it", ["John Smith"], "a smith made it"),
        ("Bill paid the bill for Grant", ["Bill Grant"], "Bill paid the bill for Grant"),
        ("Bill Grant paid", ["Bill Grant"], "[name] paid"),
        ("“UU0081426”您好", ["UU0081426"], "“[姓名]”您好"),
        ("UU00814260 您好", ["UU0081426"], "UU00814260 您好"),
        ("客户说无", ["无", "客户", "匿名", "XXXX", "***", "", " "], "客户说无"),
        ("Ｊｏｈｎ来了", ["John"], "[姓名]来了"),
    ],
)
def test_names_of_the_record(text: str, names: list[str], masked: str) -> None:
    assert MASKER.mask(text, names=names).text == masked


@pytest.mark.parametrize(
    "text",
    ["ABC-12345", "abc12345", "ABC 12345", "ＡＢＣ－１２３４５", "订单号ABC12345", "ABC.123 45"],
)
def test_identifiers_of_the_record_even_after_words_for_orders(text: str) -> None:
    assert "345" not in MASKER.mask(f"我的{text}，", secrets=["ABC-12345"]).text


def test_an_identifier_is_not_found_inside_a_longer_number() -> None:
    text = "订单号1234567，流水号991234567"
    assert MASKER.mask(text, secrets=["12345"]).text == text


def test_too_short_identifiers_are_left_alone() -> None:
    assert MASKER.mask("等了30天", secrets=["30"]).text == "等了30天"


def test_a_known_card_keeps_its_kind() -> None:
    number = "6222021234567890128"
    assert MASKER.mask(f"卡{number}", secrets=[number]).counts == {MaskKind.BANK_CARD: 1}


@given(st.text(min_size=2, max_size=12), st.text(max_size=40), st.text(max_size=40))
def test_any_name_can_be_given(name: str, before: str, after: str) -> None:
    masked = MASKER.mask(before + name + after, names=[name], secrets=[name])
    assert MASKER.mask(masked.text, names=[name], secrets=[name]).text == masked.text


@pytest.mark.parametrize(
    "cell", ["陈伟(cw12)", "陈伟 13800138000", "13800138000 陈伟", "陈伟13800138000"]
)
def test_a_chinese_name_with_something_beside_it(cell: str) -> None:
    assert MASKER.mask("下午陈伟来电投诉", names=[cell]).text == "下午[姓名]来电投诉"
