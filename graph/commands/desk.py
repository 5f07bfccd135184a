"""A step at the desk: node, relations, copied codes, decision and event, in one transaction."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from graph.commands.events import append_events, state_changes
from graph.commands.locks import Kind
from graph.commands.relations import decide, replace_relations
from graph.commands.requests import RequestKey, answer, claim
from graph.commands.versioned import Entity, locked, write
from graph.commands.waiting import Work, mark
from graph.database import Database, Row, Transaction
from graph.domain.case import Decision, Handling
from graph.domain.copies import Related, copied, copies
from graph.domain.deadlines import Suspension
from graph.domain.desk import DeskStep, Effect, Standing, Taking
from graph.domain.enums import (
    CaseStatus,
    CatalogueKind,
    DepartmentRole,
    Level,
    Nature,
    Severity,
    Urgency,
)
from graph.domain.events import Event
from graph.domain.lifecycle import TRANSITIONS, move
from graph.domain.notices import notice_key, overdue_key
from graph.domain.patch import Unset
from graph.domain.record import event_state
from graph.domain.steps import timed
from graph.domain.suggestions import Dimension
from graph.domain.texts import named
from graph.domain.views import proposal_of
from graph.errors import UnknownCodeError
from graph.queries.codes import lineage

#: A case: touching ``worked`` locks it, and keeps it out of the hands of its source.
CASE = Entity(
    locks=Kind.COMPLAINT,
    called="complaint",
    field="complaint",
    read="""n {.*,
      decisions: COLLECT {
        MATCH (n)-[:RESOLVED_BY]->(r:Resolution) RETURN r {.*} ORDER BY r.round },
      handling: COLLECT {
        MATCH (n)-[h:HANDLED_BY]->(d:Department)
        RETURN {code: d.code, role: h.role} ORDER BY h.role DESC, d.code } }""",
    lock="n.worked = true",
    events=True,
)
#: A change in one of these may change which filing repeats which (see ``store``).
_DECIDES_FAMILIES = ("decidedAt", "productCode", "type", "decided")
#: A change in one of these may make a rule of escalation fire.
_DECIDES_RULES = ("amountMinor", "severity", "productCode", "type", "round")


@dataclass(frozen=True, slots=True)
class StepRequest:
    """Who takes which step on what he saw as ``version``; ``key`` makes a retry safe."""

    complaint: str
    version: int
    step: DeskStep
    key: RequestKey | None = None


@dataclass(frozen=True, slots=True)
class Taken:
    """``acted`` is false when the request had been done before.

    ``relink``: families may change. ``rejudge``: the rules of escalation may say more.
    ``suggested``: what was taken as the service suggested it.
    """

    acted: bool
    relink: bool = False
    rejudge: bool = False
    suggested: tuple[tuple[Dimension, str], ...] = ()


async def take_step(database: Database, request: StepRequest, taking: Taking) -> Taken:
    """Take a step, once for each key.

    Raises:
        NotFoundError: no such complaint.
        StaleVersionError: the case has changed since that version.
        StepNotAllowedError: the case does not stand where the step could be taken.
        InvalidInputError: the step's input does not fit the case, or a code does not exist.
    """

    async def work(transaction: Transaction) -> Taken:
        return await _take(transaction, request, taking)

    return await database.write(work)


async def _take(transaction: Transaction, request: StepRequest, taking: Taking) -> Taken:
    payload = {"complaint": request.complaint}
    known = await claim(transaction, request.key, payload, taking.now)
    if known is not None:
        return Taken(acted=False, suggested=_suggested(known))
    own = await locked(transaction, CASE, request.complaint, request.version)
    decisions = own["decisions"]
    case = standing_of(own, decisions)
    target = move(case.situation(taking.limits), request.step.step)
    effect = request.step.effect(case, taking)
    target = effect.status or target
    times = timed(own, target, taking.now)
    effect = replace(effect, properties={**effect.properties, **times})
    changed = await _changed(transaction, own, decisions, effect, target)
    await write(transaction, CASE, request.complaint, changed.properties)
    await replace_relations(transaction, request.complaint, changed.ends)
    if changed.decision is not None:
        await decide(transaction, request.complaint, changed.decision)
    if effect.suggested:
        payload["suggested"] = json.dumps(effect.suggested)
        await answer(transaction, request.key, payload)
    await append_events(transaction, [_event(request, taking, own, decisions, changed, effect)])
    return Taken(
        acted=True,
        relink=Work.LINK.mark in changed.properties,
        rejudge=Work.ESCALATE.mark in changed.properties,
        suggested=effect.suggested,
    )


def _suggested(payload: Mapping[str, str]) -> tuple[tuple[Dimension, str], ...]:
    rows = json.loads(payload.get("suggested", "[]"))
    return tuple((Dimension(name), value) for name, value in rows)


@dataclass(frozen=True, slots=True)
class _Changed:
    """What is written: properties with copies, ends of relations, and the round's decision."""

    properties: Mapping[str, Any]
    ends: Mapping[str, Any]
    decision: Mapping[str, Any] | None
    decisions: Sequence[Mapping[str, Any]]


async def _changed(
    transaction: Transaction,
    own: Row,
    decisions: Sequence[Row],
    effect: Effect,
    target: CaseStatus,
) -> _Changed:
    decision = None
    if effect.decision is not None:
        decision = effect.decision.to_record(own["id"])
        others = [d for d in decisions if d["round"] != effect.decision.round]
        decisions = sorted([*others, decision], key=lambda d: int(d["round"]))
    related = await _related(transaction, own, decisions, effect)
    facts = {**own, **effect.properties, "status": target}
    properties = {**effect.properties, "status": target, **copies(facts, related)}
    properties["noticeKey"] = notice_key(facts)
    if "dueAt" in effect.properties:
        properties["overdueKey"] = overdue_key(facts)
    if any(own.get(key) != properties.get(key, own.get(key)) for key in _DECIDES_FAMILIES):
        properties |= mark(Work.LINK, own["receivedKey"])
    if any(own.get(key) != properties.get(key, own.get(key)) for key in _DECIDES_RULES):
        properties |= mark(Work.ESCALATE, own["receivedKey"])
    return _Changed(properties, _ends(effect), decision, decisions)


async def _related(
    transaction: Transaction, own: Row, decisions: Sequence[Mapping[str, Any]], effect: Effect
) -> Related:
    times = [d["decidedAt"] for d in decisions if d.get("decidedAt") is not None]
    latest = max(decisions, key=lambda made: int(made["round"]), default={})
    related = replace(
        copied(own),
        decided=bool(decisions),
        decided_at=min(times, default=None),
        outcome=latest.get("outcome"),
    )
    if not isinstance(effect.product, Unset):
        products = await _wider(transaction, CatalogueKind.PRODUCT, effect.product, "product")
        related = replace(related, products=products)
    if not isinstance(effect.branch, Unset):
        branches = await _wider(transaction, CatalogueKind.BRANCH, effect.branch, "branch")
        related = replace(related, branches=branches)
    if not isinstance(effect.handling, Unset):
        codes = [handling.department for handling in effect.handling]
        names = ["lead", *["assisting"] * (len(codes) - 1)]
        await _lineages(transaction, CatalogueKind.DEPARTMENT, codes, names)
        related = replace(related, departments=codes)
    if not isinstance(effect.causes, Unset):
        codes = [cause.cause for cause in effect.causes]
        names = ["rootCauses"] * len(codes)
        wider = await _lineages(transaction, CatalogueKind.ROOT_CAUSE, codes, names)
        closure = sorted({c for w in wider.values() for c in w})
        related = replace(related, causes=sorted(wider), root_causes=closure)
    return related


async def _wider(
    transaction: Transaction, kind: CatalogueKind, code: str | None, name: str
) -> tuple[str, ...]:
    """A code and the wider ones; nothing for none."""
    if code is None:
        return ()
    return (await _lineages(transaction, kind, [code], [name]))[code]


async def _lineages(
    transaction: Transaction, kind: CatalogueKind, codes: Sequence[str], names: Sequence[str]
) -> Mapping[str, tuple[str, ...]]:
    """``names``: the input's field of each code."""
    known = await lineage(transaction.run, kind, codes)
    for code, name in zip(codes, names, strict=True):
        if code not in known:
            raise UnknownCodeError(
                f"{name}: there is no {kind.value} with {named(code)} as its code.", path=[name]
            )
    return known


def _ends(effect: Effect) -> dict[str, Any]:
    ends: dict[str, Any] = {}
    if not isinstance(effect.product, Unset):
        ends["product"] = effect.product
    if not isinstance(effect.branch, Unset):
        ends["branch"] = effect.branch
    if not isinstance(effect.handling, Unset):
        ends["handling"] = [handling.to_record() for handling in effect.handling]
    if not isinstance(effect.causes, Unset):
        ends["causes"] = [cause.to_record() for cause in effect.causes]
    return ends


def _event(
    request: StepRequest,
    taking: Taking,
    own: Row,
    decisions: Sequence[Row],
    changed: _Changed,
    effect: Effect,
) -> Event:
    old = event_state(own, decisions)
    new = event_state({**own, **changed.properties}, changed.decisions)
    before, after = state_changes(old, new)
    return Event(
        complaint=request.complaint,
        seq=own["eventSeq"] + 1,
        kind=TRANSITIONS[request.step.step].event,
        at=taking.now,
        recorded_at=taking.now,
        actor=taking.actor,
        before=before,
        after=after,
        reason=effect.reason,
        text=_text(effect),
        version=own["version"] + 1,
    )


def _text(effect: Effect) -> dict[str, str | None] | None:
    summary = effect.decision.summary if effect.decision is not None else None
    kept = {"note": effect.note, "summary": summary}
    texts = {name: text for name, text in kept.items() if text is not None}
    return dict(texts) or None


def standing_of(own: Row, decisions: Sequence[Row]) -> Standing:
    """Where a case stands, from its node and its decisions."""
    rule_level = own.get("ruleLevel")
    return Standing(
        id=own["id"],
        status=CaseStatus(own["status"]),
        version=own["version"],
        round=own.get("round") or 1,
        round_started_at=own.get("roundStartedAt"),
        level=Level(own["level"]),
        due_at=own.get("dueAt"),
        first_due_at=own.get("firstDueAt"),
        round_due_at=own.get("roundDueAt"),
        review_started_at=own.get("reviewStartedAt"),
        extended_days=own.get("extendedDays") or 0,
        paused_at=own.get("pausedAt"),
        suspensions=tuple(Suspension.parse(text) for text in own.get("pauses") or ()),
        complex_case=bool(own.get("complex")),
        rule_level=None if rule_level is None else Level(rule_level),
        proposal=proposal_of(own),
        decisions=tuple(map(Decision.from_record, decisions)),
        type=own.get("type"),
        product=own.get("productCode"),
        nature=None if own.get("nature") is None else Nature(own["nature"]),
        severity=None if own.get("severity") is None else Severity(own["severity"]),
        urgency=None if own.get("urgency") is None else Urgency(own["urgency"]),
        risk_types=tuple(own.get("riskTypes") or ()),
        handling=tuple(
            Handling(h["code"], DepartmentRole(h["role"])) for h in own.get("handling") or ()
        ),
    )
