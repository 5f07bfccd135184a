"""The planted facts, as ``planted.toml`` states them: the generator reads them from there too."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from functools import lru_cache
from types import MappingProxyType
from typing import Any

from ingest.demo.bank import bank
from ingest.demo.data import toml
from ingest.demo.period import Period
from ingest.demo.themes import CaseDraw, themes


class FactKind(StrEnum):
    RAISED_RATE = "RAISED_RATE"
    REMEDIATION = "REMEDIATION"
    REPEAT_COMPLAINER = "REPEAT_COMPLAINER"
    GROUP_EVENT = "GROUP_EVENT"
    ESCALATION_SURGE = "ESCALATION_SURGE"


@dataclass(frozen=True, slots=True)
class Fact:
    """A fact as the file states it; what a kind does not use is empty or 0."""

    name: str
    kind: FactKind
    zh: str
    en: str
    feature: str
    oracle: str
    alpha: float
    power: float
    cause: str | None
    themes: tuple[str, ...]
    case: str | None
    products: tuple[str, ...]
    branches: tuple[str, ...]
    base_rate: float
    effect: float
    verdict: str | None
    window: Mapping[str, int]
    extras: Mapping[str, float]
    slots: Mapping[str, str]

    def span(self, period: Period) -> tuple[date, date]:
        """First and last day of the fact; of a remediation, of the days compared."""
        if "month_before_end" in self.window:
            return period.month_before_end(self.window["month_before_end"])
        if self.kind is FactKind.REMEDIATION:
            return self.before(period)[0], self.after(period)[1]
        return (
            period.days_before_end(self.window["from_days_before_end"]),
            period.days_before_end(self.window["to_days_before_end"]),
        )

    def completed(self, period: Period) -> date:
        """The day on which a remediation was completed."""
        return period.days_before_end(self.window["completed_days_before_end"])

    def works_from(self, period: Period) -> date:
        """The first day on which a remediation shows."""
        return period.days_before_end(
            self.window["completed_days_before_end"] - self.window["delay_days"]
        )

    def before(self, period: Period) -> tuple[date, date]:
        done, days = self.window["completed_days_before_end"], self.window["compare_days"]
        return period.days_before_end(done + days), period.days_before_end(done + 1)

    def after(self, period: Period) -> tuple[date, date]:
        from_days = self.window["completed_days_before_end"] - self.window["delay_days"]
        last = from_days - self.window["compare_days"] + 1
        return period.days_before_end(from_days), period.days_before_end(last)

    def cases(self) -> CaseDraw:
        """The themes and cases that the fact is about, drawn by their shares."""
        pairs = themes().with_cause(self.cause or "")
        return CaseDraw(tuple(pair for pair in pairs if pair[0].name in self.themes))

    def branch_share(self) -> float:
        """The share of customers at the fact's branches; 1 without branches."""
        return sum(bank().share(branch) for branch in self.branches) if self.branches else 1.0

    def exposure(self, period: Period) -> float:
        """The share of all base complaints expected where and when the fact is."""
        start, end = self.span(period)
        return self.base_rate * self.branch_share() * period.share(start, end)

    def customers(self, size: int) -> int:
        """The customers of a group event: more in a large bank, which has more of any theme."""
        more = round(self.extras["customers_per_thousand"] * size / 1000)
        most = int(self.extras["most_per_branch"]) * len(bank().branches)
        return min(most, max(int(self.extras["customers"]), more))


@dataclass(frozen=True, slots=True)
class PlantedFact:
    """A fact as it was planted in one bank.

    ``base_rate``: share of the base complaints (0..1); ``effect``: factor on the rate, or for a
    surge the points (0..1) added; ``expected``: expected counts by name, duplicates left out;
    ``complaints``: source ids of the complaints that are there, or are escalated, because of it,
    of a remediation those of its cause in the days compared. ``power``: the probability that an
    oracle that knows the true labels finds it in a bank of 6,000, by the test named, at level
    ``alpha``. Dates are inclusive.
    """

    name: str
    kind: FactKind
    title_zh: str
    title_en: str
    feature: str
    oracle: str
    alpha: float
    power: float
    start: date
    end: date
    completed: date | None
    verdict: str | None
    causes: tuple[str, ...]
    products: tuple[str, ...]
    branches: tuple[str, ...]
    base_rate: float
    effect: float
    expected: Mapping[str, float] = field(default_factory=dict)
    complaints: tuple[str, ...] = ()


_EFFECTS = ("rate_ratio", "raised_by", "further_filings", "customers")
_WINDOW = (
    "month_before_end",
    "from_days_before_end",
    "to_days_before_end",
    "completed_days_before_end",
    "delay_days",
    "compare_days",
)
_EXTRAS = ("customers", "customers_per_thousand", "most_per_branch", "filings")


@lru_cache(maxsize=1)
def facts() -> tuple[Fact, ...]:
    """All facts of ``planted.toml``, in its order."""
    return tuple(_fact(name, table) for name, table in toml("planted").items())


def _fact(name: str, table: Mapping[str, Any]) -> Fact:
    return Fact(
        name,
        FactKind(table["kind"]),
        table["zh"],
        table["en"],
        table["feature"],
        table["oracle"],
        table.get("alpha", 0.0),
        table["power"],
        table.get("cause"),
        tuple(table["themes"]),
        table.get("case"),
        tuple(table["products"]),
        tuple(table["branches"]),
        table.get("base_rate", 0.0),
        next(float(table[key]) for key in _EFFECTS if key in table),
        table.get("verdict"),
        MappingProxyType({key: table[key] for key in _WINDOW if key in table}),
        MappingProxyType({key: table[key] for key in _EXTRAS if key in table}),
        MappingProxyType(dict(table.get("slots", {}))),
    )
