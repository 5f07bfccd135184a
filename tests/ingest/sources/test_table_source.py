"""Tables by a mapping: every field, what is wrong with a row, when there is a decision."""

from datetime import UTC, date, datetime

import pytest

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
    OutcomeKind,
    RemedyKind,
    Severity,
    Timeliness,
    Urgency,
)
from graph.domain.money import Money
from ingest.record import IncomingCause, IncomingComplaint, IncomingCustomer, IncomingDecision
from tests.ingest.sources.tables import ZONE, complaint, csv_text, read_table, rejection, write

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


def test_an_answer_without_an_outcome_is_refused(tmp_path):
    toml = LEAST + '[decision]\nwhen = "answer"\noutcome = "result"\n'
    (row,) = rows(tmp_path, toml, "day,answer,result\n2024-03-05,so,\n")
    assert rejection(row).field == "decision.outcome"
    assert rejection(row).reason == "result is missing"


@pytest.mark.parametrize(
    ("changes", "field", "reason"),
    [
        ({"no": ""}, "source_id", "no is missing"),
        ({"no": "x" * 201}, "source_id", "no has 201 characters; the most is 200"),
        ({"no": "1.2E+15"}, "source_id", "no was rounded by a spreadsheet"),
        ({"day": "", "hour": ""}, "received_at", "day + hour is missing"),
        ({"day": "05/03/2024"}, "received_at", "'05/03/2024 09:30' is no time"),
        ({"day": "2031-03-05"}, "received_at", "day + hour lies in the future"),
        ({"happened": "1950-01-01"}, "occurred_at", "happened is before 1970"),
        ({"subject": "x" * 1001}, "subject", "the most is 1,000"),
        ({"story": "x" * 100_001}, "narrative", "story + more has 100,006 characters"),
        ({"channel": "鸽子"}, "channel", "channel '鸽子' is not known"),
        ({"status": "lost"}, "status", "'lost' is not known"),
        ({"type": "手续费"}, "type", "'手续费' is not known; map it by value_map to one of PROD"),
        ({"risks": "COMPLIANCE、x"}, "risk_types", "'x' is not known"),
        ({"amount": "much"}, "amount", "amount is no amount"),
        ({"currency": "yuan"}, "amount", "is no currency"),
        ({"old": "82"}, "vulnerable", "neither yes nor no"),
        ({"product": ""}, "product", "product + part names a part, but not what it is part of"),
        ({"part": "x" * 301}, "product", "more than 300 characters in a name"),
        ({"outlet no": "x" * 101}, "branch", "outlet no has more than 100 characters"),
        ({"share": "50"}, "causes", "share is no number from 0 to 1"),
        ({"rating": "7"}, "decision.satisfaction", "rating is no number from 1 to 5"),
        ({"outcome": "maybe"}, "decision.outcome", "'maybe' is not known"),
        ({"answered": "soon"}, "decision.at", "answered"),
        ({"in time": "late"}, "decision.timely", "'late' is neither"),
        ({"mobile": "1.38E+10"}, "customer.identifiers", "mobile + phone was rounded"),
    ],
)
def test_rows_that_cannot_be_taken(tmp_path, changes, field, reason):
    found = rejection(full(tmp_path, **changes))
    assert (found.line, found.field) == (2, field)
    assert reason in found.reason


def test_all_that_is_wrong_is_told_at_once(tmp_path):
    found = rejection(full(tmp_path, day="x", channel="y", rating="z"))
    assert found.field == "received_at"
    assert "; channel: channel 'y' is not known" in found.reason
    assert "; decision.satisfaction: rating is no number" in found.reason


def test_a_reason_holds_no_personal_data(tmp_path):
    secrets = {
        "id": "1.7E+17",
        "mobile": "1.38E+10",
        "channel": "我叫张三，电话13800138000",
        "day": "13800138000",
        "amount": "张三的五百元",
        "rating": "张三很满意",
    }
    found = rejection(full(tmp_path, **secrets))
    for secret in ("13800138000", "张三", "1.7E+17"):
        assert secret not in found.reason


def test_values_that_mean_nothing(tmp_path):
    toml = LEAST + 'subject = { column = "s", value_map = { NULL = "", "-" = "" } }'
    found = rows(tmp_path, toml, "day,s\n2024-03-05,NULL\n2024-03-05,-\n2024-03-05,x\n")
    assert [complaint(row).subject for row in found] == [None, None, "x"]


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
    assert "more parts than the mapping has levels" in rejection(two).reason
    assert complaint(three).branch == ()


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
