"""Why a mutation did nothing: errors that a person can mend, of a type of its own each payload.

Which errors those can be is declared once, as classes. From it come the enum of codes in the schema
and what is told in the payload; whatever else goes wrong is an error of the field.
"""

from collections.abc import Callable
from enum import Enum
from typing import ClassVar, Self, TypeVar

import strawberry

from graph.commands import requests, versioned
from graph.commands.openings import TooManyOpeningsError
from graph.commands.person import HeldError
from graph.database import DuplicateError
from graph.domain.lifecycle import StepNotAllowedError
from graph.errors import (
    ComplaintGraphError,
    ConflictError,
    InvalidInputError,
    NotFoundError,
    UnknownCodeError,
)
from schema.errors import message_and_path

_MEANINGS: dict[type[ComplaintGraphError], str] = {
    InvalidInputError: "A value that cannot be taken; `path` names it.",
    UnknownCodeError: "There is no entry, type or person with this code.",
    NotFoundError: "Nothing has this id, as far as one sees.",
    ConflictError: "It contradicts what is there, or another input has come under the same key.",
    DuplicateError: "Somebody else has just written the same: look again.",
    versioned.StaleVersionError: "Others have changed it since: `changedSince` tells what.",
    StepNotAllowedError: "The case does not stand where this step could be taken.",
    HeldError: "A legal hold forbids it.",
    TooManyOpeningsError: "As many cases are open from beyond reach as one person may have.",
}


@strawberry.interface(
    description="Something that a person can mend in what was sent. Each payload has a type of its "
    "own for it, with a `code` of those that it can give."
)
class UserError:
    message: str = strawberry.field(description="One sentence that says what to do.")
    path: list[str] = strawberry.field(description="The part of the arguments that it is about.")

    kinds: ClassVar[tuple[type[ComplaintGraphError], ...]] = ()
    codes: ClassVar[type[Enum]]

    @classmethod
    def declares(cls, error: ComplaintGraphError) -> bool:
        """Whether the error is one of those that are declared."""
        return error.code in {kind.code for kind in cls.kinds}

    @classmethod
    def from_model(cls, error: ComplaintGraphError, *above: str) -> Self:
        message, path = message_and_path(error)
        made: Callable[..., Self] = cls
        return made(code=cls.codes(error.code), message=message, path=[*above, *path])


E = TypeVar("E", bound=UserError)
#: What any mutation may be refused for that takes an input and a key.
ANY = requests.REFUSALS
#: What a change may be refused for of something that a person saw.
OF_A_CHANGE = (*ANY, *versioned.REFUSALS)


def refuses(*kinds: type[ComplaintGraphError]) -> Callable[[type[E]], type[E]]:
    """Make the error type of a payload, whose codes are those of these errors."""

    def decorate(made: type[E]) -> type[E]:
        values = {
            kind.code: strawberry.enum_value(kind.code, description=_MEANINGS[kind])
            for kind in kinds
        }
        codes: type[Enum] = Enum(f"{made.__name__}Code", values)  # type: ignore[misc]
        strawberry.enum(codes, description="What can be wrong.")
        made.kinds, made.codes = kinds, codes
        made.__annotations__["code"] = codes
        made.code = strawberry.field(description="What is wrong.")  # type: ignore[attr-defined]
        return strawberry.type(made, description="Something that a person can mend.")

    return decorate
