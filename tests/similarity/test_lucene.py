"""Clauses: safe for any text, bounded, and the most telling terms first to stay."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from similarity.lucene import MOST_TERMS, clause
from similarity.terms import TermWeights, search_terms

NO_SAMPLE = TermWeights()
#: ``field:term``: of what has a meaning for Lucene, only escaped or as one star at an end.
ALTERNATIVE = re.compile(r"(?:narrative|subject):\*?(?:\w|[^\x00-\x7f]|\\[\W_])+\*?", re.UNICODE)


@given(st.text(max_size=200))
def test_any_text_becomes_a_plain_list_of_alternatives(text: str) -> None:
    made = clause(text, NO_SAMPLE)
    if made is None:
        assert search_terms(text) == []
        return
    made.encode("utf-8")
    for alternative in made.split(" OR "):
        assert ALTERNATIVE.fullmatch(alternative), alternative


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("手续费", "narrative:手续 OR subject:手续 OR narrative:续费 OR subject:续费"),
        ('fee) AND (OR "x', "narrative:fee OR subject:fee OR narrative:x OR subject:x"),
        (
            "a:b foo_bar",
            r"narrative:a\:b OR subject:a\:b OR narrative:foo\_bar OR subject:foo\_bar",
        ),
        ("费", "narrative:费* OR subject:费* OR narrative:*费 OR subject:*费"),
    ],
)
def test_clauses(text: str, expected: str) -> None:
    assert clause(text, NO_SAMPLE) == expected


@pytest.mark.parametrize(
    "text", ["", " \n", "!?（）：*", "\x00", "😡", "\ud800", "the and of", "[手机号]", "XXXX XX/XX"]
)
def test_a_text_without_terms_has_no_clause(text: str) -> None:
    assert clause(text, NO_SAMPLE) is None


def test_stop_words_are_searched_when_there_is_nothing_else() -> None:
    assert clause("我们", NO_SAMPLE) == "narrative:我们 OR subject:我们"


def test_single_characters_are_found_in_pairs_only_when_few_words_are_sought() -> None:
    short = clause("手续费 高", NO_SAMPLE)
    assert short is not None
    assert "narrative:高* OR subject:高* OR narrative:*高 OR subject:*高" in short
    long = clause("手续费收得太多了我要退还 2021年3月", NO_SAMPLE)
    assert long is not None
    assert "narrative:年 OR" in long
    assert "*" not in long


def test_of_a_long_text_the_most_telling_terms_stay() -> None:
    common = [f"common{n}" for n in range(400)]
    weights = TermWeights(1000, dict.fromkeys(common, 150))
    made = clause(" ".join([*common, "rare", "twice", "common399"]), weights)
    assert made is not None
    alternatives = made.split(" OR ")
    assert len(alternatives) == 2 * MOST_TERMS
    assert alternatives[:4] == [
        "narrative:rare",
        "subject:rare",
        "narrative:twice",
        "subject:twice",
    ]
    assert alternatives[4] == "narrative:common399"
    assert alternatives[6] == "narrative:common0"


def test_a_longest_text_stays_within_one_query() -> None:
    text = "".join(chr(0x4E00 + n % 20_000) for n in range(100_000))
    made = clause(text, NO_SAMPLE)
    assert made is not None
    assert len(made.split(" OR ")) == 2 * MOST_TERMS


@given(
    st.lists(st.sampled_from(["费用", "分期", "fee", "card", "3", "的"]), max_size=12),
    st.integers(1, 5),
)
def test_no_more_terms_than_allowed(parts: list[str], most: int) -> None:
    made = clause(" ".join(parts), NO_SAMPLE, most)
    terms = {alternative.partition(":")[2].strip("*") for alternative in (made or "").split(" OR ")}
    assert len(terms) <= most
