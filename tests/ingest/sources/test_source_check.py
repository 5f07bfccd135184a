"""``--check``: the first rows as they would be stored, and what is wrong with all of them."""

import gzip

import pytest

from graph.domain.identity import Keyring
from ingest.masking import Masker
from ingest.prepare import IntakeRules, Preparer
from ingest.problems import ProblemGroup, Weight
from ingest.sources import cfpb, check, table
from ingest.sources.check import DEFAULT_LIMIT, KEPT_AS_HASH, MASKED, NOT_VALID
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
narrative = "text"
channel = "via"
product = ["product", "part"]
amount = "amount"
departments = "team"
[customer]
mobile = "mobile"
names = { column = "names", separator = ";" }
[decision]
when = "answer"
outcome = { constant = "EXPLAINED" }
summary = "answer"
at = "answered"
"""
MOBILE = "13812345678"
ROW = {
    "no": "1",
    "day": "2024-03-05",
    "text": "",
    "via": "",
    "product": "信用卡",
    "part": "年费",
    "amount": "88",
    "team": "卡部",
    "mobile": MOBILE,
    "names": "张三;李四",
    "answer": "",
    "answered": "",
    "colour": "red",
    "empty": "",
}


@pytest.fixture(scope="module")
def preparer() -> Preparer:
    return Preparer(Masker(), Keyring(b"p" * 32), IntakeRules())


def source(tmp_path, *rows, toml=MAPPING):
    """A table of rows that differ from ``ROW`` as given."""
    values = [list((ROW | changes).values()) for changes in rows]
    path = write(tmp_path / "t.csv", csv_text(list(ROW), values))
    return table(path, mapping(toml), ZONE, NOW)


def shown(row) -> dict[str, str]:
    return {item.name: item.value for item in row.fields}


def test_fields_values_and_codes(tmp_path, preparer):
    report = check(source(tmp_path, {}), preparer, NOW)
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
        ("customer.names.1", MASKED),
        ("customer.names.2", MASKED),
        ("customer.identifiers.MOBILE", KEPT_AS_HASH),
    ]
    codes = {item.name: item.codes for item in row.fields if item.codes}
    assert [len(results) for results in codes.values()] == [2, 1]
    assert codes["product"][1].startswith("年费-")
    assert (row.line, row.rejected, row.warnings, row.raw["colour"]) == (2, None, (), "red")
    assert (report.system, report.count, report.rejected, report.problems) == ("desk", 1, 0, ())


def test_texts_are_shown_as_they_would_be_stored(tmp_path, preparer):
    text = f"我是张三，电话{MOBILE}，被多收了88元。"
    changes = {"text": text, "answer": f"已回复张三：{MOBILE}", "answered": "2024-03-06"}
    (row,) = check(source(tmp_path, changes), preparer, NOW).rows
    fields = shown(row)
    assert "被多收了88元" in fields["narrative"]
    assert fields["decisions.summary"].startswith("已回复")
    for value in fields.values():
        assert MOBILE not in value
        assert "张三" not in value


def test_an_identifier_that_is_none_is_shown_as_left_out(tmp_path, preparer):
    (row,) = check(source(tmp_path, {"mobile": "12345"}), preparer, NOW).rows
    assert shown(row)["customer.identifiers.MOBILE"] == NOT_VALID


def test_a_number_of_a_row_that_is_a_mobile_is_not_shown(tmp_path, preparer):
    (row,) = check(source(tmp_path, {"no": MOBILE}), preparer, NOW).rows
    assert MOBILE not in shown(row).values()
    assert row.rejected is None


def test_what_is_wrong(tmp_path, preparer):
    report = check(source(tmp_path, {}, {"no": "2", "day": "soon"}, {}), preparer, NOW)
    assert (report.count, report.rejected) == (3, 1)
    second = report.rows[1]
    assert second.fields == ()
    assert second.rejected is not None
    assert (second.rejected.line, second.rejected.field) == (3, "received_at")
    assert second.raw["day"] == "soon"
    assert [row.rejected for row in report.rows] == [None, second.rejected, None]


def test_a_row_without_one_of_its_values_is_shown_with_the_reason(tmp_path, preparer):
    changes = {"via": "鸽子", "amount": "much"}
    report = check(source(tmp_path, changes), preparer, NOW)
    (row,) = report.rows
    assert row.rejected is None
    assert shown(row)["channel"] == "OTHER"
    assert "amount" not in shown(row)
    assert {problem.field for problem in row.warnings} == {"channel", "amount"}
    assert report.rejected == 0


def test_a_decision_before_its_complaint_has_no_time(tmp_path, preparer):
    changes = {"answer": "so", "answered": "2024-03-01"}
    report = check(source(tmp_path, changes), preparer, NOW, limit=0)
    (problem,) = report.problems
    assert (problem.field, problem.reason) == ("decision.at", "lies before the time of receipt")
    (row,) = check(source(tmp_path, changes), preparer, NOW).rows
    assert "decisions.at" not in shown(row)
    assert shown(row)["decisions.summary"] == "so"
    assert [problem.field for problem in row.warnings] == ["decision.at"]


def test_problems_of_all_rows_are_counted_by_field_and_reason(tmp_path, preparer):
    rows = [{"no": str(number)} for number in range(9)]
    rows[4] |= {"via": "鸽子"}
    rows[6] |= {"via": "烟"}
    rows[7] |= {"day": "soon", "via": "鼓"}
    rows[8] |= {"amount": "-5"}
    report = check(source(tmp_path, *rows), preparer, NOW, limit=2)
    assert (len(report.rows), report.count, report.rejected) == (2, 9, 1)
    reason = "via is not known; map it by value_map to one of PHONE, EMAIL, WEB, APP, BRANCH, "
    rejected, channel, amount = report.problems
    assert rejected == ProblemGroup(
        Weight.REJECTED,
        "received_at",
        "day is no time in the format auto",
        count=1,
        line=9,
        example="soon",
    )
    assert (channel.weight, channel.field) == (Weight.WARNING, "channel")
    assert channel.reason.startswith(reason)
    assert (channel.count, channel.line, channel.example) == (3, 6, "鸽子")
    assert (amount.field, amount.count, amount.line, amount.example) == ("amount", 1, 10, "-5")


def test_examples_are_masked(tmp_path, preparer):
    rows = [
        {"via": f"请致电{MOBILE}"},
        {"mobile": "1.38E+10"},
        {"day": MOBILE},
    ]
    report = check(source(tmp_path, *rows), preparer, NOW)
    examples = {problem.field: problem.example for problem in report.problems}
    assert examples["channel"].startswith("请致电")
    assert examples["customer.identifiers"] == "(8 characters)"
    assert MOBILE not in str(examples)
    assert MOBILE not in str(report.problems)


def test_columns_that_nothing_reads(tmp_path, preparer):
    assert check(source(tmp_path, {}), preparer, NOW).unused == ("colour",)


def test_columns_that_only_late_rows_fill_are_not_overlooked(tmp_path, preparer):
    rows = [{"no": str(number)} for number in range(9)]
    report = check(source(tmp_path, *rows, {"no": "9", "empty": "x"}), preparer, NOW, limit=2)
    assert report.unused == ("colour", "empty")


def test_rows_without_an_id_that_say_the_same_are_counted(tmp_path, preparer):
    toml = 'system = "desk"\n[fields]\nreceived_at = "day"\n'
    rows = [{"text": "一"}, {"text": "二"}, {"day": "2024-03-06"}, {"text": "三"}]
    report = check(source(tmp_path, *rows, toml=toml), preparer, NOW)
    assert (report.count, report.rejected) == (4, 0)
    (note,) = report.notes
    assert note.startswith("2 rows have no id and say the same as another row")
    assert (
        check(source(tmp_path, *rows, toml=toml + 'subject = "text"\n'), preparer, NOW).notes == ()
    )
    # The same row under the same id is no loss.
    assert check(source(tmp_path, {}, {}), preparer, NOW).notes == ()


def test_columns_that_are_read_by_their_position(tmp_path, preparer):
    toml = 'system = "desk"\n[fields]\nsource_id = 1\nreceived_at = 2\nsubject = "colour"\n'
    report = check(source(tmp_path, {"via": "x"}, toml=toml), preparer, NOW)
    assert not {"no", "day", "colour"} & set(report.unused)
    assert "via" in report.unused


def test_only_the_first_rows_are_shown(tmp_path, preparer):
    rows = [{"no": str(number)} for number in range(9)]
    report = check(source(tmp_path, *rows), preparer, NOW)
    assert [row.line for row in report.rows] == list(range(2, 2 + DEFAULT_LIMIT))
    assert report.count == 9
    assert len(check(source(tmp_path, *rows), preparer, NOW, limit=4).rows) == 4


def test_the_columns_as_a_whole_are_noted(tmp_path, preparer):
    report = check(source(tmp_path, {"day": "03/04/2024"}), preparer, NOW)
    (note,) = report.notes
    assert note.startswith("day: 1 dates may begin with the day or with the month")
    assert check(source(tmp_path, {}), preparer, NOW).notes == ()


def test_the_progress_of_a_long_file(tmp_path, preparer):
    steps = []
    rows = [{"no": str(number)} for number in range(2_500)]

    def progress(stage, done, total):
        steps.append((stage, done, total))

    report = check(source(tmp_path, *rows), preparer, NOW, 1, progress)
    assert report.count == 2_500
    assert steps == [("check", 1_000, None), ("check", 2_000, None), ("check", 2_500, 2_500)]


def test_a_file_that_cannot_be_read_is_reported(tmp_path, preparer):
    path = write(tmp_path / "t.csv", "no,day\n1,2024-03-05\n")
    report = check(table(path, mapping(MAPPING), ZONE, NOW), preparer, NOW)
    assert (report.rows, report.count) == ((), 0)
    assert report.damage is not None
    assert "product (fields.product)" in report.damage
    rows = [list((ROW | {"no": str(number)}).values()) for number in range(2)]
    data = gzip.compress(csv_text(list(ROW), rows).encode())
    path = write(tmp_path / "u.csv.gz", data[:-9])
    report = check(table(path, mapping(MAPPING), ZONE, NOW), preparer, NOW)
    assert report.damage is not None
    assert "u.csv.gz" in report.damage
    whole = check(
        table(write(tmp_path / "v.csv.gz", data), mapping(MAPPING), ZONE, NOW), preparer, NOW
    )
    assert (whole.damage, whole.count) == (None, 2)


def test_rows_before_the_damage_are_reported(tmp_path, preparer):
    rows = [list((ROW | {"no": str(number)}).values()) for number in range(3)]
    data = csv_text(list(ROW), rows).encode("utf-16")[:-1]
    path = write(tmp_path / "t.csv", data)
    toml = MAPPING + '[file]\nencoding = "utf-16"\n'
    report = check(table(path, mapping(toml), ZONE, NOW), preparer, NOW)
    assert [shown(row)["source_id"] for row in report.rows] == ["0", "1"]
    assert report.count == 2
    assert report.damage is not None
    assert "up to line 3 were read" in report.damage


def test_any_source(tmp_path, preparer):
    rows = [
        cfpb_values(),
        cfpb_values(Submitted_via="Pigeon", Complaint_ID="2"),
        cfpb_values(Complaint_ID="x"),
    ]
    path = write(tmp_path / "c.csv", csv_text(CFPB_COLUMNS, rows))
    report = check(cfpb(path, ZONE, NOW), preparer, NOW)
    assert report.unused == ("Date sent to company",)
    assert {"causes.chain", "causes.source", "decisions.outcome", "narrative"} <= {
        item.name for item in report.rows[0].fields
    }
    assert [(each.weight, each.field, each.example) for each in report.problems] == [
        (Weight.REJECTED, "source_id", "x"),
        (Weight.WARNING, "channel", "Pigeon"),
    ]


def test_times_have_their_zone(tmp_path, preparer):
    (row,) = check(source(tmp_path, {"day": "2024-03-05 09:30"}), preparer, NOW).rows
    assert shown(row)["received_at"] == "2024-03-05 09:30:00+08:00"


def test_values_stay_out_of_logs(tmp_path, preparer):
    changes = {"text": f"张三 {MOBILE}", "via": MOBILE}
    assert MOBILE not in repr(check(source(tmp_path, changes), preparer, NOW))
    rows = list(source(tmp_path, changes).rows())
    assert "张三" not in repr(rows)
    assert MOBILE not in repr(rows)


def test_of_two_rows_with_one_id_it_says_which_counts(tmp_path, preparer):
    """As an import does it: see ``ingest.scan``."""
    report = check(
        source(tmp_path, {}, {"text": "另一件事", "day": "2024-03-06"}, {}), preparer, NOW
    )
    assert [row.rejected is None for row in report.rows] == [False, True, False]
    (problem,) = report.problems
    assert (problem.field, problem.count) == ("sourceId", 2)
    assert "another row has the same id" in problem.reason
    assert (report.count, report.rejected) == (3, 2)
