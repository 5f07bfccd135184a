"""Which filings are one case: received twice, or complained of again after an answer."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from graph.domain.families import Corrections, FamilyKind, Filing, Likeness, Relation, relate

START = datetime(2026, 1, 1, tzinfo=UTC)
ANSWERED = START + timedelta(days=10)


def filing(name: str, day: float, **changes: object) -> Filing:
    at = START + timedelta(days=day)
    plain = Filing(
        name, f"{day:09.3f}:{name}", at, answered=False, product="card", type="FEE", has_text=True,
        customer="anna",
    )  # fmt: skip
    return replace(plain, **changes)  # type: ignore[arg-type]


def likeness(cosine: float, *names: str) -> Likeness:
    pairs = {(a, b): cosine for a in names for b in names if a != b}
    return Likeness(pairs, same_product=0.9, otherwise=0.95)


FIRST = filing("a", 0, answered=True, answered_at=ANSWERED)


def test_before_the_answer_it_is_the_same_filing_and_after_it_a_repeat() -> None:
    again, later = filing("b", 5), filing("c", 20)
    assert relate([FIRST, again, later], likeness(0.92, "a", "b", "c")) == [
        Relation("b", "a", FamilyKind.DUPLICATE_OF),
        Relation("c", "a", FamilyKind.REPEATS),
    ]


def test_another_product_or_text_or_a_year_later_is_another_matter() -> None:
    assert not relate([FIRST, filing("b", 5, product="loan")], likeness(0.99, "a", "b"))
    assert not relate([FIRST, filing("b", 5)], likeness(0.89, "a", "b"))
    assert not relate([FIRST, filing("b", 366)], likeness(0.99, "a", "b"))


def test_without_a_product_the_texts_must_be_more_alike() -> None:
    unknown = filing("b", 5, product=None)
    assert not relate([FIRST, unknown], likeness(0.92, "a", "b"))
    assert relate([FIRST, unknown], likeness(0.96, "a", "b"))


def test_without_texts_product_and_type_decide() -> None:
    bare = filing("b", 20, has_text=False)
    assert relate([FIRST, bare], likeness(0.0)) == [Relation("b", "a", FamilyKind.REPEATS)]
    assert not relate([FIRST, replace(bare, type="PRIVACY")], likeness(0.0))
    assert not relate([FIRST, replace(bare, type=None)], likeness(0.0))


def test_what_people_have_recorded_goes_before_what_texts_say() -> None:
    again, later = filing("b", 5), filing("c", 20, customer=None, product="loan")
    alike = likeness(0.99, "a", "b")
    other = Corrections(other=frozenset({frozenset("ab")}))
    assert relate([FIRST, again], alike, other) == []
    same = Corrections(same=frozenset({frozenset("bc")}))
    assert relate([FIRST, again, later], alike, same) == [
        Relation("b", "a", FamilyKind.DUPLICATE_OF),
        # One with a duplicate is one with what that duplicates.
        Relation("c", "a", FamilyKind.REPEATS),
    ]


def test_nobody_knows_whose_it_is_so_it_is_no_case_of_anybody() -> None:
    assert not relate([replace(FIRST, customer=None), filing("b", 5)], likeness(0.99, "a", "b"))


@given(
    days=st.lists(st.integers(0, 300), min_size=2, max_size=8, unique=True),
    alike=st.booleans(),
    seed=st.integers(0, 99),
)
def test_the_order_of_arrival_does_not_matter(days: list[int], alike: bool, seed: int) -> None:
    filings = [filing(str(day), day, answered=day % 2 == 0) for day in days]
    close = likeness(0.97 if alike else 0.1, *(f.id for f in filings))
    shuffled = Random(seed).sample(filings, len(filings))
    relations = relate(filings, close)
    assert relate(shuffled, close) == relations
    duplicates = {r.later for r in relations if r.kind is FamilyKind.DUPLICATE_OF}
    assert not any(r.earlier in duplicates for r in relations)
