"""Showing how good a classifier is."""

from collections.abc import Mapping
from typing import Any

from rich.table import Table

from scripts.console import out

_COLUMNS = (
    ("rows", "rows"),
    ("precision", "precision"),
    ("recall", "recall"),
    ("coverage", "coverage"),
    ("acceptedAccuracy", "right of these"),
    ("calibrationGap", "too sure by"),
)


def show_figures(facts: Mapping[str, Any]) -> None:
    """The measures with their intervals, and a table by class."""
    for name, title in (
        ("accuracy", "accuracy"),
        ("accuracyAt80Coverage", "accuracy on the surest 80 %"),
        ("expectedCalibrationError", "expected calibration error"),
    ):
        low, high = facts["intervals"][name]
        out.print(f"{title:>28}  {facts[name]:.3f}  (95 %: {low:.3f} to {high:.3f})")
    abstention = facts["abstention"]
    out.print(
        f"{'does not abstain on':>28}  {_number(abstention['coverage'])}, "
        f"right of these {_number(abstention['acceptedAccuracy'])}"
    )
    table = Table()
    table.add_column("class", no_wrap=True)
    for _, title in _COLUMNS:
        table.add_column(title, justify="right")
    for name, values in facts["classes"].items():
        table.add_row(name, *(_number(values[key]) for key, _ in _COLUMNS))
    out.print(table)


def _number(value: float | None) -> str:
    if value is None:
        return "-"
    return str(value) if isinstance(value, int) else f"{value:.3f}"
