"""Cells by a corpus that was written before the rules' tests, by somebody else (see corpus/)."""

from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from graph.domain.enums import OPEN_STATUSES, CaseStatus, Channel, OutcomeKind
from ingest.sources.amounts import AmountColumn, as_amount
from ingest.sources.record import FieldError
from ingest.sources.times import DateOrder, TimeColumn, as_time, check_time
from ingest.sources.values import as_truth
from ingest.sources.words import default_words

ZONE = ZoneInfo("Asia/Shanghai")
NOW = datetime(2026, 11, 28, 4, tzinfo=UTC)
WORDS = default_words()
NOTHING, UNREADABLE = "NOTHING", "UNREADABLE"
#: Cells that are read otherwise than the corpus has it, which a person may see as we do: 元 in a
#: column of dollars, a sign of yuan in a column of 万元, a day that our clocks may call today, an
#: offset or the end of a range, an answer that most banks close the case with.
OTHERWISE = {"500元", "¥1.2", "29/11/26", "2024-03-05 09:30-11:00", "已答复", "¥"}


def rows(name: str) -> Iterator[Sequence[str]]:
    path = Path(__file__).with_name("corpus") / f"{name}.tsv"
    for line in path.read_text("utf-8").split("\n")[1:]:
        if line:
            yield [part.replace("\\t", "\t").replace("\\n", "\n") for part in line.split("\t")]


def amount(cell: str, currency: str, factor: str, decimal: str) -> str:
    if WORDS.is_nothing(cell):
        return NOTHING
    column = AmountColumn(currency, Decimal(factor or 1), decimal or ".")
    money = as_amount(cell, column, WORDS)
    return f"{money.value.normalize():f} {money.currency}" if money else NOTHING


def time(cell: str, order: str) -> str:
    if WORDS.is_nothing(cell):
        return NOTHING
    column = TimeColumn(("auto",), ZONE, NOW.year, DateOrder(order) if order else None)
    result = as_time(cell, column, WORDS)
    if result is None:
        return NOTHING
    check_time(result, ZONE, NOW, "time")
    return seconds(result)


def seconds(at: date) -> str:
    if not isinstance(at, datetime):
        return at.isoformat()
    plain = at.replace(microsecond=0)
    return plain.replace(tzinfo=None).isoformat() if at.tzinfo is ZONE else plain.isoformat()


def word(field: str, cell: str) -> str:
    if field == "yes_no":
        if WORDS.is_nothing(cell) and WORDS.answer(cell) is None:
            return NOTHING
        return "YES" if as_truth(cell, WORDS) else "NO"
    if field == "outcome" and WORDS.says_undecided(cell):
        return NOTHING
    if field == "currency":
        result = WORDS.currency(cell, "CNY")
    else:
        result = WORDS.member(
            {"channel": Channel, "status": CaseStatus, "outcome": OutcomeKind}[field], cell
        )
    if result is None:
        return NOTHING if WORDS.is_nothing(cell) else UNREADABLE
    if field == "status" and result != CaseStatus.WITHDRAWN:
        return "OPEN" if CaseStatus(result) in OPEN_STATUSES else "CLOSED"
    return result


READERS: dict[str, tuple[Callable[..., str], int, int]] = {
    # The number of columns, and in which of them the cell stands.
    "amounts": (amount, 4, 0),
    "times": (time, 2, 0),
    "words": (word, 2, 1),
}


@pytest.mark.parametrize("name", READERS)
def test_hardly_any_cell_is_missed_and_none_is_read_wrongly(name: str) -> None:
    read, width, place = READERS[name]
    wrong, missed, total = [], [], 0
    for row in rows(name):
        arguments = list(row[:width])
        arguments[place] = cell = arguments[place].strip()
        expected = normal(row[width])
        total += 1
        try:
            result = normal(read(*arguments))
        except FieldError:
            result = UNREADABLE
        if result == expected or cell in OTHERWISE:
            continue
        (missed if result == UNREADABLE else wrong).append((cell, expected, result))
    assert total > 400
    assert wrong == []
    assert len(missed) <= 0.025 * total, missed


def normal(value: str) -> str:
    """Equal for equal instants and equal amounts."""
    number, space, currency = value.partition(" ")
    if space:
        return f"{Decimal(number).normalize():f} {currency}"
    if value[:4].isdigit() and "T" in value:
        at = datetime.fromisoformat(value)
        return at.astimezone(UTC).isoformat() if at.tzinfo else at.isoformat()
    return value
