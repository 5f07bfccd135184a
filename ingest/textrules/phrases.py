"""Phrases as rules write them, and as regular expressions with bounded repetitions.

``a|b`` in parentheses are alternatives (``(a |)b``: with or without), ``...`` is a gap within the
clause (up to 12 Chinese characters, 6 English words), ``*`` behind letters is any ending, ``#`` a
number, ``<name>`` a list; a backslash takes such a sign as it stands. Everything else is taken as
it stands; English words and numbers are whole ones.
"""

import re
from collections import deque
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
_LETTERS = frozenset("abcdefghijklmnopqrstuvwxyz")
_DIGITS = frozenset("0123456789")
#: Stands for any sign at all among those with which a phrase begins.
_ANY = "any"

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


def grouped_pattern_of(phrases: Sequence[str], lists: Lists) -> str:
    """The same in groups by the signs with which the phrases begin.

    At most places of a text one look rules out a whole group, so that a rule may have hundreds of
    phrases.

    Raises:
        PhraseError: see ``pattern_of``.
    """
    groups: dict[frozenset[str], list[str]] = {}
    for phrase in phrases:
        _phrase(phrase, lists)
        signs = _begins(phrase.strip(), lists)
        known = frozenset() if signs & {"", _ANY} else frozenset(signs)
        groups.setdefault(known, []).append(phrase)
    words: list[str] = []
    others: list[str] = []
    for begins, members in sorted(groups.items(), key=lambda group: sorted(group[0])):
        ahead = f"(?=[{''.join(map(re.escape, sorted(begins)))}])" if begins else ""
        whole = begins and begins <= _LETTERS | _DIGITS
        (words if whole else others).append(ahead + pattern_of(members, lists))
    if words:
        others.append(rf"(?<![a-z0-9])(?=[a-z0-9])(?:{'|'.join(words)})")
    return f"(?:{'|'.join(others)})"


def _begins(phrase: str, lists: Lists) -> set[str]:
    return _first_signs(deque(_TOKEN.findall(phrase)), lists)


def _first_signs(parts: deque[str], lists: Lists) -> set[str]:
    """The signs with which the parts up to a closing parenthesis may begin; "" if with none."""
    signs: set[str] = set()
    at_start = True
    while parts:
        part = parts.popleft()
        if part == ")":
            break
        if part == "|":
            signs |= {""} if at_start else set()
            at_start = True
            continue
        first = _first_signs(parts, lists) if part == "(" else _signs_of(part, lists)
        if at_start:
            signs |= first - {""}
            at_start = "" in first
    return signs | {""} if at_start else signs


def _signs_of(part: str, lists: Lists) -> set[str]:
    if part in {"...", "…", "*"}:
        return {_ANY}
    if part == "#":
        return set(_DIGITS)
    if part.startswith("<") and len(part) > 1:
        return {sign for name in lists[part[1:-1]] for sign in _begins(name, lists)}
    first = part[1] if part.startswith("\\") else part[0]
    return {"'", "’"} if first in "'’" else {first}


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
