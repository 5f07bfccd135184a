"""What a demo bank is made from."""

from dataclasses import dataclass
from datetime import date

from graph.errors import InvalidInputError

SYSTEM = "demo"
#: Fixed, so that a seed gives the same bank on every day; the service may pass another.
LAST_DAY = date(2026, 6, 30)
#: Below this the planted facts would be most of the bank.
SMALLEST_PLANTED = 50
LARGEST = 200_000
_EARLIEST_END = date(1975, 1, 1)


@dataclass(frozen=True, slots=True)
class DemoOptions:
    """``size``: complaints in two years, follow-ups and planted ones included; ``until``: the
    last day, None for 30 June 2026.

    Raises:
        InvalidInputError: a size or a last day that cannot be.
    """

    size: int = 1500
    seed: int = 1
    planted: bool = True
    until: date | None = None

    def __post_init__(self) -> None:
        smallest = SMALLEST_PLANTED if self.planted else 1
        if not smallest <= self.size <= LARGEST:
            raise InvalidInputError(
                f"A demo bank has {smallest:,} to {LARGEST:,} complaints, not {self.size:,}.",
                path=["size"],
            )
        if self.last_day < _EARLIEST_END:
            raise InvalidInputError(
                f"The demo bank cannot end before {_EARLIEST_END}.", path=["until"]
            )

    @property
    def last_day(self) -> date:
        return LAST_DAY if self.until is None else self.until

    @property
    def prefix(self) -> str:
        """What the ids of this bank's complaints start with: another bank has others."""
        return f"{self.size}-{self.seed}-{'planted' if self.planted else 'plain'}"
