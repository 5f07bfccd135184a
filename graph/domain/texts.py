"""Short texts that people write into a field: names, titles, codes."""

import re
import unicodedata

from graph.errors import InvalidInputError

#: Characters of a person's or a department's name, and of a title.
LONGEST_NAME = 200
LONGEST_TITLE = 300

_CODE = re.compile(r"[A-Za-z][A-Za-z0-9._-]{0,63}")
_DIGITS = re.compile(r"\d{5}")


def short_text(text: str, name: str, longest: int = LONGEST_NAME) -> str:
    """The text without spaces at its ends.

    Raises:
        InvalidInputError: it is blank, longer than ``longest`` characters, or has control
            characters; ``name`` is its field.
    """
    trimmed = text.strip()
    if not trimmed:
        raise InvalidInputError(f"{name} is blank: write something, or leave it out.", path=[name])
    if len(trimmed) > longest:
        raise InvalidInputError(
            f"{name} has {len(trimmed):,} characters; at most {longest:,} are taken.", path=[name]
        )
    if any(unicodedata.category(character) in ("Cc", "Cs") for character in trimmed):
        raise InvalidInputError(f"{name} contains control characters.", path=[name])
    return trimmed


def named(code: str) -> str:
    """A code for a message, unless it may be a person's number."""
    return f"“{code}”" if _CODE.fullmatch(code) and not _DIGITS.search(code) else "this one"
