"""The evaluation of clusters runs without what it compares with, and says so."""

import csv
import gzip
import sys
from pathlib import Path

import pytest

from benchmarks.cluster_evaluation import LabelledText, evaluate, read_table
from graph.errors import InvalidInputError
from ingest.masking import Masker
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


def written(file: Path, rows: list[tuple[str, str]]) -> Path:
    opener = gzip.open if file.suffix == ".gz" else open
    with opener(file, "wt", encoding="utf-8-sig", newline="") as opened:
        csv.writer(opened, delimiter="\t" if ".tsv" in file.name else ",").writerows(rows)
    return file


@pytest.mark.parametrize("name", ["a.csv", "a.csv.gz", "a.tsv", "a.tsv.gz"])
def test_a_labelled_table_is_read_and_masked(tmp_path: Path, name: str) -> None:
    rows = [("text", "class"), ("我的手机13812345678被骚扰，退款", "A"), ("", "A"), ("年费", "B")]
    found = read_table(written(tmp_path / name, rows), ("text", "class"), None, Masker())
    assert [each.label for each in found] == ["A", "B"]
    assert "13812345678" not in found[0].text
    assert len({each.id for each in found}) == 2


def test_a_sample_of_a_table_is_the_same_every_time(tmp_path: Path) -> None:
    rows = [("t", "l"), *((f"text {number}", str(number % 3)) for number in range(60))]
    file = written(tmp_path / "a.csv", rows)
    first, again = (read_table(file, ("t", "l"), 20, Masker()) for _ in range(2))
    assert first == again
    assert len({each.text for each in first}) == 20


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ([("t", "other"), ("x", "y")], "no column l; it has t, other"),
        ([("t", "l"), ("x", "y")], "fewer than two labels"),
        ([], "no column l, t"),
    ],
)
def test_a_table_without_labels_is_told(
    tmp_path: Path, rows: list[tuple[str, str]], said: str
) -> None:
    with pytest.raises(InvalidInputError, match=said):
        read_table(written(tmp_path / "a.csv", rows), ("t", "l"), None, Masker())


@pytest.mark.filterwarnings("ignore")
def test_the_recipe_is_tried_with_several_seeds() -> None:
    pytest.importorskip("umap", reason="the comparison is optional")
    ids, vectors, truth, centre = clouds(3, 80, seed=6)
    rows = [
        LabelledText(one, ENGLISH[matter], f"matter {matter}")
        for one, matter in zip(ids, truth, strict=True)
    ]
    found = evaluate(rows, vectors, centre, seeds=3)
    assert found["recipe"]["nmi"] > 0.6
    assert len(found["recipeByOtherSeeds"]) == 2
