"""A step at the desk: node, relations, copied codes, decision and event, in one transaction."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from graph.commands.events import append_events
from graph.commands.relations import decide, replace_relations
from graph.commands.requests import RequestKey, claim
from graph.commands.rows import as_json
from graph.commands.waiting import Work, mark
from graph.database import Database, Row, Transaction
from graph.domain.case import Decision
from graph.domain.copies import Related, copied, copies
from graph.domain.deadlines import Suspension
from graph.domain.desk import DeskStep, Effect, Standing, Taking
from graph.domain.enums import CaseStatus, CatalogueKind, EventKind, Level
from graph.domain.events import Event
from graph.domain.lifecycle import TRANSITIONS, move
from graph.domain.notices import notice_key, overdue_key
from graph.domain.record import event_state
from graph.domain.steps import timed
from graph.domain.views import proposal_of
from graph.errors import ConflictError, NotFoundError, UnknownCodeError
from graph.queries.codes import lineage

# Writing first locks the node: two steps on one case wait for each other.
_STANDING = """
CYPHER 25
MATCH (c:Complaint {id: $id})
SET c.worked = true
RETURN c {.*} AS own,
  COLLECT { MATCH (c)-[:RESOLVED_BY]->(r:Resolution) RETURN r {.*} ORDER BY r.round } AS decisions
"""
_SET = """
CYPHER 25
MATCH (c:Complaint {id: $id})
SET c += $properties, c.version = c.version + 1
"""
_SINCE = """
CYPHER 25
MATCH (c:Complaint {id: $id})-[:HAS_EVENT]->(e:CaseEvent) WHERE e.version > $version
RETURN e.kind AS kind, e.actor AS actor, e.seq AS seq ORDER BY e.seq
"""
#: A change in one of these may change which filing repeats which (see ``store``).
_DECIDES_FAMILIES = ("decidedAt", "productCode", "type", "decided")
#: A change in one of these may make a rule of escalation fire.
_DECIDES_RULES = ("amountMinor", "severity", "productCode", "type", "round")


@dataclass(frozen=True, slots=True)
class Change:
    """Somebody's change that another has not seen yet."""

    seq: int
    kind: EventKind
    actor: str


class StaleVersionError(ConflictError):
    """The case changed after the person saw it; ``changes`` tells what happened since."""

    code = "STALE_VERSION"

    def __init__(self, message: str, changes: Sequence[Change]) -> None:
        super().__init__(message, path=["version"])
        self.changes = tuple(changes)


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
    """

    acted: bool
    relink: bool = False
    rejudge: bool = False


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
    if request.key is not None:
        payload = {"complaint": request.complaint}
        if await claim(transaction, request.key, payload, taking.now) is not None:
            return Taken(acted=False)
    rows = await transaction.run(_STANDING, id=request.complaint)
    if not rows:
        raise NotFoundError("There is no complaint with this id.", path=["complaint"])
    own, decisions = rows[0]["own"], rows[0]["decisions"]
    await check_version(transaction, request.complaint, request.version, own["version"])
    standing = standing_of(own, decisions)
    target = move(standing.status, request.step.step)
    effect = request.step.effect(standing, taking)
    times = timed(own, target, taking.now)
    effect = replace(effect, properties={**effect.properties, **times})
    changed = await _changed(transaction, own, decisions, effect, target)
    await transaction.run(_SET, id=request.complaint, properties=changed.properties)
    await replace_relations(transaction, request.complaint, changed.ends)
    if changed.decision is not None:
        await decide(transaction, request.complaint, changed.decision)
    await append_events(transaction, [_event(request, taking, own, decisions, changed, effect)])
    return Taken(
        acted=True,
        relink=Work.LINK.mark in changed.properties,
        rejudge=Work.ESCALATE.mark in changed.properties,
    )


async def check_version(transaction: Transaction, identity: str, seen: int, version: int) -> None:
    """Raises StaleVersionError if the person saw another version than the present one."""
    if seen == version:
        return
    rows = await transaction.run(_SINCE, id=identity, version=seen)
    changes = [Change(row["seq"], EventKind(row["kind"]), row["actor"]) for row in rows]
    since = "; ".join(f"{change.kind} by {change.actor}" for change in changes) or "nothing"
    told = f"Since then: {since}." if seen < version else f"There was no version {seen} of it yet."
    raise StaleVersionError(
        f"The case is at version {version}, not {seen}. {told} "
        "Look at it again, and repeat your step with the new version.",
        changes,
    )


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
    related = replace(copied(own), decided=bool(decisions), decided_at=min(times, default=None))
    if effect.product is not None:
        wider = await _lineages(transaction, CatalogueKind.PRODUCT, [effect.product], "product")
        related = replace(related, products=wider[effect.product])
    if effect.branch is not None:
        wider = await _lineages(transaction, CatalogueKind.BRANCH, [effect.branch], "branch")
        related = replace(related, branches=wider[effect.branch])
    if effect.handling is not None:
        codes = [handling.department for handling in effect.handling]
        await _lineages(transaction, CatalogueKind.DEPARTMENT, codes, "department")
        related = replace(related, departments=codes)
    if effect.causes is not None:
        codes = [cause.cause for cause in effect.causes]
        wider = await _lineages(transaction, CatalogueKind.ROOT_CAUSE, codes, "rootCauses")
        related = replace(related, root_causes=sorted({c for w in wider.values() for c in w}))
    return related


async def _lineages(
    transaction: Transaction, kind: CatalogueKind, codes: Sequence[str], name: str
) -> Mapping[str, tuple[str, ...]]:
    known = await lineage(transaction.run, kind, codes)
    if set(codes) - set(known):
        raise UnknownCodeError(f"{name}: there is no {kind.value} with this code.", path=[name])
    return known


def _ends(effect: Effect) -> dict[str, Any]:
    ends: dict[str, Any] = {}
    if effect.product is not None:
        ends["product"] = effect.product
    if effect.branch is not None:
        ends["branch"] = effect.branch
    if effect.handling is not None:
        ends["handling"] = [handling.to_record() for handling in effect.handling]
    if effect.causes is not None:
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
    keys = {key for key in old.keys() | new.keys() if old.get(key) != new.get(key)}
    return Event(
        complaint=request.complaint,
        seq=own["eventSeq"] + 1,
        kind=TRANSITIONS[request.step.step].event,
        at=taking.now,
        recorded_at=taking.now,
        actor=taking.actor,
        before=as_json({key: old[key] for key in keys if key in old}),
        after=as_json({key: new[key] for key in keys if key in new}),
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
    )
