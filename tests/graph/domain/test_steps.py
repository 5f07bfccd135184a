"""The time in each status, kept by every step."""

from datetime import UTC, datetime, timedelta
from typing import Any

from graph.domain.enums import OPEN_STATUSES
from graph.domain.enums import CaseStatus as S
from graph.domain.steps import NEVER, TIMED, timed

NOW = datetime(2026, 3, 1, tzinfo=UTC)


def later(hours: float) -> datetime:
    return NOW + timedelta(hours=hours)


def test_every_open_status_is_timed() -> None:
    assert set(TIMED) == OPEN_STATUSES


def test_times_add_up_over_rounds() -> None:
    own: dict[str, Any] = {"status": S.REGISTERED, "statusSince": NOW}
    way = (S.CLASSIFIED, S.DISPATCHED, S.INVESTIGATING, S.ANSWERED, S.REOPENED, S.DISPATCHED)
    for hour, target in enumerate(way, start=1):
        own |= timed(own, target, later(hour))
        own["status"] = target
    own |= timed(own, S.INVESTIGATING, later(10))
    told = dict(zip(TIMED, own["stepSeconds"], strict=True))
    assert told[S.REGISTERED] == told[S.CLASSIFIED] == told[S.INVESTIGATING] == 3600
    assert told[S.DISPATCHED] == 3600 + 4 * 3600
    assert told[S.REOPENED] == 3600
    assert told[S.AGREED] == NEVER
    assert own["statusSince"] == later(10)


def test_a_step_that_stays_changes_nothing() -> None:
    assert timed({"status": S.DISPATCHED, "statusSince": NOW}, S.DISPATCHED, later(5)) == {}


def test_of_an_imported_case_the_past_stays_unknown() -> None:
    found = timed({"status": S.INVESTIGATING}, S.ANSWERED, later(5))
    assert set(found["stepSeconds"]) == {NEVER}


def test_a_clock_that_goes_back_takes_nothing_away() -> None:
    found = timed({"status": S.REGISTERED, "statusSince": NOW}, S.CLASSIFIED, later(-5))
    assert found["stepSeconds"][0] == 0
