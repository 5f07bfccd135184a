"""What a table's columns show as a whole: order of dates, decimal sign, rows that are counts."""

from datetime import date, datetime

import openpyxl
import pytest

from graph.domain.money import Money
from graph.errors import SourceError
from ingest.sources import table
from tests.ingest.sources.tables import (
    NOW,
    ZONE,
    complaint,
    csv_text,
    mapping,
    read_table,
    read_with_notes,
    rejection,
    warnings,
    write,
)

DAYS = 'system = "test"\n[fields]\nreceived_at = "day"\n'
MONEY = 'system = "test"\n[fields]\nreceived_at = "day"\namount = "money"\n'


def dated(tmp_path, *texts, toml=DAYS):
    """The times of a column, None where a row is rejected, and the notes."""
    path = write(tmp_path / "t.csv", csv_text(["day"], [[text] for text in texts]))
    rows, notes = read_with_notes(path, toml)
    return [getattr(row.content, "received_at", None) for row in rows], notes


def paid(tmp_path, *texts, toml=MONEY):
    """The rows of a column of amounts, and the notes."""
    rows = [["2024-03-05", text] for text in texts]
    return read_with_notes(write(tmp_path / "t.csv", csv_text(["day", "money"], rows)), toml)


@pytest.mark.parametrize(
    ("telling", "day"),
    [
        ("25/12/2024", date(2024, 4, 3)),
        ("12/25/2024", date(2024, 3, 4)),
    ],
)
def test_one_date_shows_the_order_of_its_column(tmp_path, telling, day):
    """Wherever it stands: the column is seen before any row is read."""
    for texts in (("03/04/2024", telling), (telling, "03/04/2024")):
        results, notes = dated(tmp_path, *texts)
        assert set(results) == {day, date(2024, 12, 25)}
        assert notes == ()


def test_dates_that_nothing_shows_the_order_of_are_refused_with_a_note(tmp_path):
    results, notes = dated(tmp_path, "03/04/2024", "2024-03-05", "05/05/2024", "04/03/2024")
    assert results == [None, date(2024, 3, 5), date(2024, 5, 5), None]
    (note,) = notes
    assert note.startswith("day: 2 dates may begin with the day or with the month")
    assert note.endswith("set order to DMY or MDY.")


def test_dates_of_both_orders_in_a_column_are_counted_in_a_note(tmp_path):
    texts = ("25/12/2024", "26/12/2024", "12/27/2024", "03/04/2024")
    results, notes = dated(tmp_path, *texts)
    assert results == [date(2024, 12, 25), date(2024, 12, 26), date(2024, 12, 27), None]
    (note,) = notes
    assert note.startswith("day: 2 dates begin with the day and 1 with the month; 1 may be read ")
    assert "Set order to DMY or MDY" in note


@pytest.mark.parametrize(("order", "day"), [("DMY", date(2024, 4, 3)), ("MDY", date(2024, 3, 4))])
def test_the_order_that_the_mapping_says_counts(tmp_path, order, day):
    toml = DAYS.replace('"day"', f'{{ column = "day", order = "{order}" }}')
    results, notes = dated(tmp_path, "03/04/2024", toml=toml)
    assert (results, notes) == ([day], ())


def test_each_column_has_its_own_order(tmp_path):
    toml = DAYS + 'occurred_at = "other"\n'
    text = "day,other\n25/12/2024,03/04/2024\n03/04/2024,12/25/2023\n"
    one, two = (complaint(row) for row in read_table(write(tmp_path / "t.csv", text), toml))
    assert (one.occurred_at, two.received_at) == (date(2024, 3, 4), date(2024, 4, 3))


def test_the_day_may_stand_second_behind_the_year(tmp_path):
    days, (note,) = dated(tmp_path, "2017-14-01", "2017-25-03 10:00", "2017-05-02", "2017-3-3")
    assert [str(day)[:10] for day in days] == [
        "2017-01-14",
        "2017-03-25",
        "2017-02-05",
        "2017-03-03",
    ]
    assert note.startswith("day: 2 dates go on with the day behind the year; those that may")
    assert "are read so, too. Put %Y-%m-%d or %Y-%d-%m first in date_formats" in note


def test_dates_that_begin_with_the_year_and_go_on_in_both_ways_are_not_guessed(tmp_path):
    days, (note,) = dated(tmp_path, "2017-14-01", "2017-15-01", "2017-01-16", "2017-05-02")
    assert days == [date(2017, 1, 14), date(2017, 1, 15), date(2017, 1, 16), None]
    assert "2 dates go on with the day behind the year, and 1 with the month" in note
    toml = DAYS.replace('"day"', '{ column = "day", date_formats = ["%Y-%m-%d", "auto"] }')
    days, _ = dated(tmp_path, "2017-14-01", "2017-15-01", "2017-01-16", "2017-05-02", toml=toml)
    assert days[3] == date(2017, 5, 2)


def test_one_slip_turns_no_column_of_dates(tmp_path):
    days, notes = dated(tmp_path, "2017-14-01", *["2017-02-05"] * 5)
    assert (days[0], days[1], notes) == (None, date(2017, 2, 5), ())
    days, notes = dated(tmp_path, *["2017-14-01"] * 2, "2017-02-05", *["2017-01-14"] * 50)
    assert (days[0], days[2], notes) == (None, date(2017, 2, 5), ())


def test_texts_among_cells_of_dates_are_noted(tmp_path):
    book = openpyxl.Workbook()
    rows = [["day"], [datetime(2024, 3, 5)], [date(2024, 3, 6)], ["25/12/2024"], ["26/12/2024"]]
    for row in [*rows, ["27/12/2024"]]:
        book.active.append(row)
    book.save(tmp_path / "t.xlsx")
    rows, notes = read_with_notes(tmp_path / "t.xlsx", DAYS)
    assert len([complaint(row) for row in rows]) == 5
    (note,) = notes
    assert note.startswith("day: 3 cells are texts and 2 are dates.")
    assert "day and month may be swapped" in note


@pytest.mark.parametrize("cell", [datetime(2024, 3, 5), "2024-03-05"])
def test_a_column_of_one_kind_needs_no_note(tmp_path, cell):
    book = openpyxl.Workbook()
    for row in (["day"], [cell], [cell], [None]):
        book.active.append(row)
    book.save(tmp_path / "t.xlsx")
    assert read_with_notes(tmp_path / "t.xlsx", DAYS)[1] == ()


THOUSANDS = Money(123_400, "CNY")


@pytest.mark.parametrize(
    ("telling", "amount"),
    # There is no tenth of a fen.
    [("1.234,56", THOUSANDS), ("12,5", THOUSANDS), ("1,234.56", None), ("12.50", None)],
)
def test_one_amount_shows_the_decimal_sign_of_its_column(tmp_path, telling, amount):
    for texts in (("1.234", telling), (telling, "1.234")):
        rows, notes = paid(tmp_path, *texts)
        by_text = dict(zip(texts, rows, strict=True))
        assert complaint(by_text["1.234"]).amount == amount
        assert len(by_text["1.234"].warnings) == (amount is None)
        assert complaint(by_text[telling]).amount is not None
        assert notes == ()


def test_amounts_of_both_signs_are_noted_and_those_in_doubt_left_out(tmp_path):
    rows, notes = paid(tmp_path, "12,50", "12.50", "99.90", "1,234")
    amounts = [complaint(row).amount for row in rows]
    assert amounts == [Money(1250, "CNY"), Money(1250, "CNY"), Money(9990, "CNY"), None]
    assert warnings(rows[3]) == [
        ("amount", "money may be read in two ways: set decimal to the sign before the decimals")
    ]
    (note,) = notes
    assert note.startswith("money: 2 amounts have a decimal point and 1 a decimal comma;")


def test_the_decimal_sign_that_the_mapping_says_counts(tmp_path):
    toml = MONEY.replace('"money"', '{ column = "money", decimal = "," }')
    (row,), notes = paid(tmp_path, "1.234", toml=toml)
    assert complaint(row).amount == Money(123_400, "CNY")
    assert notes == ()


def test_a_column_that_shows_no_sign_has_points(tmp_path):
    (row,), _ = paid(tmp_path, "1,234")
    assert complaint(row).amount == Money(123_400, "CNY")


COUNTS = """
system = "test"
[fields]
received_at = "month"
product = "product"
"""
COUNTED = "month,product,number of complaints\n" + "".join(
    f"2024-0{month}-01,card,{month * 11}\n" for month in range(1, 5)
)


def test_a_table_of_counts_is_refused(tmp_path):
    path = write(tmp_path / "t.csv", COUNTED)
    message = r"stands for up to 44 of them \(number of complaints\).*set rows = \"complaints\""
    with pytest.raises(SourceError, match=message):
        read_table(path, COUNTS)
    rows = read_table(path, COUNTS + '[file]\nrows = "complaints"\n')
    assert [complaint(row).received_at.month for row in rows] == [1, 2, 3, 4]


@pytest.mark.parametrize("name", ["Count", "投诉量", "Total", "# of cases", "件数"])
def test_names_of_columns_that_count(tmp_path, name):
    path = write(tmp_path / "t.csv", COUNTED.replace("number of complaints", name))
    with pytest.raises(SourceError, match="a table of counts"):
        read_table(path, COUNTS)


@pytest.mark.parametrize(
    "text",
    [
        # One column of ones, as lists of complaints have it.
        "month,product,count\n" + "2024-01-01,card,1\n" * 4,
        # Words, not numbers.
        "month,product,count\n" + "2024-01-01,card,many\n" * 4,
        # An amount is no count.
        "month,product,money\n" + "2024-01-01,card,44\n" * 4,
        # Too few rows to tell.
        "month,product,count\n2024-01-01,card,44\n2024-01-01,card,44\n",
    ],
)
def test_what_is_no_table_of_counts(tmp_path, text):
    assert all(complaint(row) for row in read_table(write(tmp_path / "t.csv", text), COUNTS))


def test_complaints_with_texts_of_their_own_may_count_something(tmp_path):
    toml = COUNTS + 'narrative = "product"\n'
    assert len(read_table(write(tmp_path / "t.csv", COUNTED), toml)) == 4


def test_rows_of_whole_months_are_counts_even_with_numbers_of_their_own(tmp_path):
    text = "id,month,count\n" + "".join(f"{n},2024-0{n},{n * 11}\n" for n in range(1, 5))
    toml = 'system = "test"\n[fields]\nsource_id = "id"\nreceived_at = "month"\n'
    with pytest.raises(SourceError, match="a table of counts"):
        read_table(write(tmp_path / "t.csv", text), toml)


def test_a_number_of_any_length_is_no_reason_to_fail(tmp_path):
    text = f"month,product,count\n2024-01-01,card,{'1' * 400}\n"
    assert complaint(*read_table(write(tmp_path / "t.csv", text), COUNTS))


def test_the_notes_are_those_of_the_latest_reading(tmp_path):
    path = write(tmp_path / "t.csv", "day\n03/04/2024\n")
    source = table(path, mapping(DAYS), ZONE, NOW)
    assert source.notes == ()
    (row,) = source.rows()
    assert rejection(row).reason.startswith("day may be read in two ways")
    assert len(source.notes) == 1
    write(path, "day\n2024-03-05\n")
    assert complaint(*source.rows())
    assert source.notes == ()


def test_two_values_of_one_column_have_formats_of_their_own(tmp_path):
    """A column that both read: what one's formats say of it is not what the other's say."""
    toml = DAYS.replace('"day"', '{ column = "day", date_formats = ["%d/%m/%Y"] }')
    toml += 'occurred_at = "day"\n'
    path = write(tmp_path / "t.csv", csv_text(["day"], [["03/04/2024"], ["12/25/2024"]]))
    rows, _ = read_with_notes(path, toml)
    assert rows[0].content.received_at == date(2024, 4, 3)
    assert rows[0].content.occurred_at == date(2024, 3, 4)


@pytest.mark.parametrize(
    ("header", "cells"),
    [
        ("VALOR_TOTAL", ["0", "751", "2687"]),
        ("TEMPO TOTAL DE ATENDIMENTO", ["120", "5", "17"]),
        ("total", ["12.5", "3", "#VALUE!"]),
        ("total amount", ["100", "200", "300"]),
    ],
)
def test_a_column_of_money_or_time_counts_nothing(tmp_path, header, cells):
    path = write(
        tmp_path / "t.csv", csv_text(["day", header], [["2024-03-05", cell] for cell in cells])
    )
    rows, _ = read_with_notes(path, DAYS)
    assert len([row for row in rows if complaint(row)]) == 3


def test_what_a_customer_says_without_a_number_of_his_own_is_noted(tmp_path):
    path = write(tmp_path / "t.csv", csv_text(["day", "where"], [["2024-03-05", "North"]]))
    toml = DAYS + '[customer]\nregion = "where"\n'
    _, notes = read_with_notes(path, toml)
    assert notes == (
        "customer.region: kept only of a customer who is known by a number. Map source_id, mobile, "
        "id_number or account under [customer].",
    )
    path = write(tmp_path / "u.csv", csv_text(["day", "where", "no"], [["2024-03-05", "N", "C1"]]))
    assert read_with_notes(path, toml + 'source_id = "no"\n')[1] == ()
