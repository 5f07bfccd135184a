"""The words: every phrase can be spelt out, and no two complaints read the same."""

import statistics
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace
from random import Random

import pytest

from graph.domain.catalogue import CatalogueEntry
from graph.domain.enums import CatalogueKind, Language, OutcomeKind
from graph.domain.vocabulary import RISK_TYPES, TYPES
from ingest.demo import DemoOptions, complaints
from ingest.demo.bank import bank
from ingest.demo.history import history
from ingest.demo.phrases import Phrase, slots_of
from ingest.demo.registers import speeches
from ingest.demo.slots import spoken
from ingest.demo.themes import LANGUAGES, Case, Theme, themes
from ingest.record import IncomingComplaint

PAIRS = [pytest.param(*pair, id=f"{pair[0].name}/{pair[1].name}") for pair in themes().pairs]
OPTIONS = DemoOptions(1500, 11)


@pytest.fixture(scope="module")
def bank_of_1500() -> list[IncomingComplaint]:
    return list(complaints(OPTIONS))


def by_code(kind: CatalogueKind, code: str) -> CatalogueEntry:
    return bank().by_code[kind, code]


@pytest.mark.parametrize(("theme", "case"), PAIRS)
def test_codes_of_a_theme_are_the_banks(theme: Theme, case: Case) -> None:
    assert by_code(CatalogueKind.PRODUCT, theme.product)
    assert by_code(CatalogueKind.ROOT_CAUSE, case.cause).wider
    assert by_code(CatalogueKind.DEPARTMENT, theme.lead)
    assert theme.assisting is None or by_code(CatalogueKind.DEPARTMENT, theme.assisting)
    assert theme.type in TYPES
    assert set(theme.risks) <= set(RISK_TYPES)


@pytest.mark.parametrize(("theme", "case"), PAIRS)
def test_a_case_can_be_told_and_decided_in_both_languages(theme: Theme, case: Case) -> None:
    assert sum(case.outcomes.values()) == pytest.approx(1)
    for language in LANGUAGES:
        for outcome in case.outcomes:
            assert case.decisions[language, outcome]
    assert len(case.parts[Language.ZH, "happened"]) >= 3
    assert len(theme.words(case, Language.ZH, "demand")) >= 4


@pytest.mark.parametrize(("theme", "case"), PAIRS)
def test_the_words_of_an_outcome_agree_about_paying_back(theme: Theme, case: Case) -> None:
    for outcome in case.outcomes:
        told = {
            "refund" in slots_of(phrase)
            for language in LANGUAGES
            for phrase in case.decisions[language, outcome]
        }
        assert told == {outcome in case.refunds}, outcome
        assert told != {True} or theme.amount or theme.amounts
        assert outcome not in case.refunds or outcome in {
            OutcomeKind.UPHELD,
            OutcomeKind.PARTLY_UPHELD,
        }


def phrases_of(theme: Theme, language: Language) -> Iterator[Phrase]:
    for (spoken_in, _), phrases in theme.parts.items():
        if spoken_in is language:
            yield from phrases
    for case in theme.cases:
        for (spoken_in, _), phrases in case.parts.items():
            if spoken_in is language:
                yield from phrases


def test_every_slot_of_every_phrase_is_known() -> None:
    speech = speeches()
    unknown: set[str] = set()
    for filing in history(DemoOptions(3000, 4)):
        language = filing.incident.person.language
        for register in speech[language].registers.values():
            known = set(spoken(Random(1), filing, register))
            common = (phrase for part in speech[language].common.values() for phrase in part)
            own = phrases_of(filing.incident.theme, language)
            for phrase in (*register.open, *register.close, *common, *own):
                unknown |= slots_of(phrase) - known
            break
    assert not unknown


def test_a_matters_own_slots_hide_none_that_all_have() -> None:
    for filing in history(DemoOptions(1500, 4)):
        told = filing.incident
        bare = replace(filing, incident=replace(told, picks={}))
        register = speeches()[told.person.language].registers["plain"]
        assert not set(told.picks) & set(spoken(Random(1), bare, register))


def test_texts_are_distinct(bank_of_1500: list[IncomingComplaint]) -> None:
    texts = {each.narrative for each in bank_of_1500}
    assert len(texts) >= 0.99 * len(bank_of_1500)


def test_texts_have_usual_lengths(bank_of_1500: list[IncomingComplaint]) -> None:
    chinese = [len(n) for each in bank_of_1500 if (n := each.narrative or "") > "\u3000"]
    assert 60 <= statistics.mean(chinese) <= 150
    assert min(chinese) >= 18
    assert max(chinese) <= 360
    assert statistics.quantiles(chinese, n=20)[-1] > 2 * statistics.median(chinese) * 0.8


def test_one_text_in_ten_is_english() -> None:
    filings = history(OPTIONS)
    share = sum(f.incident.person.language is Language.EN for f in filings) / len(filings)
    assert 0.09 <= share <= 0.15


def trigrams(text: str) -> set[str]:
    return {text[n : n + 3] for n in range(len(text) - 2)}


def similarity(texts: list[str]) -> float:
    """Mean Jaccard index of the trigrams of all pairs."""
    sets = [trigrams(text) for text in texts]
    pairs = [(a, b) for n, a in enumerate(sets) for b in sets[:n]]
    return statistics.mean(len(a & b) / len(a | b) for a, b in pairs)


def test_texts_of_a_matter_vary_in_wording_and_are_more_alike_than_others(
    bank_of_1500: list[IncomingComplaint],
) -> None:
    texts = defaultdict(list)
    for filing, complaint in zip(history(OPTIONS), bank_of_1500, strict=True):
        if filing.incident.person.language is Language.ZH:
            texts[filing.incident.theme.name].append(complaint.narrative or "")
    mixed = similarity([own[n] for own in texts.values() for n in range(2)])
    for name, own in texts.items():
        # The few of a group event name the same plan.
        assert mixed * 2 < similarity(own[:40]) < (0.12 if len(own) < 30 else 0.05), name


def test_no_text_shows_the_marks_of_a_phrase(bank_of_1500: list[IncomingComplaint]) -> None:
    for each in bank_of_1500:
        summaries = [decision.summary or "" for decision in each.decisions]
        text = "\n".join([each.narrative or "", each.subject or "", *summaries])
        assert not set("[]{}|") & set(text)
        for slip in ("，，", "。。", "，。", "。，", "客户客户", "的的", "我我"):
            assert slip not in text


def test_personal_data_stands_in_some_texts(bank_of_1500: list[IncomingComplaint]) -> None:
    told = 0
    for each in bank_of_1500:
        if each.customer and each.narrative:
            values = [value for _, value in each.customer.identifiers] + list(each.customer.names)
            told += any(value in each.narrative for value in values)
    assert 0.08 < told / len(bank_of_1500) < 0.35
