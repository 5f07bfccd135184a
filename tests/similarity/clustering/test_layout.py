"""A map of texts: alike ones side by side, the same every time, drawn from every group."""

from collections import Counter

import numpy as np
import pytest

from similarity.clustering.division import Group
from similarity.clustering.layout import FEWEST, layout

CENTRE = np.zeros(16, dtype=np.float32)


def texts(sizes: list[int], seed: int = 3) -> tuple[list[str], np.ndarray, list[Group]]:
    """Texts about so many topics, with a little noise, and a group for each but the last."""
    random = np.random.default_rng(seed)
    rows, ids, groups = [], [], []
    for topic, size in enumerate(sizes):
        direction = random.normal(size=16)
        members = [f"{topic}-{number}" for number in range(size)]
        rows += [direction + random.normal(scale=0.15, size=16) for _ in members]
        ids += members
        if topic < len(sizes) - 1:
            groups.append(Group(tuple(members), (1.0,) * size, 1.0))
    return ids, np.array(rows, dtype=np.float32), groups


def test_texts_of_one_topic_lie_together() -> None:
    ids, vectors, groups = texts([40, 40, 40])
    places = layout(ids, vectors, CENTRE, groups)
    assert set(places) == set(ids)
    points = np.array([places[each] for each in ids])
    assert np.abs(points).max() == pytest.approx(1.0)
    topics = np.repeat([0, 1, 2], 40)
    near = np.argsort(((points[:, None] - points[None]) ** 2).sum(axis=2), axis=1)[:, 1:6]
    assert (topics[near] == topics[:, None]).mean() > 0.95


def test_it_is_the_same_every_time() -> None:
    ids, vectors, groups = texts([15, 15])
    assert layout(ids, vectors, CENTRE, groups) == layout(ids, vectors, CENTRE, groups)


def test_a_part_is_drawn_from_every_group_by_its_size() -> None:
    ids, vectors, groups = texts([60, 20, 20])
    order = np.random.default_rng(1).permutation(len(ids))
    mixed = [ids[place] for place in order]
    places = layout(mixed, vectors[order], CENTRE, groups, most=50)
    counts = Counter(each.partition("-")[0] for each in places)
    assert sum(counts.values()) == 50
    assert counts == {"0": pytest.approx(30, abs=1), "1": pytest.approx(10, abs=1),
                      "2": pytest.approx(10, abs=1)}  # fmt: skip


def test_very_few_make_no_map() -> None:
    ids, vectors, groups = texts([FEWEST - 1])
    assert layout(ids, vectors, CENTRE, groups) == {}
    assert layout([], np.empty((0, 16), dtype=np.float32), CENTRE, []) == {}


def test_texts_that_are_all_the_same_have_a_place() -> None:
    ids = [f"same-{number}" for number in range(30)]
    vectors = np.ones((30, 16), dtype=np.float32)
    places = layout(ids, vectors, CENTRE, [])
    assert np.isfinite(np.array(list(places.values()))).all()
