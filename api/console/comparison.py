"""A decision beside those of alike cases: what stands out, in words and on a scale."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from api.console.pages import N_
from graph.domain.money import exponent

VERDICTS = {
    "INCONCLUSIVE": N_("Too few alike cases were decided to compare with."),
    "AS_USUAL": N_("Alike cases were decided like this."),
    "OUTCOME_UNUSUAL": N_("Fewer than one in ten alike cases had this outcome."),
    "COMPENSATION_LOW": N_("Alike cases of this amount were paid clearly more."),
    "COMPENSATION_HIGH": N_("Alike cases of this amount were paid clearly less."),
}
#: Width of the scale's drawing.
WIDTH = 320


@dataclass(frozen=True, slots=True)
class Scale:
    """Where on a scale from nothing lie the quartiles of what was paid, and what is offered.

    Places are between 0 and ``WIDTH``; amounts are as the API's ``Money``.
    """

    low: int
    median: int
    high: int
    offered: int | None
    amounts: Mapping[str, Mapping[str, Any]]
    count: int


@dataclass(frozen=True, slots=True)
class Comparison:
    """``decision``: the one that is compared, as the API gives it."""

    decision: Mapping[str, Any]
    verdicts: tuple[str, ...]
    count: int
    outcomes: tuple[Mapping[str, Any], ...]
    scale: Scale | None
    cases: tuple[Mapping[str, Any], ...]

    @property
    def usual(self) -> bool:
        return self.verdicts == ("AS_USUAL",)


def comparison(
    check: Mapping[str, Any] | None,
    band: str | None,
    decision: Mapping[str, Any] | None,
) -> Comparison | None:
    """``check``: the API's, of ``decision``; ``band``: of the case. None without either."""
    if check is None or decision is None:
        return None
    paid = decision["compensation"]
    return Comparison(
        decision,
        tuple(check["verdicts"]),
        check["count"],
        tuple(check["outcomes"]),
        _scale(check, band, paid),
        tuple(check["cases"]),
    )


def _scale(
    check: Mapping[str, Any], band: str | None, paid: Mapping[str, Any] | None
) -> Scale | None:
    """Of cases of the same band of amounts."""
    same = (each["quartiles"] for each in check["compensation"] if each["amountBand"] == band)
    quartiles = next(same, None)
    if quartiles is None:
        return None
    currency = paid["currency"] if paid else "CNY"
    unit = Decimal(10) ** exponent(currency)
    values = {name: Decimal(str(quartiles[name])) / unit for name in ("low", "median", "high")}
    offered = Decimal(paid["value"]) if paid else None
    longest = max(values["high"], offered or Decimal(0)) * Decimal("1.1") or Decimal(1)

    def place(value: Decimal) -> int:
        return int(value / longest * WIDTH)

    return Scale(
        place(values["low"]),
        place(values["median"]),
        place(values["high"]),
        None if offered is None else place(offered),
        {name: {"value": value, "currency": currency} for name, value in values.items()},
        quartiles["count"],
    )
