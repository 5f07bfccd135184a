"""Groups that came up since the last fit: found when they are there, silent when they are not."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from graph.queries.newcomers import Newcomer
from similarity.clustering import emerging

RULE = {"share": 0.8, "fewest": 5, "probability": 0.05}
LINKS = 10


def ordinary(
    count: int, usual: float, chance: np.random.Generator, name: str = "n"
) -> list[Newcomer]:
    """Newcomers whose nearest are newcomers as often as it is usual."""
    found: list[Newcomer] = []
    for number in range(count):
        near = [
            found[int(chance.integers(len(found)))].id
            if found and chance.random() < usual
            else None
            for _ in range(LINKS)
        ]
        found.append(Newcomer(f"{name}{number:05d}", f"customer {name}{number}", near))
    return found


def group(count: int, name: str = "g") -> list[Newcomer]:
    """Each is nearest to all that came before it."""
    ids = [f"{name}{number:02d}" for number in range(count)]
    return [
        Newcomer(one, f"customer {one}", [*ids[:place], *([None] * LINKS)][:LINKS])
        for place, one in enumerate(ids)
    ]


@pytest.mark.parametrize("usual", [0.002, 0.05])
def test_exactly_the_group_is_found(usual: float) -> None:
    others = ordinary(200, usual, np.random.default_rng(1))
    some = group(12)
    assert emerging([*others, *some], usual, **RULE) == [frozenset(one.id for one in some)]


def test_it_grows_until_it_is_told() -> None:
    others = ordinary(200, 0.02, np.random.default_rng(2))
    told = [bool(emerging([*others, *group(n)], 0.02, **RULE)) for n in range(1, 15)]
    assert not any(told[:5])
    assert all(told[6:])


def test_two_groups_are_two_and_the_larger_comes_first() -> None:
    found = emerging([*group(7, "a"), *group(9, "b")], 0.01, **RULE)
    assert [len(one) for one in found] == [9, 7]
    assert [min(one)[0] for one in found] == ["b", "a"]


def test_one_customer_is_no_group() -> None:
    some = [Newcomer(one.id, f"customer {n % 4}", one.near) for n, one in enumerate(group(12))]
    assert emerging(some, 0.01, **RULE) == []


@pytest.mark.parametrize("usual", [0.0, 1.0])
def test_without_anything_to_compare_with_nothing_is_told(usual: float) -> None:
    assert emerging(group(12), usual, **RULE) == []
    assert emerging([], 0.1, **RULE) == []


def test_chance_raises_less_than_the_rule_allows() -> None:
    """400 looks at ordinary newcomers; weekly ones, that is nearly eight years."""
    false = sum(
        bool(emerging(ordinary(300, usual, np.random.default_rng(seed)), usual, **RULE))
        for seed in range(100)
        for usual in (0.01, 0.05, 0.2, 0.4)
    )
    assert false <= 1


@given(st.randoms(use_true_random=False), st.integers(6, 30))
def test_the_order_of_rows_does_not_matter(chance: object, size: int) -> None:
    rows = [*ordinary(60, 0.1, np.random.default_rng(size)), *group(size)]
    mixed = rows.copy()
    chance.shuffle(mixed)  # type: ignore[attr-defined]
    assert emerging(mixed, 0.1, **RULE) == emerging(rows, 0.1, **RULE)
