"""What the calendar brings: learnt where there is enough, nothing where there is not."""

from collections import Counter
from datetime import date, timedelta

import numpy as np
import pytest

from graph.domain.periods import Bucket, Interval
from graph.statistics.seasons import learnt_from, seasons

END = date(2026, 1, 1)


def drawn(
    past: Bucket, rates: dict[int, float], months: dict[int, float]
) -> Counter[tuple[int, int]]:
    chance = np.random.default_rng(1)
    found: Counter[tuple[int, int]] = Counter()
    for day in past.days:
        rate = rates.get(day.weekday(), 50.0) * months.get(day.month, 1.0)
        found[day.weekday(), day.month] += int(chance.poisson(rate))
    return found


def test_weekdays_and_months_are_found() -> None:
    past = learnt_from(END - timedelta(days=800), END)
    assert len(past.days) == 728
    found = seasons(drawn(past, {5: 10.0, 6: 10.0}, {3: 2.0}), past)
    assert found.weekdays[5] / found.weekdays[0] == pytest.approx(0.2, abs=0.03)
    assert found.months[2] / found.months[0] == pytest.approx(2.0, abs=0.15)


def test_a_month_of_even_days_has_no_season() -> None:
    past = learnt_from(END - timedelta(days=800), END)
    found = seasons(drawn(past, dict.fromkeys(range(7), 4.0), {}), past)
    assert max(abs(each - 1) for each in found.months) < 0.1


@pytest.mark.parametrize("days", [0, 10, 55])
def test_a_short_past_tells_nothing(days: int) -> None:
    past = learnt_from(END - timedelta(days=days), END)
    found = seasons({(0, 1): 9}, past)
    assert set(found.weekdays) == set(found.months) == {1.0}


def test_without_complaints_every_day_is_alike() -> None:
    past = learnt_from(END - timedelta(days=900), END)
    found = seasons({}, past)
    bucket = Bucket(date(2026, 2, 1), Interval.MONTH.after(date(2026, 2, 1)))
    assert found.weight(bucket) == 28
