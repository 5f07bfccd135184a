"""XLSX: typed cells, titles above the header, what Excel does to long numbers."""

import zipfile
from datetime import date, datetime, time, timedelta

import openpyxl
import pytest

from graph.errors import SourceError
from ingest.record import Rejected
from ingest.sources import sheets, table
from tests.ingest.sources.tables import (
    NOW,
    ZONE,
    complaint,
    mapping,
    outline,
    rejection,
    write,
    write_gz,
    write_zip,
)

MAPPING = """
system = "test"
[fields]
source_id = "编号"
received_at = "时间"
narrative = "内容"
amount = "金额"
"""
HEADER = ["编号", "时间", "内容", "金额"]


def workbook(path, rows, title="投诉"):
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = title
    for row in rows:
        sheet.append(row)
    book.save(path)
    return path


def source(path, toml=MAPPING):
    return table(path, mapping(toml), ZONE, NOW)


def test_typed_cells(tmp_path):
    rows = [
        HEADER,
        [12345, datetime(2019, 4, 25, 9, 32, 9), "多收了手续费", 12.5],
        ["00123", date(2019, 4, 25), 7, "1,200"],
        ["a-3", "2019年4月25日", True, None],
        ["a-4", 43580.5, None, 0.1 + 0.2],
        ["a-5", 43580, time(9, 30), 3],
        ["a-6", 20190425, timedelta(hours=30), 3],
    ]
    found = [complaint(row) for row in source(workbook(tmp_path / "t.xlsx", rows)).rows()]
    assert [item.source_id for item in found] == ["12345", "00123", "a-3", "a-4", "a-5", "a-6"]
    wall = datetime(2019, 4, 25, 9, 32, 9, tzinfo=ZONE)
    noon = datetime(2019, 4, 25, 12, tzinfo=ZONE)
    day = date(2019, 4, 25)
    assert [item.received_at for item in found] == [wall, day, day, noon, day, day]
    assert [item.narrative for item in found] == [
        "多收了手续费",
        "7",
        "true",
        None,
        "09:30:00",
        "1 day, 6:00:00",
    ]
    assert [item.amount and item.amount.minor for item in found] == [
        1250,
        120000,
        None,
        30,
        300,
        300,
    ]


def test_a_number_that_excel_has_rounded_is_refused(tmp_path):
    rows = [HEADER, [110101199003070011, "2019-04-25", "x", 1], ["1.1E+17", "2019-04-25", "x", 1]]
    first, second = source(workbook(tmp_path / "t.xlsx", rows)).rows()
    assert rejection(first).field == "source_id"
    assert "more than 15 digits, which Excel has rounded" in rejection(first).reason
    assert "1101011990" not in rejection(first).reason
    assert "was rounded by a spreadsheet" in rejection(second).reason


def test_numbers_of_any_size_in_any_column_are_taken_or_told(tmp_path):
    columns = ["no", "when", "team", "code", "money", "currency", "tags", "answer"]
    toml = """
system = "test"
[fields]
received_at = "when"
product = { columns = ["team"], codes = ["code"] }
amount = { column = "money", currency_column = "currency" }
risk_types = "tags"
causes = { column = "tags", separator = ";" }
[decision]
when = "answer"
outcome = { constant = "EXPLAINED" }
"""
    good = [1, "2019-04-25", "x", "c", 1, "CNY", None, "so"]
    rows = [[*good[:at], 1.5e300, *good[at + 1 :]] for at in range(1, len(columns))]
    found = list(source(workbook(tmp_path / "t.xlsx", [columns, *rows]), toml).rows())
    fields = [row.content.field for row in found if isinstance(row.content, Rejected)]
    assert fields == ["received_at", "product", "product", "amount", "amount", "risk_types"]


def test_lines_are_the_numbers_that_excel_shows(tmp_path):
    rows = [
        [],
        ["投诉明细"],
        [],
        HEADER,
        ["1", "2019-04-25"],
        [],
        ["2", "soon"],
        ["3", "2019-04-25"],
    ]
    path = workbook(tmp_path / "t.xlsx", rows)
    assert outline(source(path, MAPPING + "[file]\nheader_row = 4")) == [
        (5, "1"),
        (7, None),
        (8, "3"),
    ]
    with pytest.raises(SourceError, match="it has 投诉明细"):
        outline(source(path))


def test_columns_that_begin_further_right(tmp_path):
    rows = [[None, None, *HEADER], [None, None, "1", "2019-04-25", "x", 1]]
    assert outline(source(workbook(tmp_path / "t.xlsx", rows))) == [(2, "1")]


def test_a_sheet_by_name_and_number(tmp_path):
    book = openpyxl.Workbook()
    book.active.title = "说明"
    for name, source_id in (("一月", "1"), ("二月", "2")):
        sheet = book.create_sheet(name)
        sheet.append(HEADER)
        sheet.append([source_id, "2019-04-25", "x", 1])
    book.save(tmp_path / "t.xlsx")
    path = tmp_path / "t.xlsx"
    assert outline(source(path, MAPPING + '[file]\nsheet = "二月"')) == [(2, "2")]
    assert outline(source(path, MAPPING + "[file]\nsheet = 2")) == [(2, "1")]
    for missing in ('"三月"', "4"):
        with pytest.raises(SourceError, match=r"no sheet .* it has 说明, 一月, 二月"):
            outline(source(path, MAPPING + f"[file]\nsheet = {missing}"))
    with pytest.raises(SourceError, match="no header row"):
        outline(source(path))


def test_a_packed_workbook(tmp_path):
    path = workbook(tmp_path / "t.xlsx", [HEADER, ["1", "2019-04-25", "x", 1]])
    assert outline(source(write_gz(tmp_path / "g.xlsx.gz", path.read_bytes()))) == [(2, "1")]
    packed = write_zip(tmp_path / "z.zip", {"in.xlsx": path.read_bytes()})
    assert outline(source(packed)) == [(2, "1")]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"id,day\n1,2\n", "no complete XLSX workbook"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "is an old .xls workbook or has a pass"),
        (b"", "is empty"),
    ],
)
def test_files_that_are_no_workbook(tmp_path, content, message):
    with pytest.raises(SourceError, match=message):
        outline(source(write(tmp_path / "t.xlsx", content)))


def test_a_zip_that_is_no_workbook(tmp_path):
    path = tmp_path / "t.xlsx"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("[Content_Types].xml", "<x/>")
    with pytest.raises(SourceError, match="is no XLSX workbook"):
        outline(source(path))


def test_a_workbook_cut_off(tmp_path):
    path = workbook(tmp_path / "t.xlsx", [HEADER, ["1", "2019-04-25", "x", 1]])
    path.write_bytes(path.read_bytes()[:-100])
    with pytest.raises(SourceError, match=r"t\.xlsx"):
        outline(source(path))


def test_too_large_a_workbook_is_refused(tmp_path, monkeypatch):
    path = workbook(tmp_path / "t.xlsx", [HEADER, ["1", "2019-04-25", "x", 1]])
    monkeypatch.setattr(sheets, "LARGEST_WORKBOOK", 4000)
    with pytest.raises(SourceError, match="save the sheet as CSV UTF-8 and import that"):
        outline(source(path))
    with pytest.raises(SourceError, match="too large a workbook"):
        outline(source(write_gz(tmp_path / "g.xlsx.gz", path.read_bytes())))


def test_two_columns_of_one_name(tmp_path):
    path = workbook(tmp_path / "t.xlsx", [[*HEADER, "时间"], ["1", "2019-04-25", "x", 1, "y"]])
    with pytest.raises(SourceError, match="two columns called 时间"):
        outline(source(path))
