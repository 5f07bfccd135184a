"""`python -m benchmarks classification` on a small made-up file of the CFPB."""

import csv
import random
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from benchmarks.classification.evaluation import Stories, evaluate_stories, read_stories, unseen
from benchmarks.classification.families import families
from graph.errors import InvalidInputError
from ingest.masking import Masker
from ingest.sources import cfpb
from ingest.sources.cfpb_terms import CSV

NOW = datetime(2026, 6, 1, tzinfo=UTC)
WORDS = ("again", "bank", "called", "letter", "never", "paid")
TOLD = {
    "Mortgage": "the mortgage escrow of my house was wrong",
    "Payday loan": "the payday lender took a payment twice",
    "Credit card": "my credit card was charged a late fee",
    "Prepaid card": "the prepaid card has a charged fee",
    "Quantum product": "nobody knows",
}


def write_file(path: Path, ids: range) -> Stories:
    chance = random.Random(ids.start)
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, CSV)
        writer.writeheader()
        for number in ids:
            product = list(TOLD)[number % len(TOLD)]
            words = " ".join(chance.choices(WORDS, k=6))
            writer.writerow(
                {
                    CSV.id: str(number), CSV.received: "2024-05-01", CSV.product: product,
                    CSV.issue: "Fees", CSV.company: f"Bank {number % 5}", CSV.state: "CA",
                    CSV.narrative: f"{TOLD[product]} {words} {number}" if number % 11 else "",
                    CSV.via: "Web", CSV.response: "Closed with explanation",
                }
            )  # fmt: skip
    return read_stories(cfpb(path, ZoneInfo("Asia/Shanghai"), NOW), Masker())


async def encode(texts: Sequence[str]) -> np.ndarray:
    return np.random.default_rng(1).normal(size=(len(texts), 8)).astype(np.float32)


def test_names_that_changed_are_one_family() -> None:
    known = families()
    assert known["Credit card"] == known["Prepaid card"] == known["Credit card or prepaid card"]
    assert known["Payday loan"] == known["Consumer Loan"] == "personal-loan"
    assert len(set(known.values())) == 9


def test_rows_without_a_narrative_or_family_are_left_out(tmp_path: Path) -> None:
    found = write_file(tmp_path / "a.csv", range(1, 101))
    assert {row.family for row in found.rows} == {"mortgage", "personal-loan", "card"}
    assert found.without_family == 18
    assert len(found.rows) == 73
    assert all(len(row.facts) == 2 for row in found.rows)


async def test_it_learns_one_file_and_reads_another(tmp_path: Path) -> None:
    known = write_file(tmp_path / "a.csv", range(1, 201)).rows
    asked = unseen(known, write_file(tmp_path / "b.csv", range(150, 300)).rows)
    assert all(int(row.id) > 200 for row in asked)
    facts = await evaluate_stories(known, asked, encode, NOW)
    assert facts["tested"] == len(asked)
    assert facts["accuracy"] > 0.95
    low, high = facts["intervals"]["accuracy"]
    assert low <= facts["accuracy"] <= high
    assert {"accuracyAt80Coverage", "expectedCalibrationError", "baseline", "mcnemar"} <= set(facts)
    assert set(facts["classes"]) == {"mortgage", "personal-loan", "card"}
    assert facts["textAlone"]["accuracy"] > 0.95


async def test_a_test_without_new_rows_is_refused(tmp_path: Path) -> None:
    known = write_file(tmp_path / "a.csv", range(1, 50)).rows
    with pytest.raises(InvalidInputError, match="not in the training file"):
        unseen(known, known)
    with pytest.raises(InvalidInputError, match="nothing can be learnt"):
        unseen((), known)
    few = write_file(tmp_path / "c.csv", range(500, 515)).rows
    with pytest.raises(InvalidInputError, match="fewer than eight"):
        await evaluate_stories(few, known, encode, NOW)
