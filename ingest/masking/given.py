"""The names and identifiers given in the record, wherever they occur in its texts.

Found however they are spaced, in full or half width, in capitals or not.
"""

import re
from collections.abc import Iterator, Sequence

from graph.domain.placeholders import MaskKind
from ingest.masking.folding import fold
from ingest.masking.reading import Reading, Span
from ingest.masking.vocabulary import words

_HAN = re.compile(r"[\u3400-\u9fff]")
_PART = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*")
#: What stands beside a name.
_MAIL = re.compile(r"[^\s<>()@]{1,64}@[^\s<>()@]{1,64}")
_BRACKETED_ID = re.compile(r"[(<\[{][^()<>\[\]{}]{0,40}?\d[^()<>\[\]{}]{0,40}[)>\]}]")
_LONG_NUMBER = re.compile(r"(?<![A-Za-z\d])\+?\d(?:[ ()./-]{0,2}\d){6,30}(?![A-Za-z\d])")
_ID = re.compile(r"[^\s,;/|\d]{0,40}\d[^\s,;/|]{0,40}")
#: What stands in a name field when nobody gave a name.
_NO_NAMES = frozenset(words("no_given_names"))
#: Also ordinary words, so masked only as parts of the whole name.
_WORDS = frozenset(words("no_name_parts"))
_SEPARATORS = frozenset(" -.·_,\r\n'’•‧")
_WITHOUT_SEPARATORS = {ord(char): None for char in _SEPARATORS}
_SHORTEST_SECRET = 5
_SHORTEST_NAME = 2


def find(reading: Reading, names: Sequence[str], secrets: Sequence[str]) -> Iterator[Span]:
    """Every occurrence of what the record says of its people."""
    names = [name for cell in names for name in {cell, _alone(cell)} if _is_name(name)]
    known = [(_compact(name), MaskKind.NAME) for name in names]
    known += [
        (compacted, MaskKind.ACCOUNT)
        for secret in secrets
        if len(compacted := _compact(secret)) >= _SHORTEST_SECRET
    ]
    if not known:
        return
    lowered = _lowered(reading.folded)
    compacted = lowered.translate(_WITHOUT_SEPARATORS)
    known = [(value, kind) for value, kind in known if value in compacted]
    positions = [at for at, char in enumerate(lowered) if char not in _SEPARATORS] if known else []
    for value, kind in known:
        yield from _occurrences(reading.folded, compacted, positions, value, kind)
    worded = [name for name in map(fold, names) if not any(map(str.isdigit, name))]
    for part in {part for name in worded for part in _PART.findall(name)}:
        yield from _parts(reading.folded, part)


def _alone(cell: str) -> str:
    """The name in a cell that says more: a mail address, a telephone number, the id of a user.

    A word and a short number, such as Store 5 or 客户12, are no name with a number beside it.
    """
    folded = fold(cell)
    plain = _LONG_NUMBER.sub(" ", _MAIL.sub(" ", _BRACKETED_ID.sub(" ", folded)))
    without_ids = _ID.sub(" ", plain)
    if len(_PART.findall(without_ids)) > 1:
        plain = without_ids
    return cell if plain == folded else " ".join(_PART.findall(plain))


def _is_name(name: str) -> bool:
    plain = fold(name).strip().lower()
    redacted = not set(plain) - set("x*# ./-")
    return len(plain) >= _SHORTEST_NAME and plain not in _NO_NAMES and not redacted


def _occurrences(
    folded: str, compacted: str, positions: Sequence[int], value: str, kind: MaskKind
) -> Iterator[Span]:
    at = compacted.find(value)
    while at >= 0:
        start, end = positions[at], positions[at + len(value) - 1] + 1
        if _stands_alone(folded, start, end):
            yield Span(start, end, kind)
        at = compacted.find(value, at + 1)


def _stands_alone(folded: str, start: int, end: int) -> bool:
    """Whether no letter or digit of the same word or number goes on at either side."""
    return not (
        _joined(folded[start - 1 : start], folded[start])
        or _joined(folded[end - 1], folded[end : end + 1])
    )


def _joined(left: str, right: str) -> bool:
    if not left or not right or _HAN.match(left) or _HAN.match(right):
        return False
    return (left.isdigit() and right.isdigit()) or (left.isalpha() and right.isalpha())


def _parts(folded: str, part: str) -> Iterator[Span]:
    """First name or surname alone; not a small word that happens to be spelt alike."""
    if _HAN.search(part) or len(part) < _SHORTEST_NAME or part.lower() in _WORDS | _NO_NAMES:
        return
    for match in re.finditer(re.escape(part), folded, re.IGNORECASE):
        if match[0][0].isupper() and _stands_alone(folded, *match.span()):
            yield Span(*match.span(), MaskKind.NAME)


def _compact(text: str) -> str:
    return _lowered(fold(text)).translate(_WITHOUT_SEPARATORS)


def _lowered(text: str) -> str:
    """Small letters, one for one: a few capitals have two characters as small ones."""
    lowered = text.lower()
    if len(lowered) == len(text):
        return lowered
    return "".join(low if len(low := char.lower()) == 1 else char for char in text)
