"""The evaluation of clusters runs without what it compares with, and says so."""

import sys

import pytest

from scripts.cluster_evaluation import LabelledText, evaluate
from tests.similarity.clustering.clouds import ENGLISH, clouds


def test_planted_matters_are_scored(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "umap", None)
    ids, vectors, truth, centre = clouds(3, 30, seed=6)
    rows = [
        LabelledText(one, ENGLISH[matter], f"matter {matter}")
        for one, matter in zip(ids, truth, strict=True)
    ]
    found = evaluate(rows, vectors, centre)
    assert found["labels"] == 3
    assert found["ours"]["unassigned"] == 0.0
    assert found["ours"]["nmi"] > 0.6
    assert found["refitKeeps"]["least"] >= 0.9
    assert "umap-learn" in found["recipe"]
