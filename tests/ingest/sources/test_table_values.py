"""Times, amounts, truth values: what is understood and what is not."""

from contextlib import suppress
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from graph.domain.enums import Channel, OutcomeKind, Severity
from graph.domain.moments import moment
from graph.domain.money import Money, money
from graph.domain.vocabulary import TYPES
from graph.errors import SourceError
from ingest.chinese import simplified
from ingest.sources.amounts import AmountColumn, as_amount, column_decimal, decimal_in
from ingest.sources.record import FieldError, as_text
from ingest.sources.times import (
    DateOrder,
    TimeColumn,
    as_time,
    check_format,
    check_time,
    column_order,
    is_period,
    orders_in,
)
from ingest.sources.values import (
    as_code,
    as_identifier,
    as_member,
    as_number,
    as_rating,
    as_truth,
)
from ingest.sources.words import default_words, fold, load_words

WORDS = default_words()
SHANGHAI = ZoneInfo("Asia/Shanghai")
DAY = date(2019, 4, 25)


def time_of(cell, formats=("auto",), zone=SHANGHAI, order=None, *, from_1904=False):
    return as_time(cell, TimeColumn(formats, zone, 2100, order, from_1904), WORDS)


def amount_of(text, currency="CNY", factor=1, decimal="."):
    return as_amount(text, AmountColumn(currency, Decimal(factor), decimal), WORDS)


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
    found = time_of(text)
    assert (type(found), found) == (type(expected), expected)


@pytest.mark.parametrize(
    "text",
    [
        "2019-04",
        "2019-02-30",
        "2019-13-01",
        "2019-04-25 25:00",
        "2019-04-25 9",
        "2019-04-2509:32",
        "2019-04-25 09:32+99:99",
        "soon",
        "43580",
    ],
)
def test_times_that_are_not(text):
    with pytest.raises(FieldError, match="is no time in the format auto"):
        time_of(text)


@pytest.mark.parametrize(
    ("text", "formats", "expected"),
    [
        ("25.04.2019", ("%d.%m.%Y",), DAY),
        ("04/25/2019 09:32", ("%d.%m.%Y", "%m/%d/%Y %H:%M"), wall(9, 32)),
        ("25 Apr 2019 09:32 +0000", ("%d %b %Y %H:%M %z",), wall(9, 32, zone=UTC)),
        ("43580", ("excel",), DAY),
        ("43580.5", ("excel",), wall(12)),
        # A column of days and one of times of day, joined.
        ("43580 0.5", ("excel",), wall(12)),
        ("43580 0", ("excel",), wall(0)),
        ("1556184729", ("unix",), wall(9, 32, 9, zone=UTC)),
        ("1556184729500", ("unix_ms",), wall(9, 32, 9, 500_000, zone=UTC)),
        (1556184729.0, ("unix",), wall(9, 32, 9, zone=UTC)),
        ("2019年4月25日", ("excel", "auto"), DAY),
    ],
)
def test_formats(text, formats, expected):
    found = time_of(text, formats)
    assert (type(found), found) == (type(expected), expected)


# 2099 is what systems write that know no end.
@given(st.datetimes(datetime(1992, 1, 1), datetime(2098, 12, 31)))
def test_any_time_survives_its_own_writing(time):
    time = time.replace(tzinfo=SHANGHAI)
    assert time_of(time.isoformat(), zone=UTC) == time
    assert time_of(str(time.replace(tzinfo=None))) == time
    text = f"{time.year}年{time.month}月{time.day}日{time.hour}时{time.minute}分{time.second}秒"
    assert time_of(text) == time.replace(microsecond=0)
    excel = time.replace(tzinfo=None, microsecond=0) - datetime(1899, 12, 30)
    found = time_of(repr(excel / timedelta(days=1)), ("excel",))
    expected = time.replace(microsecond=0)
    assert found == (expected if excel.seconds else expected.date())


@given(st.text(max_size=30), st.sampled_from(["auto", "excel", "unix", "unix_ms", "%Y-%m-%d %H"]))
def test_any_text_is_a_time_or_an_error(text, name):
    now = datetime(2026, 1, 1, tzinfo=UTC)
    try:
        found = time_of(text, (name,))
        if found is None:
            return
        check_time(found, SHANGHAI, now, "it")
    except FieldError:
        return
    assert moment(found, SHANGHAI, now=now, what="it").at <= now + timedelta(days=1)


@pytest.mark.parametrize("text", ["张三的手机是13800138000", "13800138000", "x" * 500])
def test_what_is_no_time_is_not_repeated(text):
    with pytest.raises(FieldError) as caught:
        time_of(text)
    assert "138" not in caught.value.reason
    assert "张三" not in caught.value.reason


@pytest.mark.parametrize("piece", ["1 ", "万", "2024-", "年", "1,", "a ", "-", "三"])
@pytest.mark.parametrize("times", [20, 5_000])
def test_a_text_of_one_piece_is_read_at_once(piece, times):
    """A column that is mapped by mistake may hold anything; the test would not end otherwise."""
    text = piece * times
    for read in (amount_of, time_of, lambda text: as_truth(text, WORDS)):
        with suppress(FieldError):
            read(text)
    assert WORDS.member(Channel, text) is None
    assert decimal_in(text) in {None, ".", ","}


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
    assert amount_of(text) == Money(minor, "CNY")


def test_an_amount_in_another_unit():
    assert amount_of("1.25", factor=10_000) == Money(1_250_000, "CNY")
    assert amount_of("1.2万元", factor=10_000) == Money(1_200_000, "CNY")
    assert amount_of("1250", "JPY") == Money(1250, "JPY")
    assert amount_of("1.234", "KWD") == Money(1234, "KWD")
    assert amount_of("$100") == Money(10_000, "USD")


@pytest.mark.parametrize(
    ("text", "sign"),
    [
        ("1.234,56", ","),
        ("1,234.56", "."),
        ("99,90", ","),
        ("1.234.567", ","),
        ("0,500", ","),
        ("1,234", None),
        ("12", None),
        ("R$ 12,5", ","),
    ],
)
def test_the_sign_before_the_decimals_as_a_cell_shows_it(text, sign):
    assert decimal_in(text) == sign


def test_the_sign_of_a_column():
    assert column_decimal({",": 3}) == ","
    assert column_decimal({",": 3, ".": 1}) is None
    with pytest.raises(FieldError, match="may be read in two ways"):
        amount_of("1.234", decimal=None)
    assert amount_of("1.234,5", decimal=None) == Money(123_450, "CNY")
    assert amount_of("1.234", decimal=",") == Money(123_400, "CNY")


def test_a_sign_of_two_currencies_is_neither_without_a_column_of_one():
    """FCFA is the franc of two central banks, in every language that knows the sign."""
    with pytest.raises(FieldError, match="which currency"):
        amount_of("5000 FCFA")
    assert amount_of("5000 FCFA", currency="XOF") == Money(5000, "XOF")
    assert amount_of("5000 FCFA", currency="XAF") == Money(5000, "XAF")


def test_the_order_of_a_column():
    assert orders_in("25/04/2019", 2026) == [DateOrder.DMY]
    assert orders_in("04/25/2019", 2026) == [DateOrder.MDY]
    assert orders_in("04/05/2019", 2026) == [DateOrder.DMY, DateOrder.MDY]
    assert orders_in("05/05/2019", 2026) == []
    assert orders_in("10/22/12", 2026) == [DateOrder.MDY]
    assert column_order({DateOrder.DMY: 2}) is DateOrder.DMY
    assert column_order({DateOrder.DMY: 2, DateOrder.MDY: 1}) is None
    with pytest.raises(FieldError, match="may be read in two ways"):
        time_of("04/05/2019")
    assert time_of("04/05/2019", order=DateOrder.DMY) == date(2019, 5, 4)


def test_numbers_of_both_calendars_of_workbooks():
    assert time_of(45717.0) == date(2025, 3, 1)
    assert time_of(44255.0, from_1904=True) == date(2025, 3, 1)


@pytest.mark.parametrize(
    "text",
    ["2024", "2024-03", "2024年3月", "Q1 2024", "2024Q3", "2024-01-01~2024-03-31", "Mar 2024"],
)
def test_periods(text):
    assert is_period(text)
    with pytest.raises(FieldError):
        time_of(text)


def test_words_of_another_language_by_a_file(tmp_path):
    path = tmp_path / "sv.toml"
    path.write_text('[truth]\nyes = ["jodå"]\n[channel]\nPHONE = ["Ring"]\n', "utf-8")
    words = load_words(path)
    assert as_truth("Jodå", words)
    assert as_member(Channel, "ring", words) is Channel.PHONE
    assert as_member(Channel, "電話", words) is Channel.PHONE


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[channels]\n", "there is no field 'channels'; did you mean 'channel'"),
        ("[channel\n", "are no TOML"),
        ('[channel]\nTELEPATHY = ["mind"]\n', "know no Channel TELEPATHY"),
    ],
)
def test_a_wrong_file_of_words_is_named(tmp_path, text, message):
    path = tmp_path / "bad.toml"
    path.write_text(text, "utf-8")
    with pytest.raises(SourceError, match=message):
        load_words(path)
    with pytest.raises(SourceError, match="cannot be read"):
        load_words(tmp_path / "none.toml")


@given(st.text(max_size=30))
def test_the_other_script_keeps_every_place(text):
    assert len(simplified(text)) == len(text)
    assert fold(fold(text)) == fold(text)


@pytest.mark.parametrize(
    "text",
    ["-5", "¥-5", "1.234", "a lot", "1,23", "99999999999999", "100多元", "", "12 34 x"],
)
def test_what_is_no_amount(text):
    with pytest.raises(FieldError):
        amount_of(text)


@pytest.mark.parametrize(
    ("text", "truth"), [("Yes", True), ("是", True), ("0", False), ("否", False)]
)
def test_truth(text, truth):
    assert as_truth(text, WORDS) is truth


def test_what_is_neither_yes_nor_no():
    with pytest.raises(FieldError, match="is neither"):
        as_truth("perhaps", WORDS)


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
    found = as_member(kind, text, WORDS)
    assert (type(found), found) == (kind, expected)


def test_an_unknown_member_names_all():
    with pytest.raises(FieldError, match=r"is not known; map it by value_map to .* BRANCH"):
        as_member(Channel, "seance", WORDS)


def test_codes_by_label():
    assert as_code(TYPES, "收费争议") == as_code(TYPES, "fee_dispute") == "FEE_DISPUTE"
    with pytest.raises(FieldError, match="is not known"):
        as_code(TYPES, "fees")


def test_numbers_in_range():
    assert (as_number("0.25", 0, 1), as_rating("5"), as_rating("3.0")) == (0.25, 5, 3)
    for text in ("6", "0", "2.5", "nan", "inf", "x"):
        with pytest.raises(FieldError):
            as_rating(text)


def test_identifiers_that_a_spreadsheet_has_spoilt():
    assert as_identifier("110101199003070011") == "110101199003070011"
    assert as_identifier("1E5") == "1E5"
    assert as_identifier("13812345678.0") == "13812345678"
    with pytest.raises(FieldError, match="rounded"):
        as_identifier("1.10101E+17")


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


def _may_be_a_day(written: str) -> bool:
    """Whether it has the form of ``20260101``: refused as an amount, which is tested elsewhere."""
    return len(written) == len("20260101") and written.startswith(("19", "20"))


@given(st.integers(0, 10**8), st.sampled_from(["CNY", "USD", "BRL", "EUR"]), st.booleans())
def test_digits_alone_are_never_a_currency(number: int, currency: str, cents: bool) -> None:
    """156 and 840 are codes of currencies, in a column of them."""
    written = f"{number}.50" if cents else str(number)
    assume(not _may_be_a_day(written))
    found = as_amount(written, AmountColumn(currency), default_words())
    assert found == money(Decimal(written), currency)


@pytest.mark.parametrize("prefix", ["156", "840", "978", "392"])
@pytest.mark.parametrize("rest", ["", "0", "2", "00", "789.50", " 元", "万元"])
def test_numbers_that_begin_like_codes_of_currencies(prefix: str, rest: str) -> None:
    found = as_amount(prefix + rest, AmountColumn("CNY"), default_words())
    worth = Decimal(prefix + rest.strip(" 元万")) * (10_000 if "万" in rest else 1)
    assert found == money(worth, "CNY")
    assert default_words().currency("156", "USD") == "CNY"
