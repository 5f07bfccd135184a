"""Cells add up to what pandas counts, over every subset of the dimensions."""

from itertools import combinations
from random import Random

import pandas as pd
import pytest

from graph.statistics.cells import Cells

NAMES = ["A", "B", "C", "D"]


def random_rows(seed: int) -> list[list[list[str]]]:
    """Of A and C none or one value, of B and D up to three."""
    chance = Random(seed)
    most = (1, 3, 1, 3)
    return [
        [chance.sample("xyzuv"[: 2 + n], chance.randrange(min(most[n], 2 + n) + 1))
         for n in range(4)]
        for _ in range(300)
    ]  # fmt: skip


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_complaint_counts_once_in_each_combination(seed: int) -> None:
    rows = random_rows(seed)
    chance = Random(seed)
    counts = [chance.randrange(1, 4) for _ in rows]
    table = pd.DataFrame(rows, columns=NAMES).assign(n=counts, cell=range(len(rows)))
    cells = Cells(NAMES, [list(column) for column in zip(*rows, strict=True)], counts)
    found = cells.added_up(5)
    expected = {frozenset(): sum(counts)}
    for size in range(1, 5):
        for some in combinations(NAMES, size):
            each = table[[*some, "n", "cell"]]
            for name in some:
                each = each.explode(name)
            each = each.dropna()
            for codes, n in each.groupby(list(some)).n.sum().items():
                if n >= 5:
                    expected[frozenset(zip(some, codes, strict=True))] = n
    assert found == expected
    assert all(cells.count(key) == n for key, n in found.items())
    assert cells.several == {"B", "D"}


def test_two_values_of_one_dimension_meet() -> None:
    cells = Cells(["A", "B"], [[["x", "y"], ["x"], ["y", "y"]], [["u"], ["u"], []]], [2, 3, 4])
    assert cells.count([("A", "x"), ("A", "y")]) == 2
    assert cells.count([("A", "y")]) == 6
    assert cells.count([("A", "y"), ("B", "u")]) == 2
    assert cells.count([("A", "unknown")]) == 0
    # Written twice, had once.
    assert cells.added_up(1)[frozenset({("A", "y")})] == 6


def test_nothing_adds_up_to_nothing() -> None:
    assert Cells(NAMES, [[], [], [], []], []).added_up(3) == {}
    assert Cells(["A"], [[[], [], []]], [1, 1, 1]).added_up(3) == {frozenset(): 3}
