"""Groups are the matters that the vectors hold, and depend on nothing but them."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import normalized_mutual_info_score

from graph.domain.clusters import FEWEST, lineage
from similarity.clustering import divide
from similarity.clustering.neighbourhood import centred, neighbourhood
from tests.similarity.clustering.clouds import clouds


def _labels(groups, ids):
    where = {member: n for n, group in enumerate(groups) for member in group.members}
    return [where.get(one, -1) for one in ids]


def test_planted_matters_are_found() -> None:
    ids, vectors, truth, centre = clouds(8, 40, seed=1)
    groups = divide(ids, vectors, centre)
    assert len(groups) == 8
    assert normalized_mutual_info_score(truth, _labels(groups, ids)) == pytest.approx(1.0)


@settings(max_examples=10, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_the_order_of_rows_does_not_matter(seed: int) -> None:
    ids, vectors, _, centre = clouds(5, 15, seed=2, noise=0.4)
    order = np.random.default_rng(seed).permutation(len(ids))
    assert divide([ids[n] for n in order], vectors[order], centre) == divide(ids, vectors, centre)


def test_two_fits_of_the_same_graph_give_the_same_clusters() -> None:
    ids, vectors, _, centre = clouds(6, 30, seed=3, noise=0.3)
    first = divide(ids, vectors, centre)
    names = lineage("s", [group.members for group in first], {}).ids
    assert lineage("s", [group.members for group in divide(ids, vectors, centre)], {}).ids == names
    old = {m: name for name, group in zip(names, first, strict=True) for m in group.members}
    again = lineage("s", [group.members for group in divide(ids, vectors, centre, old)], old)
    assert (again.ids, again.ended, again.descents) == (names, frozenset(), ())


def test_a_refit_keeps_the_ids_of_its_old_members() -> None:
    ids, vectors, _, centre = clouds(12, 60, seed=4, noise=0.35)
    chance = np.random.default_rng(4).permutation(len(ids))
    old_rows = chance[: int(len(ids) / 1.1)]
    first = divide([ids[n] for n in old_rows], vectors[old_rows], centre)
    names = lineage("s", [group.members for group in first], {}).ids
    old = {m: name for name, group in zip(names, first, strict=True) for m in group.members}
    second = divide(ids, vectors, centre, old)
    found = lineage("s", [group.members for group in second], old)
    new = {m: name for name, group in zip(found.ids, second, strict=True) for m in group.members}
    assert sum(new.get(m) == name for m, name in old.items()) >= 0.9 * len(old)


def test_few_and_lonely_ones_are_unassigned() -> None:
    ids, vectors, truth, centre = clouds(3, 40, seed=5)
    kept = [*np.flatnonzero(truth == 0)[:12], *np.flatnonzero(truth == 1)[: FEWEST - 1]]
    groups = divide([ids[n] for n in kept], vectors[kept], centre)
    assert [len(group.members) for group in groups] == [12]
    assert divide(ids[:1], vectors[:1], centre) == []
    assert divide([], vectors[:0], centre) == []


def test_equal_texts_are_one_group() -> None:
    vectors = np.ones((7, 4), dtype=np.float32) / 2
    groups = divide([str(n) for n in range(7)], vectors, np.zeros(4, dtype=np.float32))
    assert [group.members for group in groups] == [tuple("0123456")]
    assert groups[0].cohesion == 1.0


@settings(max_examples=20, deadline=None)
@given(st.integers(1, 60), st.integers(0, 1000))
def test_neighbours_are_those_of_a_plain_computation(count: int, seed: int) -> None:
    vectors = np.random.default_rng(seed).normal(size=(count, 6)).astype(np.float32)
    units = centred(vectors, np.zeros(6, dtype=np.float32))
    cosines = units.astype(np.float64) @ units.T.astype(np.float64)
    expected = set()
    for row in range(count):
        others = sorted((n for n in range(count) if n != row), key=lambda n: -cosines[row, n])
        expected |= {(min(row, n), max(row, n)) for n in others[:3] if cosines[row, n] >= 0.4}
    edges = neighbourhood(units, k=3, least=0.4)
    found = set(zip(edges.source.tolist(), edges.target.tolist(), strict=True))
    assert found == expected
