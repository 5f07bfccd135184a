"""CSV as it comes: good rows are never lost, bad ones are named, nothing swallows the file."""

import codecs
import csv
import io
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from graph.domain.enums import Channel
from graph.errors import SourceError
from ingest.record import Rejected
from ingest.sources import table
from ingest.sources.delimited import DelimitedRecords, Dialect, trims
from ingest.sources.record import Record, Spoiled
from ingest.sources.text import ENCODINGS, TextLines, text_lines
from tests.ingest.sources.tables import (
    NOW,
    ZONE,
    complaint,
    csv_text,
    mapping,
    outline,
    read_table,
    rejection,
    warnings,
    write,
)

MAPPING = """
system = "test"
[fields]
source_id = "id"
received_at = "day"
narrative = "text"
"""
HEADER = ("id", "day", "text")


def good(number, text="all is well"):
    return [str(number), "2020-01-02", text]


def records(text: str, **dialect) -> list[Record]:
    lines = TextLines(io.TextIOWrapper(io.BytesIO(text.encode()), "utf-8", newline="\n"), "t.csv")
    return list(DelimitedRecords(lines, Dialect(**dialect), "t.csv"))


def source(tmp_path: Path, content: str | bytes, toml: str = MAPPING):
    return table(write(tmp_path / "t.csv", content), mapping(toml), ZONE, NOW)


cells = st.text(st.characters(exclude_categories=("Cs",), exclude_characters="\ufdd0\ufdd1"))
dialects = st.fixed_dictionaries(
    {
        "delimiter": st.sampled_from([",", ";", "\t", "|"]),
        "lineterminator": st.sampled_from(["\n", "\r\n"]),
        "quoting": st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL, csv.QUOTE_NONNUMERIC]),
    }
)


@given(
    st.integers(1, 4).flatmap(
        lambda width: st.lists(st.lists(cells, min_size=width, max_size=width))
    ),
    dialects,
)
@example([["a\rb"], ["\r0"], ["c"]], {"delimiter": ",", "lineterminator": "\n", "quoting": 0})
@example(
    [["\ufeff", '"'], ["\x85", "\u2028"]], {"delimiter": ",", "lineterminator": "\n", "quoting": 0}
)
def test_every_written_row_is_read_in_order_at_its_line(rows, dialect):
    # Before Python 3.13 the writer leaves such a cell without quotes: its row ends in CR LF.
    ambiguous = dialect["lineterminator"] == "\n" and dialect["quoting"] == csv.QUOTE_MINIMAL
    assume(not (ambiguous and any(row[-1].endswith("\r") for row in rows)))
    width = len(rows[0]) if rows else 1
    columns = [f"c{number}" for number in range(width)]
    out = io.StringIO(newline="")
    writer = csv.writer(out, **dialect)
    writer.writerow(columns)
    expected = []
    for row in rows:
        # Rows without any content count as blank lines.
        if any(cell.strip() for cell in row):
            expected.append((out.getvalue().count("\n") + 1, row))
        writer.writerow(row)
    results = records(out.getvalue(), delimiter=dialect["delimiter"])
    assert [(record.line, list(record.cells.values())) for record in results] == expected
    assert all(record.flaw is None for record in results)
    spoiled = [isinstance(cell, Spoiled) for item in results for cell in item.cells.values()]
    assert spoiled == ["\0" in cell for _, row in expected for cell in row]


@given(st.binary(max_size=2000))
@example(b'\xff"\n"')
@example(b'a,b\n"\xe4\xb8')
@example(b'a\n"b\n' * 3)
def test_any_bytes_give_rows_or_a_source_error(tmp_path_factory, data):
    path = write(tmp_path_factory.mktemp("any") / "t.csv", b"id,day,text\n" + data)
    try:
        rows = list(table(path, mapping(MAPPING), ZONE, NOW).rows())
    except SourceError:
        return
    lines = [row.line for row in rows]
    assert lines == sorted(set(lines))
    assert all(isinstance(row.content, Rejected) or row.content.source_id for row in rows)
    for row in rows:
        "".join(row.raw.values()).encode("utf-8")


def _bad(kind: str) -> bool:
    return kind in {"narrow", "open", "inner"}


@given(
    st.lists(st.sampled_from(["good", "quoted", "narrow", "multi", "open", "inner"]), max_size=12)
)
def test_a_bad_row_takes_no_good_row_with_it(tmp_path_factory, kinds):
    """Whatever stands around them, the good rows after a bad one are all read."""
    # An empty cell at the end of a row: this file leaves none out.
    text, expected, starts, line = "id,day,text\nx,2020-01-02,\n", [(2, "x")], [], 3
    for number, kind in enumerate(kinds):
        good_row = f"{number},2020-01-02,fine\n"
        row = {
            "good": good_row,
            "quoted": f'"{number}","2020-01-02","fi,ne"\n',
            "narrow": f"{number},2020-01-02\n",
            "multi": f'{number},2020-01-02,"one\ntwo, three\n"\n',
            "open": f'{number},2020-01-02,"never closed\n',
            "inner": f'{number},2020-01-02,"says "hello" to me"\n',
        }[kind]
        if not _bad(kind):
            expected.append((line, str(number)))
        text += row
        starts.append(line)
        line += row.count("\n")
    path = write(tmp_path_factory.mktemp("bad") / "t.csv", text)
    found = outline(table(path, mapping(MAPPING), ZONE, NOW))
    assert [item for item in found if item[1]] == expected
    # Of several bad rows in a row the first is named in any case, the others with it or alone.
    starts_of_runs = {
        starts[n] for n, kind in enumerate(kinds) if _bad(kind) and not (n and _bad(kinds[n - 1]))
    }
    rejected = {line for line, source_id in found if source_id is None}
    assert starts_of_runs <= rejected <= set(starts)


def test_an_unclosed_quote_does_not_swallow_the_file(tmp_path):
    rows = [f"{number},2020-01-02,fine\n" for number in range(1, 50_001)]
    rows[9] = '10,2020-01-02,"never closed\n'
    found = list(source(tmp_path, "id,day,text\n" + "".join(rows)).rows())
    assert len(found) == 50_000
    bad = [row for row in found if isinstance(row.content, Rejected)]
    assert [(row.line, row.content.field) for row in bad] == [(11, "row")]
    assert "quote is never closed" in bad[0].content.reason
    assert bad[0].raw["row"] == '10,2020-01-02,"never closed'


def test_a_text_of_ten_megabytes_is_one_rejection(tmp_path):
    huge = ("never mind " * 10 + "\n") * 100_000
    text = csv_text(HEADER, [good(1), good(2, huge), good(3)])
    first, second, third = source(tmp_path, text).rows()
    assert complaint(first).source_id == "1"
    assert rejection(second).line == 3
    assert "100,000 characters" in rejection(second).reason
    assert "lines 3 to 100003 are left out" in rejection(second).reason
    assert sum(map(len, second.raw.values())) < 1000
    assert (third.line, complaint(third).source_id) == (100_004, "3")


def test_a_line_of_ten_megabytes_is_one_rejection(tmp_path):
    text = csv_text(HEADER, [good(1), good(2, "never mind " * 1_000_000), good(3)])
    found = outline(source(tmp_path, text))
    assert found == [(2, "1"), (3, None), (4, "3")]


def test_a_quote_left_open_in_the_last_row(tmp_path):
    text = csv_text(HEADER, [good(1)]) + '2,2020-01-02,"and then\nnothing\n'
    first, second = source(tmp_path, text).rows()
    assert complaint(first).source_id == "1"
    assert "a quote is never closed; lines 3 to 4 are left out" in rejection(second).reason


def test_wrong_numbers_of_columns(tmp_path):
    text = "id,day,text\n1,2020-01-02\n2,2020-01-02,x,y\n3,2020-01-02,\n4,2020-01-02,x\n"
    found = list(source(tmp_path, text).rows())
    assert rejection(found[0]).reason == "the row has 2 columns instead of 3"
    assert rejection(found[1]).reason == "the row has 4 columns instead of 3"
    assert [complaint(row).source_id for row in found[2:]] == ["3", "4"]


@pytest.mark.parametrize("rest", [",", ",,", ", ,"])
def test_separators_after_the_last_cell_are_no_columns(tmp_path, rest):
    rows = ["1,2020-01-02,x", f"2,2020-01-02,y{rest}", f"3,2020-01-02,{rest}"]
    for header in ("id,day,text", f"id,day,text{rest}"):
        text = "\n".join([header, *rows, ""])
        results = [complaint(row) for row in source(tmp_path, text).rows()]
        assert [item.narrative for item in results] == ["x", "y", None]


def test_a_value_behind_the_last_name_is_a_row_of_another_length(tmp_path):
    text = "id,day,text\n1,2020-01-02,x,,y\n2,2020-01-02,\n"
    first, second = source(tmp_path, text).rows()
    assert rejection(first).reason == "the row has 5 columns instead of 3"
    assert complaint(second)


#: Empty cells at the end of rows are left out of this file, as some programs write them.
TRIMMED = ["1,2020-01-02", "2,2020-01-02,x", "3", "4,2020-01-02", "5,2020-01-02,y"]


@pytest.mark.parametrize(
    ("head", "toml", "first"),
    [
        ("id,day,text\n", "", 2),
        ("", '[file]\ncolumns = ["id", "day", "text"]\n', 1),
        ("a title\nid,day,text\n", "[file]\nheader_row = 2\n", 3),
    ],
)
def test_rows_that_end_with_their_last_cell_are_whole(tmp_path, head, toml, first):
    rows = list(source(tmp_path, head + "\n".join(TRIMMED) + "\n", MAPPING + toml).rows())
    assert [row.line for row in rows] == list(range(first, first + 5))
    assert rejection(rows.pop(2)).reason == "the row has 1 columns instead of 3"
    assert [complaint(row).narrative for row in rows] == [None, "x", None, "y"]


@pytest.mark.parametrize(
    "others",
    [
        # An empty last cell is written here, so a short row is a broken one.
        ["2,2020-01-02,", "3,2020-01-02,y"],
        ["2,2020-01-02, ", "3,2020-01-02,y"],
    ],
)
def test_a_short_row_is_broken_where_rows_keep_their_length(tmp_path, others):
    text = "\n".join(["id,day,text", "1,2020-01-02", *others, ""])
    first, *rest = source(tmp_path, text).rows()
    assert rejection(first).reason == "the row has 2 columns instead of 3"
    assert [complaint(row).source_id for row in rest] == ["2", "3"]


@pytest.mark.parametrize(
    "rows",
    [
        ["1,2020-01-02,x", "2,2020-01-02"],
        ["1,2020-01-02,x", "2,2020-01-02,y", "3,2020-01-02"],
        ["1,2020-01-02,x\u2028y", "2,2020-01-02"],
    ],
)
def test_one_short_row_at_the_end_is_cut_off(tmp_path, rows):
    results = list(source(tmp_path, "id,day,text\n" + "\n".join(rows)).rows())
    assert rejection(results[-1]).reason == "the row has 2 columns instead of 3"
    assert len(results) == len(rows)


REPEATED = """
system = "test"
[fields]
received_at = "day"
subject = "label"
risk_types = "risk"
"""


def test_a_name_over_several_columns_gives_all_their_values(tmp_path):
    rows = [
        ["label", "day", "risk", "label", "risk", "other", "other"],
        ["a", "2020-01-02", "COMPLIANCE", "b", "OPERATIONAL", "1", "2"],
        ["", "2020-01-02", " ", "b", "COMPLIANCE", "", ""],
        ["", "2020-01-02", "", " ", "", "", ""],
    ]
    one, two, three = source(tmp_path, csv_text(rows[0], rows[1:]), REPEATED).rows()
    assert complaint(one).risk_types == ("COMPLIANCE", "OPERATIONAL")
    assert complaint(one).subject == "a, b"
    assert one.raw["other"] == "1, 2"
    assert (complaint(two).risk_types, complaint(two).subject) == (("COMPLIANCE",), "b")
    assert (complaint(three).risk_types, complaint(three).subject) == ((), None)


def test_several_values_in_each_of_several_columns(tmp_path):
    toml = REPEATED.replace('"risk"', '{ column = "risk", separator = "+" }')
    text = "label,day,risk,risk\n,2020-01-02,COMPLIANCE+REPUTATIONAL,OPERATIONAL\n"
    (row,) = source(tmp_path, text, toml).rows()
    assert complaint(row).risk_types == ("COMPLIANCE", "REPUTATIONAL", "OPERATIONAL")


def test_a_broken_cell_of_several_is_the_whole_value(tmp_path):
    text = "label,day,risk,label\na,2020-01-02,,b\0c\n"
    (row,) = source(tmp_path, text, REPEATED).rows()
    assert complaint(row).subject == "a\nb\ufffdc"
    assert warnings(row) == [("subject", "label holds NUL characters, and was mended")]


def test_columns_by_their_position(tmp_path):
    toml = """
system = "test"
[fields]
source_id = 1
received_at = { column = 2 }
narrative = { columns = [4, 3], join = "/" }
product = { columns = ["text"], codes = [5] }
"""
    text = "id,day,text,text,\n7,2020-01-02,one,two,P-1\n8,2020-01-02,three,,P-3\n"
    first, second = source(tmp_path, text, toml).rows()
    assert (complaint(first).source_id, complaint(second).source_id) == ("7", "8")
    assert (complaint(first).narrative, complaint(second).narrative) == ("two/one", "three")
    assert [entry.code for entry in complaint(first).product] == ["P-1"]
    with pytest.raises(SourceError, match=r"has no column \(column 9\) \(fields.source_id\)"):
        list(source(tmp_path, text, toml.replace("source_id = 1", "source_id = 9")).rows())


def test_a_position_in_a_row_that_ends_before_it_is_empty(tmp_path):
    toml = MAPPING.replace('"text"', "3")
    lines = [TRIMMED[number] for number in (0, 1, 3, 4)]
    rows = source(tmp_path, "id,day,text\n" + "\n".join(lines) + "\n", toml)
    assert [complaint(row).narrative for row in rows.rows()] == [None, "x", None, "y"]


def test_blank_lines_are_no_rows_but_count(tmp_path):
    text = "\n\nid,day,text\n\n  \n1,2020-01-02,x\n,,\n\n2,2020-01-02,x\n\n"
    assert outline(source(tmp_path, text)) == [(6, "1"), (9, "2")]


OF_THE_ENCODING = "holds bytes that are not of the encoding"


def test_wrong_bytes_in_a_narrative_are_mended_and_reported(tmp_path):
    lines = [f"{number},2020-01-02,质量 {number}".encode() for number in range(9)]
    lines[4] = "4,2020-01-02,质量 4".encode("gb18030")
    found = list(source(tmp_path, b"id,day,text\n" + b"\n".join(lines)).rows())
    assert [row.line for row in found] == list(range(2, 11))
    assert warnings(found[4]) == [("narrative", f"text {OF_THE_ENCODING}, and was mended")]
    narrative = complaint(found[4]).narrative
    assert narrative is not None
    assert set(narrative.removesuffix(" 4")) == {"\ufffd"}
    assert found[4].raw["text"].isascii()
    for number, row in enumerate(found):
        if number != 4:
            assert (complaint(row).narrative, row.warnings) == (f"质量 {number}", ())


@pytest.mark.parametrize("bad", [b"\xd6\xca", b"a\0b"])
@pytest.mark.parametrize("place", range(5))
def test_a_spoiled_cell_by_its_place(tmp_path, bad, place):
    """Of what is needed, of a text for people, of another field, of a column nothing reads."""
    toml = MAPPING + 'channel = "via"\n'
    cells = [b"1", b"2020-01-02", b"so", b"PHONE", b"x"]
    rows = [b",".join(cells) for _ in range(9)]
    rows[4] = b",".join([*cells[:place], bad, *cells[place + 1 :]])
    data = b"\n".join([b"id,day,text,via,other", *rows, b""])
    results = list(source(tmp_path, data, toml).rows())
    assert len(results) == 9
    assert all(complaint(row) and not row.warnings for row in [*results[:4], *results[5:]])
    row = results[4]
    reason = "holds NUL characters" if b"\0" in bad else OF_THE_ENCODING
    if place < 2:
        expected = [("source_id", "id"), ("received_at", "day")][place]
        assert (rejection(row).field, rejection(row).reason) == (
            expected[0],
            f"{expected[1]} {reason}",
        )
        return
    item = complaint(row)
    assert (item.narrative == "so") == (place != 2)
    assert item.channel is (Channel.OTHER if place == 3 else Channel.PHONE)
    assert (
        warnings(row)
        == {
            2: [("narrative", f"text {reason}, and was mended")],
            3: [("channel", f"via {reason}")],
            4: [],
        }[place]
    )
    if place == 2:
        assert "\ufffd" in (item.narrative or "")


def test_some_rows_of_wrong_bytes_among_plain_ones_are_reported(tmp_path):
    lines = [f"{number},2020-01-02,it{chr(39)}s".encode() for number in range(60)]
    for number in (3, 4, 20, 21, 40):
        lines[number] = lines[number].replace(b"'", b"\x92")
    found = list(source(tmp_path, b"id,day,text\n" + b"\n".join(lines)).rows())
    assert [row.line - 2 for row in found if row.warnings] == [3, 4, 20, 21, 40]
    assert {complaint(row).narrative for row in found} == {"it's", "it\ufffds"}


def test_a_file_in_another_encoding_is_refused_with_its_name(tmp_path):
    rows = [good(number, "银行多收了我的手续费") for number in range(9)]
    data = csv_text(HEADER, rows).encode("gb18030")
    with pytest.raises(SourceError, match=r"is not in utf-8; it seems to be gb18030"):
        list(source(tmp_path, data).rows())
    with pytest.raises(SourceError, match="is not in utf-8; it seems to be utf-16"):
        list(source(tmp_path, csv_text(HEADER, rows).encode("utf-16")).rows())
    toml = MAPPING + '[file]\nencoding = "gb18030"\n'
    with pytest.raises(SourceError, match="is not in gb18030; it seems to be utf-8"):
        list(source(tmp_path, csv_text(HEADER, rows), toml).rows())
    with pytest.raises(SourceError, match="is not in utf-16; it seems to be utf-8"):
        list(source(tmp_path, csv_text(HEADER, rows), MAPPING + '[file]\nencoding="utf-16"').rows())


#: Letters that few other encodings have at the same bytes.
TEXTS = {
    "utf-8": "银行多收了手续费 😀",
    "gb18030": "银行多收了手续费 😀",
    "gbk": "银行多收了手续費",
    "gb2312": "银行多收了手续费",
    "big5": "銀行多收了手續費",
    "big5-hkscs": "銀行多收咗手續費啲錢",
    "utf-16": "银行多收了手续费 😀",
    "latin-1": "café",
    "shift_jis": "銀行の手数料が高い",
    "euc-kr": "은행 수수료",
    "cp1250": "Źle pobrana opłata",
    "cp1251": "Комиссия банка",
    "cp1252": "café €5 “naïve”",
    "cp1253": "Χρέωση τράπεζας",
    "cp1254": "Şikâyet: ücret iadesi ğı",
    "cp1255": "עמלה של הבנק",
    "cp1256": "رسوم البنك",
    "cp1257": "Mokestis už sąskaitą",
    "cp1258": "Đơn thư ₫5",
    "cp874": "ค่าธรรมเนียม",
}


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_encodings(tmp_path, encoding):
    text = TEXTS[encoding]
    toml = MAPPING + f'[file]\nencoding = "{encoding}"\n'
    for codec in (encoding, ENCODINGS[encoding]):
        data = csv_text(HEADER, [good(1, text), good(2, text)]).encode(codec)
        results = list(source(tmp_path, data, toml).rows())
        assert [complaint(row).narrative for row in results] == [text, text]
        assert not any(row.warnings for row in results)


@pytest.mark.parametrize(
    ("encoding", "codec", "text"),
    [
        ("big5", "big5hkscs", "銀行啲錢"),
        ("shift_jis", "cp932", "手数料①"),
        ("euc-kr", "cp949", "똠방각하"),
    ],
)
def test_an_encoding_is_read_with_what_its_systems_have_added(tmp_path, encoding, codec, text):
    data = csv_text(HEADER, [good(1, text)]).encode(codec)
    (row,) = source(tmp_path, data, MAPPING + f'[file]\nencoding = "{encoding}"\n').rows()
    assert complaint(row).narrative == text


@pytest.mark.parametrize(
    ("encoding", "text"),
    [
        ("gb18030", "银行多收了我的手续费，请尽快退还。"),
        ("big5", "銀行多收了我的手續費，請盡快退還。"),
        ("shift_jis", "銀行の手数料を二回引き落とされました。返金してください。"),
        ("euc-kr", "은행에서 수수료를 두 번 부과했습니다. 환불해 주세요."),
        ("cp1250", "Bank dwukrotnie pobrał opłatę, proszę o zwrot. Źle się dzieje, że milczycie."),
        ("cp1251", "Банк дважды списал комиссию с моего счёта, прошу вернуть деньги."),
        ("cp1252", "La banque a débité deux fois les frais, c’est réglé à tort, ça suffit."),
        ("cp1252", "Die Bank hat mir zu Unrecht Gebühren berechnet, ich möchte sie zurück. Größe"),
        ("cp1255", "הבנק חייב אותי פעמיים בעמלה, אני מבקש החזר כספי."),
        ("cp1256", "قام البنك بخصم الرسوم مرتين، أطلب استرداد المبلغ."),
        ("cp874", "ธนาคารคิดค่าธรรมเนียมสองครั้ง ขอเงินคืน"),
    ],
)
def test_a_file_in_another_encoding_proposes_it(tmp_path, encoding, text):
    rows = [good(number, text) for number in range(9)]
    data = csv_text(HEADER, rows).encode(ENCODINGS[encoding])
    with pytest.raises(SourceError, match=f"is not in utf-8; it seems to be {encoding}: convert"):
        list(source(tmp_path, data).rows())
    toml = MAPPING + f'[file]\nencoding = "{encoding}"\n'
    assert complaint(next(source(tmp_path, data, toml).rows())).narrative == text


@pytest.mark.parametrize("count", [1, 2])
def test_a_short_file_in_another_encoding_is_refused_too(tmp_path, count):
    rows = [good(number, "银行多收了我的手续费") for number in range(count)]
    with pytest.raises(SourceError, match="is not in utf-8"):
        list(source(tmp_path, csv_text(HEADER, rows).encode("gb18030")).rows())


def test_a_gb18030_header_and_its_mark(tmp_path):
    text = "\ufeff编号,时间,内容\n1,2019年4月25日 9:32:09,多收了手续费 😀\n"
    toml = """
system = "test"
file.encoding = "gb2312"
[fields]
source_id = "编号"
received_at = "时间"
narrative = "内容"
"""
    (row,) = source(tmp_path, text.encode("gb18030"), toml).rows()
    assert complaint(row).narrative == "多收了手续费 😀"


def test_a_utf16_file_cut_in_a_character(tmp_path):
    data = csv_text(HEADER, [good(1), good(2)]).encode("utf-16")[:-1]
    rows = source(tmp_path, data, MAPPING + '[file]\nencoding="utf-16"').rows()
    assert complaint(next(rows)).source_id == "1"
    with pytest.raises(SourceError, match=r"middle of a character.*up to line 2 were read"):
        list(rows)


def test_a_file_without_header(tmp_path):
    toml = MAPPING + '[file]\ncolumns = ["id", "day", "text"]\n'
    assert outline(source(tmp_path, "1,2020-01-02,x\n2,2020-01-02,y\n", toml)) == [
        (1, "1"),
        (2, "2"),
    ]


def test_a_header_further_down(tmp_path):
    text = '"Complaints, second\nquarter"\nprinted on Monday\nid,day,text\n1,2020-01-02,x\n'
    toml = MAPPING + "[file]\nheader_row = 4\n"
    assert outline(source(tmp_path, text, toml)) == [(5, "1")]


def test_a_table_without_quoting(tmp_path):
    toml = MAPPING + '[file]\nquote = ""\ndelimiter = "|"\n'
    (row,) = source(tmp_path, 'id|day|text\n1|2020-01-02|5" pipe, "so\n', toml).rows()
    assert complaint(row).narrative == '5" pipe, "so'


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("id,id,text\n", r"no column day \(fields.received_at\); it has id, text"),
        ("  \n\n", "no header row"),
        (" , ,\n", "no header row"),
        ('"id,day,text\n1,2,3\n', "header row of t.csv cannot be read"),
        ("id,day\n", r"no column text \(fields.narrative\); it has id, day"),
        ("id;day;text\n", r"no column day \(fields.received_at\), id .* it has id;day;text"),
    ],
)
def test_files_whose_header_is_wrong(tmp_path, content, message):
    with pytest.raises(SourceError, match=message):
        list(source(tmp_path, content).rows())


def test_columns_without_a_name_do_no_harm(tmp_path):
    text = "id,day,text,,\n1,2020-01-02,x,y,z\n"
    (row,) = source(tmp_path, text).rows()
    assert complaint(row).source_id == "1"
    assert row.raw["(column 5)"] == "z"


def test_a_header_alone_has_no_rows(tmp_path):
    assert list(source(tmp_path, "id,day,text\n").rows()) == []


def test_raw_is_short(tmp_path):
    (row,) = source(tmp_path, csv_text(HEADER, [good(1, "x" * 5000)])).rows()
    assert len(row.raw["text"]) == 501
    assert len(complaint(row).narrative or "") == 5000


def test_a_mark_at_the_beginning_is_no_part_of_the_first_name(tmp_path):
    data = codecs.BOM_UTF8 + csv_text(HEADER, [good(1)]).encode()
    assert outline(source(tmp_path, data)) == [(2, "1")]


def test_tab_separated_by_its_name(tmp_path):
    path = write(tmp_path / "t.tsv", csv_text(HEADER, [good(1, "a,b")], delimiter="\t"))
    (row,) = read_table(path, MAPPING)
    assert complaint(row).narrative == "a,b"


def test_lines_are_read_as_they_are(tmp_path):
    path = write(tmp_path / "t.csv", "a\x0bb\x85c\u2028d\ne\n")
    with text_lines(path, "utf-8") as lines:
        assert [lines.next(), lines.next(), lines.next()] == [
            ("a\x0bb\x85c\u2028d\n", True),
            ("e\n", True),
            None,
        ]


def test_one_short_row_among_whole_ones_is_broken(tmp_path):
    text = "id,day,text\n1,2020-01-02\n2,2020-01-02,x\n3,2020-01-02,y\n4,2020-01-02,z\n"
    first, *rest = source(tmp_path, text).rows()
    assert rejection(first).reason == "the row has 2 columns instead of 3"
    assert [complaint(row).narrative for row in rest] == ["x", "y", "z"]


WIDE = "id\tsubject\tcc\tstatus\tcreated\tclosed\n"


def wide(number: int) -> str:
    return f"{number}\tfee\ta@x.example\tOPEN\t2015-01-02\t2015-01-04\n"


@pytest.mark.parametrize("parts", [2, 3])
def test_the_pieces_of_rows_that_a_line_break_has_cut_are_no_rows(parts: int) -> None:
    """``cc`` holds line breaks outside of quotes, so that later cells move to the front."""
    cut = "\n".join(f"{n}@x.example," for n in range(parts))
    text = WIDE + "".join(
        wide(n) if n % 8 else f"{n}\tfee\t{cut}\tOPEN\t2015-01-02\t2015-01-04\n" for n in range(40)
    )
    assert not trims(text, Dialect(delimiter="\t"))


@pytest.mark.parametrize(
    "row",
    [
        # All rows lack the last cell, or some lack some.
        lambda n: f"{n}\tfee\ta@x.example\tOPEN\t2015-01-02\n",
        lambda n: wide(n) if n % 3 else f"{n}\tfee\n",
        lambda n: wide(n) if n % 5 else f"{n}\tfee\ta@x.example\tOPEN\n",
        lambda n: f"{n}\tfee\ta@x.example\n" if n % 2 else f"{n}\tfee\ta@x.example\tOPEN\n",
    ],
)
def test_rows_without_their_last_empty_cells_are_whole(row: Callable[[int], str]) -> None:
    assert trims(WIDE + "".join(map(row, range(40))), Dialect(delimiter="\t"))
