"""A change of a part of something: what is left out stays as it is, None clears it."""

from enum import Enum
from typing import Final, TypeAlias, TypeVar

T = TypeVar("T")


class Unset(Enum):
    """Its one value stands for what nobody said anything about."""

    UNSET = "UNSET"

    def __repr__(self) -> str:
        return "UNSET"


UNSET: Final = Unset.UNSET
#: A new value, None where that is cleared, or ``UNSET`` where it stays.
Edit: TypeAlias = T | Unset


def patched(edit: Edit[T], before: T) -> T:
    """The value from now on."""
    return before if isinstance(edit, Unset) else edit
