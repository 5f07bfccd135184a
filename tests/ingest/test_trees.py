"""Trees named row by row: what would stand below itself is left out, and nothing else."""

from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from graph.domain.catalogue import CatalogueEntry
from graph.domain.enums import CatalogueKind
from ingest.record import IncomingComplaint
from ingest.trees import Place, circular, places, without_circles

BRANCH = CatalogueKind.BRANCH
_CODES = st.sampled_from("ABCDE")
_PLACES = st.tuples(st.just(BRANCH), _CODES, _CODES).filter(lambda place: place[1] != place[2])
_COUNTED = st.dictionaries(_PLACES, st.integers(1, 100), max_size=12)


def has_circle(kept: set[Place]) -> bool:
    """By taking away, again and again, what stands under nothing that is left."""
    rest = set(kept)
    while bare := {place for place in rest if place[2] not in {each[1] for each in rest}}:
        rest -= bare
    return bool(rest)


@given(_COUNTED)
def test_what_is_kept_has_no_circle_and_nothing_is_left_out_without_need(
    counted: dict[Place, int],
) -> None:
    left_out = circular(counted, ())
    kept = set(counted) - left_out
    assert not has_circle(kept)
    assert all(has_circle({*kept, place}) for place in left_out)


@given(_COUNTED, st.randoms(use_true_random=False))
def test_the_order_of_rows_plays_no_part(counted: dict[Place, int], chance: object) -> None:
    items = list(counted.items())
    chance.shuffle(items)  # type: ignore[attr-defined]
    assert circular(dict(items), ()) == circular(counted, ())


def test_the_few_give_way_to_the_many_and_the_file_to_the_graph() -> None:
    right, wrong = (BRANCH, "HAIDIAN", "BEIJING"), (BRANCH, "BEIJING", "HAIDIAN")
    assert circular({right: 900, wrong: 1}, ()) == {wrong}
    assert circular({wrong: 1}, [right]) == {wrong}
    # The file places HAIDIAN elsewhere, so that what is on record of it does not count.
    moved = (BRANCH, "HAIDIAN", "TIANJIN")
    assert circular({wrong: 1, moved: 5}, [right]) == frozenset()


def test_the_narrowest_entry_stays_with_the_row() -> None:
    beijing = CatalogueEntry(BRANCH, "BEIJING", "北京", wider="HAIDIAN")
    haidian = CatalogueEntry(BRANCH, "HAIDIAN", "海淀")
    row = IncomingComplaint("s", "1", date(2026, 1, 1), branch=(haidian, beijing))
    assert list(places(row)) == [(BRANCH, "BEIJING", "HAIDIAN")]
    changed, (problem,) = without_circles(7, row, {(BRANCH, "BEIJING", "HAIDIAN")})
    assert changed.branch == (CatalogueEntry(BRANCH, "BEIJING", "北京"),)
    assert (problem.line, problem.field, problem.value) == (7, "branch", "HAIDIAN > BEIJING")
    assert without_circles(7, row, frozenset()) == (row, ())
