"""Grouping of the same case decided the same way."""

from dataclasses import replace

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from graph.domain.enums import OutcomeKind, RemedyKind
from similarity.grouping import Candidate, Group, group

SAME = 0.95


def candidate(id_: str, score: float, *vector: float) -> Candidate:
    return Candidate(id_, score, OutcomeKind.UPHELD, RemedyKind.MONETARY, "card", vector or None)


def angle(degrees: float) -> tuple[float, float]:
    return float(np.cos(np.radians(degrees))), float(np.sin(np.radians(degrees)))


CANDIDATES = st.lists(
    st.builds(
        Candidate,
        id=st.uuids().map(str),
        score=st.sampled_from([0.1, 0.5, 0.9]),
        outcome=st.sampled_from([OutcomeKind.UPHELD, OutcomeKind.EXPLAINED]),
        remedy=st.sampled_from([None, RemedyKind.APOLOGY]),
        product=st.sampled_from([None, "card"]),
        vector=st.none() | st.integers(0, 90).map(angle),
    ),
    max_size=12,
    unique_by=lambda c: c.id,
)


def test_alike_cases_stand_under_the_best() -> None:
    found = group(
        [candidate("a", 0.5, 1, 0.1), candidate("b", 0.9, 1, 0), candidate("c", 0.7, 0, 1)], SAME
    )
    assert found == [Group("b", ("a",)), Group("c")]


def test_the_length_of_a_vector_means_nothing() -> None:
    assert group([candidate("a", 0.9, 1, 0), candidate("b", 0.5, 7, 0.1)], SAME) == [
        Group("a", ("b",))
    ]


def test_another_decision_is_another_group() -> None:
    best = candidate("a", 0.9, 1, 0)
    for other in (
        replace(best, id="b", outcome=OutcomeKind.NOT_UPHELD),
        replace(best, id="b", remedy=RemedyKind.APOLOGY),
        replace(best, id="b", remedy=None),
        replace(best, id="b", product="fund"),
        replace(best, id="b", vector=None),
        replace(best, id="b", vector=(0.0, 0.0)),
    ):
        assert len(group([best, other], SAME)) == 2


def test_likeness_to_the_best_counts_not_to_another_member() -> None:
    """Each is near the one before it, but the last is far from the first."""
    chain = [candidate(str(n), 1 - n / 10, *angle(15 * n)) for n in range(3)]
    assert group(chain, SAME) == [Group("0", ("1",)), Group("2")]


def test_the_nearer_group_takes_it() -> None:
    found = group(
        [
            candidate("a", 0.9, *angle(0)),
            candidate("b", 0.8, *angle(20)),
            candidate("c", 0.7, *angle(15)),
        ],
        SAME,
    )
    assert found == [Group("a"), Group("b", ("c",))]


def test_without_candidates_no_group() -> None:
    assert group([], SAME) == []


@given(CANDIDATES, st.randoms(use_true_random=False))
def test_every_candidate_is_in_one_group_whatever_the_order(
    candidates: list[Candidate], random: object
) -> None:
    groups = group(candidates, SAME)
    members = [id_ for g in groups for id_ in (g.best, *g.alike)]
    assert sorted(members) == sorted(c.id for c in candidates)
    shuffled = list(candidates)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert group(shuffled, SAME) == groups


@given(CANDIDATES)
def test_a_group_is_one_decision_and_led_by_its_best(candidates: list[Candidate]) -> None:
    by_id = {c.id: c for c in candidates}
    groups = group(candidates, SAME)
    assert [by_id[g.best].score for g in groups] == sorted(
        (by_id[g.best].score for g in groups), reverse=True
    )
    for found in groups:
        best = by_id[found.best]
        for other in (by_id[id_] for id_ in found.alike):
            assert (other.outcome, other.remedy, other.product) == (
                best.outcome,
                best.remedy,
                best.product,
            )
            assert other.score <= best.score
            assert best.vector is not None
            assert other.vector is not None
            assert np.dot(best.vector, other.vector) >= SAME - 1e-9
