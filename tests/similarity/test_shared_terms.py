"""Shared words: what a reader sees, and how much of the query they are."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from similarity.shared_terms import shared_terms
from similarity.stopwords import STOP_WORDS
from similarity.terms import TermWeights, words

NO_SAMPLE = TermWeights()
TEXTS = st.text(alphabet="我们 手续费分期提前还款late fee,。的", max_size=40)

INSTALMENT = "您好，我办理了信用卡分期付款，提前还款时被收取违约金，手续费也没有退。"
ALIKE = "客户反映：信用卡账单分期后想提前还款，银行要收违约金，认为手续费应当退还。"
OTHER = "柜台工作人员态度恶劣，排队两个小时。"


def test_chinese_complaints_share_readable_phrases() -> None:
    terms, lexical = shared_terms(INSTALMENT, ALIKE, NO_SAMPLE)
    assert {"提前还款", "违约金", "手续费", "信用卡"} == set(terms)
    assert lexical is not None
    assert 0.4 < lexical < 1.0


def test_english_complaints_share_readable_phrases() -> None:
    terms, lexical = shared_terms(
        "I was charged a late fee on my credit card although autopay was on.",
        "They took a Late Fee for the credit card; AutoPay failed.",
        NO_SAMPLE,
    )
    assert set(terms) == {"late fee", "credit card", "autopay"}
    assert lexical is not None
    assert lexical > 0.7


def test_what_shares_nothing() -> None:
    assert shared_terms(INSTALMENT, OTHER, NO_SAMPLE) == ((), 0.0)
    assert shared_terms(INSTALMENT, "", NO_SAMPLE) == ((), 0.0)


def test_the_more_telling_come_first() -> None:
    weights = TermWeights(
        1000, {"手续费": 150, "信用卡": 120, "违约金": 3, "提前": 20, "还款": 100}
    )
    terms, _ = shared_terms("信用卡，手续费，违约金", "违约金。信用卡。手续费", weights)
    assert terms == ("违约金", "信用卡", "手续费")


def test_words_that_all_complaints_have_do_not_count() -> None:
    weights = TermWeights(1000, {"信用卡": 500, "年费": 5})
    assert shared_terms("信用卡，年费", "信用卡", weights) == ((), 0.0)
    assert shared_terms("信用卡，年费", "年费", weights) == (("年费",), 1.0)
    assert shared_terms("信用卡", "信用卡", weights) == (("信用卡",), 1.0)


def test_the_formula() -> None:
    weights = TermWeights(1000, {"手续费": 100, "违约金": 5, "逾期": 20})
    _, lexical = shared_terms("手续费，违约金，逾期", "违约金", weights)
    worth = [weights.weight(t) for t in ("手续费", "违约金", "逾期")]
    assert lexical == pytest.approx(worth[1] / sum(worth))


def test_no_term_is_a_part_of_another() -> None:
    terms, _ = shared_terms("分期。分期手续费。", "分期手续费，分期", NO_SAMPLE)
    assert terms == ("分期手续费",)


def test_not_more_than_asked_for() -> None:
    text = "。".join(["违约金", "年费", "逾期", "催收", "利息"])
    terms, lexical = shared_terms(text, text, NO_SAMPLE, most=2)
    assert len(terms) == 2
    assert lexical == 1.0


@pytest.mark.parametrize(
    ("query", "other", "expected"),
    [
        ("费", "收取年费。", (("费",), 1.0)),
        ("95588", "打 95588 没人接", (("95588",), 1.0)),
        ("我们", "我们排队", ((), 1.0)),
        ("费 卡", "年费", (("费",), 0.5)),
        ("！？", "年费", ((), None)),
        ("[手机号]", "[手机号]", ((), None)),
    ],
)
def test_a_query_without_words(
    query: str, other: str, expected: tuple[tuple[str, ...], float | None]
) -> None:
    assert shared_terms(query, other, NO_SAMPLE) == expected


@given(TEXTS, TEXTS)
def test_what_is_shown_is_in_both(query: str, other: str) -> None:
    terms, lexical = shared_terms(query, other, NO_SAMPLE)
    assert lexical is None or 0.0 <= lexical <= 1.0
    for term in terms:
        assert term not in STOP_WORDS
        for text in (query, other):
            assert "".join(term.split()) in "".join(text.lower().split())
    assert not any(a != b and a in b.split() for a in terms for b in terms)


@given(TEXTS)
def test_a_text_shares_all_with_itself(text: str) -> None:
    terms, lexical = shared_terms(text, text, NO_SAMPLE)
    assert lexical in (None, 1.0)
    assert bool(terms) >= bool(words(text))


@given(TEXTS, TEXTS, TEXTS)
def test_a_longer_text_never_has_less(query: str, other: str, more: str) -> None:
    _, few = shared_terms(query, other, NO_SAMPLE)
    _, many = shared_terms(query, f"{other}。\n{more}", NO_SAMPLE)
    assert (few is None) == (many is None)
    assert few is None or many is None or few <= many
