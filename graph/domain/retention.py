"""For how long a bank keeps what closed cases say of people."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from graph.domain.enums import CaseStatus

#: Only such cases have a time after which they are not kept any more.
CLOSED = frozenset({CaseStatus.CLOSED, CaseStatus.WITHDRAWN})


@dataclass(frozen=True, slots=True)
class RetentionTerms:
    """Days after a case was closed, of all products, and of some by their codes.

    A wider product's days are those of all below it. Where several apply, the longest does. None:
    what no product says is kept for good.
    """

    days: int | None = None
    of_products: Mapping[str, int] = field(default_factory=dict)

    @property
    def used(self) -> bool:
        """Whether anything ever ends."""
        return self.days is not None or bool(self.of_products)

    @property
    def shortest(self) -> int:
        """No case is due that was closed fewer days ago."""
        return min(([] if self.days is None else [self.days]) + list(self.of_products.values()))
