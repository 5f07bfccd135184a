from collections.abc import Sequence

import pytest

from ingest.demo import DemoOptions
from tests.ingest.demo.oracle import Bank, made

ANALYSIS_SIZE = 6000
#: None of them was used to choose the facts' strength.
SEEDS = range(1, 13)


@pytest.fixture(scope="package")
def banks() -> Sequence[Bank]:
    """A dozen banks with facts, large enough for analysis."""
    return [made(DemoOptions(ANALYSIS_SIZE, seed)) for seed in SEEDS]


@pytest.fixture(scope="package")
def plain_banks() -> Sequence[Bank]:
    """The same without facts."""
    return [made(DemoOptions(ANALYSIS_SIZE, seed, planted=False)) for seed in SEEDS]
