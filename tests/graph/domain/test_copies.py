"""Sort keys keep the order of times, and the times themselves."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from graph.domain.copies import (
    complaint_key,
    received_at,
    received_key,
    source_key,
    source_name,
)

_TIMES = st.datetimes(datetime(1970, 1, 1), datetime(2250, 1, 1), timezones=st.just(UTC))


@given(_TIMES, _TIMES)
def test_a_key_gives_back_its_time_and_its_place(one: datetime, other: datetime) -> None:
    key = received_key(one, "a:b")
    assert timedelta(0) <= one - received_at(key) < timedelta(milliseconds=1)
    if received_at(key) != received_at(received_key(other)):
        assert (key < received_key(other)) == (one < other)


_NAMES = st.text(max_size=5)


@given(_TIMES, _NAMES, _NAMES, _NAMES, _NAMES)
def test_ties_are_decided_by_the_source_and_not_by_the_id(
    at: datetime, system: str, one: str, other: str, identity: str
) -> None:
    def key(source_id: str, name: str) -> str:
        return complaint_key(at, source_key(system, source_id), name)

    assert received_at(key(one, identity)) == received_at(received_key(at))
    if one != other:
        assert (key(one, "a") < key(other, "b")) == (key(one, "b") < key(other, "a"))


@given(_NAMES, _NAMES, _NAMES, _NAMES)
def test_two_rows_never_have_one_name(s: str, i: str, t: str, j: str) -> None:
    assert (source_name(s, i) == source_name(t, j)) == ((s, i) == (t, j))
