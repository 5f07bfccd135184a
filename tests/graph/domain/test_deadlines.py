"""Deadlines against a corpus that was reckoned by hand, and what must hold of all of them."""

import csv
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from holidays import country_holidays
from hypothesis import given
from hypothesis import strategies as st

from graph.domain.calendars import Calendar
from graph.domain.deadlines import Deadline, Suspension, TimeLimits
from graph.domain.enums import TimePrecision
from graph.domain.moments import Moment
from graph.errors import InvalidInputError

#: Weekdays off and weekends worked in 2026, as the State Council announced them.
CN_OFF = {
    *("2026-01-01", "2026-01-02", "2026-02-16", "2026-02-17", "2026-02-18", "2026-02-19"),
    *("2026-02-20", "2026-02-23", "2026-04-06", "2026-05-01", "2026-05-04", "2026-05-05"),
    *("2026-06-19", "2026-09-25", "2026-10-01", "2026-10-02", "2026-10-05", "2026-10-06"),
    "2026-10-07",
}
CN_WORKED = {
    *("2026-01-04", "2026-02-14", "2026-02-28", "2026-05-09", "2026-09-20", "2026-10-10"),
}
US_OFF = {
    *("2026-01-01", "2026-01-19", "2026-02-16", "2026-05-25", "2026-06-19", "2026-07-03"),
    *("2026-09-07", "2026-10-12", "2026-11-11", "2026-11-26", "2026-12-25"),
}


def cn(day: date) -> bool:
    return str(day) in CN_WORKED or (day.weekday() < 5 and str(day) not in CN_OFF)


def us(day: date) -> bool:
    return day.weekday() < 5 and str(day) not in US_OFF


def office(zone: str, counts: Callable[[date], bool], opens: float, closes: float) -> Calendar:
    return Calendar(ZoneInfo(zone), counts, timedelta(hours=opens), timedelta(hours=closes))


CALENDARS = {
    "CN": office("Asia/Shanghai", cn, 9, 17),
    "CN_0830": office("Asia/Shanghai", cn, 8.5, 17.5),
    "US": office("America/New_York", us, 9, 17),
    "SHANGHAI": Calendar(ZoneInfo("Asia/Shanghai")),
    "NEW_YORK": Calendar(ZoneInfo("America/New_York")),
    "SANTIAGO": Calendar(ZoneInfo("America/Santiago")),
    "LORD_HOWE": Calendar(ZoneInfo("Australia/Lord_Howe")),
}
with (Path(__file__).parent / "deadlines.csv").open(encoding="utf-8") as file:
    CORPUS = list(csv.DictReader(file))


def instant(text: str, zone: ZoneInfo) -> datetime:
    """A time of the corpus; without an offset it is the clock's, where that is not ambiguous."""
    at = datetime.fromisoformat(text)
    return (at if at.tzinfo else at.replace(tzinfo=zone)).astimezone(UTC)


@pytest.mark.parametrize("row", CORPUS, ids=[f"{r['calendar']}-{r['why']}" for r in CORPUS])
def test_the_corpus(row: dict[str, str]) -> None:
    limits = TimeLimits(calendar=CALENDARS[row["calendar"]])
    zone = limits.calendar.zone
    days = {"plain": 15, "complex": 30, "review": 30}[row["limit"]]
    suspensions = [
        Suspension(*(instant(text, zone) for text in pause.split("/")))
        for pause in row["paused"].split()
    ]
    found = limits.deadline(
        instant(row["received"], zone),
        days,
        extended=int(row["extended"]),
        suspensions=suspensions,
    )
    assert found.due_at == datetime.fromisoformat(row["due"])
    assert found.due_at.utcoffset() == timedelta(0)
    if row["due_soon"]:
        assert found.due_soon_at == datetime.fromisoformat(row["due_soon"])


def test_the_corpus_is_large_and_varied() -> None:
    assert len(CORPUS) >= 40
    assert {row["calendar"] for row in CORPUS} == CALENDARS.keys()


@pytest.mark.parametrize(("country", "counts"), [("CN", cn), ("US", us)])
def test_the_library_has_the_days_of_the_corpus(
    country: str, counts: Callable[[date], bool]
) -> None:
    known = country_holidays(country)
    days = [date(2026, 1, 1) + timedelta(days=n) for n in range(365)]
    assert [day for day in days if known.is_working_day(day) != counts(day)] == []


START, END = datetime(2026, 1, 6), datetime(2026, 11, 10)
instants = st.datetimes(START, END, timezones=st.just(UTC))
spans = st.timedeltas(timedelta(0), timedelta(days=40))
calendars = st.sampled_from(list(CALENDARS.values()))
working = st.sampled_from([CALENDARS[name] for name in ("CN", "CN_0830", "US")])


def due(calendar: Calendar, start: datetime, **changes: Any) -> Deadline:
    return TimeLimits(calendar=calendar).deadline(start, 15, **changes)


@given(calendars, instants, instants, spans, st.integers(0, 30))
def test_a_longer_pause_is_never_due_earlier(
    calendar: Calendar, start: datetime, paused: datetime, span: timedelta, minutes: int
) -> None:
    longer = span + timedelta(minutes=minutes)
    short, long = (
        due(calendar, start, suspensions=[Suspension(paused, paused + each)])
        for each in (span, longer)
    )
    assert due(calendar, start).due_at <= short.due_at <= long.due_at
    assert short.due_soon_at <= long.due_soon_at
    # Nobody gains more by a pause than its time by the clock, but for what lies beside it.
    assert calendar.between(paused, paused + longer) <= longer + timedelta(hours=1)


@given(calendars, instants, instants)
def test_a_pause_of_no_time_costs_nothing(
    calendar: Calendar, start: datetime, paused: datetime
) -> None:
    assert due(calendar, start, suspensions=[Suspension(paused, paused)]) == due(calendar, start)
    assert calendar.between(paused, paused - timedelta(days=3)) == timedelta(0)


@given(calendars, instants, instants, spans, st.floats(0, 1))
def test_a_pause_in_two_parts_costs_what_it_costs_in_one(
    calendar: Calendar, start: datetime, paused: datetime, span: timedelta, part: float
) -> None:
    middle = paused + span * part
    parts = [Suspension(paused, middle), Suspension(middle, paused + span)]
    whole = due(calendar, start, suspensions=[Suspension(paused, paused + span)])
    assert due(calendar, start, suspensions=parts) == whole
    assert due(calendar, start, suspensions=parts[::-1]) == whole


@given(calendars, instants, st.timedeltas(timedelta(0), timedelta(days=3)))
def test_who_comes_later_is_never_due_earlier(
    calendar: Calendar, start: datetime, span: timedelta
) -> None:
    # But where the clock shows an hour twice: who came in the first may be due after it.
    assert due(calendar, start + span).due_at >= due(calendar, start).due_at - timedelta(hours=1)
    if calendar.zone.key == "Asia/Shanghai":
        assert due(calendar, start + span).due_at >= due(calendar, start).due_at


@given(
    st.sampled_from([name for name in CALENDARS if CALENDARS[name].closes == timedelta(days=1)]),
    instants,
    st.integers(0, 60),
)
def test_calendar_days_keep_the_time_on_the_clock(name: str, start: datetime, extra: int) -> None:
    calendar = CALENDARS[name]
    local = start.astimezone(calendar.zone).replace(tzinfo=None)
    found = due(calendar, start, extended=extra).due_at.astimezone(calendar.zone)
    wanted = local + timedelta(days=15 + extra)
    skipped = wanted.replace(tzinfo=calendar.zone).astimezone(UTC).astimezone(calendar.zone)
    if skipped.replace(tzinfo=None) == wanted:
        assert found.replace(tzinfo=None) == wanted
    else:
        assert timedelta(0) < found.replace(tzinfo=None) - wanted <= timedelta(hours=1)


@given(
    working,
    instants,
    st.integers(0, 30),
    st.lists(st.tuples(instants, spans), max_size=3),
)
def test_nothing_is_due_on_a_day_off_or_at_night(
    calendar: Calendar,
    start: datetime,
    extended: int,
    pauses: list[tuple[datetime, timedelta]],
) -> None:
    suspensions = [Suspension(at, at + span) for at, span in pauses]
    found = due(calendar, start, extended=extended, suspensions=suspensions)
    for at in (found.due_at, found.due_soon_at):
        local = at.astimezone(calendar.zone)
        assert calendar.counts(local.date())
        since = local.replace(tzinfo=None) - datetime.combine(local.date(), datetime.min.time())
        assert calendar.opens <= since <= calendar.closes
        assert calendar.fits(at)
    assert found.due_soon_at <= found.due_at


@given(working, instants, spans)
def test_what_passes_is_the_time_that_was_given(
    calendar: Calendar, start: datetime, span: timedelta
) -> None:
    """From receipt to the deadline, without the pause, lie 15 days of business hours."""
    found = due(calendar, start, suspensions=[Suspension(start, start + span)])
    spent = calendar.between(start, found.due_at) - calendar.between(start, start + span)
    assert spent == 15 * calendar.hours


def test_a_suspension_is_kept_as_an_interval() -> None:
    kept = Suspension(datetime(2026, 10, 1, 1, tzinfo=UTC), datetime(2026, 10, 7, 9, 0, 0, 5, UTC))
    assert str(kept) == "2026-10-01T01:00:00+00:00/2026-10-07T09:00:00.000005+00:00"
    assert Suspension.parse(str(kept)) == kept


@pytest.mark.parametrize(
    ("due_at", "message"),
    [
        ("2026-10-18T10:00+08:00", "nearest time on a working day is 2026-10-16T17:00"),
        ("2026-10-19T21:00+08:00", "nearest time on a working day is 2026-10-19T17:00"),
        ("2026-09-20T10:00+08:00", "is over"),
        ("2027-09-21T10:00+08:00", "give time until 2026-12-"),
    ],
)
def test_a_date_of_one_s_own_lies_in_business_hours(due_at: str, message: str) -> None:
    limits = TimeLimits(calendar=CALENDARS["CN"])
    start = datetime(2026, 9, 21, 2, tzinfo=UTC)
    with pytest.raises(InvalidInputError, match=message):
        limits.check_own(start, datetime.fromisoformat(due_at))
    limits.check_own(start, datetime.fromisoformat("2026-10-19T17:00+08:00"))


def test_registration_within_a_day() -> None:
    limits, start = TimeLimits(), datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
    assert limits.registered_late(Moment(start), start + timedelta(hours=24)) is False
    assert limits.registered_late(Moment(start), start + timedelta(hours=24.1)) is True
    only_date = Moment(start, TimePrecision.DAY)
    assert limits.registered_late(only_date, start + timedelta(days=9)) is None


def learned(day: date) -> bool:
    """The calendar once the days of the next year are announced."""
    return cn(day) and day != date(2027, 2, 8)


def test_terms_tell_what_deadlines_rest_on() -> None:
    now = datetime(2026, 11, 28, tzinfo=UTC)
    terms = TimeLimits(calendar=CALENDARS["CN"]).terms(now)
    assert not terms.differs(TimeLimits(calendar=CALENDARS["CN"]).terms(now))
    others = [
        TimeLimits(calendar=office("Asia/Shanghai", learned, 9, 17)),
        TimeLimits(calendar=CALENDARS["CN_0830"]),
        TimeLimits(calendar=CALENDARS["SHANGHAI"]),
        TimeLimits(calendar=CALENDARS["CN"], decide_days=20),
    ]
    assert all(terms.differs(other.terms(now)) for other in others)
    later = TimeLimits(calendar=CALENDARS["CN"]).terms(now + timedelta(days=400))
    assert not later.differs(terms)  # another year has come into sight, no day has changed
    assert not terms.covers(later)
