from collections import Counter

import pytest

from graph.domain.enums import BranchLevel, CatalogueKind
from ingest.demo import DemoOptions, catalogue
from ingest.demo.bank import bank

ENTRIES = catalogue(DemoOptions())


def children(kind: CatalogueKind, code: str | None) -> list[str]:
    return [entry.code for entry in ENTRIES if entry.kind is kind and entry.wider == code]


def test_codes_are_unique_and_the_wider_entry_comes_first() -> None:
    seen: set[tuple[CatalogueKind, str]] = set()
    for entry in ENTRIES:
        assert (entry.kind, entry.code) not in seen
        assert entry.wider is None or (entry.kind, entry.wider) in seen
        seen.add((entry.kind, entry.code))


def test_every_entry_has_both_names() -> None:
    assert all(entry.name and entry.name_zh for entry in ENTRIES)


def test_the_bank_has_the_size_that_was_asked_for() -> None:
    levels = Counter(entry.level for entry in ENTRIES if entry.kind is CatalogueKind.BRANCH)
    assert levels[BranchLevel.HEAD_OFFICE] == 1
    assert levels[BranchLevel.PROVINCE] == 3
    assert levels[BranchLevel.BRANCH] == 8
    assert levels[BranchLevel.OUTLET] == 25
    kinds = Counter(entry.kind for entry in ENTRIES)
    assert kinds[CatalogueKind.DEPARTMENT] == 8
    leaves = [
        e for e in ENTRIES if e.kind is CatalogueKind.PRODUCT and not children(e.kind, e.code)
    ]
    assert len(leaves) == 20
    causes = [e for e in ENTRIES if e.kind is CatalogueKind.ROOT_CAUSE and e.wider]
    assert len(causes) == 26


def test_products_are_a_tree_of_three_levels() -> None:
    depths = {
        len(bank().chain(CatalogueKind.PRODUCT, entry.code))
        for entry in ENTRIES
        if entry.kind is CatalogueKind.PRODUCT
    }
    assert depths == {1, 2, 3}


@pytest.mark.parametrize("measure", ["outlets", "customers"])
def test_wider_places_have_the_sums_of_what_is_in_them(measure: str) -> None:
    places = {e.code: e for e in ENTRIES if e.kind is CatalogueKind.BRANCH}
    for entry in places.values():
        below = children(CatalogueKind.BRANCH, entry.code)
        if below:
            assert getattr(entry, measure) == sum(getattr(places[c], measure) for c in below)
        else:
            assert entry.level is BranchLevel.OUTLET
            assert entry.outlets == 1


def test_shares_of_branches_add_up() -> None:
    assert sum(bank().share(branch) for branch in bank().branches) == pytest.approx(1)
