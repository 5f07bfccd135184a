"""How much one answer holds: ``first``, ``last`` and their bounds."""

from dataclasses import dataclass

from graph.errors import InvalidInputError

DEFAULT_PAGE = 20
LARGEST_PAGE = 500
#: Similar cases, precedents and other lists that are searched rather than read.
LARGEST_SEARCH = 100


@dataclass(frozen=True, slots=True)
class Slice:
    """``size`` rows after and before cursors, counted from the end if ``backwards``."""

    size: int
    after: str | None
    before: str | None
    backwards: bool


def page_slice(first: int | None, after: str | None, last: int | None, before: str | None) -> Slice:
    """The part of a list that a client asks for.

    Raises:
        InvalidInputError: both ``first`` and ``last``, a negative one, or one above 500.
    """
    if first is not None and last is not None:
        raise InvalidInputError("Give `first` or `last`, not both.", path=["last"])
    if last is not None:
        return Slice(size_of(last, "last", LARGEST_PAGE), after, before, backwards=True)
    size = DEFAULT_PAGE if first is None else size_of(first, "first", LARGEST_PAGE)
    return Slice(size, after, before, backwards=False)


def size_of(value: int | None, name: str, most: int, default: int = DEFAULT_PAGE) -> int:
    """A checked number of rows; null means the default."""
    if value is None:
        return default
    if value < 0:
        raise InvalidInputError(
            f"`{name}` is negative; give a number from 0 to {most}.", path=[name]
        )
    if value > most:
        raise InvalidInputError(
            f"`{name}` is more than {most}, the most that one answer holds: page with `after`."
            if most == LARGEST_PAGE
            else f"`{name}` is more than {most}, the most that one answer holds.",
            path=[name],
        )
    return value


def search_size(first: int | None, default: int = 10) -> int:
    return size_of(first, "first", LARGEST_SEARCH, default)
