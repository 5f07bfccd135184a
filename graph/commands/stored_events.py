"""The events that storing complaints leaves."""

from collections.abc import Mapping, Sequence
from typing import Any

from graph.commands.customers import Customers
from graph.commands.events import state_changes
from graph.commands.rows import Act, ComplaintRow, as_json
from graph.database import Row
from graph.domain.enums import EventKind
from graph.domain.events import Event
from graph.domain.record import REDACTED, event_state


def rewritten(old: Mapping[str, Any], new: Mapping[str, Any]) -> bool:
    return any(old.get(key) != new[key] for key in ("subject", "narrative"))


def registered(row: ComplaintRow, act: Act) -> list[Event]:
    own = row.properties
    at = own["receivedAt"]
    registered = Event(
        row.id, 1, EventKind.REGISTERED, at, act.now, act.actor,
        after=as_json(event_state(own)), text=_text(own), version=1,
    )  # fmt: skip
    decided = [
        Event(
            row.id, number, EventKind.DECIDED, decision["decidedAt"] or at, act.now, act.actor,
            after=as_json(event_state({}, [decision])),
            text={"summary": decision["summary"]} if decision["summary"] else None,
            version=1,
        )
        for number, decision in enumerate(row.decisions, start=2)
    ]  # fmt: skip
    return [registered, *decided]


def _text(own: Mapping[str, Any]) -> dict[str, str | None] | None:
    if not own["narrative"] and not own["subject"]:
        return None
    return {"subject": own["subject"], "narrative": own["narrative"]}


def updated(before: Row, row: ComplaintRow, act: Act) -> Event:
    own = row.properties
    was, now = state_changes(
        event_state(before["properties"], before["decisions"]), event_state(own, row.decisions)
    )
    return Event(
        row.id,
        before["properties"]["eventSeq"] + 1,
        EventKind.UPDATED,
        act.now,
        act.now,
        act.actor,
        before=was,
        after=now,
        # Also a text that is gone is told, by a version without one.
        text={"subject": own["subject"], "narrative": own["narrative"]}
        if rewritten(before["properties"], own)
        else None,
        reason="TEXT_REDACTED" if own.get(REDACTED) else None,
        version=before["properties"]["version"] + 1,
    )


def merged(
    customers: Customers, rows: Sequence[ComplaintRow], events: Sequence[Event], act: Act
) -> list[Event]:
    """One event on the complaint that showed that customers are one person, or one is several."""
    last = {event.complaint: event.seq for event in events}
    changes = [
        (EventKind.CUSTOMER_MERGED, {new}, {"customerId": new, "merged": list(olds)})
        for new, olds in customers.merged.items()
    ] + [
        (EventKind.CUSTOMER_DIVIDED, set(news), {"customerId": old, "divided": list(news)})
        for old, news in customers.divided.items()
    ]
    made = []
    for kind, concerned, after in changes:
        # What it is about may stand on others alone: then the first of the batch showed it.
        cause = next((row.id for row in rows if row.customer in concerned), rows[0].id)
        last[cause] += 1
        made.append(
            Event(cause, last[cause], kind, act.now, act.now, act.actor, after=as_json(after))
        )
    return made
