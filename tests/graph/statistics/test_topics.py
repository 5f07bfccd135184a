"""New topics: clusters that came up only lately."""

import pytest
from scipy.stats import binom

from graph.statistics.topics import Age, new_topics

RULE = {"share": 0.8, "fewest": 5, "probability": 0.05}
OLD = [Age(f"old-{n}", 12, 100, 12) for n in range(20)]


def test_a_cluster_that_came_lately_is_new_and_the_old_are_not() -> None:
    young = Age("young", 9, 10, 8)
    (found,) = new_topics([*OLD, young], 260, 2_010, **RULE)
    assert found.age == young
    assert found.expected == pytest.approx(10 * 260 / 2_010)
    assert found.probability == pytest.approx(binom.sf(8, 10, 260 / 2_010))


@pytest.mark.parametrize(
    "age",
    [
        Age("few customers", 9, 10, 4),
        Age("too old", 7, 10, 7),
        Age("nothing", 0, 0, 0),
    ],
)
def test_what_is_not_new(age: Age) -> None:
    assert new_topics([*OLD, age], 260, 2_010, **RULE) == []


def test_in_a_young_graph_nothing_is_new() -> None:
    assert new_topics([Age("all", 50, 50, 50)], 50, 50, **RULE) == []
    assert new_topics([Age("most", 10, 10, 10)], 60, 100, **RULE) == []
    assert new_topics([], 0, 0, **RULE) == []


def test_the_least_probable_comes_first() -> None:
    some = [Age("a", 8, 8, 8), Age("b", 30, 31, 30)]
    found = new_topics([*OLD, *some], 260, 2_010, **RULE)
    assert [each.age.cluster for each in found] == ["b", "a"]
