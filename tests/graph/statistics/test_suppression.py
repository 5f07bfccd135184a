"""Hidden cells stay hidden, also from whoever knows the method and its order."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graph.statistics.suppression import THRESHOLD, Cell, shown

Line = tuple[int, ...]
Published = tuple[int | None, ...]


def published(line: Sequence[int], order: Sequence[int]) -> Published:
    """A line whose people filed one complaint each."""
    told = shown([Cell(count, count) for count in line], order)
    return tuple(count if open_ else None for count, open_ in zip(line, told, strict=True))


def lines(total: int, cells: int) -> Iterator[Line]:
    """Every line of so many cells with this total."""
    if cells == 1:
        yield (total,)
        return
    for first in range(total + 1):
        yield from ((first, *rest) for rest in lines(total - first, cells - 1))


@pytest.mark.parametrize("cells", [2, 3, 4])
@pytest.mark.parametrize("total", [*range(THRESHOLD, 26, 3), 40])
def test_no_cell_of_a_few_is_recovered_from_a_line_and_its_total(total: int, cells: int) -> None:
    """The attacker knows the total, all that is published, the method, and the order it goes by,
    and tries every bank that would have published the same.
    """
    order = list(range(cells))[::-1]
    banks: dict[Published, list[Line]] = defaultdict(list)
    for line in lines(total, cells):
        banks[published(line, order)].append(line)
    attacked = 0
    for answer, possible in banks.items():
        for index, count in enumerate(answer):
            if count is None:
                values = {line[index] for line in possible}
                attacked += 1
                if any(value < THRESHOLD for value in values):
                    assert len(values) > 1, (answer, possible)
    assert attacked


def test_a_cell_of_a_few_is_never_published() -> None:
    for order in permutations(range(3)):
        for line in lines(20, 3):
            answer = published(line, order)
            assert all(count is None or count >= THRESHOLD for count in answer)


@given(st.lists(st.integers(0, 60), min_size=1, max_size=8))
def test_a_small_cell_is_hidden_with_a_large_one_or_with_all_there_are(line: list[int]) -> None:
    answer = published(line, range(len(line)))
    hidden = [c for c, told in zip(line, answer, strict=True) if told is None]
    if hidden and len(hidden) < len(line):
        large = [count for count in hidden if count >= THRESHOLD]
        assert large
        assert sum(hidden) - THRESHOLD * len(large) >= THRESHOLD - 1


def test_nothing_is_hidden_without_need() -> None:
    assert published((9, 5, 7), range(3)) == (9, 5, 7)


def test_people_count_and_not_complaints() -> None:
    many_by_one = [Cell(40, 1), Cell(30, 25), Cell(20, 18)]
    assert shown(many_by_one, [2, 1, 0]) == [False, True, False]


def test_the_order_decides_and_not_the_size() -> None:
    line = [Cell(2, 2), Cell(50, 50), Cell(8, 8)]
    assert shown(line, [1, 2, 0]) == [False, False, True]
    assert shown(line, [2, 1, 0]) == [False, True, False]
