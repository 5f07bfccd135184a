"""``--check``: the first rows as they would be loaded, and what is wrong with them."""

import gzip

from ingest.sources import cfpb, check, table
from tests.ingest.sources.tables import (
    CFPB_COLUMNS,
    NOW,
    ZONE,
    cfpb_values,
    csv_text,
    mapping,
    write,
)

MAPPING = """
system = "desk"
[fields]
source_id = "no"
received_at = "day"
product = ["product", "part"]
amount = "amount"
departments = "team"
[customer]
mobile = "mobile"
names = { column = "names", separator = ";" }
"""
HEADER = ("no", "day", "product", "part", "amount", "team", "mobile", "names", "colour", "empty")
ROW = ("1", "2024-03-05", "信用卡", "年费", "88", "卡部", "13800138000", "张三;李四", "red", "")


def source(tmp_path, *rows):
    path = write(tmp_path / "t.csv", csv_text(HEADER, rows))
    return table(path, mapping(MAPPING), ZONE, NOW)


def test_fields_values_and_codes(tmp_path):
    report = check(source(tmp_path, ROW))
    (row,) = report.rows
    assert [(item.name, item.value) for item in row.fields] == [
        ("source_system", "desk"),
        ("source_id", "1"),
        ("received_at", "2024-03-05"),
        ("channel", "OTHER"),
        ("status", "REGISTERED"),
        ("level", "GREEN"),
        ("amount", "88.00 CNY"),
        ("product", "信用卡 > 年费"),
        ("departments.LEAD", "卡部"),
        ("customer.names.1", "张三"),
        ("customer.names.2", "李四"),
        ("customer.identifiers.MOBILE", "13800138000"),
    ]
    codes = {item.name: item.codes for item in row.fields if item.codes}
    assert [len(found) for found in codes.values()] == [2, 1]
    assert codes["product"][1].startswith("年费-")
    assert (row.line, row.rejected, row.raw["colour"]) == (2, None, "red")


def test_what_is_wrong(tmp_path):
    report = check(source(tmp_path, ROW, ("2", "soon", *ROW[2:]), ROW))
    assert report.rejected == 1
    second = report.rows[1]
    assert second.fields == ()
    assert second.rejected is not None
    assert (second.rejected.line, second.rejected.field) == (3, "received_at")
    assert second.raw["day"] == "soon"


def test_columns_that_nothing_reads(tmp_path):
    report = check(source(tmp_path, ROW))
    assert report.unused == ("colour",)


def test_only_the_first_rows_are_read(tmp_path):
    report = check(source(tmp_path, *[ROW] * 9), limit=4)
    assert (len(report.rows), report.complete) == (4, False)
    assert check(source(tmp_path, *[ROW] * 4), limit=4).complete


def test_a_file_that_cannot_be_read_is_told(tmp_path):
    path = write(tmp_path / "t.csv", "no,day\n1,2024-03-05\n")
    report = check(table(path, mapping(MAPPING), ZONE, NOW))
    assert report.rows == ()
    assert report.problem is not None
    assert "product (fields.product)" in report.problem
    data = csv_text(HEADER, [ROW, ROW]).encode()
    path = write(tmp_path / "u.csv.gz", gzip.compress(data)[:-9])
    report = check(table(path, mapping(MAPPING), ZONE, NOW))
    assert report.problem is not None
    assert not report.complete


def test_any_source(tmp_path):
    path = write(tmp_path / "c.csv", csv_text(CFPB_COLUMNS, [cfpb_values()]))
    report = check(cfpb(path, ZONE, NOW))
    assert report.unused == ("Date sent to company",)
    names = {item.name for item in report.rows[0].fields}
    assert {"causes.chain", "causes.source", "decisions.outcome", "narrative"} <= names


def test_values_stay_out_of_logs(tmp_path):
    assert "13800138000" not in repr(check(source(tmp_path, ROW)))
    assert "张三" not in repr(list(source(tmp_path, ROW).rows()))
