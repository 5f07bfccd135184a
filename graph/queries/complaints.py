"""Complaints: by id, by reference, and page by page in every order offered."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import Any

from graph.database import Database, Row
from graph.domain.desk import Proposal
from graph.domain.enums import (
    AmountBand,
    CaseStatus,
    Channel,
    Level,
    OutcomeKind,
    RemedyKind,
    Severity,
    Timeliness,
    TimePrecision,
    Urgency,
)
from graph.domain.money import Money
from graph.domain.views import Course, StoredComplaint
from graph.queries.conditions import CompiledFilter

#: Everything but the vectors, which are large and of no use outside the graph.
FIELDS = """
  .id, .reference, .sourceSystem, .sourceId, .channel, .status, .level, .receivedAt,
  .receivedPrecision, .recordedAt, .version, .receivedKey, .dueKey, .amountKey, .levelKey,
  .subject, .narrative, .language, .occurredAt, .type, .severity, .urgency, .riskTypes,
  .timeliness, .amountMinor, .currency, .amountBand, .vulnerable, .dueAt, .decidedAt, .assignee,
  .productCode, .productCodes, .branchCode, .branchCodes, .departmentCodes, .rootCauseCodes,
  .customerId, .decided, .duplicate, .round, .complex, .extendedDays, .pausedAt, .dueSoonAt,
  .answeredAt, .closedAt, .proposedOutcome, .proposedRemedy, .proposedMinor, .proposedCurrency,
  .reviewConfirmed, .classifiedBy, .ruleLevel, .levelBy
"""
_BY_IDS = f"CYPHER 25 MATCH (c:Complaint) WHERE c.id IN $ids RETURN c {{ {FIELDS} }} AS complaint"
_RECEIVED = "CYPHER 25 MATCH (c:Complaint {id: $id}) RETURN c.receivedAt AS at"
_BY_REFERENCES = f"""
CYPHER 25 MATCH (c:Complaint) WHERE c.reference IN $references RETURN c {{ {FIELDS} }} AS complaint
"""


class Order(Enum):
    """(sort key's property, whether descending); what has no date or amount counts as least."""

    RECEIVED_DESC = ("receivedKey", True)
    RECEIVED_ASC = ("receivedKey", False)
    DUE_DESC = ("dueKey", True)
    DUE_ASC = ("dueKey", False)
    AMOUNT_DESC = ("amountKey", True)
    AMOUNT_ASC = ("amountKey", False)
    LEVEL_DESC = ("levelKey", True)
    LEVEL_ASC = ("levelKey", False)

    @property
    def key(self) -> str:
        return self.value[0]

    @property
    def descending(self) -> bool:
        return self.value[1]

    def key_of(self, complaint: StoredComplaint) -> str:
        """The complaint's place in this order."""
        return {
            "receivedKey": complaint.received_key,
            "dueKey": complaint.due_key,
            "amountKey": complaint.amount_key,
            "levelKey": complaint.level_key,
        }[self.key]


@dataclass(frozen=True, slots=True)
class Window:
    """``size`` rows after the key ``after`` and before the key ``before``; from the end if
    ``backwards``.
    """

    size: int
    after: str | None = None
    before: str | None = None
    backwards: bool = False


@dataclass(frozen=True, slots=True)
class Page:
    """Rows in the order asked for; whether there are more beyond this end of the list."""

    complaints: tuple[StoredComplaint, ...]
    more: bool


async def by_ids(database: Database, ids: Sequence[str]) -> Mapping[str, StoredComplaint]:
    rows = await database.read(_BY_IDS, ids=list(ids))
    return {row["complaint"]["id"]: complaint(row["complaint"]) for row in rows}


async def received_at(database: Database, identity: str) -> datetime | None:
    """When a complaint was received; None if there is no such complaint."""
    rows = await database.read(_RECEIVED, id=identity)
    at: datetime | None = rows[0]["at"] if rows else None
    return at


async def by_references(
    database: Database, references: Sequence[str]
) -> Mapping[str, StoredComplaint]:
    rows = await database.read(_BY_REFERENCES, references=list(references))
    return {row["complaint"]["reference"]: complaint(row["complaint"]) for row in rows}


async def page(database: Database, narrowed: CompiledFilter, order: Order, window: Window) -> Page:
    """One page; it costs the same wherever it lies, for the order's own index serves it."""
    descending = order.descending != window.backwards
    beyond, behind = ("<", ">") if order.descending else (">", "<")
    bounds = [f"c.{order.key} IS NOT NULL"]
    if window.after is not None:
        bounds.append(f"c.{order.key} {beyond} $after")
    if window.before is not None:
        bounds.append(f"c.{order.key} {behind} $before")
    statement = f"""
    CYPHER 25
    MATCH (c:Complaint)
    WHERE {" AND ".join(bounds)} AND ({narrowed.predicate})
    WITH c ORDER BY c.{order.key} {"DESC" if descending else "ASC"} LIMIT $limit
    RETURN c {{ {FIELDS} }} AS complaint
    """
    rows = await database.read(
        statement,
        after=window.after,
        before=window.before,
        limit=window.size + 1,
        **narrowed.parameters,
    )
    found = [complaint(row["complaint"]) for row in rows[: window.size]]
    if window.backwards:
        found.reverse()
    return Page(tuple(found), len(rows) > window.size)


async def count(database: Database, narrowed: CompiledFilter) -> int:
    statement = f"CYPHER 25 MATCH (c:Complaint) WHERE {narrowed.predicate} RETURN count(*) AS total"
    rows = await database.read(statement, **narrowed.parameters)
    return int(rows[0]["total"])


def complaint(row: Row) -> StoredComplaint:
    """The record of a complaint's node, read with ``FIELDS``."""
    return StoredComplaint(
        id=row["id"],
        reference=row["reference"],
        source_system=row["sourceSystem"],
        source_id=row["sourceId"],
        channel=Channel(row["channel"]),
        status=CaseStatus(row["status"]),
        level=Level(row["level"]),
        received_at=row["receivedAt"],
        received_precision=TimePrecision(row["receivedPrecision"]),
        recorded_at=row["recordedAt"],
        version=row["version"],
        received_key=row["receivedKey"],
        due_key=row["dueKey"],
        amount_key=row["amountKey"],
        level_key=row["levelKey"],
        subject=row["subject"],
        narrative=row["narrative"],
        language=row["language"],
        occurred_at=row["occurredAt"],
        type=row["type"],
        severity=_enum(Severity, row["severity"]),
        urgency=_enum(Urgency, row["urgency"]),
        risk_types=tuple(row["riskTypes"] or ()),
        timeliness=_enum(Timeliness, row["timeliness"]),
        amount=money_of(row["amountMinor"], row["currency"]),
        amount_band=_enum(AmountBand, row["amountBand"]),
        vulnerable=row["vulnerable"],
        due_at=row["dueAt"],
        decided_at=row["decidedAt"],
        assignee=row["assignee"],
        product=row["productCode"],
        products=tuple(row["productCodes"]),
        branch=row["branchCode"],
        branches=tuple(row["branchCodes"]),
        departments=tuple(row["departmentCodes"]),
        root_causes=tuple(row["rootCauseCodes"]),
        customer=row["customerId"],
        decided=row["decided"],
        duplicate=row["duplicate"],
        course=course(row),
    )


def course(row: Row) -> Course:
    """What the desk keeps, of the same record."""
    rule_level = row.get("ruleLevel")
    return Course(
        round=row.get("round") or 1,
        complex_case=bool(row.get("complex")),
        extended_days=row.get("extendedDays") or 0,
        paused_at=row.get("pausedAt"),
        due_soon_at=row.get("dueSoonAt"),
        answered_at=row.get("answeredAt"),
        closed_at=row.get("closedAt"),
        proposal=proposal_of(row),
        review_confirmed=row.get("reviewConfirmed"),
        classified_by=row.get("classifiedBy"),
        rule_level=None if rule_level is None else Level(rule_level),
        level_by=row.get("levelBy"),
    )


def proposal_of(row: Row) -> Proposal | None:
    """What was proposed and not yet answered."""
    if row.get("proposedOutcome") is None:
        return None
    remedy = row.get("proposedRemedy")
    return Proposal(
        OutcomeKind(row["proposedOutcome"]),
        None if remedy is None else RemedyKind(remedy),
        money_of(row.get("proposedMinor"), row.get("proposedCurrency")),
    )


def money_of(minor: int | None, currency: str | None) -> Money | None:
    return None if minor is None or currency is None else Money(minor, currency)


def _enum(kind: Any, value: str | None) -> Any:
    return None if value is None else kind(value)
