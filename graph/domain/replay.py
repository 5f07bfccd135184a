"""A case's state from its events: as it is now, to check it, and as it stood at an earlier time."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from graph.domain.copies import sort_keys
from graph.domain.desk import Proposal
from graph.domain.enums import (
    AmountBand,
    AttributionSource,
    CaseStatus,
    Channel,
    DepartmentRole,
    EventKind,
    Level,
    OutcomeKind,
    RemedyKind,
    Severity,
    Timeliness,
    TimePrecision,
    Urgency,
)
from graph.domain.money import Money
from graph.domain.views import (
    Course,
    Past,
    StoredAttribution,
    StoredComplaint,
    StoredHandling,
    StoredResolution,
)

#: An event as its node has it, ``before`` and ``after`` as JSON, ``text`` its TextVersion or None.
Recorded = Mapping[str, Any]
#: Each root cause with itself and the wider ones, nearest first.
Lineage = Mapping[str, Sequence[str]]

#: Here the source speaks: their texts are the case's own, where those of others are notes and
#: answers, and their causes are the source's, where those of others are a person's.
_TELLS_CASE = frozenset({EventKind.REGISTERED, EventKind.UPDATED})


#: What is recorded beside the case's own state: who filed it, which others are one case with it.
_ABOUT_OTHERS = frozenset(
    {
        EventKind.CUSTOMER_MERGED,
        EventKind.CUSTOMER_DIVIDED,
        EventKind.CUSTOMERS_JOINED,
        EventKind.CUSTOMERS_SEPARATED,
        EventKind.CASES_RELATED,
        EventKind.GROUP_CORRECTED,
        EventKind.HOLD_SET,
        EventKind.HOLD_LIFTED,
    }
)


def replay(events: Sequence[Recorded]) -> dict[str, Any]:
    """The state that a case's events rebuild, in order of their numbers.

    Whose filing it is can change by a merge, which is recorded where it was found out; so
    ``customerId`` is the one from the registration, an id that still leads to the customer.
    """
    state: dict[str, Any] = {}
    for event in events:
        if event["kind"] in _ABOUT_OTHERS:
            continue
        before, after = _changes(event)
        if event["kind"] in (EventKind.LEVEL_RAISED, EventKind.ALERTS_WITHDRAWN):
            before, after = _level_of(before), _level_of(after)
        for gone in before.keys() - after.keys():
            state.pop(gone, None)
        if event["kind"] == EventKind.DECIDED:
            after["decisions"] = [*state.get("decisions", []), *after["decisions"]]
        state.update(after)
    return state


def _level_of(changes: Mapping[str, Any]) -> dict[str, Any]:
    """Of a raised level: what is the case's own. What the verdict rests on stands in its alerts."""
    return {key: changes[key] for key in ("level", "levelBy") if key in changes}


def recorded_by(events: Sequence[Recorded], at: datetime) -> Sequence[Recorded]:
    """The events that the bank had on record at a time; ``events`` are in order of their numbers.

    Clocks of two processes differ a little, so a later number can bear an earlier time; nothing
    after the first one that was not yet there counts.
    """
    for index, event in enumerate(events):
        if event["recordedAt"] > at:
            return events[:index]
    return events


def as_of(
    identity: str, events: Sequence[Recorded], at: datetime, wider: Lineage
) -> StoredComplaint | None:
    """The case as the bank knew it at a time; None before it was recorded.

    ``wider``: of the root causes that the events name. What is found by looking at other cases
    (similar ones, duplicates, clusters) is in no event, so it is absent.
    """
    known = recorded_by(events, at)
    if not known:
        return None
    state = replay(known)
    texts = _texts(known)
    decisions = _decisions(identity, state, known)
    times = [decision.decided_at for decision in decisions if decision.decided_at]
    received = datetime.fromisoformat(state["receivedAt"])
    keys = sort_keys(
        {"id": identity, **state, "receivedAt": received, "dueAt": _time(state, "dueAt")}
    )
    return StoredComplaint(
        id=identity,
        reference=state["reference"],
        source_system=state["sourceSystem"],
        source_id=state["sourceId"],
        channel=Channel(state["channel"]),
        status=CaseStatus(state["status"]),
        level=Level(state["level"]),
        received_at=received,
        received_precision=TimePrecision(state["receivedPrecision"]),
        recorded_at=known[0]["recordedAt"],
        version=max((event["version"] for event in known if event["version"]), default=1),
        received_key=keys["receivedKey"],
        due_key=keys["dueKey"],
        amount_key=keys["amountKey"],
        level_key=keys["levelKey"],
        subject=texts.get("subject"),
        narrative=texts.get("narrative"),
        language=state.get("language"),
        occurred_at=_time(state, "occurredAt"),
        type=state.get("type"),
        severity=_enum(Severity, state.get("severity")),
        urgency=_enum(Urgency, state.get("urgency")),
        risk_types=tuple(state.get("riskTypes", ())),
        timeliness=_enum(Timeliness, state.get("timeliness")),
        amount=_money(state.get("amountMinor"), state.get("currency")),
        amount_band=_enum(AmountBand, state.get("amountBand")),
        vulnerable=state.get("vulnerable", False),
        due_at=_time(state, "dueAt"),
        decided_at=min(times, default=None),
        assignee=state.get("assignee"),
        product=state.get("productCode"),
        branch=state.get("branchCode"),
        departments=tuple(state.get("departmentCodes", ())),
        root_causes=tuple(state.get("rootCauseCodes", ())),
        customer=state.get("customerId"),
        decided=bool(decisions),
        course=_course(state),
        past=Past(
            at=at,
            events=len(known),
            rounds=decisions,
            causes=_causes(state, known, wider),
            handling=_handling(state),
        ),
    )


def _changes(event: Recorded) -> tuple[dict[str, Any], dict[str, Any]]:
    return json.loads(event["before"] or "{}"), json.loads(event["after"] or "{}")


def _texts(events: Sequence[Recorded]) -> Mapping[str, Any]:
    told = [e["text"] for e in events if e["text"] and e["kind"] in _TELLS_CASE]
    return told[-1] if told else {}


def _decisions(
    identity: str, state: Mapping[str, Any], events: Sequence[Recorded]
) -> tuple[StoredResolution, ...]:
    # An event that changes a decision names all rounds; its text is of the present one.
    summaries = {
        max(made["round"] for made in named): event["text"]["summary"]
        for event in events
        if event["text"] and event["text"].get("summary")
        if (named := _changes(event)[1].get("decisions"))
    }
    return tuple(
        StoredResolution(
            id=made["id"],
            complaint=identity,
            round=made["round"],
            outcome=OutcomeKind(made["outcome"]),
            remedy=_enum(RemedyKind, made.get("remedy")),
            compensation=_money(made.get("compensationMinor"), made.get("currency")),
            decided_at=_time(made, "decidedAt"),
            satisfaction=made.get("satisfaction"),
            timely=made.get("timely"),
            summary=summaries.get(made["round"]),
        )
        for made in sorted(state.get("decisions", ()), key=lambda made: int(made["round"]))
    )


def _course(state: Mapping[str, Any]) -> Course:
    return Course(
        round=state.get("round", 1),
        complex_case=state.get("complex", False),
        extended_days=state.get("extendedDays", 0),
        paused_at=_time(state, "pausedAt"),
        due_soon_at=_time(state, "dueSoonAt"),
        answered_at=_time(state, "answeredAt"),
        closed_at=_time(state, "closedAt"),
        proposal=_proposal(state),
        review_confirmed=state.get("reviewConfirmed"),
        classified_by=state.get("classifiedBy"),
        rule_level=_enum(Level, state.get("ruleLevel")),
        level_by=state.get("levelBy"),
    )


def _proposal(state: Mapping[str, Any]) -> Proposal | None:
    if "proposedOutcome" not in state:
        return None
    return Proposal(
        OutcomeKind(state["proposedOutcome"]),
        _enum(RemedyKind, state.get("proposedRemedy")),
        _money(state.get("proposedMinor"), state.get("proposedCurrency")),
    )


def _causes(
    state: Mapping[str, Any], events: Sequence[Recorded], wider: Lineage
) -> tuple[StoredAttribution, ...]:
    """The narrowest causes; who said so shows in the kind of event that named them last."""
    codes = state.get("rootCauseCodes", ())
    covered = {above for code in codes for above in wider.get(code, (code,))[1:]}
    naming = [event for event in events if "rootCauseCodes" in _changes(event)[1]]
    confirmed = bool(naming) and naming[-1]["kind"] not in _TELLS_CASE
    source = AttributionSource.CONFIRMED if confirmed else AttributionSource.IMPORTED
    return tuple(StoredAttribution(code, source) for code in codes if code not in covered)


def _handling(state: Mapping[str, Any]) -> tuple[StoredHandling, ...] | None:
    """None for several departments: which of them led is in no event."""
    codes = state.get("departmentCodes", ())
    if len(codes) > 1:
        return None
    return tuple(StoredHandling(code, DepartmentRole.LEAD) for code in codes)


def _time(state: Mapping[str, Any], key: str) -> datetime | None:
    text = state.get(key)
    return None if text is None else datetime.fromisoformat(text)


def _money(minor: int | None, currency: str | None) -> Money | None:
    return None if minor is None or currency is None else Money(minor, currency)


def _enum(kind: Any, value: str | None) -> Any:
    return None if value is None else kind(value)
