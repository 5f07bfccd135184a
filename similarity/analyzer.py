"""The words that the full-text index makes of a text.

Neo4j's ``cjk`` analyzer is Lucene's: Unicode word boundaries (UAX #29), width folding, lower case,
bigrams of neighbouring Chinese, Japanese and Korean characters, and a few English words left out.
A search that sends the same words needs no parsing of what people write. Words are left out here
rather than guessed at: emoji, and whatever is longer than anybody searches for.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from operator import add

import regex

#: English words that the index does not hold; a clause of nothing else would match everything.
UNINDEXED = frozenset(
    [
        "a",
        "and",
        "are",
        "as",
        "at",
        "be",
        "but",
        "by",
        "for",
        "if",
        "in",
        "into",
        "is",
        "it",
        "no",
        "not",
        "of",
        "on",
        "or",
        "s",
        "such",
        "t",
        "that",
        "the",
        "their",
        "then",
        "there",
        "these",
        "they",
        "this",
        "to",
        "was",
        "will",
        "with",
        "www",
    ]
)
LONGEST_WORD = 100

# WB4 of UAX #29: marks and joiners belong to the character before them.
_JOINED = r"\p{WB=Extend}\p{WB=Format}\p{WB=ZWJ}"
_CHARACTER = rf"[\p{{Script=Han}}\p{{Script=Hiragana}}][{_JOINED}]*+"


def _run(characters: str) -> str:
    return f"[{characters}][{characters}{_JOINED}]*+"


def _word(letters: str, in_letters: str, digits: str, in_digits: str, link: str, kana: str) -> str:
    """UAX #29: what holds together; one mark may stand between two letters or two digits."""
    group = f"(?:{letters}(?:{in_letters}{letters})*+|{digits}(?:{in_digits}{digits})*+)++"
    core = f"(?:{kana}|{group})"
    return f"(?:{link})?+{core}(?:{link}{core})*+(?:{link})?+"


_KATAKANA = _run(r"\p{WB=Katakana}")
_ANY_WORD = _word(
    letters=_run(r"\p{WB=ALetter}\p{WB=Hebrew_Letter}"),
    in_letters=rf"[\p{{WB=MidLetter}}\p{{WB=MidNumLet}}\p{{WB=Single_Quote}}][{_JOINED}]*+",
    digits=_run(r"\p{WB=Numeric}\uff10-\uff19"),
    in_digits=rf"[\p{{WB=MidNum}}\p{{WB=MidNumLet}}\p{{WB=Single_Quote}}][{_JOINED}]*+",
    link=_run(r"\p{WB=ExtendNumLet}"),
    kana=_KATAKANA,
)
_ANY = regex.compile(
    rf"(?P<pairs>(?:{_CHARACTER})++)"
    rf"|(?P<asian>(?:\p{{Line_Break=Complex_Context}}[{_JOINED}]*+)++)"
    rf"|(?P<word>{_ANY_WORD})"
)
# Nearly all texts are ASCII and common Chinese; for these the same rules are three times as fast.
_PLAIN_TEXT = re.compile(
    r"[\x00-\x7f\u4e00-\u9fa5\u3000-\u3002\u2018-\u201d\u2026，！？（）【】《》：；]*"
)
_PLAIN = re.compile(
    r"(?P<pairs>[\u4e00-\u9fa5]+)|(?P<word>_*(?:X)(?:_+(?:X))*_*)".replace(
        "X", r"(?:[A-Za-z]+(?:[:.'‘’：][A-Za-z]+)*|[0-9]+(?:[,;.'‘’，；][0-9]+)*)+"
    )
)
# Of words, only those entirely of these are taken apart into bigrams.
_SPELT = regex.compile(
    rf"(?:[\p{{Script=Hangul}}&&[\p{{WB=ALetter}}]][{_JOINED}]*+)++|{_KATAKANA}", regex.VERSION1
)
_SINGLE = regex.compile(r"[\p{Script=Han}\p{Script=Hiragana}\p{Script=Hangul}\p{WB=Katakana}]")
_WIDE = regex.compile(r"[\u30ab-\u30fd]?[\uff01-\uff5e\uff65-\uff9f]+")
_MARK = regex.compile(f"[{_JOINED}]")
# Java lowers one character at a time.
_LOWER_ALONE = {0x0130: "i", 0x03A3: "σ"}


def index_terms(text: str) -> list[str]:
    """The index's terms of ``text`` in their order, with repetitions.

    A Chinese, Japanese or Korean character stands alone only where it has no such neighbour.
    """
    return list(_terms(text))


def is_single(term: str) -> bool:
    """Whether ``term`` is one character of a script that the index keeps in pairs."""
    return len(term) == 1 and _SINGLE.match(term) is not None


def _terms(text: str) -> Iterator[str]:
    pattern = _PLAIN if _PLAIN_TEXT.fullmatch(text) else _ANY
    chain = ""
    chain_end = -1
    for match in pattern.finditer(text):
        token = match[0]
        if match.lastgroup == "pairs" or (not token.isascii() and _SPELT.fullmatch(token)):
            if match.start() != chain_end:
                yield from _pairs(chain)
                chain = ""
            chain += _folded(token)
            chain_end = match.end()
        elif len(token) <= LONGEST_WORD:
            yield from _pairs(chain)
            chain = ""
            word = _folded(token)
            if word not in UNINDEXED:
                yield word
    yield from _pairs(chain)


def _pairs(chain: str) -> Iterable[str]:
    if len(chain) == 1:
        return (chain,)
    pairs = map(add, chain, chain[1:])
    # A pair that begins with a mark would be taken apart when it is searched.
    return pairs if chain.isalpha() else (p for p in pairs if not _MARK.match(p))


def _folded(token: str) -> str:
    if token.isascii():
        return token.lower()
    narrow: str = _WIDE.sub(lambda wide: unicodedata.normalize("NFKC", wide[0]), token)
    return narrow.translate(_LOWER_ALONE).lower()
