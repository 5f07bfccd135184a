"""Write events and changes in the one order of all, each with its position, without gaps.

The counter's lock is held to the commit, so positions follow the order of commits; that is why this
is the last statement of a transaction. It is one for both: whoever locks a node a second time
while others wait for it can be in a deadlock with them, and everybody waits for this one.
"""

from collections.abc import Sequence
from typing import Any

from graph.commands.times import set_apart
from graph.database import Transaction
from graph.domain.recorded import Recorded

_COUNT = """
CYPHER 25
MERGE (k:Counter {name: 'events'})
SET k.value = coalesce(k.value, 0) + $count
WITH k.value - $count AS base
"""
_EVENTS = f"""
CALL (base) {{
  UNWIND $events AS event
  MATCH (c:Complaint {{id: event.complaint}})
  SET c.eventSeq = event.properties.plain.seq
  CREATE (c)-[:HAS_EVENT]->(e:CaseEvent)
  {set_apart("e", "event.properties")}
  SET e.position = base + event.place
  WITH e, event
  WHERE event.text IS NOT NULL
  CREATE (e)-[:HAS_TEXT]->(t:TextVersion)
  SET t = event.text
}}
"""
_CHANGES = f"""
CALL (base) {{
  UNWIND $changes AS change
  MATCH (n:{"|".join(Recorded)} {{id: change.of}})
  CREATE (n)-[:HAS_CHANGE]->(x:Change {{id: n.id + '.' + change.properties.seq}})
  SET x += change.properties, x.position = base + change.place
}}
"""
# Positions stay as they are; how many have gone is on record, so that a gap that nobody made on
# purpose is still found.
_GONE = """
CYPHER 25
MERGE (k:Counter {name: 'removedEvents'})
SET k.value = coalesce(k.value, 0) + $count
"""


async def append(transaction: Transaction, events: Sequence[dict[str, Any]]) -> None:
    """Write events, and behind them the changes that the transaction has recorded so far."""
    await _write(transaction, events, transaction.due(append_changes))


async def append_changes(transaction: Transaction, changes: Sequence[dict[str, Any]]) -> None:
    """Write changes: what a transaction without events leaves for its end."""
    await _write(transaction, (), changes)


async def count_gone(transaction: Transaction, count: int) -> None:
    """So many events and changes were removed with their positions."""
    await transaction.run(_GONE, count=count)


async def _write(
    transaction: Transaction,
    events: Sequence[dict[str, Any]],
    changes: Sequence[dict[str, Any]],
) -> None:
    rows = [*events, *changes]
    if not rows:
        return
    for place, row in enumerate(rows, start=1):
        row["place"] = place
    parts = [part for part, some in ((_EVENTS, events), (_CHANGES, changes)) if some]
    await transaction.run(
        _COUNT + "".join(parts), count=len(rows), events=list(events), changes=list(changes)
    )
