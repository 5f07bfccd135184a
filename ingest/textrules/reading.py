"""A text as rules read it: of equal length, so that places stay; and its clauses."""

import re
from functools import lru_cache

from ingest.chinese import simplified
from ingest.masking.folding import fold

#: A comma between two digits divides a number, a full stop before a letter an abbreviation.
_CLAUSE = re.compile(r"[，、：:。！？!?；;\n]|,(?!\d)|\.(?=\s|$)|\s[-—]+\s")
#: In a note of the staff 我行 is the bank, not the customer.
_OUR_BANK = re.compile("我行(?![我不吗])")
_SENTENCE = re.compile(r"[。！？!?；;\n]|\.(?=\s|$)")


@lru_cache(maxsize=64)
def read(text: str) -> str:
    """``text`` in narrow characters, simplified Chinese and small letters; of equal length.

    Remembered for the rules that read the same text one after the other.
    """
    plain = _OUR_BANK.sub("贵行", simplified(fold(text)))
    lowered = plain.lower()
    return lowered if len(lowered) == len(plain) else "".join(map(_lowered, plain))


def _lowered(char: str) -> str:
    lowered = char.lower()
    return lowered if len(lowered) == 1 else char


def clause_at(text: str, at: int) -> tuple[int, int]:
    """Begin and end of the clause around a place of a text that was read."""
    return _around(_CLAUSE, text, at)


def sentence_at(text: str, at: int) -> tuple[int, int]:
    """Begin and end of the sentence, its last sign included."""
    return _around(_SENTENCE, text, at)


#: Nobody writes longer sentences; without a bound a text without signs would be read again and
#: again.
_REACH = 400


def _around(divider: re.Pattern[str], text: str, at: int) -> tuple[int, int]:
    first = max(0, at - _REACH)
    begin = first
    for match in divider.finditer(text, first, at):
        begin = match.end()
    following = divider.search(text, at, at + _REACH)
    return begin, following.end() if following else min(len(text), at + _REACH)
