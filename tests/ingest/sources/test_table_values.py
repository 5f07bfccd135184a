"""Times, amounts, truth values: what is understood and what is not."""

from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graph.domain.enums import Channel, OutcomeKind, Severity
from graph.domain.moments import moment
from graph.domain.money import Money
from graph.domain.vocabulary import TYPES
from ingest.sources.record import FieldError, as_text
from ingest.sources.times import as_time, check_format, check_time
from ingest.sources.values import (
    as_amount,
    as_code,
    as_identifier,
    as_member,
    as_number,
    as_rating,
    as_truth,
    shown_code,
)

SHANGHAI = ZoneInfo("Asia/Shanghai")
DAY = date(2019, 4, 25)


def wall(hour, minute=0, second=0, micro=0, zone=SHANGHAI):
    return datetime(2019, 4, 25, hour, minute, second, micro, tzinfo=zone)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2019-04-25", DAY),
        ("2019/4/25", DAY),
        ("2019.4.25", DAY),
        ("20190425", DAY),
        ("2019年4月25日", DAY),
        ("2019年04月25", DAY),
        (" ２０１９年４月２５日 ", DAY),
        ("2019/4/25 9:32:09", wall(9, 32, 9)),
        ("2019-04-25 09:32", wall(9, 32)),
        ("2019-04-25T09:32:09.5", wall(9, 32, 9, 500_000)),
        ("2019-04-25 09:32:09.123456789", wall(9, 32, 9, 123_456)),
        ("2019年4月25日9时32分09秒", wall(9, 32, 9)),
        ("2019年4月25日 9时32分", wall(9, 32)),
        ("2019年4月25日 9点", wall(9)),
        ("2019/4/25 下午 3:20:00", wall(15, 20)),
        ("2019/4/25 上午12:20", wall(0, 20)),
        ("2019-04-25 12:20 pm", wall(12, 20)),
        ("2019-04-25T09:32:09Z", wall(9, 32, 9, zone=UTC)),
        ("2019-04-25T09:32:09+0530", wall(9, 32, 9, zone=timezone(timedelta(minutes=330)))),
        ("2019-04-25 09:32:09 -05:00", wall(9, 32, 9, zone=timezone(timedelta(hours=-5)))),
    ],
)
def test_times_that_are_understood(text, expected):
    found = as_time(text, ("auto",), SHANGHAI)
    assert (type(found), found) == (type(expected), expected)


@pytest.mark.parametrize(
    "text",
    [
        "25/04/2019",
        "2019-04",
        "2019-02-30",
        "2019-13-01",
        "2019-04-25 25:00",
        "2019-04-25 9",
        "2019-04-25 下午 15:00",
        "2019-04-2509:32",
        "2019-04-25 09:32+99:99",
        "soon",
        "43580",
        "0000-00-00",
    ],
)
def test_times_that_are_not(text):
    with pytest.raises(FieldError, match="is no time in the format auto"):
        as_time(text, ("auto",), SHANGHAI)


@pytest.mark.parametrize(
    ("text", "formats", "expected"),
    [
        ("25.04.2019", ("%d.%m.%Y",), DAY),
        ("04/25/2019 09:32", ("%d.%m.%Y", "%m/%d/%Y %H:%M"), wall(9, 32)),
        ("25 Apr 2019 09:32 +0000", ("%d %b %Y %H:%M %z",), wall(9, 32, zone=UTC)),
        ("43580", ("excel",), DAY),
        ("43580.5", ("excel",), wall(12)),
        ("1556184729", ("unix",), wall(9, 32, 9, zone=UTC)),
        ("1556184729500", ("unix_ms",), wall(9, 32, 9, 500_000, zone=UTC)),
        (1556184729.0, ("unix",), wall(9, 32, 9, zone=UTC)),
        ("2019年4月25日", ("excel", "auto"), DAY),
    ],
)
def test_formats(text, formats, expected):
    found = as_time(text, formats, SHANGHAI)
    assert (type(found), found) == (type(expected), expected)


@given(st.datetimes(datetime(1992, 1, 1), datetime(2100, 1, 1)))
def test_any_time_survives_its_own_writing(time):
    time = time.replace(tzinfo=SHANGHAI)
    assert as_time(time.isoformat(), ("auto",), UTC) == time
    assert as_time(str(time.replace(tzinfo=None)), ("auto",), SHANGHAI) == time
    text = f"{time.year}年{time.month}月{time.day}日{time.hour}时{time.minute}分{time.second}秒"
    assert as_time(text, ("auto",), SHANGHAI) == time.replace(microsecond=0)
    excel = time.replace(tzinfo=None, microsecond=0) - datetime(1899, 12, 30)
    found = as_time(repr(excel / timedelta(days=1)), ("excel",), SHANGHAI)
    expected = time.replace(microsecond=0)
    assert found == (expected if excel.seconds else expected.date())


@given(st.text(max_size=30), st.sampled_from(["auto", "excel", "unix", "unix_ms", "%Y-%m-%d %H"]))
def test_any_text_is_a_time_or_an_error(text, name):
    now = datetime(2026, 1, 1, tzinfo=UTC)
    try:
        found = as_time(text, (name,), SHANGHAI)
        check_time(found, SHANGHAI, now, "it")
    except FieldError:
        return
    assert moment(found, SHANGHAI, now=now, what="it").at <= now + timedelta(days=1)


@pytest.mark.parametrize("text", ["张三的手机是13800138000", "13800138000", "x" * 500])
def test_what_is_no_time_is_not_repeated(text):
    with pytest.raises(FieldError) as caught:
        as_time(text, ("auto",), SHANGHAI)
    assert "138" not in caught.value.reason
    assert "张三" not in caught.value.reason


@pytest.mark.parametrize("name", ["%Q", "dd.mm.yyyy", "iso", "%"])
def test_wrong_formats(name):
    with pytest.raises(ValueError, match="is no"):
        check_format(name)


@pytest.mark.parametrize(
    ("text", "minor"),
    [
        ("0", 0),
        ("12", 1200),
        ("12.5", 1250),
        ("1,234.50", 123450),
        ("¥88", 8800),
        ("￥ 88.00元", 8800),
        ("１２３", 12300),
        ("1.2万", 1_200_000),
        ("3亿元", 30_000_000_000),
        ("12.500", 1250),
    ],
)
def test_amounts(text, minor):
    assert as_amount(text, "CNY", Decimal(1)) == Money(minor, "CNY")


def test_an_amount_in_another_unit():
    assert as_amount("1.25", "CNY", Decimal(10_000)) == Money(1_250_000, "CNY")
    assert as_amount("1250", "JPY", Decimal(1)) == Money(1250, "JPY")


@pytest.mark.parametrize(
    "text",
    ["-5", "¥-5", "1.234", "a lot", "1,23", "1e3", "99999999999999", "约100元", "", "12 34 x"],
)
def test_what_is_no_amount(text):
    with pytest.raises(FieldError):
        as_amount(text, "CNY", Decimal(1))


@pytest.mark.parametrize(
    ("text", "truth"), [("Yes", True), ("是", True), ("0", False), ("否", False)]
)
def test_truth(text, truth):
    assert as_truth(text) is truth


def test_what_is_neither_yes_nor_no():
    with pytest.raises(FieldError, match="'perhaps' is neither"):
        as_truth("perhaps")


@pytest.mark.parametrize(
    ("kind", "text", "expected"),
    [
        (Channel, "phone", Channel.PHONE),
        (Channel, "电话", Channel.PHONE),
        (Channel, "Branch counter", Channel.BRANCH),
        (Severity, "严重", Severity.SEVERE),
        (OutcomeKind, "部分成立", OutcomeKind.PARTLY_UPHELD),
    ],
)
def test_members_by_name_and_label(kind, text, expected):
    found = as_member(kind, text)
    assert (type(found), found) == (kind, expected)


def test_an_unknown_member_names_all():
    with pytest.raises(FieldError, match=r"'柜台' is not known; map it by value_map to .* BRANCH"):
        as_member(Channel, "柜台")


def test_codes_by_label():
    assert as_code(TYPES, "收费争议") == as_code(TYPES, "fee_dispute") == "FEE_DISPUTE"
    with pytest.raises(FieldError, match="'fees' is not known"):
        as_code(TYPES, "fees")


def test_numbers_in_range():
    assert (as_number("0.25", 0, 1), as_rating("5"), as_rating("3.0")) == (0.25, 5, 3)
    for text in ("6", "0", "2.5", "nan", "inf", "x"):
        with pytest.raises(FieldError):
            as_rating(text)


def test_identifiers_that_a_spreadsheet_has_spoilt():
    assert as_identifier("110101199003070011") == "110101199003070011"
    assert as_identifier("1E5") == "1E5"
    with pytest.raises(FieldError, match="rounded"):
        as_identifier("1.10101E+17")


def test_long_values_are_not_shown():
    assert shown_code("x" * 41) == "a value of 41 characters"
    assert shown_code("6222 0000") == "a value of 9 characters"
    assert shown_code("") == "(nothing)"


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        ("一_x000D_\n二", "一\n二"),
        ("one_x000D_two_x000D_", "one\ntwo"),
        ("_x000D_\n_x000D_\n", ""),
        ("a_x0041_b", "a_x0041_b"),
    ],
)
def test_a_carriage_return_that_a_sheet_left_is_a_line_end(cell: str, text: str) -> None:
    assert as_text(cell) == text
