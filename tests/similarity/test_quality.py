"""What the precedents earn, by hand."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graph.queries.ratings import RatedShowing
from similarity.quality import mean_reciprocal_rank, quality_by_month, share

ZONE = ZoneInfo("Asia/Shanghai")


def shown(
    name: str, rank: int, useful: bool, month: int = 3, product: str | None = "CARD"
) -> RatedShowing:
    return RatedShowing(name, rank, useful, datetime(2026, month, 2, tzinfo=UTC), product)


def test_the_first_useful_one_counts() -> None:
    lists = [
        *(shown("a", 1, False), shown("a", 2, True), shown("a", 4, True)),
        shown("b", 1, True),
        shown("c", 3, False),
    ]
    found = mean_reciprocal_rank(lists)
    assert found.value == pytest.approx((1 / 2 + 1 + 0) / 3)
    assert found.count == 3
    assert found.low <= found.value <= found.high


def test_months_are_those_of_the_business_zone() -> None:
    late = RatedShowing("a", 1, True, datetime(2026, 3, 31, 17, 0, tzinfo=UTC), None)
    (month,) = quality_by_month([late], ZONE)
    assert month.month == datetime(2026, 4, 1, tzinfo=ZONE)


def test_by_product_the_most_rated_first() -> None:
    (month,) = quality_by_month(
        [
            shown("a", 1, True, product="LOAN"),
            shown("a", 2, True),
            shown("b", 1, False),
        ],
        ZONE,
    )
    assert [(p, e.value, e.count) for p, e in month.by_product] == [
        ("CARD", 0.5, 2),
        ("LOAN", 1, 1),
    ]


@given(st.lists(st.booleans(), min_size=1, max_size=200))
def test_a_share_lies_in_its_interval(votes: list[bool]) -> None:
    found = share(votes)
    assert 0 <= found.low <= found.value <= found.high <= 1
    assert found.high > found.low


def test_wilson_by_hand() -> None:
    # Wilson's interval of 8 of 10: 0.4902 to 0.9433 (Brown, Cai and DasGupta 2001).
    found = share([True] * 8 + [False] * 2)
    assert (round(found.low, 4), round(found.high, 4)) == (0.4902, 0.9433)
