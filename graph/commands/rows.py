"""A case as parameters of Cypher: node properties, relations, and the codes that events keep."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from graph.commands.suggestions import suggestion_row
from graph.domain.case import Attribution, Case, Decision, Handling
from graph.domain.copies import Related, copies, reference_key
from graph.domain.enums import CaseStatus, CatalogueKind
from graph.domain.suggestions import Suggestion

Lineages = Mapping[CatalogueKind, Mapping[str, tuple[str, ...]]]


@dataclass(frozen=True, slots=True)
class Prepared:
    """A case with its vectors by node property, one for each space that takes writes.

    ``fires``: a rule of escalation fires on what the case itself says.
    ``suggestion``: what was suggested about it, if somebody is going to read it.
    """

    case: Case
    vectors: Mapping[str, Sequence[float]] = field(default_factory=dict)
    fires: bool = False
    suggestion: Suggestion | None = None


def own_properties(case: Case) -> dict[str, Any]:
    """What the complaint's node itself says; None where the case does not say it."""
    return {
        "id": case.id,
        "reference": case.reference,
        "referenceKey": reference_key(case.reference),
        "sourceSystem": case.source_system,
        "sourceId": case.source_id,
        "contentHash": case.content_hash,
        "channel": case.channel,
        "status": case.status,
        "level": case.level,
        "subject": case.subject,
        "narrative": case.narrative,
        "language": case.language,
        "receivedAt": case.received.at,
        "receivedPrecision": case.received.precision,
        "occurredAt": case.occurred_at,
        "type": case.type,
        "severity": case.severity,
        "urgency": case.urgency,
        "riskTypes": list(case.risk_types),
        "timeliness": case.timeliness,
        "amountMinor": case.amount.minor if case.amount else None,
        "currency": case.amount.currency if case.amount else None,
        "amountBand": case.amount_band,
        "vulnerable": bool(case.vulnerable),
        "dueAt": case.due_at,
        "assignee": case.assignee,
        "round": case.round,
        "roundStartedAt": case.received.at,
        # Of later statuses no source says since when.
        "statusSince": case.received.at if case.status is CaseStatus.REGISTERED else None,
        "dueSoonAt": case.due_soon_at,
    }


def related(case: Case, lineages: Lineages, customer: str | None) -> Related:
    """The codes that the case's relations lead to."""
    times = [d.decided_at for d in case.decisions if d.decided_at is not None]
    return Related(
        products=_with_wider(lineages, CatalogueKind.PRODUCT, case.product),
        branches=_with_wider(lineages, CatalogueKind.BRANCH, case.branch),
        departments=tuple(handling.department for handling in case.handling),
        root_causes=tuple(
            {
                code
                for cause in case.causes
                for code in _with_wider(lineages, CatalogueKind.ROOT_CAUSE, cause.cause)
            }
        ),
        customer=customer,
        decided=case.decided,
        decided_at=min(times, default=None),
    )


def _with_wider(lineages: Lineages, kind: CatalogueKind, code: str | None) -> tuple[str, ...]:
    return lineages[kind][code] if code is not None else ()


@dataclass(frozen=True, slots=True)
class ComplaintRow:
    """One complaint as the statements of ``store`` take it."""

    own: Mapping[str, Any]
    related: Related
    vectors: Mapping[str, Sequence[float]]
    product: str | None
    branch: str | None
    handling: Sequence[Mapping[str, Any]]
    causes: Sequence[Mapping[str, Any]]
    decisions: Sequence[Mapping[str, Any]]
    suggestions: Sequence[Mapping[str, Any]] = ()
    fires: bool = False

    @property
    def id(self) -> str:
        return str(self.own["id"])

    @property
    def customer(self) -> str | None:
        return self.related.customer

    @property
    def properties(self) -> dict[str, Any]:
        """Everything that stands on the node, None for what is absent."""
        return {**self.own, **copies(self.own, self.related), **self.vectors}


def cause_row(cause: Attribution) -> dict[str, Any]:
    facts = {
        "source": cause.source,
        "confidence": cause.confidence,
        "share": cause.share,
        "by": cause.by,
        "at": cause.at,
    }
    return {"code": cause.cause, "properties": facts}


def handling_row(handling: Handling) -> dict[str, Any]:
    return {"code": handling.department, "role": handling.role}


def complaint_row(prepared: Prepared, lineages: Lineages, customer: str | None) -> ComplaintRow:
    case = prepared.case
    return ComplaintRow(
        own=own_properties(case),
        related=related(case, lineages, customer),
        vectors=prepared.vectors,
        product=case.product,
        branch=case.branch,
        handling=[handling_row(handling) for handling in case.handling],
        causes=[cause_row(cause) for cause in case.causes],
        decisions=[resolution_row(case.id, decision) for decision in case.decisions],
        suggestions=[suggestion_row(prepared.suggestion)] if prepared.suggestion else [],
        fires=prepared.fires,
    )


def resolution_row(complaint: str, decision: Decision) -> dict[str, Any]:
    compensation = decision.compensation
    return {
        "id": f"{complaint}.{decision.round}",
        "round": decision.round,
        "outcome": decision.outcome,
        "remedy": decision.remedy,
        "compensationMinor": compensation.minor if compensation else None,
        "currency": compensation.currency if compensation else None,
        "decidedAt": decision.decided_at,
        "satisfaction": decision.satisfaction,
        "timely": decision.timely,
        "summary": decision.summary,
    }


#: What the desk keeps of a case beside what its source says; an import never touches it.
DESK_KEYS = (
    "round", "roundStartedAt", "complex", "extendedDays", "pausedAt", "pausedSeconds", "dueSoonAt",
    "dueNotice", "answeredAt", "closedAt", "reviewConfirmed", "classifiedBy", "classifiedAt",
    "proposedOutcome", "proposedRemedy", "proposedMinor", "proposedCurrency",
    "levelBy", "statusSince", "stepSeconds",
)  # fmt: skip

#: What an event keeps of the node: no text, no hash, no sort key.
_EVENT_KEYS = {
    "reference", "sourceSystem", "sourceId", "channel", "status", "level", "language",
    "receivedAt", "receivedPrecision", "occurredAt", "type", "severity", "urgency", "riskTypes",
    "timeliness", "amountMinor", "currency", "amountBand", "vulnerable", "dueAt", "assignee",
    "productCode", "branchCode", "departmentCodes", "rootCauseCodes", "customerId",
    *DESK_KEYS,
}  # fmt: skip


def event_state(
    properties: Mapping[str, Any], decisions: Sequence[Mapping[str, Any]] = ()
) -> dict[str, Any]:
    """Codes, numbers and ids of a case, from which its state can be rebuilt: never a text."""
    state = {
        key: _plain(value)
        for key, value in properties.items()
        if key in _EVENT_KEYS and value not in (None, [])
    }
    kept = [
        {
            key: _plain(value)
            for key, value in decision.items()
            if key != "summary" and value is not None
        }
        for decision in decisions
    ]
    return {**state, "decisions": kept} if kept else state


def as_json(state: Mapping[str, Any]) -> str:
    """Compact and in one order, so that equal states are equal strings."""
    return json.dumps(state, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime) else value
