"""Tables by a mapping: every field, what is left out of a row, when there is a decision."""

from dataclasses import fields, replace
from datetime import UTC, date, datetime

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from graph.domain.catalogue import CatalogueEntry, chain
from graph.domain.enums import (
    AttributionSource,
    BranchLevel,
    CaseStatus,
    CatalogueKind,
    Channel,
    DepartmentRole,
    IdentifierKind,
    Level,
    Nature,
    OutcomeKind,
    RemedyKind,
    Severity,
    Timeliness,
    Urgency,
)
from graph.domain.money import Money
from ingest.prepare import canonical
from ingest.record import IncomingCause, IncomingComplaint, IncomingCustomer, IncomingDecision
from ingest.sources.mapping import CustomerKeys, DecisionKeys, Fields
from tests.ingest.sources.tables import (
    ZONE,
    complaint,
    csv_text,
    mapping,
    read_table,
    rejection,
    warnings,
    write,
)

LEAST = 'system = "test"\n[fields]\nreceived_at = "day"\n'

FULL = """
system = "branch-desk"
[file]
timezone = "UTC"
[fields]
source_id = "no"
reference = "ref"
subject = "subject"
narrative = { columns = ["story", "more"], join = "\\n" }
received_at = { columns = ["day", "hour"] }
occurred_at = "happened"
channel = { column = "channel", value_map = { "柜台" = "BRANCH" }, default = "PHONE" }
status = "status"
level = "level"
nature = "nature"
type = "type"
severity = "severity"
urgency = "urgency"
timeliness = "timeliness"
risk_types = { column = "risks", separator = "、" }
amount = { column = "amount", currency_column = "currency", factor = 10000 }
vulnerable = "old"
assignee = "assignee"
product = ["product", "part"]
departments = [{ column = "lead" }, { column = "helpers", role = "ASSISTING", separator = ";" }]
causes = { column = "cause", path_separator = "/", source = "CONFIRMED", share = "share" }
[fields.branch]
columns = ["province", "outlet"]
codes = ["province no", "outlet no"]
levels = ["PROVINCE", "OUTLET"]
[customer]
names = { column = "names", separator = "、" }
id_number = "id"
mobile = { columns = ["mobile", "phone"] }
account = "account"
source_id = "customer no"
segment = "segment"
region = "region"
vulnerable = "old"
[decision]
when = "answer"
status = "ANSWERED"
outcome = { column = "outcome", value_map = { "属实" = "UPHELD" }, default = "EXPLAINED" }
remedy = "remedy"
compensation = "paid"
at = "answered"
satisfaction = { column = "rating", value_map = { "满意" = 5, "不满意" = 1 } }
timely = "in time"
summary = "answer"
"""
FULL_ROW = {
    "no": "2024-001",
    "ref": "R-1",
    "subject": "多收手续费",
    "story": "我的信用卡被多收了手续费。",
    "more": "请退还。",
    "day": "2024-03-05",
    "hour": "09:30",
    "happened": "2024-03-01",
    "channel": "柜台",
    "status": "",
    "level": "黄色",
    "type": "收费争议",
    "nature": "咨询",
    "severity": "moderate",
    "urgency": "HIGH",
    "timeliness": "delayed",
    "risks": "COMPLIANCE、声誉风险、",
    "amount": "0.05",
    "currency": "usd",
    "old": "是",
    "assignee": "desk-3",
    "product": "信用卡",
    "part": "年费",
    "province": "北京",
    "province no": "BJ",
    "outlet": "中关村支行",
    "outlet no": "BJ-01-03",
    "lead": "卡部",
    "helpers": "法务部; 信息部",
    "cause": "系统 / 计费",
    "share": "0.5",
    "names": "张三、李四",
    "id": "110101199003070011",
    "mobile": "13800138000",
    "phone": "13900139000",
    "account": "",
    "customer no": "C-7",
    "segment": "gold",
    "region": "华北",
    "answer": "已退还。",
    "outcome": "属实",
    "remedy": "经济补偿",
    "paid": "88.00元",
    "answered": "2024年3月9日",
    "rating": "满意",
    "in time": "是",
}


def full(tmp_path, **changes):
    row = FULL_ROW | {name.replace("_", " "): value for name, value in changes.items()}
    path = write(tmp_path / "t.csv", csv_text(list(row), [list(row.values())]))
    (found,) = read_table(path, FULL)
    return found


def rows(tmp_path, toml, text):
    return read_table(write(tmp_path / "t.csv", text), toml)


def test_every_field(tmp_path):
    province = CatalogueEntry(CatalogueKind.BRANCH, "BJ", "北京", level=BranchLevel.PROVINCE)
    outlet = CatalogueEntry(
        CatalogueKind.BRANCH, "BJ-01-03", "中关村支行", wider="BJ", level=BranchLevel.OUTLET
    )
    department = CatalogueKind.DEPARTMENT
    assert complaint(full(tmp_path)) == IncomingComplaint(
        source_system="branch-desk",
        source_id="2024-001",
        reference="R-1",
        subject="多收手续费",
        narrative="我的信用卡被多收了手续费。\n请退还。",
        received_at=datetime(2024, 3, 5, 9, 30, tzinfo=UTC),
        occurred_at=date(2024, 3, 1),
        channel=Channel.BRANCH,
        status=CaseStatus.ANSWERED,
        level=Level.YELLOW,
        type="FEE_DISPUTE",
        nature=Nature.ENQUIRY,
        severity=Severity.MODERATE,
        urgency=Urgency.HIGH,
        timeliness=Timeliness.DELAYED,
        risk_types=("COMPLIANCE", "REPUTATIONAL"),
        amount=Money(50_000, "USD"),
        vulnerable=True,
        assignee="desk-3",
        product=chain(CatalogueKind.PRODUCT, "信用卡", "年费"),
        branch=(province, outlet),
        departments=(
            (chain(department, "卡部"), DepartmentRole.LEAD),
            (chain(department, "法务部"), DepartmentRole.ASSISTING),
            (chain(department, "信息部"), DepartmentRole.ASSISTING),
        ),
        causes=(
            IncomingCause(
                chain(CatalogueKind.ROOT_CAUSE, "系统", "计费"),
                AttributionSource.CONFIRMED,
                share=0.5,
            ),
        ),
        customer=IncomingCustomer(
            names=("张三", "李四"),
            identifiers=(
                (IdentifierKind.ID_NUMBER, "110101199003070011"),
                (IdentifierKind.MOBILE, "13800138000"),
                (IdentifierKind.MOBILE, "13900139000"),
                (IdentifierKind.SOURCE_ID, "C-7"),
            ),
            segment="gold",
            region="华北",
            vulnerable=True,
        ),
        decisions=(
            IncomingDecision(
                outcome=OutcomeKind.UPHELD,
                remedy=RemedyKind.MONETARY,
                compensation=Money(8800, "CNY"),
                at=date(2024, 3, 9),
                satisfaction=5,
                timely=True,
                summary="已退还。",
            ),
        ),
    )


def test_the_fewest_fields(tmp_path):
    (row,) = rows(tmp_path, LEAST, "day\n2024-03-05 09:30\n")
    assert complaint(row) == IncomingComplaint(
        source_system="test",
        source_id=None,
        received_at=datetime(2024, 3, 5, 9, 30, tzinfo=ZONE),
    )


def test_no_decision_without_an_answer(tmp_path):
    found = complaint(full(tmp_path, answer=" "))
    assert found.decisions == ()
    assert found.status is CaseStatus.REGISTERED


def test_a_status_of_the_file_comes_first(tmp_path):
    assert complaint(full(tmp_path, status="重新办理")).status is CaseStatus.REOPENED


def test_defaults_stand_for_empty_cells(tmp_path):
    found = complaint(full(tmp_path, channel="", outcome="", currency=""))
    assert found.channel is Channel.PHONE
    assert found.decisions[0].outcome is OutcomeKind.EXPLAINED
    assert found.amount == Money(50_000, "CNY")


def test_a_decision_where_the_outcome_is_given(tmp_path):
    toml = LEAST + '[decision]\noutcome = "result"\n'
    one, two = rows(tmp_path, toml, "day,result\n2024-03-05,UPHELD\n2024-03-05,\n")
    assert complaint(one).decisions == (IncomingDecision(OutcomeKind.UPHELD),)
    assert complaint(one).status is CaseStatus.CLOSED
    assert complaint(two).decisions == ()


#: An outcome by the words of a column, where another one says that there is an answer.
ANSWERED = (
    LEAST
    + """
[decision]
when = "answer"
outcome = { column = "result", value_map = { later = "" } }
status = "ANSWERED"
"""
)


@pytest.mark.parametrize(
    ("outcome", "reason"),
    [
        ("", "result is missing, although answer is not"),
        ("eh", "result is not known; map it by value_map to one of UPHELD, "),
    ],
)
def test_an_outcome_that_nobody_can_read_is_no_decision_of_a_decided_case(
    tmp_path, outcome, reason
):
    (row,) = rows(tmp_path, ANSWERED, f"day,answer,result\n2024-03-05,so,{outcome}\n")
    assert (complaint(row).decisions, complaint(row).status) == ((), CaseStatus.ANSWERED)
    ((field, message),) = warnings(row)
    assert field == "decision.outcome"
    assert message.startswith(reason)
    assert row.warnings[0].value == outcome


@pytest.mark.parametrize(
    "outcome",
    ["-", "无", "处理中", "pending", "Pending ", "N/A", "later"],
)
def test_an_outcome_that_says_that_nothing_is_decided_is_no_decision(tmp_path, outcome):
    (row,) = rows(tmp_path, ANSWERED, f"day,answer,result\n2024-03-05,so,{outcome}\n")
    assert (complaint(row).decisions, complaint(row).status) == ((), CaseStatus.REGISTERED)
    assert row.warnings == ()


@pytest.mark.parametrize("outcome", ["-", "处理中", "pending", "later", ""])
def test_without_an_answer_the_outcome_alone_decides(tmp_path, outcome):
    toml = ANSWERED.replace('when = "answer"\n', "")
    one, two = rows(tmp_path, toml, f"day,result\n2024-03-05,{outcome}\n2024-03-05,UPHELD\n")
    assert (complaint(one).decisions, complaint(one).status) == ((), CaseStatus.REGISTERED)
    assert complaint(two).decisions == (IncomingDecision(OutcomeKind.UPHELD),)
    assert (one.warnings, two.warnings) == ((), ())


def test_when_has_words_of_its_own(tmp_path):
    toml = ANSWERED.replace(
        '"answer"', '{ column = "answer", value_map = { open = "", "-" = "yes" } }'
    )
    text = "day,answer,result\n2024-03-05,open,UPHELD\n2024-03-05,-,UPHELD\n2024-03-05,,UPHELD\n"
    results = [complaint(row) for row in rows(tmp_path, toml, text)]
    assert [bool(result.decisions) for result in results] == [False, True, False]


@pytest.mark.parametrize(
    ("changes", "field", "reason", "value"),
    [
        ({"no": ""}, "source_id", "no is missing", ""),
        ({"no": "N/A"}, "source_id", "no says that there is none", ""),
        ({"day": "N/A", "hour": ""}, "received_at", "day + hour says that there is none", ""),
        ({"no": "x" * 201}, "source_id", "no has more than 200 characters", "x" * 60),
        ({"no": "1.2E+15"}, "source_id", "no was rounded by a spreadsheet", "1.2E+15"),
        ({"no": "7\x007"}, "source_id", "no holds NUL characters", ""),
        ({"day": "", "hour": ""}, "received_at", "day + hour is missing", ""),
        (
            {"day": "05/03/2024"},
            "received_at",
            "day + hour may be read in two ways: set order to DMY, MDY or YMD",
            "05/03/2024 09:30",
        ),
        (
            {"day": "05/13/2024", "hour": "25:00"},
            "received_at",
            "day + hour is no time in the format auto",
            "05/13/2024 25:00",
        ),
        ({"day": "2031-03-05"}, "received_at", "day + hour lies in the future", "2031-03-05 09:30"),
        ({"day": "1969-12-01"}, "received_at", "day + hour is before 1970", "1969-12-01 09:30"),
        ({"day": "2024-03-\x0005"}, "received_at", "day holds NUL characters", ""),
    ],
)
def test_rows_that_cannot_be_taken(tmp_path, changes, field, reason, value):
    row = full(tmp_path, **changes)
    result = rejection(row)
    assert (result.line, result.field, result.value) == (2, field, value)
    assert reason in result.reason
    assert row.warnings == ()


def test_a_needed_value_that_is_mapped_to_nothing_says_so(tmp_path):
    toml = LEAST.replace('"day"', '{ column = "day", value_map = { soon = "" } }')
    (row,) = rows(tmp_path, toml, "day\nsoon\n")
    assert rejection(row).reason == "day is mapped to nothing"


def without(item: IncomingComplaint, field: str) -> IncomingComplaint:
    """The complaint without a field, such as ``product`` or ``customer.region``."""
    table, _, name = field.rpartition(".")
    if table == "customer":
        assert item.customer
        return replace(
            item, customer=replace(item.customer, **{name: nothing(item.customer, name)})
        )
    if table == "decision":
        (decision,) = item.decisions
        return replace(item, decisions=(replace(decision, **{name: nothing(decision, name)}),))
    return replace(item, **{name: nothing(item, name)})


def nothing(item: object, name: str) -> object:
    """What a field is where the source says nothing of it."""
    (default,) = (part.default for part in fields(item) if part.name == name)  # type: ignore[arg-type]
    return default


@pytest.mark.parametrize(
    ("changes", "field", "reason", "value"),
    [
        ({"ref": "x" * 201}, "reference", "ref has more than 200 characters", "x" * 60),
        ({"happened": "1950-01-01"}, "occurred_at", "happened is before 1970", "1950-01-01"),
        ({"happened": "03/04/05"}, "occurred_at", "may be read in two ways", "03/04/05"),
        ({"happened": "2031-01-01"}, "occurred_at", "lies in the future", "2031-01-01"),
        (
            {"happened": "2024-03-01~2024-03-04"},
            "occurred_at",
            "happened is a range of times, not one",
            "2024-03-01~2024-03-04",
        ),
        ({"channel": "鸽子"}, "channel", "channel is not known; map it by value_map to o", "鸽子"),
        ({"level": "紫色"}, "level", "level is not known; map it by value_map to one of G", "紫色"),
        (
            {"type": "手续费"},
            "type",
            "type is not known; map it by value_map to one of P",
            "手续费",
        ),
        ({"severity": "lethal"}, "severity", "severity is not known", "lethal"),
        ({"urgency": "asap!?"}, "urgency", "urgency is not known", "asap!?"),
        ({"timeliness": "slow"}, "timeliness", "timeliness is not known", "slow"),
        ({"amount": "much"}, "amount", "amount is no amount", "much"),
        ({"amount": "-5"}, "amount", "amount is a negative amount", "-5"),
        ({"amount": "100-200"}, "amount", "amount is a range of amounts, not one", "100-200"),
        ({"currency": "shells"}, "amount", "currency is no currency; use an ISO 4217", "shells"),
        ({"assignee": "x" * 201}, "assignee", "assignee has more than 200 characters", "x" * 60),
        (
            {"product": ""},
            "product",
            "product + part names a part, but not what it is part of",
            "",
        ),
        ({"part": "x" * 301}, "product", "more than 300 characters in a name", ""),
        ({"outlet no": "x" * 101}, "branch", "outlet no has more than 100 characters", ""),
        ({"cause": "x" * 301}, "causes", "cause has more than 300 characters in a name", ""),
        ({"segment": "x" * 201}, "customer.segment", "segment has more than 200 chara", "x" * 60),
        ({"region": "x" * 201}, "customer.region", "region has more than 200 charac", "x" * 60),
        ({"remedy": "flowers"}, "decision.remedy", "remedy is not known", "flowers"),
        ({"paid": "much"}, "decision.compensation", "paid is no amount", "much"),
        ({"answered": "soon"}, "decision.at", "answered is no time in the format auto", "soon"),
        ({"rating": "7"}, "decision.satisfaction", "rating is no number from 1 to 5", "7"),
        ({"rating": "2.5"}, "decision.satisfaction", "rating is no whole number from", "2.5"),
        ({"in time": "late"}, "decision.timely", "in time is neither yes nor no; map", "late"),
    ],
)
def test_a_value_that_cannot_be_read_is_left_out(tmp_path, changes, field, reason, value):
    row = full(tmp_path, **changes)
    assert complaint(row) == without(complaint(full(tmp_path)), field)
    ((name, message),) = warnings(row)
    assert name == field
    assert reason in message
    (problem,) = row.warnings
    assert problem.value == value


CAUSE = chain(CatalogueKind.ROOT_CAUSE, "系统", "计费")


@pytest.mark.parametrize(
    ("changes", "field", "reason", "kept"),
    [
        (
            {"subject": "长" * 1001},
            "subject",
            "subject has more than 1,000 characters, and was cut",
            {"subject": "长" * 1000},
        ),
        (
            {"story": "x" * 100_001, "more": ""},
            "narrative",
            "story + more has more than 100,000 characters, and was cut",
            {"narrative": "x" * 100_000},
        ),
        (
            {"risks": "COMPLIANCE、x、REPUTATIONAL"},
            "risk_types",
            "risks is not known; map it by value_map to one of",
            {"risk_types": ("COMPLIANCE", "REPUTATIONAL")},
        ),
        (
            {"lead": "x" * 301},
            "departments",
            "lead has more than 300 characters in a name",
            {
                "departments": tuple(
                    (chain(CatalogueKind.DEPARTMENT, name), DepartmentRole.ASSISTING)
                    for name in ("法务部", "信息部")
                )
            },
        ),
        (
            {"share": "50"},
            "causes",
            "share is no number from 0 to 1",
            {"causes": (IncomingCause(CAUSE, AttributionSource.CONFIRMED),)},
        ),
        (
            {"outcome": "maybe"},
            "decision.outcome",
            "outcome is not known; map it by value_map to one of UPHELD",
            {"decisions": ()},
        ),
        ({"status": "lost"}, "status", "status is not known", {}),
    ],
)
def test_what_can_be_taken_of_a_value_is_kept(tmp_path, changes, field, reason, kept):
    row = full(tmp_path, **changes)
    assert complaint(row) == replace(complaint(full(tmp_path)), **kept)
    ((name, message),) = warnings(row)
    assert name == field
    assert message.startswith(reason)


def test_an_identifier_that_a_spreadsheet_has_spoilt_does_not_cost_the_others(tmp_path):
    row = full(tmp_path, mobile="1.38E+10")
    customer = complaint(row).customer
    assert customer is not None
    assert [kind for kind, _ in customer.identifiers] == [
        IdentifierKind.ID_NUMBER,
        IdentifierKind.MOBILE,
        IdentifierKind.SOURCE_ID,
    ]
    ((field, reason),) = warnings(row)
    assert field == "customer.identifiers"
    assert reason.startswith("mobile + phone was rounded by a spreadsheet")


#: What keeps the text of a broken cell, mended.
PROSE = {"subject", "narrative", "decision.summary"}
REPORTED_AS = {
    **{f"customer.{kind.value.lower()}": "customer.identifiers" for kind in IdentifierKind},
}


def keys() -> list[str]:
    """Every key of a mapping that reads columns, as ``customer.names``."""
    tables = (("fields", Fields), ("customer", CustomerKeys), ("decision", DecisionKeys))
    return [
        f"{name}.{key}"
        for name, table in tables
        for key, part in table.model_fields.items()
        if part.annotation is not CaseStatus
    ]


def columns_of(key: str) -> list[str]:
    """The columns that the full mapping reads for a key."""
    return list(dict.fromkeys(name for path, name in mapping(FULL).columns() if path == key))


def fields_of(column: str) -> set[str]:
    """The fields that are left out, or mended, where a cell of the column is broken."""
    paths = {
        path.removeprefix("fields.") for path, name in mapping(FULL).columns() if name == column
    }
    return {REPORTED_AS.get(path, path) for path in paths}


def broken_columns():
    for key in keys():
        for column in columns_of(key):
            yield key, column


@pytest.mark.parametrize("key", keys())
def test_the_full_mapping_has_every_key(key):
    assert columns_of(key)


@pytest.mark.parametrize(("key", "column"), list(broken_columns()))
def test_a_broken_cell_costs_the_row_only_where_the_field_is_needed(tmp_path, key, column):
    plain = complaint(full(tmp_path))
    row = full(tmp_path, **{column: f"{FULL_ROW[column]}\0"})
    if key in {"fields.received_at", "fields.source_id"}:
        assert rejection(row).field == key.removeprefix("fields.")
        return
    expected = fields_of(column)
    assert {problem.field for problem in row.warnings} == expected
    assert all("NUL characters" in problem.reason for problem in row.warnings)
    result = complaint(row)
    changed = {part.name for part in fields(plain) if differ(plain, result, part.name)}
    parts = {"decision": "decisions", "customer": "customer"}
    assert changed <= {parts.get(name.partition(".")[0], name) for name in expected}
    # The text of a broken cell is kept for people to read, and nowhere else.
    assert ("\ufffd" in canonical(result)) == bool(expected & PROSE)
    assert r"\u0000" not in canonical(result)


def differ(one: object, other: object, name: str) -> bool:
    return bool(getattr(one, name) != getattr(other, name))


def test_all_that_rejects_a_row_is_said_at_once_beside_what_is_left_out(tmp_path):
    row = full(tmp_path, day="x", no="", channel="y", rating="z")
    result = rejection(row)
    assert result.field == "received_at"
    assert result.reason == ("day + hour is no time in the format auto; source_id: no is missing")
    assert [field for field, _ in warnings(row)] == ["channel", "decision.satisfaction"]


def test_each_value_that_is_left_out_is_a_warning_of_its_own(tmp_path):
    row = full(tmp_path, old="82", channel="y", rating="z")
    assert [field for field, _ in warnings(row)] == [
        "channel",
        "vulnerable",
        "customer.vulnerable",
        "decision.satisfaction",
    ]
    assert complaint(row).source_id == "2024-001"


def test_a_reason_holds_no_personal_data(tmp_path):
    secrets = {
        "id": "1.7E+17",
        "mobile": "1.38E+10",
        "channel": "我叫张三，电话13800138000",
        "day": "13800138000",
        "amount": "张三的钱",
        "rating": "张三很满意",
    }
    row = full(tmp_path, **secrets)
    assert len(row.warnings) > 3
    for secret in ("13800138000", "张三", "1.7E+17", "1.38E+10"):
        assert all(secret not in problem.reason for problem in (rejection(row), *row.warnings))
        assert secret not in repr(row)


@given(st.sampled_from(list(FULL_ROW)), st.text(max_size=30))
@example("amount", "\r\n")
@example("day", "-" * 30)
def test_whatever_a_cell_holds_the_other_rows_are_read(tmp_path_factory, column, text):
    names = list(FULL_ROW)
    values = [list(row.values()) for row in (FULL_ROW, FULL_ROW | {column: text}, FULL_ROW)]
    path = write(
        tmp_path_factory.mktemp("any") / "t.csv",
        csv_text(names, values).encode("utf-8", "surrogatepass"),
    )
    first, second, third = read_table(path, FULL)
    assert complaint(first) == complaint(third)
    assert (first.warnings, third.warnings) == ((), ())
    needed = {"no", "day", "hour"}
    assert column in needed or complaint(second).source_id == FULL_ROW["no"]


@pytest.mark.parametrize(
    ("column", "cell"),
    [
        ("amount", "一亿一"),
        ("paid", "二十零元"),
        ("happened", "2024年二十〇月五日"),
        ("answered", f"Mar 5 2024 10:{'9' * 30}"),
    ],
)
def test_no_cell_stops_the_reading(tmp_path, column, cell):
    assert complaint(full(tmp_path, **{column: cell})).source_id == "2024-001"


def test_departments_and_causes_in_several_columns_of_one_name(tmp_path):
    toml = LEAST + 'departments = "team"\ncauses = "why"\n'
    (row,) = rows(tmp_path, toml, "day,team,why,team,why\n2024-03-05,a,x,b,y\n")
    assert [path[-1].name for path, _ in complaint(row).departments] == ["a", "b"]
    assert [cause.chain[-1].name for cause in complaint(row).causes] == ["x", "y"]


def test_one_of_several_departments_that_is_too_long_does_not_cost_the_others(tmp_path):
    row = full(tmp_path, helpers=f"法务部;{'x' * 301};信息部")
    assert complaint(row) == complaint(full(tmp_path))
    assert [field for field, _ in warnings(row)] == ["departments"]


def test_values_that_mean_nothing(tmp_path):
    toml = LEAST + 'subject = { column = "s", value_map = { NULL = "", "-" = "" } }'
    found = rows(tmp_path, toml, "day,s\n2024-03-05,NULL\n2024-03-05,-\n2024-03-05,x\n")
    assert [complaint(row).subject for row in found] == [None, None, "x"]


def test_a_map_knows_its_words_however_they_are_written(tmp_path):
    words = '"Réglé" = "a", "開放" = "b", Ok = "c", OK = "d"'
    toml = LEAST + f'subject = {{ column = "s", value_map = {{ {words} }} }}'
    written = ["Réglé", "REGLE", "réglé ", "开放", "Ok", "OK", "ok", "ｏｋ"]
    found = rows(tmp_path, toml, "day,s\n" + "".join(f"2024-03-05,{word}\n" for word in written))
    # Ok and OK are told apart by letter case alone: what is written otherwise is neither.
    assert [complaint(row).subject for row in found] == ["a", "a", "a", "b", "c", "d", "ok", "ｏｋ"]


def test_constants_need_no_column(tmp_path):
    toml = LEAST + (
        'type = { constant = "FRAUD" }\nproduct = { constant = ["信用卡", "年费"] }\n'
        'risk_types = { constant = "COMPLIANCE" }\n'
    )
    (row,) = rows(tmp_path, toml, "day\n2024-03-05\n")
    found = complaint(row)
    assert (found.type, found.risk_types) == ("FRAUD", ("COMPLIANCE",))
    assert [entry.name for entry in found.product] == ["信用卡", "年费"]


def test_paths_in_one_column(tmp_path):
    toml = LEAST + (
        'branch = { column = "b", path_separator = ">", '
        'levels = ["HEAD_OFFICE", "PROVINCE", "BRANCH"], value_map = { "京" = "北京" } }\n'
    )
    text = "day,b\n2024-03-05,总行 > 京\n2024-03-05,总行>京>西城>德胜\n2024-03-05,\n"
    one, two, three = rows(tmp_path, toml, text)
    assert [(entry.name, entry.level) for entry in complaint(one).branch] == [
        ("总行", BranchLevel.HEAD_OFFICE),
        ("北京", BranchLevel.PROVINCE),
    ]
    assert complaint(two).branch == complaint(three).branch == ()
    assert warnings(two) == [("branch", "b has more parts than the mapping has levels")]
    assert three.warnings == ()


def test_names_that_run_from_the_narrowest_to_the_widest(tmp_path):
    toml = LEAST + (
        'branch = { columns = ["outlet", "city"], narrow_first = true }\n'
        'product = { column = "path", path_separator = "<", narrow_first = true }\n'
    )
    text = "day,outlet,city,path\n2024-03-05,Main St,Boston,fee < card\n2024-03-05,,Boston,card\n"
    one, two = (complaint(row) for row in rows(tmp_path, toml, text))
    assert one.branch == chain(CatalogueKind.BRANCH, "Boston", "Main St")
    assert one.product == chain(CatalogueKind.PRODUCT, "card", "fee")
    assert two.branch == chain(CatalogueKind.BRANCH, "Boston")
    assert two.product == chain(CatalogueKind.PRODUCT, "card")


@pytest.mark.parametrize(
    ("separator", "cell", "names"),
    [
        ('"any"', "张三,李四；王五、赵六", ["张三", "李四", "王五", "赵六"]),
        ('"any"', "张三|李四\n王五，赵六;钱七", ["张三", "李四", "王五", "赵六", "钱七"]),
        ('"any"', "Ann Lee / Bo Li", ["Ann Lee", "Bo Li"]),
        ('"any"', "张三/李四", ["张三/李四"]),
        ('[";", "+"]', "张三;李四+王五,赵六", ["张三", "李四", "王五,赵六"]),
        ('"."', "张三.李四", ["张三", "李四"]),
        # Lists as programs write them into a cell.
        ('"any"', "['plan&teach', \"Bo's\"]", ["plan&teach", "Bo's"]),
        ('";"', '["a, b","c"]', ["a, b", "c"]),
        ('"any"', "[]", []),
        ('";"', "[urgent]", ["[urgent]"]),
    ],
)
def test_separators(tmp_path, separator, cell, names):
    toml = (
        LEAST
        + f'departments = {{ column = "n", separator = {separator} }}\n'
        + f'[customer]\nnames = {{ column = "n", separator = {separator} }}\n'
    )
    (row,) = rows(tmp_path, toml, csv_text(["day", "n"], [["2024-03-05", cell]]))
    customer = complaint(row).customer
    assert list(customer.names if customer else ()) == names
    assert [path[-1].name for path, _ in complaint(row).departments] == names


def test_several_currencies_in_one_column(tmp_path):
    toml = LEAST + 'amount = "money"\n'
    text = "day,money\n2024-03-05,US$12.50\n2024-03-05,1.2万元\n2024-03-05,88\n"
    assert [complaint(row).amount for row in rows(tmp_path, toml, text)] == [
        Money(1250, "USD"),
        Money(1_200_000, "CNY"),
        Money(8800, "CNY"),
    ]


def test_several_causes_of_several_levels(tmp_path):
    toml = LEAST + 'causes = { column = "c", separator = ";", path_separator = "/" }\n'
    (row,) = rows(tmp_path, toml, "day,c\n2024-03-05,系统/计费; 人员 ;\n")
    names = [[entry.name for entry in cause.chain] for cause in complaint(row).causes]
    assert names == [["系统", "计费"], ["人员"]]


def test_codes_are_derived_where_none_is_given(tmp_path):
    row = full(tmp_path, **{"outlet no": "", "province no": ""})
    assert complaint(row).branch == chain(
        CatalogueKind.BRANCH,
        "北京",
        "中关村支行",
        levels=(BranchLevel.PROVINCE, BranchLevel.OUTLET),
    )


def test_no_customer_where_nothing_is_known(tmp_path):
    nobody = dict.fromkeys(
        ("names", "id", "mobile", "phone", "customer no", "segment", "region", "old"), ""
    )
    assert complaint(full(tmp_path, **nobody)).customer is None


def test_a_customer_known_not_to_be_vulnerable(tmp_path):
    toml = LEAST + '[customer]\nvulnerable = "old"\n'
    one, two = rows(tmp_path, toml, "day,old\n2024-03-05,否\n2024-03-05,\n")
    assert complaint(one).customer == IncomingCustomer(vulnerable=False)
    assert complaint(two).customer is None
