"""Ids, cursors and scalars: what comes in is what went out, and nothing else is taken."""

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graph.domain.enums import Channel
from graph.domain.filters import ComplaintFilter
from graph.errors import CursorError, InvalidInputError
from schema.cursors import scope
from schema.ids import NodeKind, global_id, key_of, parse_id
from schema.scalars import DATE_TIME, DECIMAL

KEYS = st.text(
    st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), min_size=1, max_size=40
)


@given(st.sampled_from(NodeKind), KEYS)
def test_an_id_holds_its_type_and_key(kind: NodeKind, key: str) -> None:
    assert parse_id(global_id(kind, key)) == (kind, key)


@given(st.text(max_size=60))
def test_no_text_is_an_id_but_an_id(text: str) -> None:
    try:
        kind, key = parse_id(text)
    except InvalidInputError:
        return
    assert global_id(kind, key) == text


def test_an_id_of_another_type_is_refused() -> None:
    with pytest.raises(InvalidInputError, match="id of a Product"):
        key_of(global_id(NodeKind.PRODUCT, "a"), NodeKind.COMPLAINT)


@given(KEYS)
def test_a_cursor_holds_its_key(key: str) -> None:
    place = scope("RECEIVED_DESC", None)
    assert place.decode(place.encode(key), "after") == key


@given(st.text(max_size=80))
def test_no_text_breaks_a_cursor(text: str) -> None:
    with pytest.raises(CursorError):
        scope("RECEIVED_DESC", None).decode(text, "after")


WANTED = ComplaintFilter(
    products=("a", "b"),
    channels=(Channel.APP, Channel.WEB),
    amount_from=Decimal("10.50"),
    received_from=datetime(2026, 1, 1, tzinfo=UTC),
)


@pytest.mark.parametrize(
    "other",
    [
        None,
        ComplaintFilter(),
        replace(WANTED, products=("a",)),
        replace(WANTED, channels=None),
        replace(WANTED, amount_from=Decimal("10.51")),
        replace(WANTED, excluded=ComplaintFilter(overdue=True)),
        ComplaintFilter(excluded=WANTED),
    ],
)
def test_every_difference_of_filters_is_one_of_cursors(other: ComplaintFilter | None) -> None:
    cursor = scope("RECEIVED_DESC", WANTED).encode("key")
    with pytest.raises(CursorError, match="another order or filter"):
        scope("RECEIVED_DESC", other).decode(cursor, "after")


def test_the_same_filter_written_otherwise_has_the_same_cursors() -> None:
    other = replace(WANTED, products=("b", "a"), amount_from=Decimal("10.5"))
    cursor = scope("RECEIVED_DESC", WANTED).encode("key")
    assert scope("RECEIVED_DESC", other).decode(cursor, "after") == "key"


@given(st.datetimes(timezones=st.timezones()))
def test_a_time_is_the_same_moment_in_utc(value: datetime) -> None:
    parse = DATE_TIME.parse_value
    assert parse is not None
    try:
        expected = value.astimezone(UTC)
    except OverflowError:
        return
    if value.utcoffset() and value.utcoffset().total_seconds() % 60:  # type: ignore[union-attr]
        return  # offsets with seconds are no ISO 8601
    if not 1000 <= expected.year <= 9000:
        with pytest.raises(ValueError, match="lies in the years 1000 to 9000"):
            parse(value.isoformat())
        return
    assert parse(value.isoformat()) == expected


@given(st.text(max_size=30) | st.integers() | st.floats() | st.none() | st.booleans())
def test_a_decimal_is_a_bounded_number_or_refused(value: object) -> None:
    parse = DECIMAL.parse_value
    assert parse is not None
    try:
        parsed = parse(value)
    except ValueError:
        return
    assert isinstance(parsed, Decimal)
    assert abs(parsed) <= 10**15


@pytest.mark.parametrize(
    "value", ["1e999999999", "NaN", "Infinity", "1e-999999999", True, "９" * 50]
)
def test_odd_decimals_are_refused(value: object) -> None:
    assert DECIMAL.parse_value is not None
    with pytest.raises(ValueError, match="Decimal"):
        DECIMAL.parse_value(value)
