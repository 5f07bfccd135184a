"""Append events: the record of a case, in one global order without gaps."""

from collections.abc import Mapping, Sequence
from typing import Any

from graph.commands.positions import append
from graph.commands.rows import as_json
from graph.commands.times import apart
from graph.commands.versioned import difference
from graph.database import Transaction
from graph.domain.changes import PAIRS
from graph.domain.events import Event


def state_changes(before: Mapping[str, Any], after: Mapping[str, Any]) -> tuple[str, str]:
    """What differs of a case's state, as an event keeps it: an amount goes with its currency."""
    was, now = difference(before, after)
    for pair in PAIRS:
        if any(name in was or name in now for name in pair):
            was |= {name: before[name] for name in pair if before.get(name) is not None}
            now |= {name: after[name] for name in pair if after.get(name) is not None}
    return as_json(was), as_json(now)


async def append_events(transaction: Transaction, events: Sequence[Event]) -> None:
    """Write the events with the next positions; the last statement of the transaction."""
    await append(transaction, [_row(event) for event in events])


def _row(event: Event) -> dict[str, Any]:
    return {
        "complaint": event.complaint,
        "properties": apart(
            {
                "id": event.id,
                "seq": event.seq,
                "kind": event.kind,
                "at": event.at,
                "recordedAt": event.recorded_at,
                "actor": event.actor,
                "reason": event.reason,
                "before": event.before,
                "after": event.after,
                "version": event.version,
            }
        ),
        "text": {"id": event.id, **event.text} if event.text else None,
    }
