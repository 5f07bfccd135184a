"""Phrases as rules write them, and as regular expressions with bounded repetitions.

``a|b`` in parentheses are alternatives (``(a |)b``: with or without), ``...`` is a gap within the
clause (up to 12 Chinese characters, 6 English words), ``*`` behind letters is any ending, ``#`` a
number, ``<name>`` a list; a backslash takes such a sign as it stands. Everything else is taken as
it stands; English words and numbers are whole ones.
"""

import re
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, lru_cache
from itertools import accumulate

_TOKEN = re.compile(r"\\.|\.\.\.|…|<[a-z-]+>|[()|*#]|[a-z0-9'’&-]+|\s+|.")
#: Of regular expressions, which phrases are not.
_FOREIGN = re.compile(r"(?<!\\)[\[\]{}+$^?]")
#: A part of a word: both sides of a parenthesis are whole words.
_TORN = re.compile(r"[a-z0-9'’]\(|[^|\s]\)[a-z0-9'’]")
_SIGNS = r"，、：:。！？!?；;\n,."
_GAP_ZH = rf"[^{_SIGNS}]{{0,12}}?"
_GAP_EN = rf"(?:\s{{1,3}}[^\s{_SIGNS}]{{1,20}},?){{0,6}}?\s{{1,3}}"
_LATIN = re.compile(r"[a-z0-9]")
#: Where a phrase may begin: at whole words, and at every other sign.
_PLACE = re.compile(r"(?<![a-z0-9])[a-z0-9]|[^a-z0-9\s]")
#: Behind the known first signs of a phrase: anything may follow.
_CLOSED = "\0"
_MOST = 3
_MOST_CHINESE = 2

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


@dataclass(frozen=True, slots=True)
class PhraseIndex:
    """Phrases, and at which signs of a text each may begin.

    Only those are tried at a place that may begin there, so that a rule may have a thousand.
    """

    #: Expressions, longer ones first: the first that fits is taken. One is compiled when it is
    #: first tried; most never are.
    patterns: tuple[str, ...]
    #: By up to three signs, which of them may begin so.
    beginnings: Mapping[str, tuple[int, ...]] = field(hash=False)

    @classmethod
    def of(cls, phrases: Sequence[str], lists: Lists) -> "PhraseIndex":
        """Raises ``PhraseError``; see ``pattern_of``."""
        ordered = sorted(set(phrases), key=lambda phrase: (-len(phrase), phrase))
        beginnings: dict[str, list[int]] = {}
        patterns = []
        for number, phrase in enumerate(ordered):
            patterns.append(_phrase(phrase, lists))
            for begin in _begins(phrase.strip(), lists):
                beginnings.setdefault(begin, []).append(number)
        return cls(tuple(patterns), {key: tuple(value) for key, value in beginnings.items()})

    def matches(self, text: str) -> Iterator[re.Match[str]]:
        """Those that a text holds, one after the other."""
        beginnings = self.beginnings
        anywhere = beginnings.get("", ())
        end = 0
        for at, keys in _places(text):
            if at < end:
                continue
            numbers = anywhere
            for key in keys:
                if key in beginnings:
                    numbers += beginnings[key]
            for number in sorted(numbers) if len(numbers) > 1 else numbers:
                if match := _compiled(self.patterns[number]).match(text, at):
                    end = max(match.end(), at + 1)
                    yield match
                    break


@cache
def _compiled(expression: str) -> re.Pattern[str]:
    return re.compile(expression)


@lru_cache(maxsize=4)
def _places(text: str) -> Sequence[tuple[int, tuple[str, str, str]]]:
    """Where phrases may begin, and the signs there: whole words, and every other sign.

    Remembered for the rules that read the same text one after the other.
    """
    return [
        (at, (text[at], text[at : at + 2], text[at : at + 3]))
        for at in (place.start() for place in _PLACE.finditer(text))
    ]


def _begins(phrase: str, lists: Lists) -> set[str]:
    begins = _beginnings(deque(_TOKEN.findall(phrase)), lists)
    return {begin.rstrip(_CLOSED) for begin in begins}


def _beginnings(parts: deque[str], lists: Lists) -> set[str]:
    """How the parts up to a closing parenthesis begin; closed where anything may follow."""
    results: set[str] = set()
    begins = {""}
    while parts:
        part = parts.popleft()
        if part == ")":
            break
        if part == "|":
            results |= begins
            begins = {""}
            continue
        following = _beginnings(parts, lists) if part == "(" else _signs_of(part, lists)
        begins = {
            begin if begin.endswith(_CLOSED) else _cut(begin + more)
            for begin in begins
            for more in (following if not begin.endswith(_CLOSED) else [""])
        }
    return results | begins


def _cut(begin: str) -> str:
    most = _MOST if _LATIN.match(begin) else _MOST_CHINESE
    return begin if len(begin) < most else begin[:most].rstrip(_CLOSED) + _CLOSED


def _signs_of(part: str, lists: Lists) -> set[str]:
    if part in {"...", "…", "*"} or part.isspace():
        return {_CLOSED}
    if part == "#":
        return {digit + _CLOSED for digit in "0123456789"}
    if part.startswith("<") and len(part) > 1:
        return {
            begin
            for name in lists[part[1:-1]]
            for begin in _beginnings(deque(_TOKEN.findall(name)), lists)
        }
    plain = part[1:] if part.startswith("\\") else part
    for place, sign in enumerate(plain):
        if sign in "'’":
            return {plain[:place] + _CLOSED}
    return {plain}


def _phrase(phrase: str, lists: Lists) -> str:
    tokens = _TOKEN.findall(phrase.strip())
    depths = list(accumulate({"(": 1, ")": -1}.get(token, 0) for token in tokens))
    if depths and (min(depths) < 0 or depths[-1] > 0):
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
