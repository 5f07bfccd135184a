"""The terms are those of Lucene 10's CJKAnalyzer; the examples were read from it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from similarity.analyzer import LONGEST_WORD, UNINDEXED, index_terms, is_single

#: Scripts, joiners and signs among which the rules of word boundaries differ.
MIXED = st.text(
    alphabet="aB1２ａ,.，:：'’_-·;；费用手续カナｶﾞﾞーひらがな한국어\u200d\u0301\ufe0f İΣé①㎡½\u200b"
    'ไทย|(){}[]*?~^"\\/&+!'
    "\x00\n😡👨\U00020000",
    max_size=30,
)


@pytest.mark.parametrize(
    ("text", "terms"),
    [
        ("手续费", ["手续", "续费"]),
        ("退 手X费", ["退", "手", "x", "费"]),
        ("Wi-Fi foo_bar a:b don't", ["wi", "fi", "foo_bar", "a:b", "don't"]),
        ("１２３ 1,234.56元 A1b2", ["123", "1,234.56", "元", "a1b2"]),
        ("2021年3月5日", ["2021", "年", "3", "月", "5", "日"]),
        (
            "한국어 カタカナ ｶﾞ ひらがな",
            ["한국", "국어", "カタ", "タカ", "カナ", "ガ", "ひら", "らが", "がな"],
        ),
        ("http://a.com İΣ", ["http", "a.com", "iσ"]),
        ("①㎡ ½ 😡😡 ！？", []),
        ("คืนเงิน", ["คืนเงิน"]),
        ("The fee and THE card", ["fee", "card"]),
        ("", []),
    ],
)
def test_terms_are_those_of_the_index(text: str, terms: list[str]) -> None:
    assert index_terms(text) == terms


@given(MIXED)
def test_a_term_alone_is_analysed_to_itself(text: str) -> None:
    """Lucene analyses each term of a query once more; then it must still be the index's."""
    for term in index_terms(text):
        assert index_terms(term) == [term]


@given(st.text(alphabet="aZ9_.:,'费用，。：！？ \n-", max_size=40))
def test_common_texts_are_read_by_the_same_rules_as_all_others(text: str) -> None:
    """A heart at the end makes a text uncommon and adds no term."""
    assert index_terms(text) == index_terms(f"{text} ♥")


@given(st.text(max_size=60))
def test_any_text_gives_terms_that_a_driver_can_send(text: str) -> None:
    for term in index_terms(text):
        term.encode("utf-8")
        assert term
        assert term not in UNINDEXED


def test_a_very_long_text_is_no_danger() -> None:
    assert index_terms("a" * 100_000) == []
    assert len(index_terms("费" * 100_000)) == 99_999
    assert index_terms("b" * LONGEST_WORD) == ["b" * LONGEST_WORD]


@pytest.mark.parametrize(
    ("term", "single"), [("费", True), ("가", True), ("カ", True), ("手续", False), ("a", False)]
)
def test_only_a_character_kept_in_pairs_is_single(term: str, single: bool) -> None:
    assert is_single(term) is single
