"""The file of procedures: the shipped one is complete, a wrong one is told with its place."""

from pathlib import Path

import pytest

from graph.domain.vocabulary import TYPES, Vocabulary
from graph.errors import ConfigurationError
from ingest.guidance import load_procedures

VOCABULARY = Vocabulary()
ONE = """
version = 1
[[procedure]]
code = "CARD"
types = ["FEE_DISPUTE"]
products = ["CARD"]
title = { zh = "信用卡收费", en = "Card fees" }
advice = [{ step = "INVESTIGATE", zh = "查", en = "look" }]
"""


def test_every_type_has_a_procedure_of_its_own() -> None:
    shipped = load_procedures(None, VOCABULARY)
    for type_ in set(TYPES) - {"OTHER"}:
        first, *others = shipped.for_case(type_, ())
        assert first.types
        assert [each.code for each in others] == ["GENERAL"]
    assert [each.code for each in shipped.for_case(None, ())] == ["GENERAL"]


def test_the_more_special_comes_first(tmp_path: Path) -> None:
    path = tmp_path / "own.toml"
    general = ONE.replace('"CARD"\ntypes', '"ALL"\ntypes').replace('products = ["CARD"]', "")
    path.write_text(ONE + general.replace("version = 1", ""), encoding="utf-8")
    own = load_procedures(path, VOCABULARY)
    assert [each.code for each in own.for_case("FEE_DISPUTE", ["CARD-FEE", "CARD"])] == [
        "CARD",
        "ALL",
    ]
    assert [each.code for each in own.for_case("FEE_DISPUTE", ["LOAN"])] == ["ALL"]
    assert own.for_case("FRAUD", ["CARD"]) == []


@pytest.mark.parametrize(
    ("wrong", "right", "told"),
    [
        ("FEE_DISPUTE", "FEE_DISPUT", r"procedure\.0\.types: FEE_DISPUT is no type"),
        ("INVESTIGATE", "INVESTIGAT", r"procedure\.0\.advice\.0\.step"),
        ("advice", "advise", r"procedure\.0\.advice"),
        ("version = 1", "version = 2", "version"),
        ("title = {", "title = ", "cannot be read as TOML"),
        ('zh = "查", ', "", r"advice\.0\.zh"),
    ],
)
def test_a_typo_is_told_with_its_place(tmp_path: Path, wrong: str, right: str, told: str) -> None:
    path = tmp_path / "own.toml"
    path.write_text(ONE.replace(wrong, right), encoding="utf-8")
    with pytest.raises(ConfigurationError, match=told) as error:
        load_procedures(path, VOCABULARY)
    assert "own.toml" in error.value.message


def test_a_missing_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"gone\.toml"):
        load_procedures(tmp_path / "gone.toml", VOCABULARY)
