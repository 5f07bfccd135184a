"""The shipped mapping for citizens' messages with official replies, on Chinese data."""

import csv
import gzip
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from graph.domain.enums import CaseStatus, Channel, IdentifierKind, OutcomeKind, RemedyKind
from ingest.record import IncomingCustomer, IncomingDecision
from ingest.sources import load_mapping, table
from tests.ingest.sources.tables import (
    ZONE,
    complaint,
    csv_text,
    rejection,
    warnings,
    write,
    write_gz,
)

COLUMNS = ("留言编号", "留言用户", "留言主题", "留言时间", "留言详情", "答复意见", "答复时间")
ROWS = [
    (
        "101",
        "A0001",
        "小区门口路灯不亮",
        "2019/4/25 9:32:09",
        "\t我们小区门口的路灯坏了三个月，\n晚上出行不安全，请尽快维修。\n",
        "您好，路灯已于昨日修复。",
        "2019/5/10 14:56:53",
    ),
    (
        "102",
        "A0002",
        "地铁票价问题",
        "2019-12-01 20:05:00",
        "能否推出月票？",
        "正在研究。",
        "2020/1/3",
    ),
    ("103", "A0001", "公交线路建议", "2020/1/6 12:09:38", "希望 3 路车延长到新村。", "", ""),
    ("104", "A0003", "噪声扰民", "去年冬天", "工地夜间施工。", "已责令整改。", "2020/1/3 8:00:00"),
]
NOW = datetime(2026, 1, 1, tzinfo=UTC)


def source(path: Path, now: datetime = NOW):
    return table(path, load_mapping("citizens"), ZONE, now)


@pytest.fixture
def found(tmp_path):
    return list(source(write_gz(tmp_path / "replies.csv.gz", csv_text(COLUMNS, ROWS))).rows())


def test_a_message_with_a_reply_is_decided(found):
    item = complaint(found[0])
    assert (item.source_system, item.source_id) == ("citizens", "101")
    assert item.subject == "小区门口路灯不亮"
    assert item.narrative == "我们小区门口的路灯坏了三个月，\n晚上出行不安全，请尽快维修。"
    assert item.received_at == datetime(2019, 4, 25, 9, 32, 9, tzinfo=ZONE)
    assert item.channel is Channel.WEB
    assert item.status is CaseStatus.ANSWERED
    assert item.decisions == (
        IncomingDecision(
            OutcomeKind.EXPLAINED,
            RemedyKind.EXPLANATION,
            at=datetime(2019, 5, 10, 14, 56, 53, tzinfo=ZONE),
            summary="您好，路灯已于昨日修复。",
        ),
    )


def test_a_reply_whose_time_is_only_a_date(found):
    assert complaint(found[1]).decisions[0].at == date(2020, 1, 3)


def test_a_message_without_a_reply_is_open(found):
    item = complaint(found[2])
    assert (item.decisions, item.status) == ((), CaseStatus.REGISTERED)


def test_a_time_that_is_none_is_reported(found):
    assert [row.line for row in found] == [2, 5, 6, 7]
    result = rejection(found[3])
    assert (result.line, result.field, result.value) == (7, "received_at", "去年冬天")
    assert result.reason == "留言时间 is no time in the format auto"
    assert not any(row.warnings for row in found)


def test_the_time_of_a_reply_that_is_none_costs_only_itself(tmp_path, found):
    rows = [(*ROWS[0][:-1], "上周")]
    (row,) = source(write(tmp_path / "r.csv", csv_text(COLUMNS, rows))).rows()
    (decision,) = complaint(found[0]).decisions
    expected = replace(complaint(found[0]), decisions=(replace(decision, at=None),))
    assert complaint(row) == expected
    assert warnings(row) == [("decision.at", "答复时间 is no time in the format auto")]


@pytest.mark.parametrize("reply", ["无", "-", "处理中"])
def test_a_reply_that_says_nothing_is_none(tmp_path, reply):
    rows = [(*ROWS[0][:-2], reply, "")]
    (row,) = source(write(tmp_path / "r.csv", csv_text(COLUMNS, rows))).rows()
    assert (complaint(row).decisions, complaint(row).status) == ((), CaseStatus.REGISTERED)
    assert row.warnings == ()


def test_the_user_is_an_identifier_and_no_name(found):
    users = [complaint(row).customer for row in found[:3]]
    assert users[0] == IncomingCustomer(identifiers=((IdentifierKind.SOURCE_ID, "A0001"),))
    assert users[0] == users[2] != users[1]


def test_the_same_file_in_gb18030(tmp_path, found):
    path = write(tmp_path / "replies.csv", csv_text(COLUMNS, ROWS), "gb18030")
    citizens = load_mapping("citizens")
    keys = citizens.file.model_copy(update={"encoding": "gb18030"})
    other = table(path, citizens.model_copy(update={"file": keys}), ZONE, NOW)
    assert [row.content for row in other.rows()] == [row.content for row in found]


def real_files():
    folder = Path(__file__).parents[4] / "shared" / "data"
    return sorted(folder.glob("citizen_replies.csv.gz"))


@pytest.mark.parametrize("path", [*real_files(), None], ids=lambda p: p.name if p else "none")
def test_the_real_file_is_taken_completely(path, tmp_path):
    if path is None:
        path = write_gz(tmp_path / "replies.csv.gz", csv_text(COLUMNS, ROWS[:3]))
    with gzip.open(path, "rt", encoding="utf-8", newline="") as file:
        expected = [row["留言编号"] for row in csv.DictReader(file)]
    rows = source(path, datetime.now(UTC)).rows()
    assert [complaint(row).source_id for row in rows] == expected
