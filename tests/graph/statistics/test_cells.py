"""Cells add up to what pandas counts, over every subset of the dimensions."""

from itertools import combinations
from random import Random

import pandas as pd
import pytest

from graph.statistics.cells import NONE, added_up

NAMES = ["A", "B", "C", "D"]


@pytest.mark.parametrize("seed", [1, 2])
def test_the_sums_are_those_of_an_independent_computation(seed: int) -> None:
    chance = Random(seed)
    rows = [[chance.choice([NONE, *"xyzuv"[: 2 + n]]) for n in range(4)] for _ in range(300)]
    counts = [chance.randrange(1, 4) for _ in rows]
    table = pd.DataFrame(rows, columns=NAMES).assign(n=counts)
    found = added_up(NAMES, [list(column) for column in zip(*rows, strict=True)], counts, 5)
    expected = {frozenset(): sum(counts)}
    for size in range(1, 5):
        for some in combinations(NAMES, size):
            for codes, n in table.groupby(list(some)).n.sum().items():
                codes = codes if isinstance(codes, tuple) else (codes,)
                if n >= 5 and NONE not in codes:
                    expected[frozenset(zip(some, codes, strict=True))] = n
    assert found == expected


def test_nothing_adds_up_to_nothing() -> None:
    assert added_up(NAMES, [[], [], [], []], [], 3) == {}
    assert added_up(["A"], [[NONE] * 3], [1, 1, 1], 3) == {frozenset(): 3}
