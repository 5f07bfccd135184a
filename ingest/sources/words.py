"""Words in cells that say something fixed: nothing, yes, a currency, a unit, a month, a status.

They are data (``words.toml``), beside the names and signs of currencies and months, which come
from the Unicode Common Locale Data Repository (https://cldr.unicode.org) through Babel.
"""

import re
import tomllib
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from functools import cache
from importlib import resources
from pathlib import Path
from types import MappingProxyType
from typing import Annotated, Any, TypeAlias, TypeVar

from babel import Locale
from babel.core import get_global
from babel.numbers import get_currency_name, get_currency_symbol
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from graph.domain.enums import CaseStatus, Channel, Nature, OutcomeKind, Severity, Urgency
from graph.domain.vocabulary import label_of
from graph.errors import SourceError
from graph.validation import problems
from ingest.chinese import simplified

#: Languages whose names and signs of currencies are known.
_CURRENCY_LOCALES = ("en", "zh", "zh_Hant", "ja", "de", "fr", "es", "pt")
#: Counts that these have forms of their own for.
_PLURALS = (1, 2, 1_000_000)
#: Languages whose names of months are known; where two differ, the earlier one counts.
_MONTH_LOCALES = ("en", "de", "fr", "es", "pt", "it", "nl")
_SPACE = re.compile(r"\s+")
#: The word beside a ticked box; behind the box, or before it where the other's box is empty.
_TICKED = re.compile(r"(?:[☑✓✔√■☒✅]\s*(\w+))|(?:(\w+)\s*[☑✓✔√■☒✅](?!\s*\w))")
_BRACKETED = re.compile(r"\(([^()]*)\)")
_DIVIDED = re.compile(r"(?<=\w)\s*[-|:_、/]\s*(?=\w)")
_REMARK = re.compile(r"[,;。]|\s-\s")
_T = TypeVar("_T")
#: Longer texts (characters) are no words.
_LONGEST = 100
#: Of Latin, Greek and Cyrillic letters: people write números and numeros.
_ACCENTS = re.compile("[\u0300-\u036f]")
#: Of zero width: joiners, marks of direction and of byte order, soft hyphens.
_INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff]")

_List: TypeAlias = tuple[Annotated[str, Field(min_length=1)], ...]
_Lists: TypeAlias = dict[str, _List]


class _Sections(BaseModel):
    """The form of a file of words."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    nothing: _Lists = {}
    truth: _Lists = {}
    units: dict[str, Decimal] = {}
    minor_units: _Lists = {}
    currencies: _Lists = {}
    shared_signs: _Lists = {}
    usual_signs: _Lists = {}
    day_parts: _Lists = {}
    channel: _Lists = {}
    status: _Lists = {}
    outcome: _Lists = {}
    urgency: _Lists = {}
    severity: _Lists = {}
    nature: _Lists = {}


class DayPart(StrEnum):
    SMALL_HOURS = "small_hours"
    MORNING = "morning"
    NOON = "noon"
    AFTERNOON = "afternoon"
    EVENING = "evening"


@dataclass(frozen=True, eq=False)
class Words:
    """What folded words (see ``fold``) say.

    ``currencies``: names and signs without spaces; ``shared``: signs of several currencies;
    ``usual``: those of them that mean the first one where nothing says another; ``codes``: of ISO
    4217; ``minor_units``: cents and the like; ``months``: 1 to 12; ``members``: of closed sets, by
    the set.
    """

    nothing: frozenset[str]
    truth: Mapping[str, bool]
    units: Mapping[str, Decimal]
    currencies: Mapping[str, str]
    shared: Mapping[str, tuple[str, ...]]
    usual: frozenset[str]
    codes: frozenset[str]
    minor_units: frozenset[str]
    day_parts: Mapping[str, DayPart]
    months: Mapping[str, int]
    members: Mapping[type[StrEnum], Mapping[str, str]]
    undecided: frozenset[str]

    def is_nothing(self, text: str) -> bool:
        """Whether the cell says that there is nothing."""
        return not text or fold(text) in self.nothing

    def currency(self, text: str, usual: str) -> str | None:
        """The ISO 4217 code that a cell names; ``usual`` where it is one that shares the sign."""
        return _meaning(_compact(text), _currencies(self, usual))

    def member(self, kind: type[StrEnum], text: str) -> str | None:
        """A member of a closed set by its name, its label or another word for it."""
        known = _members(self, kind)
        return None if self.is_nothing(text) and fold(text) not in known else _meaning(text, known)

    def answer(self, text: str) -> bool | None:
        """Yes or no; None for what is neither."""
        if self.is_nothing(text) and fold(text) not in self.truth:
            return None
        return _meaning(text, self.truth)

    def says_undecided(self, text: str) -> bool:
        """Whether an outcome says that nothing is decided."""
        return self.is_nothing(text) or fold(text) in self.undecided


@cache
def _currencies(words: Words, usual: str) -> Mapping[str, str]:
    signs = {sign: usual for sign, codes in words.shared.items() if usual in codes}
    signs = {sign: words.shared[sign][0] for sign in words.usual if sign in words.shared} | signs
    return {**words.currencies, **signs}


@cache
def _members(words: Words, kind: type[StrEnum]) -> Mapping[str, str]:
    return {**words.members.get(kind, {}), **_labels(kind)}


def _meaning(text: str, known: Mapping[str, _T]) -> _T | None:
    """What a word means, as it stands or without what forms put around it; None for a word that
    is not known, or whose parts disagree, as in 是/否.
    """
    for words in _readings(text) if len(text) <= _LONGEST else ():
        meanings = {known[word] for word in words if word in known}
        if len(meanings) > 1:
            return None
        if meanings:
            return meanings.pop()
    return None


def _readings(text: str) -> Iterator[Sequence[str]]:
    """The folded word, then what it is without boxes, a remark, or the code before it."""
    folded = fold(text)
    yield (folded,)
    if ticked := _TICKED.findall(folded):
        yield tuple(before or after for before, after in ticked)
        return
    if inside := _BRACKETED.search(folded):
        # A bracket may limit what stands before it: 结案(撤诉).
        yield (inside[1].strip(),)
        folded = _BRACKETED.sub("", folded).strip()
        yield (folded,)
    yield tuple(part.strip() for part in _DIVIDED.split(folded))
    yield (_REMARK.split(folded, maxsplit=1)[0].strip(),)
    yield (folded.rstrip(".!。"),)


def fold(text: str) -> str:
    """A word without what does not count: widths, letter case, accents, script of Chinese, extra
    spaces, marks that nobody sees.
    """
    if text.isascii():
        return _SPACE.sub(" ", text).strip().casefold()
    apart = unicodedata.normalize("NFKD", _INVISIBLE.sub("", text))
    narrow = unicodedata.normalize("NFKC", _ACCENTS.sub("", apart)).casefold()
    return _SPACE.sub(" ", simplified(narrow)).strip()


@cache
def default_words() -> Words:
    """The words that are shipped."""
    return _words(_shipped())


def load_words(path: Path) -> Words:
    """The words that are shipped, and those of a file, which come first.

    Raises:
        SourceError: no such file, no TOML, or another form than ``words.toml`` has.
    """
    try:
        own = _Sections.model_validate(tomllib.loads(path.read_text("utf-8-sig")))
    except OSError as error:
        raise SourceError(
            f"The words {path.name} cannot be read ({error.strerror or error})."
        ) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SourceError(f"The words {path.name} are no TOML: {error}.") from error
    except ValidationError as error:
        told = "; ".join(problems(error, _Sections))
        raise SourceError(f"The words {path.name} are wrong: {told}.") from error
    return _words(_shipped(), own)


@cache
def _shipped() -> _Sections:
    text = (resources.files("ingest.sources") / "words.toml").read_text("utf-8")
    return _Sections.model_validate(tomllib.loads(text))


def _words(*sections: _Sections) -> Words:
    def lists(name: str) -> dict[str, list[str]]:
        merged: dict[str, list[str]] = {}
        for section in sections:
            for key, words in getattr(section, name).items():
                merged.setdefault(key, []).extend(words)
        return merged

    def keys(name: str) -> dict[str, str]:
        """The key of each word; a later file's counts more."""
        return {
            fold(word): key
            for section in sections
            for key, words in getattr(section, name).items()
            for word in words
        }

    truth, outcome = keys("truth"), keys("outcome")
    shared = {sign: codes for sign, codes in _cldr_currencies().items() if len(codes) > 1}
    shared |= {_compact(fold(sign)): tuple(own) for sign, own in lists("shared_signs").items()}
    currencies = {word: codes[0] for word, codes in _cldr_currencies().items() if len(codes) == 1}
    currencies |= {_compact(word): code for word, code in keys("currencies").items()}
    sets: Mapping[type[StrEnum], dict[str, str]] = {
        Channel: keys("channel"),
        CaseStatus: keys("status"),
        OutcomeKind: {word: key for word, key in outcome.items() if key != "none"},
        Urgency: keys("urgency"),
        Severity: keys("severity"),
        Nature: keys("nature"),
    }
    for kind, words in sets.items():
        if unknown := set(words.values()) - set(kind):
            raise SourceError(f"The words know no {kind.__name__} {', '.join(sorted(unknown))}.")
    return Words(
        nothing=frozenset(keys("nothing")),
        truth=MappingProxyType({word: key == "yes" for word, key in truth.items()}),
        units=MappingProxyType(
            {_compact(fold(word)): worth for s in sections for word, worth in s.units.items()}
        ),
        currencies=MappingProxyType({w: c for w, c in currencies.items() if w not in shared}),
        shared=MappingProxyType(shared),
        usual=frozenset(map(_compact, keys("usual_signs"))),
        codes=_tender(),
        minor_units=frozenset(keys("minor_units")),
        day_parts=MappingProxyType({word: DayPart(k) for word, k in keys("day_parts").items()}),
        months=_months(),
        members=MappingProxyType(sets),
        undecided=frozenset(word for word, key in outcome.items() if key == "none"),
    )


@cache
def _tender() -> frozenset[str]:
    """Codes of the currencies that are money somewhere today: no metals, no marks and francs."""
    return frozenset(
        code
        for histories in get_global("territory_currencies").values()
        for code, _, end, is_tender in histories
        if is_tender and end is None
    )


@cache
def _labels(kind: type[StrEnum]) -> dict[str, str]:
    labels = {
        fold(word): member.value
        for member in kind
        for word in (label_of(member).zh, label_of(member).en)
    }
    return labels | {fold(member.value): member.value for member in kind}


@cache
def _cldr_currencies() -> Mapping[str, tuple[str, ...]]:
    """The currencies in use by their codes, names, plurals and signs; several where one language
    uses one sign for them, as FCFA.
    """
    results: dict[str, tuple[str, ...]] = {}
    for name in reversed(_CURRENCY_LOCALES):
        locale = Locale.parse(name)
        here: dict[str, tuple[str, ...]] = {}
        for code in sorted(_tender()):
            names = (get_currency_name(code, count, locale) for count in (None, *_PLURALS))
            words = (code, get_currency_symbol(code, locale), *names)
            for word in {_compact(fold(word)) for word in words}:
                here[word] = (*here.get(word, ()), code)
        results |= here
    return MappingProxyType(results)


@cache
def _months() -> Mapping[str, int]:
    results: dict[str, int] = {}
    for name in reversed(_MONTH_LOCALES):
        months: Mapping[str, Any] = Locale.parse(name).months["format"]
        for width in ("wide", "abbreviated"):
            results |= {fold(m).rstrip("."): number for number, m in months[width].items()}
    return MappingProxyType(results | {"sept": 9})


def _compact(text: str) -> str:
    return _SPACE.sub("", text)


def any_of(words: Iterable[str]) -> str:
    """A group of a regular expression: one of the words, the longest first."""
    return "|".join(re.escape(word) for word in sorted(words, key=lambda w: (-len(w), w)))
