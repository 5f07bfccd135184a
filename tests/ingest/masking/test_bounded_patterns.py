"""Time linear in the length of a text: a pattern that repeats without a bound, tried at each
position, would take time with the square of it.
"""

import importlib
import pkgutil
import re
from collections.abc import Iterator
from re import _constants as code  # type: ignore[attr-defined]
from re import _parser as parser  # type: ignore[attr-defined]
from typing import Any

import pytest

import ingest.masking
from ingest.masking.recognisers import recognisers

#: Read short values (a field, a match, the words before a place), not texts.
SHORT = {
    "ingest.masking.fillers",
    "ingest.masking.given",
    "ingest.masking.identifiers",
    ("ingest.masking.bank_cards", "_NO_CARD"),
    ("ingest.masking.names_en", "_BETWEEN"),
    ("ingest.masking.recognisers", "_PIECE"),
}
#: Whole tokens of one class: such a match never fails, and the next begins behind it.
TOKENS = {
    ("ingest.masking.bank_cards", "_GROUPS"),
    ("ingest.masking.labels", "_DIGITS"),
    ("ingest.masking.phones", "_GROUPS"),
    ("ingest.masking.masker", "_GROUP"),
    ("ingest.masking.names_en", "_WORD"),
}
LONGEST = 4096


def _longest(tree: Any) -> int:
    longest = 0
    for operation, argument in tree:
        if operation in (code.MAX_REPEAT, code.MIN_REPEAT, code.POSSESSIVE_REPEAT):
            longest = max(longest, int(argument[1]), _longest(argument[2]))
        elif operation is code.SUBPATTERN:
            longest = max(longest, _longest(argument[-1]))
        elif operation is code.BRANCH:
            longest = max(longest, *(_longest(branch) for branch in argument[1]))
        elif operation in (code.ASSERT, code.ASSERT_NOT):
            longest = max(longest, _longest(argument[1]))
        elif operation is code.ATOMIC_GROUP:
            longest = max(longest, _longest(argument))
    return longest


def longest_repeat(pattern: re.Pattern[str]) -> int:
    """The most often that a part of ``pattern`` may repeat."""
    return _longest(parser.parse(pattern.pattern, pattern.flags & (re.IGNORECASE | re.VERBOSE)))


def _patterns() -> Iterator[tuple[str, re.Pattern[str]]]:
    for found in pkgutil.walk_packages(ingest.masking.__path__, "ingest.masking."):
        if found.name in SHORT:
            continue
        for name, value in vars(importlib.import_module(found.name)).items():
            where = (found.name, name)
            if isinstance(value, re.Pattern) and not {where} & (SHORT | TOKENS):
                yield f"{found.name}.{name}", value
    for recogniser in recognisers():
        for part, pattern in (("pattern", recogniser.pattern), ("near", recogniser.near)):
            if pattern is not None:
                yield f"{recogniser.kind}.{part}.{pattern.pattern[:20]}", pattern


@pytest.mark.parametrize(("name", "pattern"), list(_patterns()), ids=lambda part: str(part)[:60])
def test_no_pattern_repeats_without_a_bound(name: str, pattern: re.Pattern[str]) -> None:
    assert longest_repeat(pattern) <= LONGEST, name


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [("a{2,7}", 7), ("(?:ab{0,9}|c)", 9), ("(?=x{1,5})", 5), ("(?:a{3}){4}", 4), ("(?:b{6})?", 6)],
)
def test_bounds_are_read_from_a_pattern(pattern: str, expected: int) -> None:
    assert longest_repeat(re.compile(pattern)) == expected


@pytest.mark.parametrize("pattern", ["a*", "(?:x+)y", r"(?=\s*$)", "(?<!b)a+?"])
def test_an_unbounded_pattern_is_seen(pattern: str) -> None:
    assert longest_repeat(re.compile(pattern)) > LONGEST
