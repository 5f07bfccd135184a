"""The file of templates: the shipped one is complete, a wrong one is told with its place."""

import re
from datetime import date
from pathlib import Path

import pytest

from graph.domain.answers import AnswerFacts, AnswerTerms, ProcedureFacts
from graph.domain.desk import Proposal
from graph.domain.enums import AnswerElement, Language, OutcomeKind, RemedyKind
from graph.domain.money import Money
from graph.domain.vocabulary import Label, Vocabulary
from graph.errors import ConfigurationError
from ingest.drafting import load_templates
from ingest.drafting.edits import edited_share
from ingest.drafting.variables import VARIABLES

VOCABULARY = Vocabulary()
OWN = "".join(
    "[[sentence]]\n"
    f'name = "{element.lower().replace("_", "-")}"\nelement = "{element}"\n'
    'source = "bank.wording"\n'
    f'zh = "{element}。"\nen = "{element}."\n'
    for element in ("FOUND", "DECIDED", "REVIEW", "BY_WHEN")
)
FACTS = AnswerFacts(
    reference="R-1",
    received=date(2026, 3, 2),
    today=date(2026, 3, 14),
    type="FEE_DISPUTE",
    product=Label("年费", "Annual fee"),
    proposal=Proposal(OutcomeKind.UPHELD, RemedyKind.MONETARY, Money(118_050, "CNY")),
    procedure=ProcedureFacts("FEE", Label("收费争议", "Fee dispute")),
    terms=AnswerTerms(),
)


def test_the_most_special_sentence_is_taken() -> None:
    draft = load_templates(None, VOCABULARY).draft(FACTS, Language.ZH)
    assert draft.template == "FEE_DISPUTE.UPHELD.ZH"
    assert "我行将向您退还1,180.50元。" in draft.text
    assert "签约记录" in draft.text
    assert [each.element for each in draft.sentences][-1] is AnswerElement.CLOSING


def test_a_sentence_without_its_fact_is_not_said() -> None:
    templates = load_templates(None, VOCABULARY)
    assert "95" not in templates.draft(FACTS, Language.ZH).text
    said = AnswerTerms(telephone="95500", payment_days=5, working=True, bank="Bank of Examples")
    with_terms = AnswerFacts(
        reference="R-1", received=FACTS.received, today=FACTS.today, proposal=FACTS.proposal,
        terms=said, type="OTHER",
    )  # fmt: skip
    text = templates.draft(with_terms, Language.EN).text
    assert "by calling 95500" in text
    assert "within 5 working days" in text
    assert text.endswith("Bank of Examples")


def test_what_a_fact_says_is_never_read_as_a_template() -> None:
    hostile = Label("{{ 7 * 7 }}", "{{ case.__class__ }}")
    facts = AnswerFacts(
        reference="R-1", received=FACTS.received, today=FACTS.today, proposal=FACTS.proposal,
        terms=FACTS.terms, product=hostile,
    )  # fmt: skip
    assert "{{ 7 * 7 }}" in load_templates(None, VOCABULARY).draft(facts, Language.ZH).text


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ('"FOUND。"', '"{{ case.recieved }}"', r"sentence\.0\.zh: there is no variable case.rec"),
        ('"FOUND。"', '"{{ case }}"', r"sentence\.0\.zh: case: name a variable"),
        ('"FOUND。"', '"{{ case.__class__ }}"', r"sentence\.0\.zh: there is no variable"),
        ('"FOUND。"', '"{% if %}"', r"sentence\.0\.zh: is no template"),
        ('"bank.wording"', '"bank.words"', r"sentence\.0\.source: there is no variable bank.words"),
        ('name = "found"', 'name = "found"\ntypes = ["FEES"]', r"types: FEES is no type"),
        ('name = "found"', 'name = "found"\ntypes = ["FRAUD"]', r"no sentence for FOUND of a case"),
        ('element = "FOUND"', 'element = "FUND"', r"sentence\.0\.element"),
        ('[[sentence]]', '[[sentense]]', "sentence"),
    ],
)  # fmt: skip
def test_a_wrong_file_is_told_with_its_place(tmp_path: Path, old: str, new: str, told: str) -> None:
    path = tmp_path / "own.toml"
    path.write_text("version = 1\n" + OWN.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(ConfigurationError, match=told) as error:
        load_templates(path, VOCABULARY)
    assert "own.toml" in error.value.message


def test_a_banks_own_file_replaces_the_shipped_one(tmp_path: Path) -> None:
    path = tmp_path / "own.toml"
    path.write_text("version = 1\n" + OWN, encoding="utf-8")
    draft = load_templates(path, VOCABULARY).draft(FACTS, Language.EN)
    assert draft.text == "FOUND. DECIDED.\nREVIEW. BY_WHEN."
    assert draft.template == "DEFAULT.UPHELD.EN"


def test_every_variable_is_documented() -> None:
    page = (Path(__file__).parents[3] / "docs" / "answers.md").read_text("utf-8")
    rows = re.findall(r"^\| `([a-z]+\.[a-z_]+)` \|", page, re.MULTILINE)
    assert rows == list(VARIABLES)


def test_how_much_was_edited() -> None:
    assert edited_share("退还您300元。\n谢谢。", "退还您300元。\r\n谢谢。") == 0
    assert edited_share("甲乙丙丁", "戊己庚辛") == 1
    assert 0 < edited_share("退还您300元。", "退还您30元。") < 0.2
