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


def show_comparison(facts: Mapping[str, Any]) -> None:
    """Against the baseline, with and without what is known beside the text."""
    alone = facts["textAlone"]
    out.print(f"{'word TF-IDF + linear SVM':>28}  {facts['baseline']['accuracy']:.3f}")
    out.print(f"{'McNemar against it':>28}  {_test(facts['mcnemar'])}")
    out.print(
        f"{'from the text alone':>28}  {alone['accuracy']:.3f}, surest 80 % "
        f"{alone['accuracyAt80Coverage']:.3f}, calibration error "
        f"{alone['expectedCalibrationError']:.3f}; McNemar {_test(alone['mcnemar'])}"
    )


def _test(found: Mapping[str, Any]) -> str:
    return (
        f"p = {found['p']:.2g} (only ours right: {found['onlyOurs']}, "
        f"only the baseline: {found['onlyBaseline']})"
    )


def _number(value: float | None) -> str:
    if value is None:
        return "-"
    return str(value) if isinstance(value, int) else f"{value:.3f}"
