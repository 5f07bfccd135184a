"""Buckets found by arithmetic are those of the calendar, in every zone and at every edge."""

from datetime import UTC, date, datetime, timedelta
from random import Random
from zoneinfo import ZoneInfo

import pytest

from graph.database import Database
from graph.domain.periods import Interval, buckets
from graph.insight.calendar import Calendar

pytestmark = pytest.mark.graph

FIRST, LAST = date(1970, 1, 1), date(2031, 12, 31)


@pytest.mark.parametrize("zone", ["Asia/Shanghai", "America/New_York", "Pacific/Apia", "UTC"])
@pytest.mark.parametrize("interval", list(Interval))
async def test_the_bucket_is_that_of_the_calendar(
    database: Database, zone: str, interval: Interval
) -> None:
    # Days over 800 buckets at most, as trends have them; the others over every year there is.
    first = date(2024, 1, 1) if interval is Interval.DAY else FIRST
    last = first + timedelta(days=799) if interval is Interval.DAY else LAST
    found = buckets(interval, first, last)
    calendar = Calendar.of([each.start for each in found], found[-1].end, ZoneInfo(zone))
    chance = Random(3)
    inside = [chance.randrange(calendar.bounds[0], calendar.bounds[-1]) for _ in range(400)]
    edges = [second for bound in calendar.bounds[1:-1] for second in (bound - 1, bound)]
    times = [datetime.fromtimestamp(each, UTC) for each in [*inside, *edges, calendar.bounds[0]]]
    rows = await database.read(
        f"""
        CYPHER 25
        UNWIND $times AS at
        WITH {{receivedAt: at}} AS c
        {calendar.numbered("bucket")}
        RETURN c.receivedAt AS at, bucket
        """,
        times=times,
        **calendar.parameters("bucket"),
    )
    assert len(rows) == len(times)
    for row in rows:
        local = row["at"].astimezone(ZoneInfo(zone)).date()
        assert calendar.starts[row["bucket"]] == interval.start_of(local), row["at"]


@pytest.mark.parametrize("zone", ["Asia/Shanghai", "America/New_York"])
def test_every_month_that_a_complaint_can_have_is_there(zone: str) -> None:
    calendar = Calendar.months_until(date(2026, 7, 3), ZoneInfo(zone))
    assert calendar.bounds[0] < 0
    assert calendar.starts[-1] == date(2026, 7, 1)
    newest = datetime(2026, 7, 3, 23, 59, tzinfo=ZoneInfo(zone))
    assert calendar.bounds[-1] > newest.timestamp()
