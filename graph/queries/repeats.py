"""Customers who came back: the same case filed again after an answer."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from graph.database import Database, Row
from graph.queries.conditions import CompiledFilter

#: Filings of one case that are followed back to the first.
_LONGEST = 50


@dataclass(frozen=True, slots=True)
class RepeatComplainer:
    """``complaints``: those with which the customer came back, newest first, ``times`` in all;
    ``cases``: how many cases they are about.
    """

    customer: str
    times: int
    cases: int
    first_at: datetime
    last_at: datetime
    complaints: Sequence[str]
    key: str


def _came_back(narrowed: CompiledFilter) -> str:
    # The case is known by the filing that all others go back to.
    return f"""
    MATCH (c:Complaint)-[:REPEATS]->(:Complaint)
    WHERE c.duplicate = false AND c.customerId IS NOT NULL AND {narrowed.predicate}
    WITH DISTINCT c
    """


async def page(
    database: Database, narrowed: CompiledFilter, before: str | None, limit: int, shown: int
) -> list[RepeatComplainer]:
    """Customers before a key: who came back most often first, then who did so last.

    Only what the filter leaves counts as coming back. ``shown``: complaints of each at most.
    """
    rows = await database.read(
        f"""
        CYPHER 25
        {_came_back(narrowed)}
        WITH c ORDER BY c.receivedKey DESC
        WITH c.customerId AS customer, collect(c) AS filed, max(c.receivedKey) AS newest
        WITH customer, filed, right('000000000' + toString(size(filed)), 9) + ':' + newest AS key
        WHERE key < $before
        WITH customer, filed, key ORDER BY key DESC LIMIT $limit
        CALL (filed) {{
          UNWIND filed AS c
          MATCH (c)-[:REPEATS*1..{_LONGEST}]->(first:Complaint)
          WHERE NOT EXISTS {{ (first)-[:REPEATS]->() }}
          RETURN count(DISTINCT first) AS cases
        }}
        RETURN customer, size(filed) AS times, cases, key, [c IN filed[0..$shown] | c.id] AS ids,
          filed[-1].receivedAt AS first, filed[0].receivedAt AS last
        ORDER BY key DESC
        """,
        # Every key begins with a digit.
        before=before or ":",
        limit=limit,
        shown=shown,
        **narrowed.parameters,
    )
    return [_complainer(row) for row in rows]


async def count(database: Database, narrowed: CompiledFilter) -> int:
    """How many customers came back."""
    statement = f"CYPHER 25 {_came_back(narrowed)} RETURN count(DISTINCT c.customerId) AS total"
    return int((await database.read(statement, **narrowed.parameters))[0]["total"])


def _complainer(row: Row) -> RepeatComplainer:
    return RepeatComplainer(
        customer=row["customer"],
        times=row["times"],
        cases=row["cases"],
        first_at=row["first"],
        last_at=row["last"],
        complaints=tuple(row["ids"]),
        key=row["key"],
    )
