"""Drafts of the demo bank's decided cases: every sentence with a source, no figure invented."""

import re
from collections.abc import Sequence
from itertools import islice

import pytest

from graph.domain.answers import NEEDED, AnswerDraft, AnswerFacts
from graph.domain.enums import Language
from ingest.drafting.validator import problems_of
from tools.answer_sheet import PAGE, drafted, sheet

COUNT = 1_000
_NUMBER = re.compile(r"\d[\d,]*(?:\.\d+)?")


@pytest.fixture(scope="module")
def drafts() -> Sequence[tuple[AnswerFacts, AnswerDraft]]:
    return list(islice(drafted(seed=7), COUNT))


def test_every_sentence_has_a_source_and_every_needed_element_is_there(
    drafts: Sequence[tuple[AnswerFacts, AnswerDraft]],
) -> None:
    assert len(drafts) == COUNT
    for _, draft in drafts:
        assert all(each.sources for each in draft.sentences)
        assert set(NEEDED) <= {each.element for each in draft.sentences}


def test_no_figure_is_invented(drafts: Sequence[tuple[AnswerFacts, AnswerDraft]]) -> None:
    """By the validator, and by every number of the text, which it does not read."""
    for facts, draft in drafts:
        assert problems_of(draft.text, facts) == (), draft.text
        plain = draft.text.replace(facts.reference, "")
        named = {each.replace(",", "") for each in _NUMBER.findall(plain)}
        assert named <= _numbers(facts), draft.text


def test_both_languages_and_many_templates_are_drafted(
    drafts: Sequence[tuple[AnswerFacts, AnswerDraft]],
) -> None:
    assert {draft.language for _, draft in drafts} == set(Language)
    assert len({draft.template for _, draft in drafts}) >= 30


def test_the_sheet_is_as_the_command_makes_it() -> None:
    assert PAGE.read_text("utf-8") == sheet()


def _numbers(facts: AnswerFacts) -> set[str]:
    """The numbers of a case's facts, as they may be written."""
    amounts = [each for each in (facts.amount, facts.proposal.compensation) if each is not None]
    days = [day for day in (facts.received, facts.occurred) if day is not None]
    return {
        *(f"{each.value:.2f}" for each in amounts),
        *(f"{each.value:.0f}" for each in amounts if each.minor % 100 == 0),
        *(str(part) for day in days for part in (day.year, day.month, day.day)),
        *(str(each) for each in (facts.terms.review_days, facts.terms.request_days)),
        *_NUMBER.findall(facts.terms.telephone or ""),
        *(_NUMBER.findall(facts.product.zh + facts.product.en) if facts.product else ()),
    }
