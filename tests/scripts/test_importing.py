"""`complaint-graph import`: whatever the file, rows that cannot be taken cost no others."""

import csv
import json
import stat
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from zipfile import ZipFile

import pytest
import xlsxwriter
from typer.testing import CliRunner

from graph.database import Database
from graph.domain.case import LONGEST_TEXT
from graph.embedded import Connection
from ingest.rejects import COLUMNS
from scripts.console import PARTLY_REJECTED
from scripts.importing import app
from tests.ingest.sources.tables import API_NAMES, CFPB_COLUMNS, CFPB_ROW, csv_text
from tests.support.graph import KEYRING

pytestmark = pytest.mark.graph

MAPPING = """
system = "small"
[fields]
source_id = "id"
received_at = "day"
narrative = "text"
"""
TABLE = {"id": "1", "day": "2026-03-01", "text": "They charged a fee twice."}
TOO_LONG = "x" * (LONGEST_TEXT + 1)

Rows = Sequence[Mapping[str, str]]
Write = Callable[[Path, Rows], list[str]]


def rows_of(good: Mapping[str, str], key: str, day: str, text: str) -> list[dict[str, str]]:
    """Two that can be taken, and one for each kind of rejection."""
    return [
        {**good, key: "1"},
        {**good, key: "2", day: ""},
        {**good, key: "3", day: "上周"},
        {**good, key: "4", day: "2999-01-01"},
        {**good, key: "5", day: "1875-01-01"},
        {**good, key: "6", text: TOO_LONG},
        # Of two rows with one id and other content, one counts.
        {**good, key: "7"},
        {**good, key: "7", text: "Another text under the same id: 张三 13912345678 \ud83d."},
    ]


def as_csv(columns: Sequence[str], *options: str) -> Write:
    def write(folder: Path, rows: Rows) -> list[str]:
        lines = csv_text(columns, [[row.get(name, "") for name in columns] for row in rows])
        path = folder / "rows.csv"
        # A row of another shape, too.
        text = lines + ",".join(["8", *["more"] * (len(columns) + 1)]) + "\n"
        path.write_bytes(text.encode("utf-8", "replace"))
        return [str(path), *options]

    return write


def as_json_lines(folder: Path, rows: Rows) -> list[str]:
    path = folder / "rows.jsonl"
    broken = '["not", "an object"]'
    path.write_text("\n".join([*map(json.dumps, rows), broken]), "utf-8")
    return [str(path), "--mapping", str(mapping(folder))]


def as_json(folder: Path, rows: Rows) -> list[str]:
    path = folder / "rows.json"
    named = [{API_NAMES[name]: value for name, value in row.items()} for row in rows]
    path.write_text(json.dumps([*named, ["not", "an object"]]), "utf-8")
    return [str(path)]


def as_workbook(folder: Path, rows: Rows) -> list[str]:
    path = folder / "rows.xlsx"
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet()
        for column, name in enumerate(TABLE):
            sheet.write_string(0, column, name)
            for line, row in enumerate(rows, start=1):
                # A cell holds no more, and no half of a character.
                text = row[name].encode("utf-8", "replace").decode()[:30_000]
                sheet.write_string(line, column, text)
    return [str(path), "--mapping", str(mapping(folder))]


def as_zip(folder: Path, rows: Rows) -> list[str]:
    path = as_csv(CFPB_COLUMNS)(folder, rows)[0]
    with ZipFile(folder / "rows.zip", "w") as archive:
        archive.write(path, "rows.csv")
    return [str(folder / "rows.zip")]


def mapping(folder: Path) -> Path:
    path = folder / "mapping.toml"
    path.write_text(MAPPING, "utf-8")
    return path


def table_csv(folder: Path, rows: Rows) -> list[str]:
    return as_csv(list(TABLE), "--mapping", str(mapping(folder)))(folder, rows)


CFPB = (CFPB_ROW, "Complaint ID", "Date received", "Consumer complaint narrative")
SMALL = (TABLE, "id", "day", "text")
#: Command, rows, writer of the file, and how many rows are rejected.
FILES = {
    "cfpb csv": ("cfpb", CFPB, as_csv(CFPB_COLUMNS), 7),
    "cfpb json": ("cfpb", CFPB, as_json, 7),
    "cfpb zip": ("cfpb", CFPB, as_zip, 7),
    "table csv": ("table", SMALL, table_csv, 7),
    "table json lines": ("table", SMALL, as_json_lines, 7),
    # Its cells cannot be too long, and its rows have one shape.
    "table workbook": ("table", SMALL, as_workbook, 5),
}


@pytest.fixture
def settings(
    neo4j_engine: Connection,
    database: Database,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Connection:
    for name, value in (
        ("HOME", str(tmp_path / "home")),
        ("PRIVACY__KEY", KEYRING.key.hex()),
        ("NEO4J__URI", neo4j_engine.uri),
        ("NEO4J__USER", neo4j_engine.user),
        ("NEO4J__PASSWORD", neo4j_engine.password),
    ):
        monkeypatch.setenv(f"COMPLAINT_GRAPH_{name}", value)
    return neo4j_engine


@pytest.mark.parametrize("name", sorted(FILES))
def test_rows_that_cannot_be_taken_cost_no_others(
    settings: Connection, tmp_path: Path, name: str
) -> None:
    command, (good, *columns), write, rejected = FILES[name]
    arguments = write(tmp_path, rows_of(good, *columns))
    # Once more, where it tells something new: each time a model is loaded.
    for again in (False, True) if name == "table csv" else (False,):
        facts, lines = imported(command, arguments, tmp_path / "rejects.csv")
        taken = facts["rows"] - rejected
        fresh, same = (0, taken) if again else (taken, 0)
        assert (facts["loaded"], facts["unchanged"]) == (fresh, same), facts
        assert facts["rejected"] == len(lines) == rejected
        for line in lines:
            assert int(line["line"]) >= 1
            assert line["field"]
            assert line["reason"]
            assert json.loads(line["row"])
    mode = (tmp_path / "rejects.csv").stat().st_mode
    assert stat.S_IMODE(mode) == 0o600


def imported(
    command: str, arguments: Sequence[str], rejects: Path
) -> tuple[dict[str, int], list[dict[str, str]]]:
    options = ["--json", "--rejects", str(rejects)]
    finished = CliRunner().invoke(app, [command, *arguments, *options])
    assert finished.exception is None or isinstance(finished.exception, SystemExit), finished
    assert finished.exit_code == PARTLY_REJECTED, finished.output
    csv.field_size_limit(10 * LONGEST_TEXT)
    with rejects.open(encoding="utf-8", newline="") as file:
        lines = list(csv.DictReader(file))
    assert tuple(lines[0]) == COLUMNS
    return json.loads(finished.stdout.splitlines()[-1]), lines  # before it, a line of the log


def test_what_is_shown_is_what_stands_there(tmp_path: Path) -> None:
    """Brackets and colons in a text are no markup."""
    path = tmp_path / "rows.csv"
    text = "a [fee] of 3 [b]yuan[/b] [red]:smile:"
    path.write_text(csv_text(list(TABLE), [["1", "2026-03-01", text]]), "utf-8")
    finished = CliRunner().invoke(
        app, ["table", str(path), "--mapping", str(mapping(tmp_path)), "--check"]
    )
    assert finished.exit_code == 0
    assert text in finished.stdout
