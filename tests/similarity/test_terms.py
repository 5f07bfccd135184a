"""Terms and words of Chinese and English complaints, and how telling they are."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graph.domain.enums import Language
from graph.domain.placeholders import MaskKind, placeholder
from similarity.terms import COMMON_SHARE, TermWeights, phrases, search_terms, words

SAMPLE = [
    *(f"信用卡第{n}期账单的手续费不对 my credit card bill {n}" for n in range(60)),
    *("提前还款被收了违约金 an early repayment charge" for _ in range(10)),
    *(f"理财产品亏损 fund loss {n}" for n in range(30)),
]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("我办理了信用卡分期付款，手续费太高", ["办理", "信用卡", "分期付款", "手续费", "太高"]),
        (
            "I was charged a late fee on my credit-card’s bill",
            ["charged", "late", "fee", "credit", "card", "bill"],
        ),
        ("２０２１年 5G Café 35.00 x", ["5g", "café"]),
        ("您好，请问投诉怎么处理？谢谢", []),
        ("", []),
    ],
)
def test_words_are_readable_and_tell_something(text: str, expected: list[str]) -> None:
    assert words(text) == expected


def test_runs_end_at_punctuation_and_at_words_left_out() -> None:
    assert phrases("提前还款，违约金。late fee, charged the bank") == (
        ("提前", "还款"),
        ("违约金",),
        ("late", "fee"),
        ("charged",),
    )


@pytest.mark.parametrize("language", list(Language))
@pytest.mark.parametrize("kind", list(MaskKind))
def test_placeholders_never_count(kind: MaskKind, language: Language) -> None:
    text = f"手续费{placeholder(kind, language)}late fee"
    assert search_terms(text) == ["手续", "续费", "late", "fee"]
    assert words(text) == ["手续费", "late", "fee"]


@pytest.mark.parametrize("masked", ["XXXX", "XX/XX/2019", "XXXX-XXXX", "xx", "**", "XX/XX/XXXX"])
def test_what_a_publisher_crossed_out_never_counts(masked: str) -> None:
    assert words(f"fee {masked} card") == ["fee", "card"]
    assert not [t for t in search_terms(f"fee {masked}费用") if "x" in t]


def test_what_was_masked_separates_words() -> None:
    assert phrases("late XXXX fee, card[姓名]bill") == (("late",), ("fee",), ("card",), ("bill",))


def test_square_brackets_of_people_count() -> None:
    assert words("[信用卡]") == ["信用卡"]


@given(st.text(max_size=80))
def test_any_text_has_words(text: str) -> None:
    assert all(word and word == word.lower() for word in words(text))


def test_what_many_complaints_say_weighs_nothing() -> None:
    weights = TermWeights.from_texts(SAMPLE)
    assert weights.texts == len(SAMPLE)
    for common in ("信用卡", "信用", "credit", "fund"):
        assert weights.frequencies[common] > COMMON_SHARE * len(SAMPLE)
        assert weights.weight(common) == 0.0
    for telling in ("提前", "违约金", "repayment"):
        assert 0.0 < weights.weight(telling) < 1.0
    assert weights.weight("从未见过") == 1.0


def test_rarer_is_more_telling() -> None:
    weights = TermWeights(1000, {"a1": 1, "b2": 10, "c3": 100, "d4": 200, "e5": 201})
    assert [weights.weight(t) for t in ("a1", "b2", "c3", "d4")] == sorted(
        (weights.weight(t) for t in ("a1", "b2", "c3", "d4")), reverse=True
    )
    assert weights.weight("d4") > 0.0
    assert weights.weight("e5") == 0.0


def test_without_a_sample_only_stop_words_weigh_nothing() -> None:
    weights = TermWeights.from_texts([])
    assert weights.weight("手续费") == weights.weight("信用卡") == weights.weight("fee") == 1.0
    assert weights.weight("我们") == weights.weight("the") == 0.0


def test_a_small_sample_calls_nothing_common() -> None:
    weights = TermWeights.from_texts(["手续费"] * 3 + ["年费"])
    assert weights.weight("手续费") > 0.0


@given(st.lists(st.text(alphabet="费用手续ab ", max_size=12), max_size=8), st.randoms())
def test_weights_lie_in_range_and_ignore_the_order(texts: list[str], random: object) -> None:
    weights = TermWeights.from_texts(texts)
    assert weights == TermWeights.from_texts(reversed(texts))
    assert all(0.0 <= weights.weight(term) <= 1.0 for term in weights.frequencies)


_USUAL = "投诉信用卡年费abcXYZ019 \n\t-'_.,，。；：！？（）《》“”‘’…—、【】％＋＝＃@/"
_WIDE = "ＡＢｃ１２３＇－　ﾃ①㈱﹣豈"


@given(st.text(alphabet=_USUAL, max_size=60), st.text(alphabet=_USUAL + _WIDE, max_size=40))
def test_wide_characters_make_the_words_that_plain_ones_make(usual: str, any_text: str) -> None:
    for text in (usual, any_text):
        assert words(text) == words(unicodedata.normalize("NFKC", text))
