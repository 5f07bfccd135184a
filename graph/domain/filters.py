"""What a list or a search of complaints is narrowed to."""

from collections.abc import Iterator
from dataclasses import dataclass, fields
from datetime import datetime
from decimal import Decimal

from graph.domain.enums import CaseStatus, Channel, Level, Nature, OutcomeKind, Severity, Urgency
from graph.errors import InvalidInputError

DEFAULT_CURRENCY = "CNY"
DEEPEST_NOT = 3
LONGEST_LIST = 500


@dataclass(frozen=True, slots=True)
class ComplaintFilter:
    """Fields are joined by AND, values of one field by OR; ``excluded`` negates as a whole.

    A wider product, branch or root cause covers the narrower ones; bounds are inclusive; a
    missing value matches no field but ``unassigned``, and therefore every ``excluded``. Amounts
    are in major units and compared within one currency.
    """

    products: tuple[str, ...] | None = None
    branches: tuple[str, ...] | None = None
    departments: tuple[str, ...] | None = None
    types: tuple[str, ...] | None = None
    risk_types: tuple[str, ...] | None = None
    root_causes: tuple[str, ...] | None = None
    clusters: tuple[str, ...] | None = None
    group_events: tuple[str, ...] | None = None
    issues: tuple[str, ...] | None = None
    source_systems: tuple[str, ...] | None = None
    channels: tuple[Channel, ...] | None = None
    statuses: tuple[CaseStatus, ...] | None = None
    natures: tuple[Nature, ...] | None = None
    severities: tuple[Severity, ...] | None = None
    urgencies: tuple[Urgency, ...] | None = None
    levels: tuple[Level, ...] | None = None
    outcomes: tuple[OutcomeKind, ...] | None = None
    segments: tuple[str, ...] | None = None
    received_from: datetime | None = None
    received_to: datetime | None = None
    due_from: datetime | None = None
    due_to: datetime | None = None
    decided_from: datetime | None = None
    decided_to: datetime | None = None
    recorded_from: datetime | None = None
    recorded_to: datetime | None = None
    amount_from: Decimal | None = None
    amount_to: Decimal | None = None
    currency: str | None = None
    customer: str | None = None
    assignee: str | None = None
    unassigned: bool | None = None
    vulnerable: bool | None = None
    overdue: bool | None = None
    duplicate: bool | None = None
    excluded: "ComplaintFilter | None" = None

    def chain(self) -> Iterator["ComplaintFilter"]:
        """This filter and the negated ones inside it, outermost first."""
        current: ComplaintFilter | None = self
        while current is not None:
            yield current
            current = current.excluded

    @property
    def used(self) -> frozenset[str]:
        """Names of the fields that narrow anything, those inside ``excluded`` too."""
        return frozenset(
            field.name
            for part in self.chain()
            for field in fields(part)
            if field.name != "excluded" and getattr(part, field.name) is not None
        )

    def check(self) -> None:
        """Refuse what has no sensible meaning.

        Raises:
            InvalidInputError: an empty or very long list, a naive time, or ``not`` nested deeper
                than three.
        """
        for depth, part in enumerate(self.chain()):
            path = ("filter", *["not"] * depth)
            if depth > DEEPEST_NOT:
                raise InvalidInputError(
                    f"A filter takes `not` up to {DEEPEST_NOT} deep.", path=path
                )
            _check_lists(part, path)
            _check_times(part, path)


_LISTS = (
    "products", "branches", "departments", "types", "risk_types", "root_causes", "clusters",
    "group_events", "issues", "source_systems", "channels", "statuses", "natures", "severities",
    "urgencies", "levels", "outcomes", "segments",
)  # fmt: skip
_TIMES = (
    "received_from", "received_to", "due_from", "due_to", "decided_from", "decided_to",
    "recorded_from", "recorded_to",
)  # fmt: skip


def _check_lists(part: ComplaintFilter, path: tuple[str, ...]) -> None:
    for name in _LISTS:
        values = getattr(part, name)
        if values is None:
            continue
        if not values:
            raise InvalidInputError(
                f"filter.{name} is an empty list, which would match nothing: leave it out instead.",
                path=(*path, name),
            )
        if len(values) > LONGEST_LIST:
            raise InvalidInputError(
                f"filter.{name} takes at most {LONGEST_LIST} values.", path=(*path, name)
            )


def _check_times(part: ComplaintFilter, path: tuple[str, ...]) -> None:
    for name in _TIMES:
        value = getattr(part, name)
        if value is not None and value.tzinfo is None:
            raise InvalidInputError(
                f"filter.{name} has no time zone: add an offset such as +08:00.",
                path=(*path, name),
            )
