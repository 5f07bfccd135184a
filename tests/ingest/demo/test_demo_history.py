"""The course of two years: sizes, times, follow-ups, shares."""

import itertools
import math
from collections import Counter
from collections.abc import Sequence
from datetime import date, timedelta

import pytest

from graph.domain.enums import OPEN_STATUSES, CaseStatus, Channel, OutcomeKind, RemedyKind
from graph.errors import InvalidInputError
from ingest.demo import DemoOptions
from ingest.demo.bank import bank
from ingest.demo.filings import Filing, Telling
from ingest.demo.history import history
from ingest.demo.period import DAYS, Period
from ingest.demo.themes import themes
from tests.ingest.demo.oracle import Bank

OPTIONS = DemoOptions(2000, 3)
WITHDRAWN = 0.025


@pytest.fixture(scope="module")
def filings() -> tuple[Filing, ...]:
    return history(OPTIONS)


@pytest.mark.parametrize("size", [1, 2, 10, 333, 1500])
def test_a_bank_without_facts_has_exactly_its_size(size: int) -> None:
    assert len(history(DemoOptions(size, 7, planted=False))) == size


@pytest.mark.parametrize("size", [50, 333, 1500, 6000])
def test_a_bank_with_facts_has_exactly_its_size(size: int) -> None:
    assert len(history(DemoOptions(size, 7))) == size


@pytest.mark.parametrize(
    "wrong",
    [{"size": 0, "planted": False}, {"size": 10}, {"size": 10**6}, {"until": date(1960, 1, 1)}],
)
def test_options_that_cannot_be_are_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(InvalidInputError):
        DemoOptions(**wrong)  # type: ignore[arg-type]


def test_filings_come_in_order_and_have_keys_of_their_own(filings: Sequence[Filing]) -> None:
    assert all(a.received <= b.received for a, b in itertools.pairwise(filings))
    assert len({each.key for each in filings}) == len(filings)


def test_everything_happens_inside_the_period_and_in_order(filings: Sequence[Filing]) -> None:
    period = Period(OPTIONS.last_day)
    for each in filings:
        assert period.first <= each.received.date() <= period.last
        assert each.incident.occurred <= each.received.date()
        assert each.received.utcoffset() == timedelta(hours=8)
        at = each.received
        for verdict in each.course.rounds:
            assert at < verdict.at < period.end
            at = verdict.at


def test_the_last_day_moves_the_whole_bank() -> None:
    until = date(2025, 3, 9)
    days = [each.received.date() for each in history(DemoOptions(300, 1, until=until))]
    assert max(days) <= until
    assert min(days) > until - timedelta(days=DAYS)


def test_status_and_decision_agree(filings: Sequence[Filing]) -> None:
    decided_but_open = {CaseStatus.REOPENED, CaseStatus.REVIEW_REQUESTED}
    for each in filings:
        status, rounds = each.course.status, each.course.rounds
        assert bool(rounds) == (status not in OPEN_STATUSES or status in decided_but_open)
        withdrawn = bool(rounds) and rounds[-1].outcome is OutcomeKind.WITHDRAWN
        assert withdrawn == (status is CaseStatus.WITHDRAWN)


def test_most_are_decided_in_time_and_the_last_ones_are_open(filings: Sequence[Filing]) -> None:
    assert all(each.course.rounds for each in filings[: len(filings) // 2])
    assert sum(not each.course.rounds for each in filings[-40:]) > 10
    late = [
        each.course.rounds[0].at - each.received > timedelta(days=15)
        for each in filings
        if each.course.rounds
    ]
    assert 0.02 < sum(late) / len(late) < 0.12


def test_money_is_paid_back_where_the_decision_says_so(filings: Sequence[Filing]) -> None:
    for each in filings:
        for verdict in each.course.rounds:
            assert (verdict.remedy is RemedyKind.MONETARY) == (verdict.refund is not None) or (
                each.telling is Telling.DUPLICATE
            )
            assert verdict.refund is None or 0 < verdict.refund <= (each.incident.amount or 0)


def test_the_outcome_depends_on_the_case(plain_banks: Sequence[Bank]) -> None:
    decided = [
        (each.incident.case, each.course.rounds[0].outcome)
        for seen in plain_banks
        for each in seen.filings
        if each.course.rounds and each.telling is Telling.FIRST
    ]
    counts = Counter((id(case), outcome) for case, outcome in decided)
    totals = Counter(id(case) for case, _ in decided)
    for _, case in themes().pairs:
        for outcome, share in case.outcomes.items():
            expected = share * (1 - WITHDRAWN)
            error = 4 * math.sqrt(expected * (1 - expected) / totals[id(case)])
            found = counts[id(case), outcome] / totals[id(case)]
            assert abs(found - expected) <= error, (case.name, outcome)


def test_a_duplicate_comes_another_way_before_the_answer(filings: Sequence[Filing]) -> None:
    by_key = {each.key: each for each in filings}
    duplicates = [each for each in filings if each.telling is Telling.DUPLICATE]
    assert 0.02 < len(duplicates) / len(filings) < 0.06
    for each in duplicates:
        first = by_key[each.earlier or ""]
        assert each.incident is first.incident
        assert first.received < each.received
        assert first.course.answered is None or each.received < first.course.answered
        assert each.channel is not first.channel


def test_a_repeat_comes_after_an_answer(filings: Sequence[Filing]) -> None:
    by_key = {each.key: each for each in filings}
    repeats = [each for each in filings if each.telling is Telling.REPEAT]
    assert 0.04 < len(repeats) / len(filings) < 0.1
    for each in repeats:
        earlier = by_key[each.earlier or ""]
        assert each.incident is earlier.incident
        assert earlier.course.answered is not None
        assert earlier.course.answered < each.received


def test_nobody_tells_the_same_theme_again_without_a_sign_of_it(
    plain_banks: Sequence[Bank],
) -> None:
    firsts = Counter(
        (each.incident.person.mobile, each.incident.theme.name)
        for each in plain_banks[0].filings
        if each.telling is Telling.FIRST
    )
    assert max(firsts.values()) == 1


def test_follow_ups_are_of_known_customers(filings: Sequence[Filing]) -> None:
    assert not any(each.incident.anonymous for each in filings if each.telling is not Telling.FIRST)


def test_branches_have_complaints_in_proportion_to_customers(plain_banks: Sequence[Bank]) -> None:
    everything = [each for seen in plain_banks for each in seen.filings]
    counts = Counter(each.incident.outlet.branch for each in everything)
    for branch in bank().branches:
        assert counts[branch] / len(everything) == pytest.approx(bank().share(branch), rel=0.05)


def test_weekdays_and_months_differ(plain_banks: Sequence[Bank]) -> None:
    days = [each.received.date() for seen in plain_banks for each in seen.filings]
    weekdays = Counter(day.weekday() for day in days)
    assert weekdays[0] > 1.6 * weekdays[6]
    months = Counter(day.month for day in days)
    assert months[3] > 1.1 * months[2]


def test_the_regulator_refers_only_what_is_escalated(filings: Sequence[Filing]) -> None:
    referred = [each for each in filings if each.channel is Channel.REGULATOR]
    assert referred
    assert all(each.escalated for each in referred)
