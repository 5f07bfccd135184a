"""Phrases as rules write them, and as regular expressions with bounded repetitions.

``a|b`` in parentheses are alternatives (``(a |)b``: with or without), ``...`` is a gap within the
clause (up to 12 Chinese characters, 6 English words), ``*`` behind letters is any ending, ``#`` a
number, ``<name>`` a list; a backslash takes such a sign as it stands. Everything else is taken as
it stands; English words and numbers are whole ones.
"""

import re
from collections.abc import Iterator, Mapping, Sequence

_TOKEN = re.compile(r"\\.|\.\.\.|…|<[a-z-]+>|[()|*#]|[a-z0-9'’&-]+|\s+|.")
#: Of regular expressions, which phrases are not.
_FOREIGN = re.compile(r"(?<!\\)[\[\]{}+$^?]")
#: A part of a word: both sides of a parenthesis are whole words.
_TORN = re.compile(r"[a-z0-9'’]\(|[^|\s]\)[a-z0-9'’]")
_SIGNS = r"，、：:。！？!?；;\n,."
_GAP_ZH = rf"[^{_SIGNS}]{{0,12}}?"
_GAP_EN = rf"(?:\s{{1,3}}[^\s{_SIGNS}]{{1,20}},?){{0,6}}?\s{{1,3}}"
_LATIN = re.compile(r"[a-z0-9]")

Lists = Mapping[str, Sequence[str]]


class PhraseError(ValueError):
    """A phrase that cannot be read; the message says where."""


def pattern_of(phrases: Sequence[str], lists: Lists) -> str:
    """One expression for several phrases of texts as ``reading`` gives them.

    Raises:
        PhraseError: a parenthesis is left open or tears a word, a sign means nothing, there is no
            such list.
    """
    # Longer ones first: an alternation takes the first that fits.
    ordered = sorted(phrases, key=lambda phrase: (-len(phrase), phrase))
    return "(?:" + "|".join(_phrase(phrase, lists) for phrase in ordered) + ")"


def _phrase(phrase: str, lists: Lists) -> str:
    tokens = _TOKEN.findall(phrase.strip())
    if tokens.count("(") != tokens.count(")"):
        raise PhraseError(f"a parenthesis is left open in {phrase!r}")
    if foreign := _FOREIGN.search(phrase):
        raise PhraseError(f"{foreign[0]!r} means nothing in {phrase!r}: write \\{foreign[0]}")
    if torn := _TORN.search(phrase):
        raise PhraseError(f"{torn[0]!r} tears a word in {phrase!r}: write each word whole")
    try:
        return "".join(_parts(tokens, lists, phrase))
    except KeyError as error:
        raise PhraseError(f"there is no list {error.args[0]!r} in {phrase!r}") from error


def _parts(tokens: Sequence[str], lists: Lists, phrase: str) -> Iterator[str]:
    spaced = not re.search(r"[\u3400-\u9fff]", phrase)
    for place, part in enumerate(tokens):
        if part in {"...", "…"}:
            yield _GAP_EN if spaced else _GAP_ZH
        elif part in "()|":
            yield "(?:" if part == "(" else part
        elif part.startswith("\\"):
            yield re.escape(part[1:])
        elif part == "#":
            yield r"\d{1,12}"
        elif part == "*":
            yield r"[a-z]{0,12}"
        elif part.startswith("<") and len(part) > 1:
            yield pattern_of(lists[part[1:-1]], lists)
        elif part.isspace():
            gap_beside = {tokens[place - 1], *tokens[place + 1 : place + 2]} & {"...", "…"}
            yield "" if gap_beside else r"\s{1,3}"
        elif _LATIN.match(part):
            ending = tokens[place + 1 : place + 2] == ["*"]
            word = re.escape(part).replace("'", "['’]")
            yield rf"(?<![a-z0-9]){word}" + ("" if ending else r"(?![a-z0-9])")
        else:
            yield re.escape(part)
