"""Files hold what the table holds, run nothing, and are whole or not there."""

import csv
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import load_workbook
from python_calamine import CalamineWorkbook

from graph.errors import ConflictError, InvalidInputError, UnavailableError
from schema.exports.files import check_target, write
from schema.exports.rows import Cell, Table

DANGEROUS = ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "＝1", "＋1", "－1", "＠a"]
PLAIN: list[Cell] = ['误导销售, "quoted"', "a=b", "", None, 0.1 + 0.2, -7, -0.5, True, False]


def column(*cells: Cell) -> Table:
    return Table(("label",), tuple({"label": cell} for cell in cells))


def csv_cells(file: Path) -> list[str]:
    with file.open(encoding="utf-8-sig", newline="") as opened:
        return [row[0] if row else "" for row in csv.reader(opened)][1:]


def test_excel_knows_the_csv_for_utf_8(tmp_path: Path) -> None:
    write(column("误导销售"), tmp_path / "a.csv", name="a")
    assert (tmp_path / "a.csv").read_bytes() == b"\xef\xbb\xbflabel\r\n" + ("误导销售\r\n".encode())


@pytest.mark.parametrize("text", DANGEROUS)
def test_no_text_of_a_csv_is_a_formula(tmp_path: Path, text: str) -> None:
    write(column(text), tmp_path / "a.csv", name="a")
    assert csv_cells(tmp_path / "a.csv") == [f"'{text}"]


def test_numbers_and_harmless_texts_stay_in_a_csv(tmp_path: Path) -> None:
    write(column(*PLAIN), tmp_path / "a.csv", name="a")
    found = csv_cells(tmp_path / "a.csv")
    assert found[:4] == ['误导销售, "quoted"', "a=b", "", ""]
    assert [float(cell) for cell in found[4:7]] == PLAIN[4:7]
    assert found[7:] == ["true", "false"]


def test_no_text_of_an_xlsx_is_a_formula(tmp_path: Path) -> None:
    links = ["http://localhost/", "mailto:a@b.example"]
    write(column(*DANGEROUS, *links), tmp_path / "a.xlsx", name="a")
    cells = [row[0] for row in load_workbook(tmp_path / "a.xlsx").active.iter_rows(min_row=2)]
    # A file of XML has one kind of line end.
    texts = [text.replace("\r", "\n") for text in (*DANGEROUS, *links)]
    assert [str(cell.value).replace("_x000D_", "\n").replace("\r", "\n") for cell in cells] == texts
    assert {cell.data_type for cell in cells} == {"s"}
    assert not any(cell.hyperlink for cell in cells)


def test_an_xlsx_keeps_kinds(tmp_path: Path) -> None:
    write(column(*PLAIN), tmp_path / "a.xlsx", name="bottlenecks")
    book = CalamineWorkbook.from_path(tmp_path / "a.xlsx")
    assert book.sheet_names == ["bottlenecks"]
    found = [row[0] for row in book.get_sheet_by_index(0).to_python()][1:]
    assert found[:4] == ['误导销售, "quoted"', "a=b", "", ""]
    assert found[4:7] == pytest.approx(PLAIN[4:7], rel=1e-15)
    assert found[7:] == [True, False]


@given(st.lists(st.one_of(st.floats(allow_nan=False, allow_infinity=False), st.integers())))
def test_every_number_comes_back_from_a_csv(numbers: list[float]) -> None:
    from schema.exports import files

    text = files._csv(column(*numbers), "a").decode("utf-8-sig")
    assert [json.loads(line) for line in text.split("\r\n")[1:-1]] == numbers


def test_a_file_that_exists_stays(tmp_path: Path) -> None:
    file = tmp_path / "a.csv"
    file.write_text("mine")
    with pytest.raises(ConflictError, match="--force"):
        write(column("x"), file, name="a")
    assert file.read_text() == "mine"
    write(column("x"), file, name="a", force=True)
    assert csv_cells(file) == ["x"]
    assert os.listdir(tmp_path) == ["a.csv"]


@pytest.mark.parametrize("name", ["a.xls", "a", "a.json", "none/a.csv", "folder.csv"])
def test_what_cannot_be_a_table_is_refused(tmp_path: Path, name: str) -> None:
    (tmp_path / "folder.csv").mkdir()
    with pytest.raises(InvalidInputError):
        check_target(tmp_path / name, force=True)


def test_an_upper_case_ending_is_taken(tmp_path: Path) -> None:
    write(column("x"), tmp_path / "A.CSV", name="a")
    assert csv_cells(tmp_path / "A.CSV") == ["x"]


_LIMITED = """
import resource, sys
from pathlib import Path
from graph.errors import UnavailableError
from schema.exports.files import write
from schema.exports.rows import Table
resource.setrlimit(resource.RLIMIT_FSIZE, (2_000, 2_000))
table = Table(("a",), tuple({"a": str(number)} for number in range(10_000)))
try:
    write(table, Path(sys.argv[1]), name="a", force=True)
except UnavailableError as error:
    sys.exit(error.message)
"""


@pytest.mark.parametrize("ending", ["csv", "xlsx"])
def test_a_full_disk_leaves_the_old_file_and_no_half_one(tmp_path: Path, ending: str) -> None:
    file = tmp_path / f"a.{ending}"
    file.write_text("old")
    finished = subprocess.run(
        [sys.executable, "-c", _LIMITED, str(file)],
        check=False, capture_output=True, text=True, timeout=60,
    )  # fmt: skip
    assert finished.returncode == 1, finished
    assert "cannot be written" in finished.stderr
    assert "Traceback" not in finished.stderr
    assert file.read_text() == "old"
    assert os.listdir(tmp_path) == [file.name]


def test_a_folder_that_takes_no_files_is_told() -> None:
    with pytest.raises(UnavailableError, match=r"/proc/a\.csv cannot be written"):
        write(column("x"), Path("/proc/a.csv"), name="a")
