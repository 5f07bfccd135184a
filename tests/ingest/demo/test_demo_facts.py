"""The planted facts: what the file states, what the banks hold, and who could find it."""

import math
import statistics
from collections import Counter
from collections.abc import Sequence

import pytest

from graph.domain.enums import CatalogueKind, Level
from ingest.demo import DemoOptions, PlantedFact, complaints, planted_facts
from ingest.demo.bank import bank
from ingest.demo.data import toml
from ingest.demo.facts import Fact, FactKind, facts
from ingest.demo.filings import Telling
from ingest.demo.history import history, volumes
from ingest.demo.period import Period
from ingest.demo.report import expected
from ingest.demo.themes import themes
from ingest.record import IncomingComplaint
from tests.ingest.demo.conftest import ANALYSIS_SIZE
from tests.ingest.demo.oracle import ORACLES, Bank, before_and_after, finds_fall, group_events

FACTS = [pytest.param(fact, id=fact.name) for fact in facts()]
BY_NAME = {fact.name: fact for fact in facts()}
RAISED = [p for p in FACTS if p.values[0].kind is FactKind.RAISED_RATE]  # type: ignore[union-attr]
FIXES = [p for p in FACTS if p.values[0].kind is FactKind.REMEDIATION]  # type: ignore[union-attr]


def mean_within(found: Sequence[float], mean: float, deviation: float) -> bool:
    """Whether the mean of counts lies within four standard errors and 6 % of what is expected
    (a tolerance for what the expectation leaves out, such as where repeats fall).
    """
    error = 4 * deviation / math.sqrt(len(found)) + 0.06 * mean
    return abs(statistics.mean(found) - mean) <= error


@pytest.mark.parametrize("size", [1500, 6000])
@pytest.mark.parametrize("fact", FACTS)
def test_the_file_states_the_expected_counts(fact: Fact, size: int) -> None:
    stated = toml("planted")[fact.name]["expected"][str(size)]
    assert stated == pytest.approx(dict(expected(DemoOptions(size), fact)), abs=0.051)


@pytest.mark.parametrize("fact", FACTS)
def test_the_file_states_the_base_rate(fact: Fact) -> None:
    if fact.kind is FactKind.ESCALATION_SURGE:
        first = sum(each.share * each.escalation for each in themes().by_name.values())
        repeated = first + 0.12
        assert fact.base_rate == pytest.approx((first + 0.07 * repeated) / 1.07, rel=0.02)
    elif fact.base_rate:
        assert fact.base_rate == pytest.approx(themes().share(fact.cause or ""), rel=0.02)


@pytest.mark.parametrize("fact", FACTS)
def test_the_codes_of_a_fact_are_the_banks(fact: Fact) -> None:
    assert set(fact.branches) <= set(bank().branches)
    assert set(fact.themes) <= set(themes().by_name)
    products = {themes().by_name[name].product for name in fact.themes}
    assert set(fact.products) == products
    if fact.cause:
        assert (CatalogueKind.ROOT_CAUSE, fact.cause) in bank().by_code
        causes = {c.cause for name in fact.themes for c in themes().by_name[name].cases}
        assert fact.cause in causes


@pytest.mark.parametrize("fact", FACTS)
def test_facts_lie_inside_the_period(fact: Fact) -> None:
    period = Period(DemoOptions().last_day)
    start, end = fact.span(period)
    assert period.first <= start <= end <= period.last


@pytest.mark.parametrize("fact", RAISED)
def test_a_raised_rate_gives_the_counts_expected(fact: Fact, banks: Sequence[Bank]) -> None:
    mean = sum(expected(DemoOptions(ANALYSIS_SIZE), fact).values())
    found = [
        sum(seen.count(fact.span(seen.period), branch, fact.cause) for branch in fact.branches)
        for seen in banks
    ]
    assert mean_within(found, mean, math.sqrt(mean))


@pytest.mark.parametrize("fact", FIXES)
def test_a_remediation_gives_the_counts_expected(fact: Fact, banks: Sequence[Bank]) -> None:
    means = expected(DemoOptions(ANALYSIS_SIZE), fact)
    counts = [before_and_after(fact, seen) for seen in banks]
    for at, name in enumerate(("before", "after")):
        found = [count[at] for count in counts]
        assert mean_within(found, means[name], math.sqrt(means[name])), name


def test_the_repeat_complainer_files_as_often_as_expected(banks: Sequence[Bank]) -> None:
    fact = BY_NAME["repeat-complainer"]
    found = [sum(each.fact == fact.name for each in seen.filings) for seen in banks]
    assert mean_within(found, 1 + fact.effect, math.sqrt(fact.effect))
    for seen in banks:
        own = [each for each in seen.filings if each.fact == fact.name]
        assert len({each.incident.person.mobile for each in own}) == 1
        assert [each.telling for each in own[1:]] == [Telling.REPEAT] * (len(own) - 1)


@pytest.mark.parametrize("size", [1500, 20_000])
def test_a_group_event_shows_each_branch_one_or_two(size: int) -> None:
    fact = BY_NAME["group-event"]
    own = [each for each in history(DemoOptions(size, 2)) if each.fact == fact.name]
    assert len(own) == fact.customers(size)
    assert max(Counter(each.incident.outlet.branch for each in own).values()) <= 2
    assert len({each.incident.person.mobile for each in own}) == len(own)
    assert not any(each.escalated or each.incident.anonymous for each in own)
    assert (own[-1].received - own[0].received).days <= 9


def test_a_group_event_is_about_one_theme_in_many_words() -> None:
    options = DemoOptions(1500, 5)
    (fact,) = (f for f in planted_facts(options) if f.kind is FactKind.GROUP_EVENT)
    labelled = of(options, fact)
    assert {each.level for each in labelled} == {Level.GREEN}
    assert {each.occurred_at for each in labelled} == {labelled[0].occurred_at}
    assert len({each.narrative for each in labelled}) == len(labelled)
    named = sum("安悦稳盈9号" in (each.narrative or "") for each in labelled)
    assert named >= len(labelled) - 1


def test_a_surge_raises_levels_as_expected(banks: Sequence[Bank]) -> None:
    fact = BY_NAME["escalation-surge"]
    means = expected(DemoOptions(ANALYSIS_SIZE), fact)
    found, complaints_there = [], []
    for seen in banks:
        start, end = fact.span(seen.period)
        there = [
            each
            for each in seen.filings
            if each.incident.outlet.branch in fact.branches and start <= each.received.date() <= end
        ]
        complaints_there.append(len(there))
        found.append(sum(each.escalated for each in there))
    mean = means["base"] + means["planted"]
    assert mean_within(complaints_there, means["complaints"], math.sqrt(means["complaints"]))
    assert mean_within(found, mean, math.sqrt(mean))


@pytest.mark.parametrize("fact", FACTS)
def test_an_oracle_finds_each_fact_with_the_power_stated(fact: Fact, banks: Sequence[Bank]) -> None:
    """Neither trivial nor hopeless: 0.90 to 0.99; a dozen banks can only tell roughly."""
    assert 0.9 <= fact.power <= 0.99
    found = sum(ORACLES[fact.name](fact, seen) for seen in banks)
    assert found >= len(banks) - 3


@pytest.mark.parametrize("fact", FACTS)
def test_an_oracle_finds_nothing_where_nothing_was_planted(
    fact: Fact, plain_banks: Sequence[Bank]
) -> None:
    found = sum(ORACLES[fact.name](fact, seen) for seen in plain_banks)
    if fact.verdict == "NO_EVIDENCE":
        assert found >= len(plain_banks) - 3
    else:
        assert found <= 1


def test_a_fix_as_good_as_the_other_would_have_been_seen(banks: Sequence[Bank]) -> None:
    """That a fix did not work is a finding, not a lack of complaints."""
    other, worked = BY_NAME["fix-that-did-not"], BY_NAME["fix-that-worked"]
    counts = expected(DemoOptions(ANALYSIS_SIZE), other)
    assert counts["before"] >= 0.9 * expected(DemoOptions(ANALYSIS_SIZE), worked)["before"]
    assert sum(finds_fall(other, seen) for seen in banks) <= 1


def test_the_base_stream_is_hardly_ever_a_group_event(plain_banks: Sequence[Bank]) -> None:
    """At most one false event a bank-year over all themes, by the defaults of the rule."""
    false = [
        sum(bool(group_events(name, 1e-4, seen)) for name in themes().by_name)
        for seen in plain_banks
    ]
    assert statistics.mean(false) <= 2


def of(options: DemoOptions, fact: PlantedFact) -> list[IncomingComplaint]:
    named = {each.source_id: each for each in complaints(options)}
    return [named[name] for name in fact.complaints]


def test_labels_name_complaints_that_are_where_and_when_the_fact_is() -> None:
    options = DemoOptions(3000, 8)
    named = {each.source_id: each for each in complaints(options)}
    for fact in planted_facts(options):
        assert len(set(fact.complaints)) == len(fact.complaints)
        assert fact.complaints
        for each in (named[name] for name in fact.complaints):
            assert fact.start <= each.received_at.date() <= fact.end  # type: ignore[union-attr]
            assert not fact.branches or each.branch[2].code in fact.branches
            assert not fact.products or each.product[-1].code in fact.products
            if each.causes and fact.causes:
                assert fact.causes[0] in {cause.chain[-1].code for cause in each.causes}
            if fact.kind is FactKind.ESCALATION_SURGE:
                assert each.level is not Level.GREEN


def test_a_bank_without_facts_has_none() -> None:
    options = DemoOptions(1500, 3, planted=False)
    assert planted_facts(options) == ()
    assert volumes(options).raised == {}


def test_every_fact_is_told_in_both_languages() -> None:
    for fact in planted_facts(DemoOptions()):
        assert fact.title_zh
        assert fact.title_en
        assert fact.feature
