"""Times that travel as text arrive as the same times."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from graph.commands.times import apart, set_apart
from graph.database import Database

pytestmark = pytest.mark.graph

_ZONES = st.one_of(
    st.just(UTC), st.integers(-14 * 60, 14 * 60).map(lambda n: timezone(timedelta(minutes=n)))
)


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.datetimes(datetime(1970, 1, 2), datetime(2199, 12, 31)), _ZONES, st.integers(), st.none())
async def test_a_node_has_exactly_the_properties(
    database: Database, at: datetime, zone: timezone, number: int, nothing: None
) -> None:
    told = {
        "at": at.replace(tzinfo=zone), "later": at.replace(tzinfo=UTC), "number": number % 1_000,
        "text": "2026-01-01T00:00:00Z", "list": ["a"], "nothing": nothing,
    }  # fmt: skip
    rows = await database.run(
        f"CYPHER 25 CREATE (n:Probe {{old: 1}}) {set_apart('n', '$properties')} "
        "WITH n, properties(n) AS found DELETE n RETURN found",
        properties=apart(told),
    )
    assert rows[0]["found"] == {name: value for name, value in told.items() if value is not None}
