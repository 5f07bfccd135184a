"""JSON as it comes: every shape, one bad record, one that ends in the middle."""

import json

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from graph.errors import SourceError
from ingest.sources import table
from ingest.sources.json_records import json_records
from tests.ingest.sources.tables import (
    NOW,
    ZONE,
    complaint,
    mapping,
    outline,
    rejection,
    warnings,
    write,
)

MAPPING = """
system = "test"
[fields]
source_id = "id"
received_at = "day"
narrative = "reply.text"
risk_types = { column = "risks" }
"""


def source(path, toml=MAPPING):
    return table(path, mapping(toml), ZONE, NOW)


def good(number):
    return {"id": number, "day": "2020-01-02", "reply": {"text": "so"}, "risks": ["COMPLIANCE"]}


def lines(*objects):
    return "\n".join(item if isinstance(item, str) else json.dumps(item) for item in objects)


def test_nested_objects_lists_and_numbers(tmp_path):
    path = write(tmp_path / "t.jsonl", lines(good(12345678901234567890)))
    (row,) = source(path).rows()
    found = complaint(row)
    assert (found.source_id, found.narrative) == ("12345678901234567890", "so")
    assert found.risk_types == ("COMPLIANCE",)
    assert row.raw == {
        "id": "12345678901234567890",
        "day": "2020-01-02",
        "reply.text": "so",
        "risks": "COMPLIANCE",
    }


def test_json_and_json_lines_give_the_same(tmp_path):
    objects = [good(1), good(2) | {"reply": {"text": 'emoji 😀, "quoted"\n'}}, good(3)]
    one = source(write(tmp_path / "t.jsonl", lines(*objects))).rows()
    two = source(write(tmp_path / "t.json", json.dumps(objects))).rows()
    assert [row.content for row in one] == [row.content for row in two]


@pytest.mark.parametrize(
    ("bad", "reason"),
    [
        ("{broken", "no JSON object at character 2"),
        ("[1, 2]", "no JSON object"),
        ("null", "no JSON object"),
        ('{"id": "a\\u0000b", "day": "2020-01-02"}', "NUL"),
        ('{"id": "\\ud83d", "day": "2020-01-02"}', "bytes that are not of the encoding"),
        ('{"\\ud83d": "x", "day": "2020-01-02"}', "key that is no text"),
        ('{"a":' * 20 + "1" + "}" * 20, "nested too deeply"),
        ("[" * 100_000, "nested too deeply"),
        (json.dumps({"id": "x" * 2_000_000}), "longer than a row can be"),
    ],
)
def test_a_bad_line_is_one_rejection(tmp_path, bad, reason):
    path = write(tmp_path / "t.jsonl", lines(good(1), bad, "", good(2)))
    found = list(source(path).rows())
    assert [row.line for row in found] == [1, 2, 4]
    assert reason in rejection(found[1]).reason
    assert [complaint(found[0]).source_id, complaint(found[2]).source_id] == ["1", "2"]
    json.dumps(dict(found[1].raw)).encode()


def test_a_line_of_bad_bytes_is_one_rejection(tmp_path):
    data = b"\n".join(json.dumps(good(1)).encode() for _ in range(3))
    data = data.replace(b"so", b"s\xff", 1)
    found = list(source(write(tmp_path / "t.jsonl", data)).rows())
    assert "bytes" in rejection(found[0]).reason
    assert complaint(found[1])


def test_bad_bytes_in_an_array_spoil_one_text(tmp_path):
    objects = [good(number) | {"note": "好" * 50_000} for number in range(5)]
    data = json.dumps(objects, ensure_ascii=False).encode()
    at = data.index(b'"id": 2')
    data = data[:at] + data[at:].replace(b"so", b"\xe5\xa5", 1)
    results = list(source(write(tmp_path / "t.json", data)).rows())
    assert [complaint(row).source_id for row in results] == ["0", "1", "2", "3", "4"]
    assert [complaint(row).narrative for row in results] == ["so", "so", "\ufffd\ufffd", "so", "so"]
    assert [warnings(row) for row in results[:2] + results[3:]] == [[]] * 4
    assert warnings(results[2]) == [
        ("narrative", "reply.text holds bytes that are not of the encoding, and was mended")
    ]


@pytest.mark.parametrize(
    ("key", "text", "field"),
    [
        ("id", "1\0", "source_id"),
        ("day", "2020-01-02\0", "received_at"),
        ("risks", ["COMPLIANCE", "a\0"], "risk_types"),
        ("note", "a\0", None),
    ],
)
def test_characters_that_no_text_has_by_their_place(tmp_path, key, text, field):
    objects = [good(1), good(2) | {key: text}, good(3)]
    path = write(tmp_path / "t.json", json.dumps(objects))
    one, two, three = source(path).rows()
    assert (complaint(one).source_id, complaint(three).source_id) == ("1", "3")
    if field in {"source_id", "received_at"}:
        assert rejection(two).field == field
        assert rejection(two).reason.startswith(f"{key} holds ")
    else:
        assert complaint(two).narrative == "so"
        assert [name for name, _ in warnings(two)] == ([field] if field else [])


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ('[{"id": 1, "day": "2020-01-02"}, {"id": 2,', 1),
        ('[{"id": 1, "day": "2020-01-02"}, {"id": 2 "day"', 1),
        ('[{"id": 1, "day": "2020-01-02"}', 1),
        ('[{"id": 1, "day": "2020-01-02"}] and more', 1),
        ("[nonsense]", 0),
    ],
)
def test_json_that_breaks_off_gives_what_is_there_and_then_fails(tmp_path, text, count):
    rows = source(write(tmp_path / "t.json", text)).rows()
    for _ in range(count):
        assert complaint(next(rows))
    with pytest.raises(SourceError, match=f"no well-formed JSON after record {count}"):
        next(rows)


def test_deep_nesting_is_one_rejection(tmp_path):
    deep = '{"id": 2, "day": "2020-01-02", "x": ' + "[" * 10_000 + "]" * 10_000 + "}"
    path = write(tmp_path / "t.json", f"[{json.dumps(good(1))}, {deep}, {json.dumps(good(3))}]")
    found = list(source(path).rows())
    assert [row.line for row in found] == [1, 2, 3]
    assert complaint(found[1]).source_id == "2"
    deep = deep.replace("[" * 10_000, '{"a":' * 50 + "1").replace("]" * 10_000, "}" * 50)
    path = write(tmp_path / "t.json", f"[{json.dumps(good(1))}, {deep}, {json.dumps(good(3))}]")
    found = list(source(path).rows())
    assert rejection(found[1]).reason == "the record is nested too deeply"
    assert complaint(found[2]).source_id == "3"


def test_values_that_are_no_objects(tmp_path):
    path = write(tmp_path / "t.json", f"[1, {json.dumps(good(1))}, null]")
    assert outline(source(path)) == [(1, None), (2, "1"), (3, None)]


def test_a_file_that_is_no_json(tmp_path):
    with pytest.raises(SourceError, match="is no JSON; it begins with neither"):
        list(source(write(tmp_path / "t.json", "id,day\n")).rows())


LISTED = """
system = "test"
[file]
records = "data"
[fields]
source_id = "id"
received_at = "day"
"""
#: As open-data portals write tables: the columns beside rows of plain values.
SOCRATA = {
    "meta": {"view": {"id": "x", "columns": [{"name": "id"}, {"name": "day", "dataType": "y"}]}},
    "data": [["1", "2020-01-02"], [2, "2020-01-03"]],
}


@pytest.mark.parametrize(
    ("place", "document"),
    [
        ("tickets", {"count": 2, "tickets": [good(1), good(2)], "next": None}),
        ("tickets", {"tickets": [good(1), good(2)], "users": [{"id": 7}]}),
        ("result.rows", {"result": {"total": 2, "rows": [good(1), good(2)]}, "ok": True}),
        ("a.b.c", {"a": {"b": {"c": [good(1), good(2)]}, "c": [good(3)]}}),
    ],
)
def test_records_in_an_envelope(tmp_path, place, document):
    for indent in (None, 2):
        path = write(tmp_path / "t.json", json.dumps(document, indent=indent))
        toml = MAPPING + f'[file]\nrecords = "{place}"\n'
        assert outline(source(path, toml)) == [(1, "1"), (2, "2")]


@pytest.mark.parametrize("place", ["nowhere", "count", "nowhere.rows"])
def test_an_envelope_without_records_at_the_place_is_no_table(tmp_path, place):
    path = write(tmp_path / "t.json", json.dumps({"count": 1, "tickets": [good(1)]}))
    with pytest.raises(SourceError, match="set records"):
        list(source(path, MAPPING + f'[file]\nrecords = "{place}"\n').rows())


@pytest.mark.parametrize("indent", [None, 2])
@pytest.mark.parametrize(
    "document",
    [
        {"count": 2, "tickets": [good(1), good(2)]},
        {"tickets": [[1, "2020-01-02"], [2, "2020-01-02"]], "tags": ["a", "b"]},
    ],
)
def test_an_envelope_that_the_mapping_does_not_name_proposes_the_key(tmp_path, document, indent):
    path = write(tmp_path / "t.json", json.dumps(document, indent=indent))
    with pytest.raises(SourceError, match=r'set records = "tickets" under \[file\] of the mapp'):
        list(source(path).rows())


@pytest.mark.parametrize("indent", [None, 2])
def test_lists_of_objects_in_the_records_of_an_array_do_no_harm(tmp_path, indent):
    history = {"history": [{"at": "2020-01-03"}, {"at": "2020-01-04"}]}
    path = write(tmp_path / "t.json", json.dumps([good(1) | history, good(2)], indent=indent))
    assert outline(source(path)) == [(1, "1"), (2, "2")]


@pytest.mark.parametrize(
    "document",
    [
        SOCRATA,
        {"columns": ["id", "day"], "index": [0, 1], "data": SOCRATA["data"]},
        {"fields": [{"name": "id", "type": "int"}, {"name": "day"}], "data": SOCRATA["data"]},
        {"Header": ["id", "day"], "data": SOCRATA["data"]},
    ],
)
def test_records_that_are_lists_have_the_names_of_their_document(tmp_path, document):
    for indent in (None, 2):
        path = write(tmp_path / "t.json", json.dumps(document, indent=indent))
        results = [complaint(row) for row in source(path, LISTED).rows()]
        assert [item.source_id for item in results] == ["1", "2"]
        assert [item.received_at.day for item in results] == [2, 3]


def test_names_beside_the_records_within_a_document(tmp_path):
    path = write(
        tmp_path / "t.json",
        json.dumps({"result": {"columns": ["id", "day"], "data": SOCRATA["data"]}}),
    )
    toml = LISTED.replace('"data"', '"result.data"')
    assert outline(source(path, toml)) == [(1, "1"), (2, "2")]


def test_records_that_are_lists_have_the_names_of_the_mapping(tmp_path):
    toml = LISTED.replace("[file]", '[file]\ncolumns = ["id", "day"]')
    documents = [{"data": SOCRATA["data"]}, SOCRATA | {"columns": ["day", "id"]}]
    for document in documents:
        path = write(tmp_path / "t.json", json.dumps(document))
        assert outline(source(path, toml)) == [(1, "1"), (2, "2")]
    toml = toml.replace('records = "data"\n', "")
    path = write(tmp_path / "t.json", json.dumps(SOCRATA["data"]))
    assert outline(source(path, toml)) == [(1, "1"), (2, "2")]


def test_records_that_are_lists_without_names_are_refused(tmp_path):
    for document, toml in (
        ({"data": SOCRATA["data"]}, LISTED),
        (SOCRATA["data"], LISTED.replace('records = "data"\n', "")),
    ):
        path = write(tmp_path / "t.json", json.dumps(document))
        with pytest.raises(SourceError, match=r"are lists without names; set columns under \[file"):
            list(source(path, toml).rows())


def test_a_list_of_another_length_is_one_rejection(tmp_path):
    rows = [["1", "2020-01-02"], ["2"], ["3", "2020-01-02", "x"], ["4", "2020-01-02"]]
    path = write(tmp_path / "t.json", json.dumps(SOCRATA | {"data": rows}))
    results = list(source(path, LISTED).rows())
    assert [row.line for row in results] == [1, 2, 3, 4]
    assert rejection(results[1]).reason == "the row has 1 values instead of 2"
    assert rejection(results[2]).reason == "the row has 3 values instead of 2"
    assert (complaint(results[0]).source_id, complaint(results[3]).source_id) == ("1", "4")


def test_json_in_another_encoding_is_refused(tmp_path):
    path = write(tmp_path / "t.json", json.dumps([good(1)]))
    with pytest.raises(SourceError, match="is JSON, which is read as UTF-8"):
        list(source(path, MAPPING + '[file]\nencoding = "gb18030"').rows())


def test_other_columns_altogether(tmp_path):
    path = write(tmp_path / "t.jsonl", lines({"a": 1}, good(1)))
    with pytest.raises(SourceError, match=r"no column day \(fields.received_at\)"):
        list(source(path).rows())


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3)
    ),
    max_leaves=6,
)
objects = st.lists(st.dictionaries(st.text(max_size=4), values, max_size=4), min_size=1, max_size=5)


@given(objects, st.sampled_from([None, 1]), st.booleans())
@example([{"": [[], None]}], None, False)
def test_every_object_is_a_record(tmp_path_factory, items, indent, ascii_only):
    folder = tmp_path_factory.mktemp("json")
    data = json.dumps(items, indent=indent, ensure_ascii=ascii_only).encode(
        "utf-8", "surrogatepass"
    )
    with json_records(write(folder / "t.json", data)) as found:
        array = list(found)
    data = "\n".join(json.dumps(item, ensure_ascii=ascii_only) for item in items)
    with json_records(write(folder / "l.json", data.encode("utf-8", "surrogatepass"))) as found:
        apart = list(found)
    assert [record.line for record in array] == list(range(1, len(items) + 1))
    assert len(apart) == len(items)
    if not isinstance(items[0].get("hits"), dict):
        assert [dict(record.cells) for record in array] == [dict(record.cells) for record in apart]
