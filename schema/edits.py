"""Fields of an input that change a part: left out it stays as it is, null clears it.

Strawberry gives None for what is left out, and ``Some`` of what was sent, null included.
"""

from collections.abc import Sequence
from typing import Protocol, TypeVar

from graph.domain.patch import UNSET, Edit
from graph.errors import InvalidInputError

T = TypeVar("T")
Value_co = TypeVar("Value_co", covariant=True)


class Sent(Protocol[Value_co]):
    """What ``strawberry.Some`` is to those who read it."""

    @property
    def value(self) -> Value_co: ...


def edit(data: Sent[T | None] | None) -> Edit[T | None]:
    return UNSET if data is None else data.value


def needed(data: Sent[T | None] | None, name: str) -> Edit[T]:
    """The same of what always has a value.

    Raises:
        InvalidInputError: it is null.
    """
    if data is None:
        return UNSET
    if data.value is None:
        raise InvalidInputError(
            f"{name} cannot be cleared: give a value, or leave it out.", path=[name]
        )
    return data.value


def several(data: Sent[Sequence[T] | None] | None) -> Edit[tuple[T, ...]]:
    """A list as a whole; null is an empty one."""
    return UNSET if data is None else tuple(data.value or ())
