"""One complaint alone: no interval, no comparison, no division by zero."""

from typing import Any

import pytest

from graph.database import Database
from graph.insight.cohort import Cohort
from graph.insight.measures import measures
from graph.queries.conditions import EVERY_COMPLAINT
from tests.graph.insight.world import NOW, fill, random_rows

pytestmark = pytest.mark.graph


def one(**changes: Any) -> dict[str, Any]:
    row = random_rows(1, 3)[0]
    plain = {"decided": True, "decidedAt": row["received"], "round": 1, "outcome": "UPHELD"}
    return {**row, **plain, "status": "CLOSED", "duplicate": False, **changes}


async def test_measures(database: Database) -> None:
    await fill(database, [one()])
    found = await measures(database, Cohort(EVERY_COMPLAINT), NOW)
    assert found.handling is not None
    assert found.handling.median.value == 0
    assert found.handling.median.low is found.handling.mean.high is None
