"""Whether a fix worked: the statistics, on made counts and on the demo bank's planted fixes."""

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, time, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graph.statistics.effect import (
    BIN,
    Bin,
    Effect,
    EffectVerdict,
    Spans,
    beside_the_trend,
    effect,
    rising_or_falling,
    spans,
)
from ingest.demo import DemoOptions, complaints, planted_facts

DONE = datetime(2026, 1, 1, tzinfo=UTC)
LATER = DONE + timedelta(days=400)
COUNT = st.integers(0, 400)


def whole(newest: datetime = LATER) -> Spans:
    return spans(DONE, DONE, days=180, delay=20, newest=newest)


def bins(before: list[tuple[int, int]], after: list[tuple[int, int]]) -> list[Bin]:
    rows = [(n - len(before), False, pair) for n, pair in enumerate(before)]
    rows += [(n, True, pair) for n, pair in enumerate(after)]
    return [Bin(30.0 * n + 15, late, own, others) for n, late, (own, others) in rows]


def judged(own: tuple[int, int], others: tuple[int, int], compared: Spans | None = None) -> Effect:
    pairs = list(zip(own, others, strict=True))
    return effect(bins([pairs[0]], [pairs[1]]), compared or whole())


def test_the_spans_are_of_one_length_and_leave_out_the_work_and_the_delay() -> None:
    begun = DONE - timedelta(days=60)
    found = spans(begun, DONE, days=180, delay=21, newest=LATER)
    assert found.before == (begun - timedelta(days=180), begun)
    assert found.after == (DONE + timedelta(days=21), DONE + timedelta(days=201))
    assert found.full
    early = spans(begun, DONE, days=180, delay=21, newest=DONE + timedelta(days=31))
    assert early.after[1] - early.after[0] == timedelta(days=10)
    assert not early.full
    before_it_held = spans(begun, DONE, days=180, delay=21, newest=DONE)
    assert before_it_held.after[0] == before_it_held.after[1]


def test_the_ratio_and_its_interval_are_fisher_s() -> None:
    """The tea-tasting lady's table: 6.408, from 0.2117 to 621.9 (a far end is found roughly)."""
    found = judged((1, 3), (3, 1))
    assert (found.ratio, found.low) == pytest.approx((6.4083, 0.2117), rel=1e-3)
    assert found.high == pytest.approx(621.9, rel=1e-2)
    assert found.verdict is EffectVerdict.NO_EVIDENCE


@pytest.mark.parametrize(
    ("own", "others", "verdict"),
    [
        ((70, 25), (1400, 1400), EffectVerdict.FELL),
        ((25, 70), (1400, 1400), EffectVerdict.ROSE),
        ((69, 69), (1400, 1400), EffectVerdict.NO_EVIDENCE),
        # Everything fell alike: the fix has no part in it.
        ((70, 35), (1400, 700), EffectVerdict.NO_EVIDENCE),
        ((70, 70), (700, 1400), EffectVerdict.FELL),
        ((3, 0), (1400, 1400), EffectVerdict.NO_EVIDENCE),
        ((0, 0), (1400, 1400), EffectVerdict.NO_EVIDENCE),
        ((0, 0), (0, 0), EffectVerdict.NO_EVIDENCE),
        ((70, 0), (1400, 1400), EffectVerdict.FELL),
    ],
)
def test_verdicts(own: tuple[int, int], others: tuple[int, int], verdict: EffectVerdict) -> None:
    assert judged(own, others).verdict is verdict


def test_it_is_too_early_while_not_even_silence_would_tell() -> None:
    days_40 = whole(DONE + timedelta(days=60))
    assert judged((6, 0), (140, 30), days_40).verdict is EffectVerdict.TOO_EARLY
    assert judged((90, 1), (1400, 300), days_40).verdict is EffectVerdict.FELL
    days_10 = whole(DONE + timedelta(days=30))
    assert judged((900, 1), (1400, 300), days_10).verdict is EffectVerdict.TOO_EARLY


@settings(deadline=None)
@given(own=st.tuples(COUNT, COUNT), others=st.tuples(COUNT, COUNT))
def test_looking_backwards_turns_the_ratio_round(
    own: tuple[int, int], others: tuple[int, int]
) -> None:
    there, back = judged(own, others), judged(own[::-1], others[::-1])
    if there.ratio and back.ratio:
        assert there.ratio * back.ratio == pytest.approx(1)
    if there.low and back.high:
        assert there.low * back.high == pytest.approx(1, rel=2e-2)
    opposite = {EffectVerdict.FELL: EffectVerdict.ROSE, EffectVerdict.ROSE: EffectVerdict.FELL}
    assert back.verdict is opposite.get(there.verdict, there.verdict)


@settings(deadline=None)
@given(
    before=st.lists(st.tuples(COUNT, COUNT), max_size=7),
    after=st.lists(st.tuples(COUNT, COUNT), max_size=7),
    days=st.integers(0, 400),
)
def test_any_counts_give_a_verdict(
    before: list[tuple[int, int]], after: list[tuple[int, int]], days: int
) -> None:
    found = effect(bins(before, after), whole(DONE + timedelta(days=days)))
    assert found.own_before + found.others_before == sum(map(sum, before))
    if found.ratio is not None and found.low is not None and found.high is not None:
        assert found.low <= found.ratio * (1 + 1e-6)
        assert found.ratio <= found.high * (1 + 1e-6)


def test_what_was_falling_already_is_not_put_down_to_the_fix() -> None:
    share = [0.10 * 0.85**n for n in range(12)]
    rows = [(round(600 * part), round(600 * (1 - part))) for part in share]
    steady = bins(rows[:6], rows[6:])
    found = effect(steady, whole())
    assert rising_or_falling(steady[:6])
    assert found.trend
    assert found.verdict is EffectVerdict.NO_EVIDENCE
    # The same fall with a step at the fix.
    steep = bins(rows[:6], [(own // 4, others) for own, others in rows[6:]])
    assert effect(steep, whole()).verdict is EffectVerdict.FELL


def test_the_fit_finds_the_step_it_was_made_with() -> None:
    """Odds of e^-2 that change by e^-0.004 a day, and by one half at the fix."""
    made = []
    for n in range(-6, 6):
        day, late = 30.0 * n + 15, n >= 0
        odds = 2.718281828459045 ** (-2 - 0.004 * day) * (0.5 if late else 1.0)
        own = round(1_000_000 * odds / (1 + odds))
        made.append(Bin(day, late, own, 1_000_000 - own))
    ratio, low, high = beside_the_trend(made)
    assert ratio == pytest.approx(0.5, rel=1e-3)
    assert low is not None and high is not None and low < 0.5 < high  # noqa: PT018


def counted(seed: int, cause: str, done: datetime, options: DemoOptions) -> Effect:
    """As the graph counts, from the bank's records."""
    rows = [
        (record.received_at, any(cause == e.code for c in record.causes for e in c.chain))
        for record in complaints(options)
        if record.causes
    ]
    compared = spans(done, done, days=180, delay=21, newest=max(at for at, _ in rows))
    counts: Counter[tuple[bool, int, bool]] = Counter()
    for at, own in rows:
        for late, (begins, ends) in ((False, compared.before), (True, compared.after)):
            if begins <= at < ends:
                counts[late, (at - begins) // BIN, own] += 1

    def made() -> Iterator[Bin]:
        for late, (begins, ends) in ((False, compared.before), (True, compared.after)):
            for n in range(-(-(ends - begins) // BIN)):
                day = (begins + (n + 0.5) * BIN - compared.after[0]) / timedelta(days=1)
                yield Bin(day, late, counts[late, n, True], counts[late, n, False])

    return effect(list(made()), compared)


@pytest.mark.parametrize("seed", [311, 312, 313])
def test_planted_fixes_get_their_verdicts(seed: int) -> None:
    options = DemoOptions(size=6000, seed=seed)
    fixes = [fact for fact in planted_facts(options) if fact.completed is not None]
    assert len(fixes) == 2
    for fact in fixes:
        assert fact.completed is not None
        done = datetime.combine(fact.completed, time(), tzinfo=UTC) - timedelta(hours=8)
        assert counted(seed, fact.causes[0], done, options).verdict == fact.verdict
