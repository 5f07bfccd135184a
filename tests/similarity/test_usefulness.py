"""Usefulness: each formula by hand, and what must hold for all cases."""

from dataclasses import fields, replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from graph.domain.case import Decision
from graph.domain.enums import OutcomeKind
from graph.errors import ConfigurationError
from similarity.usefulness import (
    Usefulness,
    UsefulnessWeights,
    precedent_score,
    usefulness,
)

NOW = datetime(2026, 6, 1, tzinfo=UTC)
WEIGHTS = UsefulnessWeights()
BEST = Decision(
    round=1,
    outcome=OutcomeKind.UPHELD,
    decided_at=NOW,
    satisfaction=5,
    timely=True,
)
RESOLUTIONS = st.builds(
    Decision,
    round=st.just(1),
    outcome=st.sampled_from(OutcomeKind),
    decided_at=st.none()
    | st.datetimes(datetime(2000, 1, 1), datetime(2027, 1, 1), timezones=st.just(UTC)),
    satisfaction=st.none() | st.integers(1, 5),
    timely=st.none() | st.booleans(),
)


def judged(
    resolution: Decision = BEST,
    reopened: bool = False,
    repeated: bool | None = False,
    weights: UsefulnessWeights = WEIGHTS,
) -> Usefulness:
    return usefulness(
        resolution,
        received_at=NOW - timedelta(days=30),
        now=NOW,
        reopened=reopened,
        repeated=repeated,
        weights=weights,
    )


def test_the_best_case() -> None:
    assert judged() == Usefulness(1.0, 1.0, 1.0, 1.0, 1.0, 1.0, None)


@pytest.mark.parametrize(
    ("outcome", "clear"),
    [
        (OutcomeKind.UPHELD, 1.0),
        (OutcomeKind.PARTLY_UPHELD, 1.0),
        (OutcomeKind.NOT_UPHELD, 1.0),
        (OutcomeKind.EXPLAINED, 0.5),
        (OutcomeKind.WITHDRAWN, 0.0),
    ],
)
def test_outcome(outcome: OutcomeKind, clear: float) -> None:
    assert judged(replace(BEST, outcome=outcome)).outcome == clear


@pytest.mark.parametrize(("given_", "value"), [(1, 0.0), (3, 0.5), (5, 1.0), (None, None)])
def test_satisfaction(given_: int | None, value: float | None) -> None:
    assert judged(replace(BEST, satisfaction=given_)).satisfaction == value


@pytest.mark.parametrize(
    ("reopened", "repeated", "lasting"),
    [
        (False, False, 1.0),
        (True, False, 0.0),
        (False, True, 0.0),
        (True, None, 0.0),
        (False, None, None),
    ],
)
def test_lasting(reopened: bool, repeated: bool | None, lasting: float | None) -> None:
    assert judged(reopened=reopened, repeated=repeated).lasting == lasting


@pytest.mark.parametrize(("days", "value"), [(0, 1.0), (365, 0.5), (730, 0.25), (-3, 1.0)])
def test_recency_halves_in_a_year(days: int, value: float) -> None:
    resolution = replace(BEST, decided_at=NOW - timedelta(days=days))
    assert judged(resolution).recency == pytest.approx(value)


def test_without_a_date_of_decision_the_complaint_s_counts() -> None:
    assert judged(replace(BEST, decided_at=None)).recency == pytest.approx(0.5 ** (30 / 365))


def test_the_total_is_the_weighted_mean_of_what_is_known() -> None:
    resolution = replace(BEST, satisfaction=None, timely=False, outcome=OutcomeKind.EXPLAINED)
    total = judged(resolution, repeated=None).total
    known = [(WEIGHTS.outcome, 0.5), (WEIGHTS.timely, 0.0), (WEIGHTS.recency, 1.0)]
    assert total == pytest.approx(sum(w * v for w, v in known) / sum(w for w, _ in known))


def test_weight_on_nothing_known_is_no_use() -> None:
    only_rating = UsefulnessWeights(outcome=0, satisfaction=0, lasting=0, timely=0, recency=0)
    assert judged(weights=only_rating).total == 0.0


@given(RESOLUTIONS, st.booleans(), st.none() | st.booleans())
def test_everything_lies_between_0_and_1(
    resolution: Decision, reopened: bool, repeated: bool | None
) -> None:
    result = judged(resolution, reopened, repeated)
    for part in fields(result):
        value = getattr(result, part.name)
        assert value is None or 0.0 <= value <= 1.0


@given(RESOLUTIONS, st.integers(1, 4))
def test_a_more_satisfied_customer_never_makes_a_case_less_useful(
    resolution: Decision, satisfaction: int
) -> None:
    less = judged(replace(resolution, satisfaction=satisfaction)).total
    assert judged(replace(resolution, satisfaction=satisfaction + 1)).total > less


@given(RESOLUTIONS, st.integers(1, 2000))
def test_an_older_case_is_less_useful(resolution: Decision, days: int) -> None:
    assume(resolution.decided_at is not None and resolution.decided_at <= NOW)
    assert resolution.decided_at is not None
    older = replace(resolution, decided_at=resolution.decided_at - timedelta(days=days))
    assert judged(older).total < judged(resolution).total


@given(RESOLUTIONS)
def test_a_case_that_came_back_is_less_useful(resolution: Decision) -> None:
    lasting = judged(resolution).total
    assert judged(resolution, reopened=True).total < lasting
    assert judged(resolution, repeated=True).total < lasting


@given(st.floats(0, 1), st.floats(0, 1), RESOLUTIONS)
def test_a_score_rises_with_likeness(a: float, b: float, resolution: Decision) -> None:
    useful = judged(resolution)
    low, high = sorted((precedent_score(a, useful, WEIGHTS), precedent_score(b, useful, WEIGHTS)))
    assert 0.0 <= low <= high <= 1.0
    assert (precedent_score(a, useful, WEIGHTS) <= precedent_score(b, useful, WEIGHTS)) or a > b


def test_likeness_has_its_share() -> None:
    useless = judged(replace(BEST, outcome=OutcomeKind.WITHDRAWN), reopened=True)
    assert precedent_score(1.0, judged(), WEIGHTS) == pytest.approx(1.0)
    assert precedent_score(0.0, judged(), WEIGHTS) == pytest.approx(0.3)
    assert precedent_score(0.5, useless, UsefulnessWeights(similarity_share=1.0)) == 0.5


def test_the_same_type_and_product_come_first_where_they_are_known() -> None:
    other, same = (precedent_score(0.5, judged(), WEIGHTS, agreement) for agreement in (0.0, 1.0))
    assert 0.0 <= other < precedent_score(0.5, judged(), WEIGHTS) < same <= 1.0
    # It weighs less than likeness does: the nearest of another type stays before the farthest.
    assert precedent_score(1.0, judged(), WEIGHTS, 0.0) > precedent_score(
        0.6, judged(), WEIGHTS, 1.0
    )


@pytest.mark.parametrize(
    "wrong",
    [
        {"outcome": -0.1},
        {"recency": float("nan")},
        {"similarity_share": 1.1},
        {"half_life_days": 0.0},
        {"agreement": -0.1},
        dict.fromkeys(("outcome", "satisfaction", "lasting", "timely", "recency", "rating"), 0.0),
    ],
)
def test_weights_that_mean_nothing_are_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(ConfigurationError):
        UsefulnessWeights(**wrong)


def test_the_version_tells_other_weights_apart() -> None:
    assert UsefulnessWeights().version == WEIGHTS.version
    assert UsefulnessWeights(timely=0.11).version != WEIGHTS.version
