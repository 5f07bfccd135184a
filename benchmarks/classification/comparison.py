"""Showing a classifier beside the baseline."""

from collections.abc import Mapping
from typing import Any

from scripts.console import out


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


def _test(results: Mapping[str, Any]) -> str:
    return (
        f"p = {results['p']:.2g} (only ours right: {results['onlyOurs']}, "
        f"only the baseline: {results['onlyBaseline']})"
    )
