"""What an event of a case changed, field by field, as people speak of it. Pure."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType
from typing import Any, TypeAlias

from graph.domain.enums import (
    AmountBand,
    AnswerProblemKind,
    CaseStatus,
    CatalogueKind,
    Channel,
    Level,
    Nature,
    OutcomeKind,
    RemedyKind,
    Severity,
    Timeliness,
    Urgency,
)
from graph.domain.money import Money
from graph.domain.suggestions import Dimension

#: What gives a code its label: a closed set, a tree, or the bank's vocabulary of a dimension.
Meaning: TypeAlias = type[StrEnum] | CatalogueKind | Dimension


class CaseField(StrEnum):
    """What can change of a case."""

    STATUS = "STATUS"
    LEVEL = "LEVEL"
    TYPE = "TYPE"
    PRODUCT = "PRODUCT"
    BRANCH = "BRANCH"
    NATURE = "NATURE"
    SEVERITY = "SEVERITY"
    URGENCY = "URGENCY"
    RISK_TYPES = "RISK_TYPES"
    AMOUNT = "AMOUNT"
    AMOUNT_BAND = "AMOUNT_BAND"
    DEPARTMENTS = "DEPARTMENTS"
    ASSIGNEE = "ASSIGNEE"
    ROOT_CAUSES = "ROOT_CAUSES"
    ROUND = "ROUND"
    COMPLEX = "COMPLEX"
    DUE_AT = "DUE_AT"
    EXTENDED_DAYS = "EXTENDED_DAYS"
    PAUSED_AT = "PAUSED_AT"
    PROPOSED_OUTCOME = "PROPOSED_OUTCOME"
    PROPOSED_REMEDY = "PROPOSED_REMEDY"
    PROPOSED_COMPENSATION = "PROPOSED_COMPENSATION"
    OUTCOME = "OUTCOME"
    REMEDY = "REMEDY"
    COMPENSATION = "COMPENSATION"
    DECIDED_AT = "DECIDED_AT"
    TIMELY = "TIMELY"
    INSISTED = "INSISTED"
    SATISFACTION = "SATISFACTION"
    ANSWERED_AT = "ANSWERED_AT"
    CLOSED_AT = "CLOSED_AT"
    REVIEW_CONFIRMED = "REVIEW_CONFIRMED"
    CHANNEL = "CHANNEL"
    RECEIVED_AT = "RECEIVED_AT"
    OCCURRED_AT = "OCCURRED_AT"
    TIMELINESS = "TIMELINESS"
    VULNERABLE = "VULNERABLE"
    CUSTOMER = "CUSTOMER"
    LEGAL_HOLD = "LEGAL_HOLD"
    ERASED = "ERASED"


@dataclass(frozen=True, slots=True)
class Codes:
    """Codes and what they mean."""

    codes: tuple[str, ...]
    meaning: Meaning


@dataclass(frozen=True, slots=True)
class CustomerId:
    """Of a customer; it resolves whoever merged since."""

    id: str


Value: TypeAlias = Codes | CustomerId | Money | datetime | bool | int | str


@dataclass(frozen=True, slots=True)
class FieldChange:
    """From one value to another; None: there was, or is, none."""

    field: CaseField
    before: Value | None
    after: Value | None


def _codes(meaning: Meaning) -> Callable[[Any], Value | None]:
    def read(value: Any) -> Value | None:
        codes = tuple(value) if isinstance(value, list) else (value,)
        return Codes(codes, meaning) if codes else None

    return read


_Reader: TypeAlias = Callable[[Any], Value | None]
_time: _Reader = datetime.fromisoformat

#: The properties of an event's state by the field that they are, in the order of telling.
_FIELDS: Mapping[str, tuple[CaseField, _Reader]] = MappingProxyType(
    {
        "status": (CaseField.STATUS, _codes(CaseStatus)),
        "level": (CaseField.LEVEL, _codes(Level)),
        "type": (CaseField.TYPE, _codes(Dimension.TYPE)),
        "productCode": (CaseField.PRODUCT, _codes(CatalogueKind.PRODUCT)),
        "branchCode": (CaseField.BRANCH, _codes(CatalogueKind.BRANCH)),
        "nature": (CaseField.NATURE, _codes(Nature)),
        "severity": (CaseField.SEVERITY, _codes(Severity)),
        "urgency": (CaseField.URGENCY, _codes(Urgency)),
        "riskTypes": (CaseField.RISK_TYPES, _codes(Dimension.RISK_TYPES)),
        "amountBand": (CaseField.AMOUNT_BAND, _codes(AmountBand)),
        "departmentCodes": (CaseField.DEPARTMENTS, _codes(CatalogueKind.DEPARTMENT)),
        "assignee": (CaseField.ASSIGNEE, str),
        "causeCodes": (CaseField.ROOT_CAUSES, _codes(CatalogueKind.ROOT_CAUSE)),
        "round": (CaseField.ROUND, int),
        "complex": (CaseField.COMPLEX, bool),
        "dueAt": (CaseField.DUE_AT, _time),
        "extendedDays": (CaseField.EXTENDED_DAYS, int),
        "pausedAt": (CaseField.PAUSED_AT, _time),
        "proposedOutcome": (CaseField.PROPOSED_OUTCOME, _codes(OutcomeKind)),
        "proposedRemedy": (CaseField.PROPOSED_REMEDY, _codes(RemedyKind)),
        "answeredAt": (CaseField.ANSWERED_AT, _time),
        "closedAt": (CaseField.CLOSED_AT, _time),
        "reviewConfirmed": (CaseField.REVIEW_CONFIRMED, bool),
        "channel": (CaseField.CHANNEL, _codes(Channel)),
        "receivedAt": (CaseField.RECEIVED_AT, _time),
        "occurredAt": (CaseField.OCCURRED_AT, _time),
        "timeliness": (CaseField.TIMELINESS, _codes(Timeliness)),
        "vulnerable": (CaseField.VULNERABLE, bool),
        "customerId": (CaseField.CUSTOMER, CustomerId),
        "legalHold": (CaseField.LEGAL_HOLD, bool),
        "erased": (CaseField.ERASED, bool),
    }
)
#: The same of a round's decision.
_DECISION: Mapping[str, tuple[CaseField, _Reader]] = MappingProxyType(
    {
        "outcome": (CaseField.OUTCOME, _codes(OutcomeKind)),
        "remedy": (CaseField.REMEDY, _codes(RemedyKind)),
        "decidedAt": (CaseField.DECIDED_AT, _time),
        "timely": (CaseField.TIMELY, bool),
        "insisted": (CaseField.INSISTED, _codes(AnswerProblemKind)),
        "satisfaction": (CaseField.SATISFACTION, int),
    }
)
_MONEY = (
    ("amountMinor", "currency", CaseField.AMOUNT),
    ("proposedMinor", "proposedCurrency", CaseField.PROPOSED_COMPENSATION),
)
#: Properties that are one value: an event that names one of them names both.
PAIRS: tuple[tuple[str, str], ...] = tuple((minor, currency) for minor, currency, _ in _MONEY)
#: What no person speaks of: sums that time limits and figures are made of, identities that never
#: change, and who did what the event's own actor did.
UNSPOKEN = frozenset(
    {
        "statusSince", "stepSeconds", "roundStartedAt", "roundDueAt", "reviewStartedAt",
        "firstDueAt", "pauses", "dueSoonAt", "dueNotice", "textRedacted",
        "receivedPrecision", "reference", "sourceSystem", "sourceId", "language", "classifiedBy",
        "classifiedAt", "levelBy", "ruleLevel", "rules", "alerts",
    }
)  # fmt: skip
SPOKEN = frozenset({*_FIELDS, "decisions", *(name for pair in PAIRS for name in pair)})
_ORDER = list(CaseField)


def changes(before: Mapping[str, Any], after: Mapping[str, Any]) -> tuple[FieldChange, ...]:
    """What an event's state before and after it says, in the order of ``CaseField``."""
    results = [*_read(_FIELDS, before, after)]
    for minor, currency, name in _MONEY:
        results.append(
            FieldChange(name, *(_money(side, minor, currency) for side in (before, after)))
        )
    then, now = _latest(before, after)
    results += _read(_DECISION, then, now)
    paid = (_money(side, "compensationMinor", "currency") for side in (then, now))
    results.append(FieldChange(CaseField.COMPENSATION, *paid))
    differing = [change for change in results if change.before != change.after]
    return tuple(sorted(differing, key=lambda change: _ORDER.index(change.field)))


def _read(
    fields: Mapping[str, tuple[CaseField, _Reader]],
    before: Mapping[str, Any],
    after: Mapping[str, Any],
) -> list[FieldChange]:
    return [
        FieldChange(
            name,
            None if before.get(key) is None else read(before[key]),
            None if after.get(key) is None else read(after[key]),
        )
        for key, (name, read) in fields.items()
    ]


def _latest(
    before: Mapping[str, Any], after: Mapping[str, Any]
) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
    """The decision of the latest round that an event names, as it was and as it is."""
    made: Sequence[Mapping[str, Any]] = after.get("decisions") or ()
    latest = max(made, key=lambda one: int(one["round"]), default={})
    earlier = [one for one in before.get("decisions") or () if one["round"] == latest.get("round")]
    return next(iter(earlier), {}), latest


def _money(side: Mapping[str, Any], minor: str, currency: str) -> Money | None:
    value, code = side.get(minor), side.get(currency)
    return None if value is None or code is None else Money(value, code)
