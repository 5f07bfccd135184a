"""The language of phrases, and its mistakes."""

import re

import pytest

from benchmarks.text_rules import read as corpus
from graph.domain.rules import ThreatRule
from ingest.escalation.rulebook import default_rules
from ingest.textrules.lists import lists
from ingest.textrules.matcher import PhraseMatcher
from ingest.textrules.phrases import PhraseError, PhraseIndex, pattern_of
from ingest.textrules.reading import read
from tests.ingest.masking.test_bounded_patterns import longest_repeat
from tests.ingest.textrules.test_rule_corpus import CORPUS


def matches(phrase: str, text: str) -> list[str]:
    found = re.finditer(pattern_of([read(phrase)], lists()), read(text))
    return [match[0] for match in found]


@pytest.mark.parametrize(
    ("phrase", "text", "expected"),
    [
        ("打(官司|仗)", "我要打官司", ["打官司"]),
        ("(律师|法务)函", "收到律師函", ["律师函"]),
        ("找...媒体", "我去找几家本地的媒体", ["找几家本地的媒体"]),
        ("找...媒体", "我去找人，媒体没来", []),
        ("12345", "卡号62281234567", []),
        ("12345", "我打了１２３４５投诉", ["12345"]),
        ("sue", "I will SUE; a suede bag", ["sue"]),
        ("fraud*", "fraud, fraudulent, defraud", ["fraud", "fraudulent"]),
        ("take ... to court", "take the whole bank to court", ["take the whole bank to court"]),
        ("take ... to court", "take it. I go to court", []),
        ("see you in court", "See you  in court", ["see you  in court"]),
        ("don't", "I don’t", ["don’t"]),
        ("(me |)twice", "charged twice; charged me twice", ["twice", "me twice"]),
        ("等(#|几)天", "等15天", ["等15天"]),
        ("f\\*\\*\\*", "F*** you", ["f***"]),
        ("向<regulator>", "向国家金融监督管理总局", ["向国家金融监督管理总局"]),
    ],
)  # fmt: skip
def test_what_a_phrase_matches(phrase: str, text: str, expected: list[str]) -> None:
    assert matches(phrase, text) == expected


@pytest.mark.parametrize(
    ("phrase", "message"),
    [
        ("(起诉", "a parenthesis is left open"),
        ("起诉)(", "a parenthesis is left open"),
        ("<nobody>起诉", "there is no list 'nobody'"),
        ("sue?", "means nothing"),
        ("[0-9]", "means nothing"),
        ("su(e|ing) me", "tears a word"),
        ("(sue)s", "tears a word"),
    ],
)
def test_a_phrase_that_cannot_be_read_is_told(phrase: str, message: str) -> None:
    with pytest.raises(PhraseError, match=message):
        PhraseMatcher.build([phrase])


@pytest.mark.parametrize(
    ("phrase", "text"),
    [
        ("(me |)twice", "charged twice; charged me twice"),
        ("(找|联系)...媒体", "我去联系媒体"),
        ("#天", "等15天"),
        ("<regulator>来", "银监来了，cfpb来了"),
        ("'s own", "the bank’s own"),
        ("\\*\\*\\*", "f***"),
        ("...媒体", "我找媒体"),
    ],
)
def test_an_index_by_first_signs_finds_the_same(phrase: str, text: str) -> None:
    phrases = [read(phrase), "sue", "起诉"]
    found = [match[0] for match in re.finditer(pattern_of(phrases, lists()), read(text))]
    index = PhraseIndex.of(phrases, lists())
    assert [match[0] for match in index.matches(read(text))] == found


@pytest.mark.parametrize("code", ["lawsuit", "media", "regulator-threat", "self-harm"])
def test_an_index_finds_in_real_passages_what_one_expression_finds(code: str) -> None:
    rule = default_rules().by_code[code]
    assert isinstance(rule, ThreatRule)
    words = rule.words
    expression = re.compile(f"(?:{'|'.join(words.phrases.patterns)})")
    found = 0
    for sentence in corpus(CORPUS / "sentences.jsonl"):
        text = read(sentence.text)
        hits = [match.span() for match in words.phrases.matches(text)]
        assert hits == [match.span() for match in expression.finditer(text)], text
        found += len(hits)
    assert found > 30


def test_an_index_tries_a_phrase_only_where_it_may_begin() -> None:
    index = PhraseIndex.of(
        ["(找|联系)记者", "sue*", "(a |)lawyer", "#天", "i'm", "<hotline>"], lists()
    )
    assert {"找记", "联系", "sue", "a", "law", "0", "i", "123"} <= index.beginnings.keys()
    assert "" not in index.beginnings


def test_a_rule_file_has_lists_of_its_own() -> None:
    words = PhraseMatcher.build(["找<chief>"], own={"chief": ("行长", "董事长")})
    assert words.find("我要找董事长") is not None
    assert words.find("我要找客服") is None


def test_equal_rules_are_equal() -> None:
    assert PhraseMatcher.build(["起诉", "sue"]) == PhraseMatcher.build(["sue", "起诉"])


def test_every_shipped_list_has_names_and_a_date() -> None:
    known = lists()
    assert {"regulator", "ombudsman", "petition", "hotline"} <= known.keys()
    for name in ("国家金融监督管理总局", "金监局", "银监", "央行", "人民银行"):
        assert name in known["regulator"]
    for name in ("消保委", "fos", "afca"):
        assert name in known["ombudsman"]
    assert {"12378", "12345", "12363"} <= set(known["hotline"])
    assert "cfpb" in known["regulator"]


def test_no_rule_repeats_without_a_bound() -> None:
    """See the same test of masking: time is linear in the length of a text."""
    words = PhraseMatcher.build(["take ... to court", "找...媒体", "(a|b)*", "#"])
    assert all(longest_repeat(re.compile(each)) <= 64 for each in words.phrases.patterns)
