"""A group is several customers where few were to be expected; an ordinary stream is none."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from random import Random

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy.stats import nbinom, poisson

from graph.domain.evidence import GroupEvidence
from graph.domain.groups import (
    GroupEvent,
    Member,
    Neighbourhood,
    Past,
    assign,
    expected,
    group_of,
    joining,
    most_improbable,
    nearly_group,
    predictive_tail,
    undecided,
)
from graph.domain.rules import GroupRule
from ingest.escalation.rulebook import default_rules

NOW = datetime(2026, 6, 1, tzinfo=UTC)
LONG = timedelta(days=365)


def rule() -> GroupRule:
    found = default_rules().group
    assert found is not None
    return found


def member(number: float, customer: str | None = None, days: float = 0.0) -> Member:
    at = NOW - timedelta(days=days)
    key = f"{10_000 - days * 10 + number / 1000:013.6f}"
    return Member(f"c{number}", key, at, customer or f"p{number}", f"branch{number % 3}")


def neighbourhood(customers: int, days: float = 0.0) -> Neighbourhood:
    near = tuple(member(n, days=days + 1) for n in range(1, customers))
    return Neighbourhood(member(customers, days=days), near)


def stream(count: int) -> tuple[Member, ...]:
    """Complaints of the past, spread evenly over a year."""
    return tuple(member(100 + n, days=31 + n * 365 / max(1, count)) for n in range(count))


@given(st.integers(0, 60), st.floats(0.5, 60), st.floats(0.05, 200))
def test_the_tail_is_that_of_the_negative_binomial(
    count: int, shape: float, exposure: float
) -> None:
    known = nbinom.sf(count - 1, shape, exposure / (exposure + 1))
    assert predictive_tail(count, shape, exposure) == pytest.approx(known, rel=1e-6, abs=1e-12)


@given(st.integers(5, 40), st.floats(0.05, 4))
def test_little_knowledge_is_never_less_careful_than_a_known_mean(count: int, mean: float) -> None:
    """The same mean from a longer past makes a group less likely by chance, down to Poisson's.

    In the tail, where groups are judged; in the middle a spread takes from both sides.
    """
    assume(poisson.sf(count - 1, mean) < 0.1)
    tails = [predictive_tail(count, mean * past, past) for past in (1.0, 4.0, 12.0, 1e9)]
    assert tails == sorted(tails, reverse=True)
    assert tails[-1] == pytest.approx(poisson.sf(count - 1, mean), rel=1e-3)


def test_the_tail_is_exact_where_it_is_tiny() -> None:
    assert predictive_tail(5, 1e9 * 0.01, 1e9) == pytest.approx(8.2641e-13, rel=1e-4)
    assert predictive_tail(0, 0.5, 3.0) == 1.0


def test_five_customers_of_a_rare_matter_are_a_group() -> None:
    found = group_of(rule(), neighbourhood(5), Past((), LONG, 800, 60))
    assert found is not None
    assert (found.customers, found.days, found.past, found.branches) == (5, 30, 0, 3)
    assert found.probability < 0.0001


def test_four_are_none_however_rare() -> None:
    assert group_of(rule(), neighbourhood(4), Past((), LONG, 800, 60)) is None


def test_an_ordinary_stream_is_no_group() -> None:
    assert group_of(rule(), neighbourhood(8), Past(stream(70), LONG, 800, 60)) is None
    assert group_of(rule(), neighbourhood(25), Past(stream(70), LONG, 800, 60)) is not None


def test_one_customer_who_files_often_is_no_group() -> None:
    near = tuple(member(n, customer="same", days=n) for n in range(1, 12))
    assert (
        group_of(rule(), Neighbourhood(member(0, customer="same"), near), Past((), LONG, 800, 60))
        is None
    )


def test_a_young_graph_does_not_take_its_streams_for_groups() -> None:
    """Sixty complaints, six alike, and no past: that is what an ordinary matter looks like."""
    assert group_of(rule(), neighbourhood(6), Past((), timedelta(0), 0, 60)) is None
    assert group_of(rule(), neighbourhood(12), Past((), timedelta(0), 0, 60)) is None
    assert group_of(rule(), neighbourhood(5), Past((), timedelta(0), 0, 8)) is not None


@given(st.integers(5, 40), st.integers(0, 60), st.integers(5, 2000))
def test_a_busier_graph_asks_for_at_least_as_many(customers: int, near: int, volume: int) -> None:
    """Ten times the complaints with ten times the criteria: no fewer customers are a group."""
    few = Past(stream(near), LONG, 12 * volume, volume)
    many = Past(stream(10 * near), LONG, 120 * volume, 10 * volume)
    if group_of(rule(), neighbourhood(customers), many):
        assert group_of(rule(), neighbourhood(customers), few)


def test_where_all_else_stopped_a_matter_that_goes_on_is_no_group() -> None:
    """Six a window of sixty, then nine of ten: its part grew, itself hardly."""
    past = Past(stream(72), LONG, 730, 10)
    assert group_of(rule(), neighbourhood(9), past) is None
    assert expected(rule(), neighbourhood(9), past) > 3


def test_each_of_many_looks_must_be_as_much_more_improbable() -> None:
    """The same part of all complaints, expected and found: in the busy graph it is no event."""
    calm = group_of(rule(), neighbourhood(9), Past(stream(12), LONG, 1_000, 80))
    busy = group_of(rule(), neighbourhood(9), Past(stream(12), LONG, 100_000, 8_000))
    assert calm is not None
    assert calm.probability > rule().probability / 100
    assert busy is None


def around(customers: int, hub: int) -> Neighbourhood:
    """The neighbourhood of the same complaint around another one."""
    return replace(neighbourhood(customers), around=f"c{hub}")


def test_one_at_the_edge_of_a_group_completes_it() -> None:
    """Near four of five only, or near a frequent subject: another neighbourhood shows the group."""
    rare, frequent = Past((), LONG, 800, 60), Past(stream(20), LONG, 800, 60)
    for own in ((neighbourhood(4), rare), (neighbourhood(6), frequent)):
        assert most_improbable(rule(), own, [])[1] is None
        found, evidence = most_improbable(rule(), own, [(around(4, 1), rare), (around(5, 2), rare)])
        assert evidence is not None
        assert (found.hub, evidence.customers, evidence.past) == ("c2", 5, 0)


def test_the_most_improbable_star_is_taken_in_any_order() -> None:
    rare = Past((), LONG, 800, 60)
    others = [(around(5, 1), rare), (around(6, 3), rare), (around(6, 2), rare)]
    for seed in range(5):
        shuffled = Random(seed).sample(others, len(others))
        assert most_improbable(rule(), (neighbourhood(5), rare), shuffled)[0].hub == "c2"


@given(st.integers(1, 30), st.integers(0, 60), st.integers(0, 3000), st.integers(1, 300))
def test_every_group_is_nearly_one(customers: int, near: int, before: int, within: int) -> None:
    past = Past(stream(near), LONG, before, within)
    if group_of(rule(), neighbourhood(customers), past):
        assert nearly_group(rule(), neighbourhood(customers), past)
    # What is not counted yet never hides a neighbourhood that is worth a look.
    if nearly_group(rule(), neighbourhood(customers), past):
        assert nearly_group(rule(), neighbourhood(customers), replace(past, before=0, within=0))


def test_a_stream_that_began_with_the_graph_is_no_group() -> None:
    """One a week and nothing else: at no moment of its first year does it look like an event."""
    every = [member(n, days=364 - 7 * n) for n in range(52)]
    for place, centre in enumerate(every):
        begins = centre.at - timedelta(days=30)
        near = tuple(m for m in every[:place] if m.at >= begins)
        past = tuple(m for m in every[:place] if m.at < begins)
        known = max(timedelta(0), begins - every[0].at)
        found = group_of(
            rule(), Neighbourhood(centre, near), Past(past, known, len(past), len(near) + 1)
        )
        assert found is None


EVIDENCE = GroupEvidence(5, 30, 0.1, 1e-8, 0, 3)


def test_later_ones_extend_the_event_that_they_are_near() -> None:
    first = neighbourhood(5, days=3)
    (begun,) = assign(rule(), [(first, EVIDENCE)], [])
    assert (begun.completed_by, begun.at) == (first.centre.id, first.centre.at)
    assert begun.added == {m.id for m in first.members}
    later = Neighbourhood(member(9), first.near)
    (grown,) = assign(rule(), [(later, None)], [GroupEvent(begun.id, set(begun.members))])
    assert (grown.id, grown.added, grown.evidence) == (begun.id, {"c9"}, None)
    assert assign(rule(), [(Neighbourhood(member(9), first.near[:1]), None)], [begun]) == [begun]


def test_the_order_of_looking_does_not_matter() -> None:
    every = [member(n, days=12 - n) for n in range(1, 10)]
    tests = [
        (Neighbourhood(centre, tuple(every[:n])), EVIDENCE if n >= 4 else None)
        for n, centre in enumerate(every)
    ]
    expected = assign(rule(), tests, [])
    assert [event.completed_by for event in expected] == ["c5"]
    assert expected[0].members == {m.id for m in every}
    for seed in range(5):
        assert assign(rule(), Random(seed).sample(tests, len(tests)), []) == expected


@pytest.mark.parametrize(("bystanders", "joins"), [(0, True), (2, True), (3, False)])
def test_nothing_more_is_asked_where_nearly_all_are_of_one_event(
    bystanders: int, joins: bool
) -> None:
    own = neighbourhood(22)
    event = GroupEvent("e", {each.id for each in own.near[bystanders:]})
    assert (own.centre.id in joining([own], [event])) is joins


def test_who_follows_at_the_same_moment_joins_with_those_before() -> None:
    crowd = [member(n) for n in range(1, 40)]
    neighbourhoods = [Neighbourhood(crowd[n], tuple(crowd[:n])) for n in range(10, 39)]
    event = GroupEvent("e", {each.id for each in crowd[:10]})
    assert joining(neighbourhoods[::-1], [event]) == {each.id for each in crowd[10:]}
    assert set(undecided(neighbourhoods, [event])) == {each.id for each in crowd[10:38]}
