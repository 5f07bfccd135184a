"""What is wrong with the rows of a source, as one table: by field and reason, with an example.

A million rows with one mistake are one line of it.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum

from ingest.masking import Masker
from ingest.record import Problem, Rejected, Row

#: Whose values are never shown: they are people's names and numbers whatever stands in them.
_PERSONAL = ("customer.names", "customer.identifiers")


class Weight(StrEnum):
    """What a problem costs: the row, or one value of it."""

    REJECTED = "REJECTED"
    WARNING = "WARNING"


@dataclass(frozen=True, slots=True)
class ProblemGroup:
    """Equal problems: how many, the first line, and the value there as it may be shown."""

    weight: Weight
    field: str
    reason: str
    count: int
    line: int
    example: str


@dataclass(slots=True)
class ProblemTable:
    """Counts problems; ``masker`` masks the examples."""

    masker: Masker
    rejected: int = 0
    warnings: int = 0
    _counts: dict[tuple[Weight, str, str], int] = field(default_factory=dict)
    _first: dict[tuple[Weight, str, str], Problem] = field(default_factory=dict)

    def add_row(self, row: Row) -> None:
        """Everything that its reader has said of a row."""
        if isinstance(row.content, Rejected):
            self.reject(row.content)
        self.warn(row.warnings)

    def reject(self, problem: Rejected) -> None:
        self.rejected += 1
        self._add(Weight.REJECTED, problem)

    def warn(self, problems: Iterable[Problem]) -> None:
        for problem in problems:
            self.warnings += 1
            self._add(Weight.WARNING, problem)

    def groups(self) -> list[ProblemGroup]:
        """The table: what rejects rows first, then by how often."""
        keys = sorted(self._counts, key=lambda key: (key[0], -self._counts[key], key[1:]))
        return [
            ProblemGroup(*key, self._counts[key], self._first[key].line, self._example(key))
            for key in keys
        ]

    def _add(self, weight: Weight, problem: Problem) -> None:
        key = (weight, problem.field, problem.reason)
        self._counts[key] = self._counts.get(key, 0) + 1
        self._first.setdefault(key, problem)

    def _example(self, key: tuple[Weight, str, str]) -> str:
        value = self._first[key].value
        if key[1].startswith(_PERSONAL):
            return f"({len(value)} characters)" if value else ""
        return self.masker.mask(value).text if value else ""
