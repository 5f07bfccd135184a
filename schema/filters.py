"""What a list or a search is narrowed to, as clients send it."""

from datetime import UTC, date, datetime
from decimal import Decimal
from enum import Enum
from typing import Annotated, Any, Optional, TypeAlias, TypeVar

import strawberry
from strawberry.utils.str_converters import to_camel_case

from graph.domain.filters import DEEPEST_NOT, ComplaintFilter
from graph.errors import InvalidInputError
from schema.enums import CaseStatus, Channel, Level, Nature, OutcomeKind, Severity, Urgency
from schema.ids import NodeKind, key_of
from schema.scalars import TimeOrDate

Path: TypeAlias = tuple[str, ...]
T = TypeVar("T")


def _field(description: str, name: str | None = None) -> Any:
    return strawberry.field(description=description, name=name, default=None)


@strawberry.input(
    name="ComplaintFilter",
    description=(
        "Fields are joined by AND, the values of one field by OR. A wider product or branch covers "
        "the narrower ones. Bounds are inclusive. A missing value matches no field, and therefore "
        "every `not`. An empty list and an unknown code are errors."
    ),
)
class ComplaintFilterInput:
    products: list[str] | None = _field("Codes of products, narrower ones included.")
    branches: list[str] | None = _field("Codes of branches, narrower ones included.")
    departments: list[str] | None = _field("Codes of departments that handle the case.")
    types: list[str] | None = _field("Codes of complaint types.")
    risk_types: list[str] | None = _field("Codes of risk types; one of them is enough.")
    root_causes: list[str] | None = _field("Codes of root causes.")
    clusters: list[strawberry.ID] | None = _field("Ids of clusters.")
    group_events: list[strawberry.ID] | None = _field(
        "Ids of the alerts of group events; one that covers it is enough."
    )
    issues: list[strawberry.ID] | None = _field(
        "Ids of systemic issues; one that covers it is enough."
    )
    source_systems: list[str] | None = _field("The systems that complaints come from.")
    channels: list[Channel] | None = _field("How the complaint came in.")
    statuses: list[CaseStatus] | None = _field("Where the case stands.")
    natures: list[Nature] | None = _field(
        "What the filing is. Those of which nobody has said it match no value."
    )
    severities: list[Severity] | None = _field("How severe it is.")
    urgencies: list[Urgency] | None = _field("How fast it must be answered.")
    levels: list[Level] | None = _field("How far it is escalated.")
    outcomes: list[OutcomeKind] | None = _field("What was found in its latest round.")
    segments: list[str] | None = _field("Segments of the customer.")
    received_from: TimeOrDate | None = _field("Received at this time or later.")
    received_to: TimeOrDate | None = _field("Received at this time or earlier.")
    due_from: TimeOrDate | None = _field("Due at this time or later.")
    due_to: TimeOrDate | None = _field("Due at this time or earlier.")
    decided_from: TimeOrDate | None = _field("First decided at this time or later.")
    decided_to: TimeOrDate | None = _field("First decided at this time or earlier.")
    recorded_from: TimeOrDate | None = _field("Recorded here at this time or later.")
    recorded_to: TimeOrDate | None = _field("Recorded here at this time or earlier.")
    amount_from: Decimal | None = _field("At least this amount, in the filter's currency.")
    amount_to: Decimal | None = _field("At most this amount, in the filter's currency.")
    currency: str | None = _field("ISO 4217; amounts compare within it. CNY if left out.")
    customer: strawberry.ID | None = _field("The customer's id.")
    assignee: str | None = _field("Who works on it.")
    unassigned: bool | None = _field("Whether nobody works on it; left out: either.")
    vulnerable: bool | None = _field("Whether the customer is vulnerable.")
    overdue: bool | None = _field("Whether it is still open after its deadline.")
    duplicate: bool | None = _field(
        "Whether it is a filing received again; left out: both. Analyses count `false` alone."
    )
    not_: Optional["ComplaintFilterInput"] = _field(
        f"Leaves out all that this inner filter matches as a whole; up to {DEEPEST_NOT} deep.",
        name="not",
    )

    def to_model(self, path: Path = ("filter",)) -> ComplaintFilter:
        """The domain's filter.

        Raises:
            InvalidInputError: a time without offset, an id of something else, a nesting too deep.
        """
        if len(path) > DEEPEST_NOT + 1:
            raise InvalidInputError(f"A filter takes `not` up to {DEEPEST_NOT} deep.", path=path)
        return ComplaintFilter(
            products=_tuple(self.products),
            branches=_tuple(self.branches),
            departments=_tuple(self.departments),
            types=_tuple(self.types),
            risk_types=_tuple(self.risk_types),
            root_causes=_tuple(self.root_causes),
            clusters=_keys(self.clusters, NodeKind.CLUSTER, (*path, "clusters")),
            group_events=_keys(self.group_events, NodeKind.ALERT, (*path, "groupEvents")),
            issues=_keys(self.issues, NodeKind.SYSTEMIC_ISSUE, (*path, "issues")),
            source_systems=_tuple(self.source_systems),
            channels=_tuple(self.channels),
            statuses=_tuple(self.statuses),
            natures=_tuple(self.natures),
            severities=_tuple(self.severities),
            urgencies=_tuple(self.urgencies),
            levels=_tuple(self.levels),
            outcomes=_tuple(self.outcomes),
            segments=_tuple(self.segments),
            received_from=exact_time(self.received_from, (*path, "receivedFrom")),
            received_to=exact_time(self.received_to, (*path, "receivedTo")),
            due_from=exact_time(self.due_from, (*path, "dueFrom")),
            due_to=exact_time(self.due_to, (*path, "dueTo")),
            decided_from=exact_time(self.decided_from, (*path, "decidedFrom")),
            decided_to=exact_time(self.decided_to, (*path, "decidedTo")),
            recorded_from=exact_time(self.recorded_from, (*path, "recordedFrom")),
            recorded_to=exact_time(self.recorded_to, (*path, "recordedTo")),
            amount_from=self.amount_from,
            amount_to=self.amount_to,
            currency=self.currency,
            customer=_customer_key(self.customer, (*path, "customer")),
            assignee=self.assignee,
            unassigned=self.unassigned,
            vulnerable=self.vulnerable,
            overdue=self.overdue,
            duplicate=self.duplicate,
            excluded=self.not_.to_model((*path, "not")) if self.not_ else None,
        )


FilterArgument = Annotated[
    ComplaintFilterInput | None, strawberry.argument(description="Narrows what is found.")
]


def to_model(filters: ComplaintFilterInput | None) -> ComplaintFilter | None:
    """The checked domain filter, or None for none."""
    if filters is None:
        return None
    model = filters.to_model()
    model.check()
    return model


def as_variables(filters: ComplaintFilterInput) -> dict[str, Any]:
    """The filter as it may be sent again, as a variable of another document."""
    return {
        field.graphql_name or to_camel_case(field.python_name): _sent(value)
        for field in ComplaintFilterInput.__strawberry_definition__.fields  # type: ignore[attr-defined]
        if (value := getattr(filters, field.python_name)) is not None
    }


def _sent(value: Any) -> Any:
    if isinstance(value, list):
        return [_sent(each) for each in value]
    if isinstance(value, ComplaintFilterInput):
        return as_variables(value)
    if isinstance(value, Enum):
        return value.name
    if isinstance(value, date):
        return value.isoformat()
    return str(value) if isinstance(value, Decimal) else value


def _tuple(values: list[T] | None) -> tuple[T, ...] | None:
    return None if values is None else tuple(values)


def _keys(ids: list[strawberry.ID] | None, kind: NodeKind, path: Path) -> tuple[str, ...] | None:
    return None if ids is None else tuple(key_of(each, kind, path=path) for each in ids)


def _customer_key(identity: strawberry.ID | None, path: Path) -> str | None:
    return None if identity is None else key_of(identity, NodeKind.CUSTOMER, path=path)


def exact_time(value: date | None, path: Path) -> datetime | None:
    """A time that is one point for everybody.

    Raises:
        InvalidInputError: a date alone, or a time without its offset.
    """
    if value is None:
        return None
    if not isinstance(value, datetime) or value.tzinfo is None:
        # A date alone could mean the start or the end of that day.
        raise InvalidInputError(
            f"{'.'.join(path)} needs a time with its offset, such as 2026-01-31T00:00:00+08:00.",
            path=path,
        )
    return value.astimezone(UTC)
