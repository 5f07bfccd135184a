"""A case's state from its events: as it is now, to check it, and as it stood at an earlier time."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from graph.domain.case import Attribution, Decision, Handling
from graph.domain.copies import sort_keys
from graph.domain.enums import AttributionSource, DepartmentRole, EventKind
from graph.domain.record import REDACTED, TABLE, Kind
from graph.domain.views import ComplaintRecord, Past

#: An event as its node has it, ``before`` and ``after`` as JSON, ``text`` its TextVersion or None.
Recorded = Mapping[str, Any]
#: Each root cause with itself and the wider ones, nearest first.

#: Here the source speaks: their texts are the case's own, where those of others are notes and
#: answers, and their causes are the source's, where those of others are a person's.
_FROM_SOURCE = frozenset({EventKind.REGISTERED, EventKind.UPDATED})
#: Sort keys are made of times, which events keep as text.
_SORTED_TIMES = tuple(each for each in TABLE if each.sorts and each.kind is Kind.TIME)
#: Of some events: what of them is the case's own. Which rules fired stands in its alerts; whose
#: filing a case is, and which others are one case with it, is looked up as it is now.
_NOTHING = frozenset[str]()
_OWN = {
    EventKind.LEVEL_RAISED: frozenset({"level", "levelBy", "ruleLevel"}),
    EventKind.RULE_LEVEL_RAISED: frozenset({"ruleLevel"}),
    EventKind.ALERTS_WITHDRAWN: frozenset({"level", "ruleLevel"}),
    EventKind.CUSTOMER_MERGED: _NOTHING,
    EventKind.CUSTOMER_DIVIDED: _NOTHING,
    EventKind.CUSTOMERS_JOINED: _NOTHING,
    EventKind.CUSTOMERS_SEPARATED: _NOTHING,
    EventKind.CASES_RELATED: _NOTHING,
    EventKind.GROUP_CORRECTED: _NOTHING,
    EventKind.NOTED: _NOTHING,
    EventKind.OPENED: _NOTHING,
    EventKind.OPENING_ENDED: _NOTHING,
}


def replay(events: Sequence[Recorded]) -> dict[str, Any]:
    """The state that a case's events rebuild, in order of their numbers.

    ``customerId`` is the one from the registration, an id that still leads to the customer.
    """
    state: dict[str, Any] = {}
    for event in events:
        before, after = _changes(event)
        for gone in before.keys() - after.keys():
            state.pop(gone, None)
        if event["kind"] == EventKind.DECIDED:
            after["decisions"] = [*state.get("decisions", []), *after["decisions"]]
        if event["kind"] == EventKind.REDACTED:
            after[REDACTED] = True
        state.update(after)
    return state


def recorded_by(events: Sequence[Recorded], at: datetime) -> Sequence[Recorded]:
    """The events that the bank had on record at a time; ``events`` are in order of their numbers.

    Clocks of two processes differ a little, so a later number can bear an earlier time; nothing
    after the first one that was not yet there counts.
    """
    for index, event in enumerate(events):
        if event["recordedAt"] > at:
            return events[:index]
    return events


def as_of(identity: str, events: Sequence[Recorded], at: datetime) -> ComplaintRecord | None:
    """The case as the bank knew it at a time; None before it was recorded.

    What is derived from other cases (similar ones, duplicates, clusters) is in no event, so it is
    absent.
    """
    known = recorded_by(events, at)
    if not known:
        return None
    state = replay(known)
    decisions = _decisions(state, known)
    times = [decision.decided_at for decision in decisions if decision.decided_at]
    record: dict[str, Any] = {
        **state,
        **{
            name: datetime.fromisoformat(state[name])
            for name in ("receivedAt", "dueAt")
            if name in state
        },
        **_texts(known),
        "id": identity,
        "recordedAt": known[0]["recordedAt"],
        "version": max((event["version"] for event in known if event["version"]), default=1),
        "decided": bool(decisions),
        "decidedAt": min(times, default=None),
    }
    return ComplaintRecord.from_record(
        {**record, **sort_keys(record)},
        Past(
            at=at,
            events=len(known),
            rounds=decisions,
            causes=_causes(state, known),
            handling=_handling(state),
        ),
    )


def _changes(event: Recorded) -> tuple[dict[str, Any], dict[str, Any]]:
    parts = (json.loads(event[part] or "{}") for part in ("before", "after"))
    own = _OWN.get(event["kind"])
    before, after = (
        part if own is None else {key: part[key] for key in own & part.keys()} for part in parts
    )
    return before, after


def _texts(events: Sequence[Recorded]) -> Mapping[str, Any]:
    texts = [e["text"] for e in events if e["text"] and e["kind"] in _FROM_SOURCE]
    return {name: texts[-1].get(name) for name in ("subject", "narrative")} if texts else {}


def _decisions(state: Mapping[str, Any], events: Sequence[Recorded]) -> tuple[Decision, ...]:
    # An event that changes a decision names all rounds; its text is of the present one.
    summaries = {
        max(made["round"] for made in named): event["text"]["summary"]
        for event in events
        if event["text"] and event["text"].get("summary")
        if (named := _changes(event)[1].get("decisions"))
    }
    return tuple(
        Decision.from_record({**made, "summary": summaries.get(made["round"])})
        for made in sorted(state.get("decisions", ()), key=lambda made: int(made["round"]))
    )


def _causes(state: Mapping[str, Any], events: Sequence[Recorded]) -> tuple[Attribution, ...]:
    """The causes named; who said so shows in the kind of event that named them last."""
    naming = [event for event in events if "causeCodes" in _changes(event)[1]]
    confirmed = bool(naming) and naming[-1]["kind"] not in _FROM_SOURCE
    source = AttributionSource.CONFIRMED if confirmed else AttributionSource.IMPORTED
    return tuple(Attribution(code, source) for code in state.get("causeCodes", ()))


def _handling(state: Mapping[str, Any]) -> tuple[Handling, ...] | None:
    """None for several departments: which of them led is in no event."""
    codes = state.get("departmentCodes", ())
    if len(codes) > 1:
        return None
    return tuple(Handling(code, DepartmentRole.LEAD) for code in codes)
