"""The columns of a table: their names, those that repeat, and those named by their position."""

from collections import Counter
from collections.abc import Collection, Sequence

from graph.errors import SourceError
from ingest.sources.record import Cell, FieldError, as_text


def position(number: int) -> str:
    """The name of a column that is named by its position, from 1, or that has no other name."""
    return f"(column {number})"


class Header:
    """The names of a table's columns, and how a row's values become cells by name.

    A name that stands over several columns has all their values, as systems write lists (Jira's
    labels): one where only one is there, else a list. ``used``: the names that are read, among
    which may be positions.
    """

    def __init__(self, names: Sequence[str], file: str, used: Collection[str] = ()) -> None:
        """
        Raises:
            SourceError: no column has a name.
        """
        if names and not any(names):
            raise SourceError(
                f"{file} has a header row without names; check the header row's number."
            )
        self.names = tuple(name or position(number) for number, name in enumerate(names, 1))
        counts = Counter(self.names)
        self._repeated = {
            name: tuple(n for n, other in enumerate(self.names) if other == name)
            for name, count in counts.items()
            if count > 1
        }
        self._positions = {
            position(number): number - 1
            for number in range(1, len(self.names) + 1)
            if position(number) in used and position(number) not in counts
        }
        #: Rows may end here: what follows has no name.
        self.width = max((number for number, name in enumerate(names, 1) if name), default=0)

    @property
    def positioned(self) -> frozenset[str]:
        """The names of the columns that are read by their position."""
        return frozenset(self.names[number] for number in self._positions.values())

    def __contains__(self, name: str) -> bool:
        return name in self.names or name in self._positions

    def cells(self, values: Sequence[Cell]) -> dict[str, Cell]:
        """The cells of a row; values beyond the columns have no name."""
        cells = dict(zip(self.names, values, strict=False))
        for name, number in self._positions.items():
            cells[name] = values[number] if number < len(values) else ""
        for name, numbers in self._repeated.items():
            cells[name] = _several([values[n] for n in numbers if n < len(values)])
        return cells


def _plain(value: Cell) -> str:
    try:
        return as_text(value)
    except FieldError:
        # Reading it reports why.
        return str(value)


def _several(values: Sequence[Cell]) -> Cell:
    filled = [value for value in values if str(value).strip()]
    if len(filled) > 1:
        return tuple(_plain(value) for value in filled)
    return filled[0] if filled else ""
