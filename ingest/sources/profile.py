"""What a table's columns show as a whole, before any row is read by them.

Whether 1.234 is a thousand, and 03/04 a day in March, is a property of a column. So is that half
of its dates are texts, or that the table counts complaints and does not list them.
"""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date

from graph.errors import SourceError
from ingest.sources.amounts import column_decimal, decimal_in
from ingest.sources.cells import Cells, Reader, raw_text
from ingest.sources.mapping import TableMapping
from ingest.sources.mapping_values import Amount, TimeValue
from ingest.sources.record import FieldError
from ingest.sources.times import DateOrder, column_order, day_second_in, is_period, orders_in
from ingest.sources.words import Words, fold

#: Names of columns that count.
COUNTS = re.compile(
    r"\b(?:beschwerden|anzahl|reclamacoes|reclamaciones|quantidade|cantidad|nombre de)\b"
    r"|\b(?:counts?|totals?|number of|no\. of|# of|volume|quantity|qty|cases|complaints received)\b"
    r"|件数|数量|笔数|次数|总数|合计|总计|投诉量|受理量|人数"
)
#: Names of columns that say how much or how long, not how many.
_MEASURES = re.compile(
    r"\b(?:valor|value|amount|price|cost|sum|montant|importe|monto|betrag|preis|prix|tempo|time|temps"
    r"|tiempo|zeit|dauer|duration|minutes?|minutos?|hours?|horas?|days?|dias?|age|score)\b|金额|时长|耗时|费用"
)
_WHOLE_NUMBER = re.compile(r"\d{1,3}(?:,\d{3})+|\d+(?:\.0+)?")
_MOSTLY = 0.5
#: So large a part of a column's cells are whole numbers, if these count.
_NEARLY_ALL = 0.95
_FEWEST_ROWS = 3
#: Fewer dates, or a smaller share, are slips.
_FEWEST_DAYS = 2
_MORE_THAN_SLIPS = 0.05


def is_count(name: str) -> bool:
    """Whether a column's name says that it counts."""
    plain = fold(name.replace("_", " "))
    return bool(COUNTS.search(plain)) and not _MEASURES.search(plain)


@dataclass(slots=True)
class _Times:
    """How often the cells of a column of times were what."""

    texts: int = 0
    typed: int = 0
    periods: int = 0
    ambiguous: int = 0
    #: Of dates that begin with the year: those that go on with the day, and with the month.
    day_second: int = 0
    month_second: int = 0
    orders: Counter[DateOrder] = field(default_factory=Counter)

    @property
    def filled(self) -> int:
        return self.texts + self.typed


@dataclass(slots=True)
class _Numbers:
    """How many cells say something, how many of these are whole numbers, and the largest."""

    filled: int = 0
    whole: int = 0
    most: int = 0

    @property
    def counts(self) -> bool:
        return self.most > 1 and self.whole >= _NEARLY_ALL * self.filled


class Profile:
    """Sees every record of a table once; memory does not grow with them."""

    def __init__(self, mapping: TableMapping, words: Words, latest_year: int) -> None:
        self._mapping = mapping
        self._latest_year = latest_year
        self._words = words
        self._received = mapping.fields.received_at
        values = list(mapping.values())
        # By the value, not by its column: two may read one column in different formats.
        self._times = {
            id(v): (v, raw_text(v), _Times()) for v in values if isinstance(v, TimeValue)
        }
        self._amounts = {
            id(v): (v, raw_text(v), Counter[str]()) for v in values if isinstance(v, Amount)
        }
        self._counts: dict[str, _Numbers] = {}
        self._rows = 0

    def see(self, cells: Cells) -> None:
        self._rows += 1
        if self._rows == 1:
            self._counts = {name: _Numbers() for name in cells if is_count(name)}
        for value, value_of, times in self._times.values():
            self._see_time(value_of, times, value, cells)
        for _, value_of, signs in self._amounts.values():
            try:
                if sign := decimal_in(value_of(cells)):
                    signs[sign] += 1
            except FieldError:
                pass  # Reading the row reports it.
        for name, numbers in self._counts.items():
            if text := str(cells.get(name, "")).strip():
                numbers.filled += 1
                if _WHOLE_NUMBER.fullmatch(text):
                    numbers.whole += 1
                    whole = int(text.partition(".")[0].replace(",", ""))
                    numbers.most = max(numbers.most, whole)

    def decimal(self, value: Amount) -> str | None:
        """The decimal sign of the column: as the mapping says, else as its cells show; a point
        where none shows anything, None where they show both.
        """
        if value.decimal:
            return value.decimal
        signs = self._amounts[id(value)][2]
        return column_decimal(signs) if signs else "."

    def day_second(self, value: TimeValue) -> bool | None:
        """Whether the day stands before the month in dates that begin with the year: if none shows
        the other way; None where both are met and neither is a slip.
        """
        times = self._times[id(value)][2]
        day, month = times.day_second, times.month_second
        if day < _FEWEST_DAYS or day < _MORE_THAN_SLIPS * (day + month):
            return False
        return None if month else True

    def order(self, value: TimeValue) -> DateOrder | None:
        """The order of the column's dates: as the mapping says, else as its cells show."""
        return value.order or column_order(self._times[id(value)][2].orders)

    def check(self) -> None:
        """
        Raises:
            SourceError: the rows count complaints for periods and places, and are none themselves.
        """
        if self._mapping.file.rows == "complaints" or self._rows < _FEWEST_ROWS:
            return
        counting = {name: each.most for name, each in self._counts.items() if each.counts}
        times = self._times[id(self._received)][2]
        fields = self._mapping.fields
        has_own = fields.narrative or fields.subject or fields.source_id
        periods = times.periods > _MOSTLY * max(1, times.filled)
        if counting and (periods or not has_own):
            name, most = max(counting.items(), key=lambda item: item[1])
            raise SourceError(
                "This seems to be a table of counts, not a list of complaints: a row stands for "
                f"up to {most:,} of them ({name}). Import the complaints themselves; if each row "
                'is one complaint all the same, set rows = "complaints" under [file].'
            )

    def notes(self) -> Iterator[str]:
        """Sentences about columns whose cells are not all written alike."""
        for value, _, times in self._times.values():
            label = value.label
            if times.texts and times.typed:
                yield (
                    f"{label}: {times.texts:,} cells are texts and {times.typed:,} are dates. A "
                    "spreadsheet has read some of them as dates and left others; in these, day and "
                    "month may be swapped."
                )
            first_day, first_month = times.orders[DateOrder.DMY], times.orders[DateOrder.MDY]
            if first_day and first_month and value.order is None:
                yield (
                    f"{label}: {first_day:,} dates begin with the day and {first_month:,} with the "
                    f"month; {times.ambiguous:,} may be read either way and are left out. Set "
                    "order to DMY or MDY for these."
                )
            elif times.ambiguous and not times.orders and value.order is None:
                yield (
                    f"{label}: {times.ambiguous:,} dates may begin with the day or with the month, "
                    "and no other shows which; set order to DMY or MDY."
                )
        for value, _, times in self._times.values():
            day_second = self.day_second(value)
            if day_second is not False and "auto" in value.date_formats:
                others = (
                    f", and {times.month_second:,} with the month" if times.month_second else ""
                )
                what = "are left out" if day_second is None else "are read so, too"
                yield (
                    f"{value.label}: {times.day_second:,} dates go on with the day behind the year"
                    f"{others}; those that may be read either way {what}. Put %Y-%m-%d or %Y-%d-%m "
                    "first in date_formats if that is wrong."
                )
        yield from self._own_notes()
        for amount, _, signs in self._amounts.values():
            if len(signs) > 1:
                yield (
                    f"{amount.label}: {signs['.']:,} amounts have a decimal point and "
                    f"{signs[',']:,} a decimal comma; those that may be read either way are left "
                    "out. Set decimal."
                )

    def _own_notes(self) -> Iterator[str]:
        """What the mapping leaves unsaid."""
        customer = self._mapping.customer
        if customer is not None and not customer.identifies:
            lost = [name for name in ("segment", "region") if getattr(customer, name)]
            if lost:
                yield (
                    f"customer.{' and '.join(lost)}: kept only of a customer who is known by a "
                    "number. Map source_id, mobile, id_number or account under [customer]."
                )

    def _see_time(
        self, value_of: Reader[str], times: _Times, value: TimeValue, cells: Cells
    ) -> None:
        cell = cells.get(value.column or "", "")
        if isinstance(cell, date | float):
            times.typed += 1
            return
        try:
            text = value_of(cells)
        except FieldError:
            return  # Reading the row reports it.
        if self._words.is_nothing(text):
            return
        times.texts += 1
        if is_period(text):
            times.periods += 1
        if (day_second := day_second_in(text)) is not None:
            times.day_second += day_second
            times.month_second += not day_second
        if text[:4].isdigit() or "auto" not in value.date_formats:
            return
        orders = orders_in(text, self._latest_year)
        if len(orders) == 1:
            times.orders[orders[0]] += 1
        elif orders:
            times.ambiguous += 1
