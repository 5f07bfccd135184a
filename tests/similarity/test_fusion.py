"""Reciprocal rank fusion: a few by hand, and what must hold for all rankings."""

from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from similarity.fusion import reciprocal_rank_fusion

IDS = st.lists(st.sampled_from("abcdefgh"), unique=True)


def test_two_rankings_by_hand() -> None:
    fused = reciprocal_rank_fusion([["a", "b", "c"], ["b", "d"]])
    assert [id_ for id_, _ in fused] == ["b", "a", "d", "c"]
    assert fused[0][1] == pytest.approx(1 / 62 + 1 / 61)
    assert fused[1][1] == pytest.approx(1 / 61)


def test_of_equal_scores_the_smaller_id_goes_first() -> None:
    assert [id_ for id_, _ in reciprocal_rank_fusion([["b", "a"], ["a", "b"]])] == ["a", "b"]


def test_a_heavier_ranking_decides() -> None:
    fused = reciprocal_rank_fusion([["a", "b"], ["b", "a"]], weights=[1, 2])
    assert [id_ for id_, _ in fused] == ["b", "a"]


def test_an_id_counts_once_in_a_ranking() -> None:
    assert reciprocal_rank_fusion([["a", "a", "b"]]) == reciprocal_rank_fusion([["a", "b"]])


def test_nothing_gives_nothing() -> None:
    assert reciprocal_rank_fusion([]) == []
    assert reciprocal_rank_fusion([[], []]) == []


def test_a_weight_is_needed_for_each_ranking() -> None:
    with pytest.raises(ValueError, match="zip"):
        reciprocal_rank_fusion([["a"], ["b"]], weights=[1.0])


@given(st.lists(IDS, min_size=1, max_size=4))
def test_the_order_of_the_rankings_does_not_matter(rankings: list[list[str]]) -> None:
    expected = reciprocal_rank_fusion(rankings)
    assert {id_ for id_, _ in expected} == {id_ for ranking in rankings for id_ in ranking}
    for other in permutations(rankings):
        assert reciprocal_rank_fusion(other) == expected


@given(IDS)
def test_one_ranking_keeps_its_order(ranking: list[str]) -> None:
    assert [id_ for id_, _ in reciprocal_rank_fusion([ranking])] == ranking


@given(st.lists(IDS, min_size=1, max_size=3), st.data())
def test_moving_up_never_lowers_a_score(rankings: list[list[str]], data: st.DataObject) -> None:
    ranking = data.draw(st.sampled_from(rankings))
    if len(ranking) < 2:
        return
    place = data.draw(st.integers(1, len(ranking) - 1))
    moved = ranking.copy()
    moved[place - 1], moved[place] = moved[place], moved[place - 1]
    after = [moved if other is ranking else other for other in rankings]
    id_ = ranking[place]
    assert dict(reciprocal_rank_fusion(after))[id_] > dict(reciprocal_rank_fusion(rankings))[id_]
