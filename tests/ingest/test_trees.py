"""Trees named row by row: each entry has one place and none stands below itself."""

from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from graph.domain.catalogue import CatalogueEntry
from graph.domain.enums import CatalogueKind
from ingest.record import IncomingComplaint
from ingest.trees import Place, misplaced, places, well_placed

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
def test_what_is_kept_is_a_tree_and_nothing_is_left_out_without_need(
    counted: dict[Place, int],
) -> None:
    kept = set(counted) - set(misplaced(counted, ()))
    placed = {place[:2] for place in kept}
    assert not has_circle(kept)
    assert len(placed) == len(kept)
    assert all(place[:2] in placed or has_circle({*kept, place}) for place in set(counted) - kept)


@given(_COUNTED, st.randoms(use_true_random=False))
def test_the_order_of_rows_plays_no_part(counted: dict[Place, int], chance: object) -> None:
    items = list(counted.items())
    chance.shuffle(items)  # type: ignore[attr-defined]
    assert misplaced(dict(items), ()) == misplaced(counted, ())


def left_out(counted: dict[Place, int], on_record: tuple[Place, ...] = ()) -> set[Place]:
    return set(misplaced(counted, on_record))


def test_the_few_give_way_to_the_many_and_the_file_to_the_graph() -> None:
    right, wrong = (BRANCH, "HAIDIAN", "BEIJING"), (BRANCH, "BEIJING", "HAIDIAN")
    assert left_out({right: 900, wrong: 1}) == {wrong}
    assert left_out({wrong: 1}, (right,)) == {wrong}
    # The file places HAIDIAN elsewhere, so that what is on record of it does not count.
    moved = (BRANCH, "HAIDIAN", "TIANJIN")
    assert left_out({wrong: 1, moved: 5}, (right,)) == set()


def test_of_two_wider_entries_the_one_in_more_rows_counts_and_of_equals_the_one_on_record() -> None:
    beijing, tianjin = (BRANCH, "HAIDIAN", "BEIJING"), (BRANCH, "HAIDIAN", "TIANJIN")
    ((place, why),) = misplaced({beijing: 1, tianjin: 900}, [beijing]).items()
    assert place == beijing
    assert why.shown == "BEIJING > HAIDIAN: 1 row; TIANJIN > HAIDIAN: 900 rows"
    assert left_out({beijing: 2, tianjin: 2}, (tianjin,)) == {beijing}
    assert left_out({beijing: 2, tianjin: 2}) == {tianjin}


def test_the_next_place_counts_where_the_first_would_be_a_circle() -> None:
    above, below = (BRANCH, "BEIJING", "HAIDIAN"), (BRANCH, "HAIDIAN", "BEIJING")
    second = (BRANCH, "BEIJING", "NORTH")
    assert left_out({below: 9, above: 5, second: 3}) == {above}


def test_what_is_below_a_misplaced_entry_stays_with_the_row() -> None:
    tianjin = CatalogueEntry(BRANCH, "TIANJIN", "天津")
    haidian = CatalogueEntry(BRANCH, "HAIDIAN", "海淀", wider="TIANJIN")
    outlet = CatalogueEntry(BRANCH, "ZGC", "中关村", wider="HAIDIAN")
    row = IncomingComplaint("s", "1", date(2026, 1, 1), branch=(tianjin, haidian, outlet))
    wrong, right = (BRANCH, "HAIDIAN", "TIANJIN"), (BRANCH, "HAIDIAN", "BEIJING")
    assert set(places(row)) == {wrong, (BRANCH, "ZGC", "HAIDIAN")}
    changed, (problem,) = well_placed(7, row, misplaced({wrong: 1, right: 2}, ()))
    assert changed.branch == (CatalogueEntry(BRANCH, "HAIDIAN", "海淀"), outlet)
    assert (problem.line, problem.field) == (7, "branch")
    assert problem.value == "TIANJIN > HAIDIAN: 1 row; BEIJING > HAIDIAN: 2 rows"
    assert well_placed(7, row, {}) == (row, ())
