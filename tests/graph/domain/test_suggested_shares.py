"""What was learned is never certain, and more voices are surer."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graph.domain.suggestions import is_majority, voted

WEIGHTS = st.dictionaries(st.text(min_size=1, max_size=3), st.floats(0.01, 10), min_size=1)


@given(WEIGHTS, st.integers(1, 50))
def test_shares_are_ordered_and_never_one(weights: dict[str, float], more: int) -> None:
    likely = voted(weights, len(weights) + more)
    assert [each.confidence for each in likely] == sorted(
        (each.confidence for each in likely), reverse=True
    )
    assert sum(each.confidence for each in likely) < 1


def test_three_who_agree_are_surer_than_one() -> None:
    one, three = voted({"A": 0.2}, 1), voted({"A": 0.6}, 3)
    assert one[0].confidence == pytest.approx(0.5)
    assert three[0].confidence == pytest.approx(0.75)


def test_nobody_says_nothing() -> None:
    assert voted({}, 0) == ()
    assert not is_majority((), 0.6)


def test_a_majority_is_of_those_that_were_named() -> None:
    assert is_majority(voted({"A": 2.0, "B": 1.0}, 3), 0.6)
    assert not is_majority(voted({"A": 1.0, "B": 1.0}, 2), 0.6)
