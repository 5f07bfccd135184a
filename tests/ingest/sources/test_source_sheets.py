"""XLSX: typed cells, which sheet, merged cells, formulas, what Excel does to long numbers."""

import re
import zipfile
from dataclasses import fields
from datetime import date, datetime, time, timedelta

import openpyxl
import pytest
import xlsxwriter
from openpyxl.utils.datetime import CALENDAR_MAC_1904, CALENDAR_WINDOWS_1900

from graph.domain.money import Money
from graph.errors import SourceError
from ingest.sources import sheets, table
from tests.ingest.sources.tables import (
    NOW,
    ZONE,
    complaint,
    mapping,
    outline,
    read_with_notes,
    rejection,
    warnings,
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


def test_a_day_as_a_number_in_a_column_with_words_of_its_own(tmp_path):
    toml = MAPPING.replace('"时间"', '{ column = "时间", value_map = { "today" = "2019-04-26" } }')
    rows = [HEADER, ["1", "today", "x", 1], ["2", date(2019, 4, 25), "x", 1], ["3", 43580, "x", 1]]
    results = [row.content for row in source(workbook(tmp_path / "t.xlsx", rows), toml).rows()]
    days = [getattr(item, "received_at", None) for item in results]
    assert days == [date(2019, 4, 26), date(2019, 4, 25), date(2019, 4, 25)]


def test_a_number_that_excel_has_rounded_is_refused(tmp_path):
    rows = [HEADER, [110101199003070011, "2019-04-25", "x", 1], ["1.1E+17", "2019-04-25", "x", 1]]
    first, second = source(workbook(tmp_path / "t.xlsx", rows)).rows()
    assert rejection(first).field == "source_id"
    assert "more than 15 digits, which Excel has rounded" in rejection(first).reason
    assert "1101011990" not in rejection(first).reason
    assert "was rounded by a spreadsheet" in rejection(second).reason


def test_numbers_of_any_size_in_any_column_are_taken_or_reported(tmp_path):
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
    path = workbook(tmp_path / "t.xlsx", [columns, *rows, good])
    first, *others, last = source(path, toml).rows()
    assert (rejection(first).field, first.warnings) == ("received_at", ())
    assert [[field for field, _ in warnings(row)] for row in others] == [
        ["product"],
        ["product"],
        ["amount"],
        ["amount"],
        ["risk_types", "causes"],
        ["decision.when"],
    ]
    plain = complaint(last)
    changed = [
        {part.name for part in fields(plain) if getattr(plain, part.name) != value(row, part.name)}
        for row in others
    ]
    assert changed == [{"product"}, {"product"}, {"amount"}, {"amount"}, set(), set()]


def value(row, name):
    return getattr(complaint(row), name)


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
    assert outline(source(path)) == [(2, "1")], "the first that has the columns"


def sheets_of(path, sheets, hidden=()):
    """A workbook with these sheets; each is its rows."""
    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
        if name in hidden:
            sheet.sheet_state = hidden[name]
    book.save(path)
    return path


def listing(*numbers):
    return [HEADER, *([number, "2019-04-25", "x", 1] for number in numbers)]


def test_the_sheet_is_the_first_that_has_all_mapped_columns(tmp_path):
    sheets = {
        "说明": [["导出说明"], ["共 2 条"]],
        "空": [],
        "汇总": [HEADER[:3], ["9", "2019-04-25", "x"]],
        "明细": listing("1", "2"),
        "明细2": listing("3"),
    }
    path = sheets_of(tmp_path / "t.xlsx", sheets)
    rows, notes = read_with_notes(path, MAPPING)
    assert [complaint(row).source_id for row in rows] == ["1", "2"]
    assert notes == ("The sheet 明细 is read; not read: 说明, 空, 汇总, 明细2.",)


@pytest.mark.parametrize("state", ["hidden", "veryHidden"])
def test_hidden_sheets_come_last_and_are_named(tmp_path, state):
    sheets = {"旧": listing("7"), "明细": listing("1"), "码表": [["a"], ["b"]]}
    path = sheets_of(tmp_path / "t.xlsx", sheets, {"旧": state, "码表": state})
    rows, notes = read_with_notes(path, MAPPING)
    assert [complaint(row).source_id for row in rows] == ["1"]
    assert notes == ("The sheet 明细 is read; not read: 旧 (hidden), 码表 (hidden).",)
    sheets["明细"] = [["a"], ["b"]]
    path = sheets_of(tmp_path / "u.xlsx", sheets, {"旧": state, "码表": state})
    rows, notes = read_with_notes(path, MAPPING)
    assert [complaint(row).source_id for row in rows] == ["7"]
    assert notes == ("The sheet 旧 (hidden) is read; not read: 明细, 码表 (hidden).",)


def test_a_workbook_of_one_sheet_needs_no_note(tmp_path):
    rows, notes = read_with_notes(workbook(tmp_path / "t.xlsx", listing("1")), MAPPING)
    assert (len(rows), notes) == (1, ())


def test_a_sheet_that_the_mapping_names_is_read_whatever_the_others_have(tmp_path):
    path = sheets_of(tmp_path / "t.xlsx", {"明细": listing("1"), "汇总": [HEADER[:3], ["9"]]})
    with pytest.raises(SourceError, match=r"has no column 金额 \(fields.amount\)"):
        outline(source(path, MAPPING + '[file]\nsheet = "汇总"'))


def test_no_sheet_has_the_columns(tmp_path):
    path = sheets_of(
        tmp_path / "t.xlsx", {"空": [], "一": [["编号", "x"], ["1", "y"]], "二": [["z"]]}
    )
    with pytest.raises(SourceError, match=r"has no column 时间 .* it has 编号, x"):
        outline(source(path))


def test_a_merged_range_gives_all_its_cells_the_value(tmp_path):
    rows = [
        HEADER,
        ["1", "2019-04-25", "柜台", 5],
        ["2", None, "电话", None],
        ["3", None, None, None],
        ["4", "2019-04-26", None, 7],
    ]
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    for cells in ("B2:B4", "D2:D3", "C3:C4"):
        book.active.merge_cells(cells)
    book.save(tmp_path / "t.xlsx")
    results = [complaint(row) for row in source(tmp_path / "t.xlsx").rows()]
    assert [item.source_id for item in results] == ["1", "2", "3", "4"]
    assert [item.received_at.day for item in results] == [25, 25, 25, 26]
    assert [item.narrative for item in results] == ["柜台", "电话", "电话", None]
    assert [item.amount and item.amount.minor for item in results] == [500, 500, None, 700]


def test_a_name_over_merged_columns_is_that_of_each(tmp_path):
    book = openpyxl.Workbook()
    for row in (["编号", "时间", "内容", None, "金额"], ["1", "2019-04-25", "柜台", "排队", 5]):
        book.active.append(row)
    book.active.merge_cells("C1:D1")
    book.active.merge_cells("C3:D3")
    book.save(tmp_path / "t.xlsx")
    (row,) = source(tmp_path / "t.xlsx").rows()
    assert complaint(row).narrative == "柜台, 排队"


def test_a_workbook_that_counts_its_days_from_1904(tmp_path):
    days = [["a", 44255, "x", 1], ["b", 44255.5, "x", 1], ["c", date(2025, 3, 1), "x", 1]]
    for epoch, first in ((CALENDAR_MAC_1904, date(2025, 3, 1)), (CALENDAR_WINDOWS_1900, None)):
        book = openpyxl.Workbook()
        book.epoch = epoch
        for row in [HEADER, *days]:
            book.active.append(row)
        book.save(tmp_path / "t.xlsx")
        results = [complaint(row).received_at for row in source(tmp_path / "t.xlsx").rows()]
        first = first or date(2021, 2, 28)
        noon = datetime(first.year, first.month, first.day, 12, tzinfo=ZONE)
        assert results == [first, noon, date(2025, 3, 1)]


@pytest.mark.parametrize("is_left_out", [True, False])
def test_formulas_without_a_stored_result_are_noted(tmp_path, is_left_out):
    """Programs that do not calculate leave the result out, or write an empty one."""
    rows = [HEADER, ["1", "2019-04-25", "x", "=1+1"], ["2", "2019-04-25", "=A3", "=D2*2"]]
    path = workbook(tmp_path / "t.xlsx", rows)
    if is_left_out:
        rewrite(path, "xl/worksheets/sheet1.xml", rb"<v\s*/>|<v></v>", b"")
    results, notes = read_with_notes(path, MAPPING)
    assert [complaint(row).amount for row in results] == [None, None]
    (note,) = notes
    assert note.startswith("金额: no cell has a value, and 3 formulas of the sheet have no stored")


def rewrite(path, member, pattern, text):
    """Change a file in a workbook, where something in it is of the pattern."""
    with zipfile.ZipFile(path) as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    files[member], count = re.subn(pattern, text, files[member])
    assert count
    write_zip(path, files)


def test_formulas_with_a_stored_result_are_read(tmp_path):
    path = tmp_path / "t.xlsx"
    book = xlsxwriter.Workbook(path)
    sheet = book.add_worksheet()
    sheet.write_row(0, 0, HEADER)
    sheet.write_row(1, 0, ["1", "2019-04-25", "x"])
    sheet.write_formula(1, 3, "=1+1", None, 2)
    book.close()
    (row,), notes = read_with_notes(path, MAPPING)
    assert complaint(row).amount == Money(200, "CNY")
    assert notes == ()


def test_an_empty_column_is_no_reason_for_a_note(tmp_path):
    rows = [HEADER, ["1", "2019-04-25", "x", None]]
    assert read_with_notes(workbook(tmp_path / "t.xlsx", rows), MAPPING)[1] == ()


def test_columns_by_their_position(tmp_path):
    toml = """
system = "test"
[fields]
source_id = 1
received_at = 2
narrative = [4, "内容"]
"""
    rows = [["编号", None, "内容", "内容"], [7, date(2019, 4, 25), "一", "二"], [8, "2019-04-26"]]
    one, two = source(workbook(tmp_path / "t.xlsx", rows), toml).rows()
    assert (complaint(one).source_id, complaint(one).received_at) == ("7", date(2019, 4, 25))
    assert complaint(one).narrative == "二 一, 二"
    assert (complaint(two).source_id, complaint(two).narrative) == ("8", None)


def test_characters_that_no_text_has_in_a_cell(tmp_path):
    path = workbook(tmp_path / "t.xlsx", [HEADER, ["1", "2019-04-25", "坏\ufdd0字", 1]])
    (row,) = source(path).rows()
    assert complaint(row).narrative == "坏\ufffd字"
    assert [field for field, _ in warnings(row)] == ["narrative"]


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


def test_a_name_over_several_columns_gives_all_their_values(tmp_path):
    rows = [
        [*HEADER, "内容", "内容"],
        ["1", "2019-04-25", "甲", 1, None, "乙"],
        ["2", "2019-04-25", None, 1, "丙", None],
    ]
    one, two = source(workbook(tmp_path / "t.xlsx", rows)).rows()
    assert (complaint(one).narrative, complaint(two).narrative) == ("甲, 乙", "丙")


def test_typed_cells_of_several_columns_read_as_they_do_in_one(tmp_path):
    rows = [[*HEADER, "内容"], ["1", "2019-04-25", 5, 1, True], ["2", "2019-04-25", 7, 1, None]]
    one, two = source(workbook(tmp_path / "t.xlsx", rows)).rows()
    assert complaint(two).narrative == "7"
    assert complaint(one).narrative == "5, true"
