"""docs/import.md: its example does what it says, and it names every key."""

import re
import tomllib
from pathlib import Path

import pytest
from pydantic import BaseModel

from graph.domain.identity import Keyring
from ingest.masking import Masker
from ingest.prepare import IntakeRules, Preparer
from ingest.sources import CheckReport, TableMapping, check, table
from ingest.sources.cfpb_terms import API, CHANNELS, CSV, RESPONSES
from ingest.sources.mapping import CustomerKeys, DecisionKeys, Fields, FileKeys
from ingest.sources.mapping_values import (
    Amount,
    BranchTree,
    Causes,
    Departments,
    TimeValue,
    Tree,
    Value,
    Values,
)
from ingest.sources.text import ENCODINGS
from tests.ingest.sources.tables import NOW, ZONE, write

PAGE = (Path(__file__).parents[3] / "docs" / "import.md").read_text("utf-8")


def block(language: str) -> str:
    (found,) = re.findall(rf"```{language}\n(.*?)```", PAGE, re.DOTALL)
    return found


def shown(report: CheckReport) -> str:
    lines = []
    for row in report.rows:
        lines.append(f"line {row.line}")
        for item in row.fields:
            codes = f" [{' '.join(item.codes)}]" if item.codes else ""
            lines.append(f"  {item.name:<29}{item.value}{codes}")
        lines += [f"  left out: {each.field}: {each.reason}" for each in row.warnings]
        if row.rejected:
            lines.append(f"  rejected: {row.rejected.field}: {row.rejected.reason}")
    lines += [
        f"{one.weight}: {one.field}: {one.reason}: {one.count} (line {one.line}: {one.example})"
        for one in report.problems
    ]
    return "\n".join(lines) + "\n"


def preparer() -> Preparer:
    return Preparer(Masker(), Keyring(b"d" * 32), IntakeRules())


def test_the_example_gives_the_output_shown(tmp_path):
    mapping = TableMapping.model_validate(tomllib.loads(block("toml")))
    path = write(tmp_path / "desk.csv", block("csv"))
    assert shown(check(table(path, mapping, ZONE, NOW), preparer(), NOW)) == block("text")


@pytest.mark.parametrize(
    "model",
    [
        TableMapping,
        FileKeys,
        Fields,
        CustomerKeys,
        DecisionKeys,
        Value,
        Values,
        TimeValue,
        Amount,
        Tree,
        BranchTree,
        Departments,
        Causes,
    ],
)
def test_every_key_is_explained(model: type[BaseModel]):
    missing = [
        key for key in model.model_fields if f"`{key}`" not in PAGE and f"`[{key}]`" not in PAGE
    ]
    assert missing == []


def test_every_encoding_is_listed():
    assert [name for name in ENCODINGS if f"`{name}`" not in PAGE] == []


def test_every_column_and_value_of_the_cfpb_is_explained():
    assert [name for name in (*CSV, *CHANNELS, *RESPONSES) if name not in PAGE] == []
    assert [name for name in API if f"`{name}`" not in PAGE] == []
