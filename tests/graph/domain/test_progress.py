"""What a customer is told of his complaint."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graph.domain.enums import OPEN_STATUSES, CaseStatus
from graph.domain.progress import next_date

NOW = datetime(2026, 11, 28, 1, tzinfo=UTC)


@given(st.sampled_from(CaseStatus), st.none() | st.timedeltas())
def test_the_next_date_is_never_in_the_past(status: CaseStatus, ahead: timedelta | None) -> None:
    try:
        due_at = None if ahead is None else NOW + ahead
    except OverflowError:
        return
    found = next_date(status, due_at, NOW)
    assert found is None or (found > NOW and status in OPEN_STATUSES)
    if due_at is not None and due_at > NOW and status in OPEN_STATUSES:
        assert found == due_at


@pytest.mark.parametrize("minutes", [0, -1])
def test_a_date_that_has_come_is_no_next_date(minutes: int) -> None:
    due_at = NOW + timedelta(minutes=minutes)
    assert next_date(CaseStatus.INVESTIGATING, due_at, NOW) is None
