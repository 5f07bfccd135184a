"""`complaint-graph import`: whatever the file, rows that cannot be taken cost no others."""

import asyncio
import csv
import json
import stat
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest
import xlsxwriter
from typer.testing import CliRunner

from graph.database import Database
from graph.domain.case import LONGEST_TEXT
from graph.embedded import Connection
from ingest.rejects import COLUMNS
from scripts.console import FAILED, PARTLY_REJECTED
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
WORDS = "Mortgage Card Cheque Transfer Queue App Insurance Fund Branch Letter".split()  # noqa: SIM905
TOO_LONG = "x" * (LONGEST_TEXT + 1)

Rows = Sequence[Mapping[str, str]]
Write = Callable[[Path, Rows], list[str]]


def rows_of(good: Mapping[str, str], key: str, day: str, text: str) -> list[dict[str, str]]:
    """Two that can be taken, one whose text is cut, and one for each kind of rejection."""
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
    "cfpb csv": ("cfpb", CFPB, as_csv(CFPB_COLUMNS), 6),
    "cfpb json": ("cfpb", CFPB, as_json, 6),
    "cfpb zip": ("cfpb", CFPB, as_zip, 6),
    "table csv": ("table", SMALL, table_csv, 6),
    "table json lines": ("table", SMALL, as_json_lines, 6),
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
        counts = Counter(each["weight"] for each in facts["problems"] for _ in range(each["count"]))
        assert (counts["REJECTED"], counts["WARNING"]) == (rejected, facts["warnings"])
        assert "13912345678" not in json.dumps(facts["problems"])
        for line in lines:
            assert int(line["line"]) >= 1
            assert line["field"]
            assert line["reason"]
            assert json.loads(line["row"])
    mode = (tmp_path / "rejects.csv").stat().st_mode
    assert stat.S_IMODE(mode) == 0o600


def imported(
    command: str, arguments: Sequence[str], rejects: Path
) -> tuple[dict[str, Any], list[dict[str, str]]]:
    facts = run([command, *arguments, "--rejects", str(rejects)], code=PARTLY_REJECTED)
    csv.field_size_limit(10 * LONGEST_TEXT)
    with rejects.open(encoding="utf-8", newline="") as file:
        lines = list(csv.DictReader(file))
    assert tuple(lines[0]) == COLUMNS
    return facts, lines


def run(arguments: Sequence[str], code: int = 0) -> dict[str, Any]:
    """What a command answers as JSON."""
    finished = CliRunner().invoke(app, [*arguments, "--json"])
    assert finished.exception is None or isinstance(finished.exception, SystemExit), finished
    assert finished.exit_code == code, finished.output
    facts: dict[str, Any] = json.loads(finished.stdout.splitlines()[-1])  # before it, a log line
    return facts


def test_what_cannot_be_read_is_left_out_and_counted(settings: Connection, tmp_path: Path) -> None:
    """Many rows with one mistake are one line of the table of problems."""
    text = "id,day,text,amount,decided,outcome\n" + "".join(
        f"{n},2026-03-05,{word} again. My number is 13912345678.,sent to 1391234567{n},"
        f"{'2026-03-01' if n < 3 else '2026-03-09'},UPHELD\n"
        for n, word in enumerate(WORDS)
    )
    (tmp_path / "rows.csv").write_text(text, "utf-8")
    keys = MAPPING + 'amount = "amount"\n[decision]\noutcome = "outcome"\nat = "decided"\n'
    (tmp_path / "m.toml").write_text(keys, "utf-8")
    arguments = ["table", str(tmp_path / "rows.csv"), "--mapping", str(tmp_path / "m.toml")]
    checked = run([*arguments, "--check"])
    facts = run(arguments)
    assert (facts["loaded"], facts["rejected"], facts["rejects"]) == (10, 0, None)
    assert checked["problems"] == facts["problems"]
    amounts, decided = facts["problems"]
    assert (amounts["field"], amounts["count"], amounts["line"]) == ("amount", 10, 2)
    assert (decided["field"], decided["count"]) == ("decision.at", 3)
    # Both show values and texts as they would be stored.
    assert "1391234567" not in json.dumps(checked)
    assert "Mortgage again." in checked["rows"][0]["fields"]["narrative"]
    again = run(arguments)
    assert (again["unchanged"], again["warnings"]) == (10, 13)


async def test_complaints_follow_an_entry_that_a_file_moves(
    settings: Connection, database: Database, tmp_path: Path
) -> None:
    async def load(rows: Sequence[str]) -> None:
        path = tmp_path / "rows.csv"
        path.write_text("\n".join(["id,day,text,wide,narrow,code", *rows]) + "\n", "utf-8")
        arguments = ["table", str(path), "--mapping", str(tmp_path / "m.toml")]
        await asyncio.to_thread(run, arguments)

    codes = 'product = { columns = ["wide", "narrow"], codes = ["wide", "code"] }\n'
    (tmp_path / "m.toml").write_text(MAPPING + codes, "utf-8")
    await load(["1,2026-03-01,Fee,Cards,Annual fee,FEE"])
    await load(["2,2026-03-02,Fee again,Charges,Annual fee,FEE"])
    rows = await database.read(
        "MATCH (c:Complaint) RETURN c.sourceId AS id, c.productCodes AS codes"
    )
    assert {row["id"]: row["codes"] for row in rows} == {
        "1": ["FEE", "Charges"],
        "2": ["FEE", "Charges"],
    }


@pytest.mark.parametrize("wrong_at", [0, 5, 9])
async def test_one_row_the_wrong_way_round_turns_no_tree_and_ends_no_import(
    settings: Connection, database: Database, tmp_path: Path, wrong_at: int
) -> None:
    rows = [f"{n},2026-03-01,{word},Beijing,Haidian" for n, word in enumerate(WORDS)]
    rows[wrong_at] = f"{wrong_at},2026-03-01,{WORDS[wrong_at]},Haidian,Beijing"
    path = tmp_path / "rows.csv"
    path.write_text("\n".join(["id,day,text,wide,narrow", *rows]) + "\n", "utf-8")
    keys = MAPPING + 'branch = { columns = ["wide", "narrow"], codes = ["wide", "narrow"] }\n'
    (tmp_path / "m.toml").write_text(keys, "utf-8")
    arguments = ["table", str(path), "--mapping", str(tmp_path / "m.toml")]
    checked = await asyncio.to_thread(run, [*arguments, "--check"])
    facts = await asyncio.to_thread(run, arguments)
    assert (facts["loaded"], facts["rejected"], facts["warnings"]) == (10, 0, 1)
    assert checked["problems"] == facts["problems"]
    (problem,) = facts["problems"]
    assert (problem["field"], problem["example"]) == ("branch", "Haidian > Beijing")
    found = await database.read("MATCH (c:Complaint) RETURN c.sourceId AS id, c.branchCodes AS b")
    told = {row["id"]: row["b"] for row in found}
    assert told.pop(str(wrong_at)) == ["Beijing"]
    assert set(map(tuple, told.values())) == {("Haidian", "Beijing")}
    again = await asyncio.to_thread(run, arguments)
    assert (again["unchanged"], again["warnings"]) == (10, 1)


@pytest.mark.parametrize("wrong_at", [0, 9])
async def test_an_entry_stands_where_most_rows_put_it(
    settings: Connection, database: Database, tmp_path: Path, wrong_at: int
) -> None:
    rows = [f"{n},2026-03-01,{word},Cards,Fees,Yearly" for n, word in enumerate(WORDS)]
    rows[wrong_at] = f"{wrong_at},2026-03-01,{WORDS[wrong_at]},Loans,Fees,Yearly"
    path = tmp_path / "rows.csv"
    path.write_text("\n".join(["id,day,text,a,b,c", *rows]) + "\n", "utf-8")
    keys = 'product = { columns = ["a", "b", "c"], codes = ["a", "b", "c"] }\n'
    (tmp_path / "m.toml").write_text(MAPPING + keys, "utf-8")
    arguments = ["table", str(path), "--mapping", str(tmp_path / "m.toml")]
    checked = await asyncio.to_thread(run, [*arguments, "--check"])
    facts = await asyncio.to_thread(run, arguments)
    assert (facts["loaded"], facts["warnings"]) == (10, 1)
    assert checked["problems"] == facts["problems"]
    (problem,) = facts["problems"]
    assert problem["reason"] == "stands under another entry in more rows, and is left there"
    assert problem["example"] == "Loans > Fees: 1 row; Cards > Fees: 9 rows"
    found = await database.read("MATCH (c:Complaint) RETURN DISTINCT c.productCodes AS codes")
    assert [row["codes"] for row in found] == [["Yearly", "Fees", "Cards"]]


def test_a_mapping_is_suggested_and_never_overwritten(tmp_path: Path) -> None:
    source, target = tmp_path / "desk.csv", tmp_path / "m.toml"
    source.write_text("编号,受理时间,投诉内容\n1,2026-03-05,年费多收了八十八元没有退还\n", "utf-8")
    arguments = ["suggest", str(source), "--output", str(target)]
    assert CliRunner().invoke(app, arguments).exit_code == 0
    text = target.read_text("utf-8")
    assert "受理时间" in text
    checked = run(["table", str(source), "--mapping", str(target), "--check"])
    assert (checked["count"], checked["problems"]) == (1, [])
    finished = CliRunner().invoke(app, arguments)
    assert finished.exit_code == FAILED
    assert target.read_text("utf-8") == text


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
