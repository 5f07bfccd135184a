"""Sort keys keep the order of times, and the times themselves."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from graph.domain.copies import received_at, received_key

_TIMES = st.datetimes(datetime(1970, 1, 1), datetime(2250, 1, 1), timezones=st.just(UTC))


@given(_TIMES, _TIMES)
def test_a_key_gives_back_its_time_and_its_place(one: datetime, other: datetime) -> None:
    key = received_key(one, "a:b")
    assert timedelta(0) <= one - received_at(key) < timedelta(milliseconds=1)
    if received_at(key) != received_at(received_key(other)):
        assert (key < received_key(other)) == (one < other)
