"""Buckets: no gap, no overlap, and what they are compared with."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graph.domain.periods import Interval, buckets

DATES = st.dates(date(1975, 1, 1), date(2090, 1, 1))
INTERVALS = st.sampled_from(list(Interval))


@given(INTERVALS, DATES, st.integers(0, 900))
def test_they_cover_every_day_once(interval: Interval, first: date, length: int) -> None:
    last = first + timedelta(days=length)
    found = buckets(interval, first, last)
    days = [day for bucket in found for day in bucket.days]
    assert days == sorted(set(days))
    assert len(days) == (days[-1] - days[0]).days + 1
    assert days[0] <= first
    assert last <= days[-1]
    assert all(interval.start_of(day) == b.start for b in found for day in b.days)


@given(INTERVALS, DATES)
def test_the_year_before_begins_a_bucket_too(interval: Interval, day: date) -> None:
    start = interval.start_of(day)
    before = interval.year_before(start)
    assert interval.start_of(before) == before
    assert 360 <= (start - before).days <= 366


@pytest.mark.parametrize(
    ("interval", "start"),
    [
        (Interval.WEEK, date(2026, 3, 30)),
        (Interval.QUARTER, date(2026, 4, 1)),
        (Interval.YEAR, date(2026, 1, 1)),
    ],
)
def test_a_bucket_begins_where_calendars_say(interval: Interval, start: date) -> None:
    assert interval.start_of(date(2026, 4, 1)) == start


def test_a_bucket_that_ends_before_it_begins_is_none() -> None:
    assert buckets(Interval.DAY, date(2026, 1, 2), date(2026, 1, 1)) == []
