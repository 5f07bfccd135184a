"""Excess: planted combinations are found, chance finds none, small numbers are shrunk."""

import numpy as np
import pytest
from scipy.stats import false_discovery_control

from graph.statistics.cells import Cells
from graph.statistics.excess import (
    FEWEST,
    Excess,
    _corrected,
    _Family,
    blocks_of,
    excesses,
)
from graph.statistics.shrinkage import Mixture, fitted, shrink

DIMENSIONS = ("PRODUCT", "CAUSE", "BRANCH", "MONTH")
CANDIDATES = list(blocks_of(DIMENSIONS, frozenset({"PRODUCT", "CAUSE"})))


def bank(chance: np.random.Generator, size: int = 2_000) -> list[tuple[int, int, int, int]]:
    """Cause follows from product; branch and month have nothing to do with either."""
    products = chance.choice(12, size, p=np.arange(1, 13) / 78)
    causes = products * 2 + (chance.random(size) < 0.3)
    branches = chance.choice(8, size, p=np.arange(1, 9) / 36)
    return list(
        zip(
            products.tolist(),
            causes.tolist(),
            branches.tolist(),
            chance.integers(0, 12, size),
            strict=True,
        )
    )


def cells_of(rows: list[tuple[int, int, int, int]]) -> Cells:
    columns = [[(str(code),) for code in column] for column in zip(*rows, strict=True)]
    return Cells(DIMENSIONS, columns or [[]] * 4, [1] * len(rows))


def test_chance_alone_makes_no_hotspot() -> None:
    chance = np.random.default_rng(11)
    wrong = sum(bool(excesses(cells_of(bank(chance)), CANDIDATES, 20)) for _ in range(20))
    assert wrong <= 2  # at most one bank in ten


def test_a_large_finding_does_not_make_the_rest_look_frequent_elsewhere() -> None:
    """All of one matter at one branch: others are the rarer there, and no hotspots elsewhere."""
    rows = bank(np.random.default_rng(4), 800)
    rows += [(0, 30, 1, n % 12) for n in range(200)]
    hits = excesses(cells_of(rows), CANDIDATES, 20)
    assert hits
    assert all(dict(hit.key).get("BRANCH") == "1" for hit in hits)


def test_a_planted_combination_is_found_and_told_once() -> None:
    rows = bank(np.random.default_rng(5))
    rows += [(3, 6, 2, month) for month in range(12) for _ in range(3)]
    hits = excesses(cells_of(rows), CANDIDATES, 20)
    assert len(hits) == 1
    assert dict(hits[0].key)["BRANCH"] == "2"
    assert dict(hits[0].key).keys() & {"PRODUCT", "CAUSE"}
    assert 20 < hits[0].excess < 50
    assert hits[0].low > 1


def test_a_burst_in_one_month_is_found_without_a_branch() -> None:
    rows = bank(np.random.default_rng(6))
    rows += [(3, 7, number % 8, 4) for number in range(40)]
    hits = excesses(cells_of(rows), CANDIDATES, 20)
    assert ("MONTH", "4") in hits[0].key
    assert "BRANCH" not in dict(hits[0].key)


def test_tests_that_were_not_made_count_as_having_found_nothing() -> None:
    values = np.random.default_rng(8).random(40) ** 3
    tested = [Excess(frozenset(), 3, 1.0, 1.0, 0.0, 0.0, float(p)) for p in values]
    expected = false_discovery_control(np.concatenate([values, np.ones(960)]))[:40]
    found_ = [each.corrected for each in _corrected([_Family(tested, 1_000)])]
    assert found_ == pytest.approx(expected.tolist(), abs=1e-12)


def test_a_few_pairs_do_not_pay_for_thousands_of_triples() -> None:
    """Each family has the same part of the false discoveries, whatever its size."""
    pair = Excess(frozenset(), 30, 10.0, 1.0, 0.0, 0.0, 5e-5)
    small, large = _Family([pair], 200), _Family([], 50_000)
    (alone,) = _corrected([small])
    (among,) = _corrected([small, large])
    assert alone.corrected == pytest.approx(5e-5 * 200)
    assert among.corrected == pytest.approx(2 * alone.corrected)
    # A family of which nothing can be tested takes no part.
    assert _corrected([small, _Family([], 0)]) == [alone]
    assert _corrected([_Family([], 0)]) == []


def test_the_only_finding_is_told() -> None:
    """Nothing explains it: as Poisson it is a little more probable than as binomial."""
    rows = [(n % 4, n % 4, n % 5, n % 12) for n in range(600)]
    rows += [(1, 1, 2, n % 12) for n in range(42)]
    candidates = list(blocks_of(("CAUSE", "BRANCH"), frozenset({"CAUSE"})))
    hits = excesses(cells_of(rows), candidates, 20)
    assert [dict(hit.key) for hit in hits] == [{"CAUSE": "1", "BRANCH": "2"}]


@pytest.mark.parametrize("size", [0, 1, 29])
def test_few_complaints_tell_too_little(size: int) -> None:
    assert excesses(cells_of([(1, 1, 1, 1)] * size), CANDIDATES, 20) == []


def test_small_numbers_are_shrunk_more() -> None:
    mixture = Mixture()
    observed, expected = np.array([3, 300]), np.array([1.0, 100.0])
    ratio, low, high = shrink(observed, expected, mixture)
    assert ratio[0] < ratio[1] < 3.05
    assert (low < ratio).all()
    assert (ratio < high).all()


def test_the_mixture_tells_many_ordinary_ratios_from_a_few_wide_ones() -> None:
    chance = np.random.default_rng(2)
    expected = chance.uniform(3, 30, 1_500)
    true = np.where(chance.random(1_500) < 0.1, chance.gamma(4, 1, 1_500), 1.0)
    observed = chance.poisson(true * expected)
    seen = observed >= FEWEST
    mixture = fitted(observed[seen], expected[seen], FEWEST)
    assert 0.03 < mixture.share < 0.25
    ratio, low, high = shrink(observed[seen], expected[seen], mixture)
    inside = (low <= true[seen]) & (true[seen] <= high)
    assert inside.mean() > 0.9
    assert (
        np.abs(ratio - true[seen]).mean()
        < np.abs(observed[seen] / expected[seen] - true[seen]).mean()
    )


def several(
    chance: np.random.Generator, size: int, causes: int, each: int
) -> tuple[list[list[str]], list[list[str]], list[list[str]]]:
    """Random products and branches, and so many random causes of each complaint."""
    return (
        [[f"P{n}"] for n in chance.integers(0, 8, size)],
        [[f"C{n}" for n in chance.choice(causes, each, replace=False)] for _ in range(size)],
        [[f"B{n}"] for n in chance.integers(0, 10, size)],
    )


NAMES = ("PRODUCT", "CAUSE", "BRANCH")
SIDES = list(blocks_of(NAMES, frozenset({"PRODUCT", "CAUSE"})))


@pytest.mark.parametrize("each", [1, 5])
def test_five_causes_are_no_five_complaints(each: int) -> None:
    """Of rows without anything planted, as seldom with five causes each as with one."""
    chance = np.random.default_rng(12)
    banks = [Cells(NAMES, several(chance, 1_500, 12, each), [1] * 1_500) for _ in range(12)]
    wrong = [len(excesses(bank, SIDES, 20)) for bank in banks]
    assert sum(map(bool, wrong)) <= 1, wrong


def test_causes_that_stand_together_are_told_once() -> None:
    """The same complaints have both causes: whichever is told, the other tells nothing more."""
    products, causes, branches = several(np.random.default_rng(13), 1_000, 20, 2)
    products += [[f"P{n % 8}"] for n in range(60)]
    causes += [["C90", "C91", f"C{n % 20}"] for n in range(60)]
    branches += [[f"B{3 if n < 50 else n % 10}"] for n in range(60)]
    hits = excesses(Cells(NAMES, (products, causes, branches), [1] * 1_060), SIDES, 20)
    assert len(hits) == 1
    found = dict(hits[0].key)
    assert (found["BRANCH"], hits[0].count) == ("B3", 51)
    assert found["CAUSE"] in {"C90", "C91"}


def test_each_finding_has_the_count_and_expectation_of_single_complaints() -> None:
    """All have the same three causes: the product at the branch is told, once, not a cause."""
    rows = [(["Cards"], ["North"])] * 40 + [(["Loans"], ["South"])] * 40
    rows += [([p], [b]) for p in ("Cards", "Loans") for b in ("North", "South") for _ in range(4)]
    causes = [["C1", "C2", "C3"]] * len(rows)
    cells = Cells(
        NAMES,
        ([p for p, _ in rows], causes, [b for _, b in rows]),
        [1] * len(rows),
    )
    hits = {tuple(sorted(hit.key)): hit for hit in excesses(cells, SIDES, 20)}
    cards = hits[("BRANCH", "North"), ("PRODUCT", "Cards")]
    assert (cards.count, cards.expected, len(hits)) == (44, 24.0, 1), hits
    assert cards.excess <= cards.count - cards.expected + 1e-9
