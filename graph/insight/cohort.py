"""The complaints that an analysis is about, and how to open a figure down to them."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from graph.errors import InvalidInputError
from graph.queries.conditions import NO_DUPLICATE, CompiledFilter

_LEAST = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Cohort:
    """Complaints of a filter, received in [since, until); duplicates are left out everywhere."""

    narrowed: CompiledFilter
    since: datetime | None = None
    until: datetime | None = None

    def __post_init__(self) -> None:
        """Raises InvalidInputError for a period that ends before it begins."""
        if self.since is not None and self.until is not None and self.until < self.since:
            raise InvalidInputError("`to` lies before `from`.", path=["to"])

    @property
    def match(self) -> str:
        """``MATCH (c:Complaint) WHERE …``; further conditions can follow with AND."""
        return f"MATCH (c:Complaint) WHERE {self.condition}"

    @property
    def condition(self) -> str:
        """What must hold of ``c``; for statements that find complaints by something else."""
        conditions = [f"({NO_DUPLICATE.cypher})", f"({self.narrowed.predicate})"]
        if self.since is not None:
            conditions.append("c.receivedAt >= $since")
        if self.until is not None:
            conditions.append("c.receivedAt < $until")
        return " AND ".join(conditions)

    @property
    def parameters(self) -> dict[str, Any]:
        return {**self.narrowed.parameters, "since": self.since, "until": self.until}


@dataclass(frozen=True, slots=True)
class Narrowing:
    """Fields of a ``ComplaintFilter`` to set beside the analysis's own filter.

    The filter with these fields set finds exactly the complaints that a figure stands on.
    """

    products: tuple[str, ...] | None = None
    branches: tuple[str, ...] | None = None
    departments: tuple[str, ...] | None = None
    types: tuple[str, ...] | None = None
    root_causes: tuple[str, ...] | None = None
    channels: tuple[str, ...] | None = None
    levels: tuple[str, ...] | None = None
    received_from: datetime | None = None
    received_to: datetime | None = None
    duplicate: bool = False


def until_inclusive(until: datetime | None) -> datetime | None:
    """The bound of a filter, which is inclusive, for a period that ends before ``until``."""
    return None if until is None else until - _LEAST
