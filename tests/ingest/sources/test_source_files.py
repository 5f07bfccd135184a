"""Files that are packed, cut off, damaged, locked or not there: one sentence, and nothing lost."""

import gzip
import os
import zipfile
from pathlib import Path

import pytest
import xlsxwriter

from graph.errors import SourceError
from ingest.record import Row
from ingest.sources import cfpb, digest, files, suggest
from ingest.sources.files import opened, refuse_other_formats, sample
from tests.ingest.sources.tables import (
    CFPB_COLUMNS,
    NOW,
    ZONE,
    cfpb_values,
    complaint,
    csv_text,
    write,
    write_gz,
    write_zip,
)

COUNT = 5_000


def big_text() -> str:
    rows = [
        cfpb_values(**{"Complaint ID": str(number), "Company": f"BANK {number * 7919}"})
        for number in range(1, COUNT + 1)
    ]
    return csv_text(CFPB_COLUMNS, rows)


def read_until_error(path: Path) -> tuple[list[Row], str]:
    rows: list[Row] = []
    with pytest.raises(SourceError) as caught:  # noqa: PT012 - the rows before it count
        for row in cfpb(path, ZONE, NOW).rows():
            rows.append(row)  # noqa: PERF402 - extend would not say how far it came
    return rows, caught.value.message


@pytest.mark.parametrize("share", [0.2, 0.5, 0.9, 0.999])
def test_a_gz_that_is_cut_off_gives_what_is_there_and_then_fails(tmp_path, share):
    data = gzip.compress(big_text().encode(), mtime=0)
    path = write(tmp_path / "c.csv.gz", data[: int(len(data) * share)])
    rows, message = read_until_error(path)
    assert [complaint(row).source_id for row in rows] == [str(n) for n in range(1, len(rows) + 1)]
    assert len(rows) > COUNT * share * 0.8
    assert "c.csv.gz is cut off" in message
    assert f"; the rows up to line {len(rows) + 1} were read." in message


def test_a_gz_of_its_header_only(tmp_path):
    path = write(tmp_path / "c.csv.gz", gzip.compress(b"x" * 1000, mtime=0)[:12])
    rows, message = read_until_error(path)
    assert rows == []
    assert "cut off" in message


def test_a_gz_that_is_damaged_in_the_middle(tmp_path):
    data = bytearray(gzip.compress(big_text().encode(), mtime=0))
    data[len(data) // 2 : len(data) // 2 + 50] = bytes(50)
    rows, message = read_until_error(write(tmp_path / "c.csv.gz", bytes(data)))
    assert 0 < len(rows) < COUNT
    assert "is damaged" in message


def test_a_gz_of_several_parts_is_read_whole(tmp_path):
    text = csv_text(CFPB_COLUMNS, [cfpb_values(**{"Complaint ID": str(n)}) for n in range(10)])
    half = len(text) // 2
    data = gzip.compress(text[:half].encode()) + gzip.compress(text[half:].encode())
    assert len(list(cfpb(write(tmp_path / "c.csv.gz", data), ZONE, NOW).rows())) == 10


def test_rubbish_after_a_gz_is_told(tmp_path):
    data = gzip.compress(csv_text(CFPB_COLUMNS, [cfpb_values()]).encode()) + b"rubbish"
    rows, message = read_until_error(write(tmp_path / "c.csv.gz", data))
    assert len(rows) == 1
    assert "is damaged" in message


def test_a_zip_that_is_cut_off(tmp_path):
    path = write_zip(tmp_path / "c.zip", {"c.csv": big_text()})
    path.write_bytes(path.read_bytes()[:-2000])
    rows, message = read_until_error(path)
    assert rows == []
    assert "no complete zip archive" in message


def test_a_zip_with_a_wrong_checksum(tmp_path):
    path = tmp_path / "c.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("c.csv", big_text())
    data = bytearray(path.read_bytes())
    at = data.rindex(b"BANK 39595000") + 5
    data[at : at + 1] = b"9"
    path.write_bytes(data)
    rows, message = read_until_error(path)
    assert len(rows) > COUNT - 3000
    assert "is damaged" in message


def test_an_encrypted_zip(tmp_path):
    path = write_zip(tmp_path / "c.zip", {"c.csv": "x"})
    data = bytearray(path.read_bytes())
    for mark, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        data[data.index(mark) + offset] |= 1
    path.write_bytes(data)
    with pytest.raises(SourceError, match="is encrypted; unpack it with its password"):
        list(cfpb(path, ZONE, NOW).rows())


@pytest.mark.parametrize(("members", "count"), [({}, 0), ({"a.csv": "x", "b.csv": "y"}, 2)])
def test_an_archive_of_other_than_one_file(tmp_path, members, count):
    path = write_zip(tmp_path / "c.zip", members)
    with pytest.raises(SourceError, match=f"holds {count} files"):
        list(cfpb(path, ZONE, NOW).rows())


def test_files_that_are_not_there(tmp_path):
    with pytest.raises(SourceError, match=r"no file c\.csv; check the path"):
        list(cfpb(tmp_path / "c.csv", ZONE, NOW).rows())
    with pytest.raises(SourceError, match="is a folder"):
        list(cfpb(tmp_path, ZONE, NOW).rows())
    with pytest.raises(SourceError, match=r"c\.csv is empty"):
        list(cfpb(write(tmp_path / "c.csv", ""), ZONE, NOW).rows())


def test_a_file_that_may_not_be_read(tmp_path, monkeypatch):
    # Tests may run as root, whom permissions do not stop; a loop of links stops anyone.
    (tmp_path / "c.csv").symlink_to("c.csv")
    with pytest.raises(SourceError, match=r"c\.csv cannot be opened"):
        list(cfpb(tmp_path / "c.csv", ZONE, NOW).rows())


def test_the_packing_is_told_by_content_not_by_name(tmp_path):
    path = write_gz(tmp_path / "c.csv", csv_text(CFPB_COLUMNS, [cfpb_values()]))
    assert len(list(cfpb(path, ZONE, NOW).rows())) == 1


def test_files_are_closed_when_a_reading_is_left(tmp_path):
    rows = cfpb(write(tmp_path / "c.csv", big_text()), ZONE, NOW).rows()
    next(rows)
    before = open_files()
    rows.close()
    assert len(open_files()) == len(before) - 1


def open_files() -> list[str]:
    folder = Path("/proc/self/fd") if Path("/proc/self/fd").exists() else Path("/dev/fd")
    return os.listdir(folder)


def test_a_sample_is_the_beginning(tmp_path):
    path = write_gz(tmp_path / "c.gz", "abc" * 1_000_000)
    assert sample(path, 10) == b"abcabcabca"
    with opened(path) as stream:
        assert len(stream.read()) == 3_000_000


@pytest.mark.parametrize("name", ["c.csv.gz", "c.zip"])
def test_a_file_that_unpacks_without_end_is_refused(tmp_path, monkeypatch, name):
    monkeypatch.setattr(files, "LARGEST_UNPACKED", 1 << 20)
    text = "id,received\n" * 1_000_000
    path = tmp_path / name
    if name.endswith(".gz"):
        path.write_bytes(gzip.compress(text.encode()))
    else:
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("c.csv", text)
    parts: list[bytes] = []
    with opened(path) as stream, pytest.raises(SourceError, match=f"{name} unpacks to more than"):
        parts.extend(iter(lambda: stream.read(1 << 16), b""))
    assert sum(map(len, parts)) <= max(1 << 20, files.MOST_PACKED * path.stat().st_size)
    # What is not packed may be of any size.
    plain = write(tmp_path / "c.csv", text)
    with opened(plain) as stream:
        assert len(stream.read()) == len(text)


def test_a_digest_tells_files_apart(tmp_path):
    first, second = write(tmp_path / "a", "x" * 100_000), write(tmp_path / "b", "x" * 99_999)
    assert digest(first) != digest(second)
    assert digest(first) == digest(write(tmp_path / "c", "x" * 100_000))


def test_a_workbook_is_no_archive_and_the_command_for_it_is_named(tmp_path):
    path = tmp_path / "rows.xlsx"
    with xlsxwriter.Workbook(path) as book:
        book.add_worksheet().write_string(0, 0, "Complaint ID")
    with pytest.raises(SourceError, match=r"import table … --mapping"):
        list(cfpb(path, ZONE, NOW).rows())


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (b"<html><body><table><tr><td>1</td></tr></table>", "a page of HTML"),
        (b"\xef\xbb\xbf\r\n<!DOCTYPE HTML PUBLIC>", "a page of HTML"),
        (b"<?xml version='1.0'?><Workbook/>", "XML"),
        (b"<list>\n  <filing no='1'/>\n</list>", "XML"),
        (b"%PDF-1.7\n", "a PDF"),
        (b"SQLite format 3\0", "a database file"),
        (b"PAR1....", "a Parquet file"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an old .xls workbook"),
    ],
)
@pytest.mark.parametrize("name", ["a.csv", "a.xls", "a.xlsx", "a.json", "a.csv.gz", "a.zip"])
def test_what_holds_no_table_is_refused_by_what_it_is(tmp_path, content, kind, name):
    path = tmp_path / name
    if name.endswith(".gz"):
        path.write_bytes(gzip.compress(content))
    elif name.endswith(".zip"):
        write_zip(path, {"in.csv": content})
    else:
        path.write_bytes(content)
    with pytest.raises(SourceError, match=f"{name} is {kind}"):
        refuse_other_formats(path)
    with pytest.raises(SourceError, match=f"{name} is {kind}"):
        suggest(path, NOW, ZONE)
    with pytest.raises(SourceError, match=f"{name} is {kind}"):
        list(cfpb(path, ZONE, NOW).rows())


def test_an_open_document_is_refused_by_what_it_is(tmp_path):
    path = tmp_path / "a.ods"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("content.xml", "<x/>")
    with pytest.raises(SourceError, match="is an OpenDocument file, which is not read"):
        refuse_other_formats(path)


@pytest.mark.parametrize(
    "content", [b"<id>,<day>\n1,2\n", b"< 5,> 7\n", b"id,text\n1,<p>fee</p>\n", b"[]"]
)
def test_a_table_with_signs_of_other_formats_in_it_is_read(tmp_path, content):
    refuse_other_formats(write(tmp_path / "a.csv", content))
