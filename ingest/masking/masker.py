"""Every detector over a text, and a placeholder in the place of what they find."""

import hashlib
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from graph.domain.enums import Language
from graph.domain.placeholders import PLACEHOLDER, PRECEDENCE, MaskKind, placeholder
from ingest.masking import (
    accounts,
    addresses_en,
    addresses_zh,
    anchored_names,
    bank_cards,
    emails,
    given,
    names_en,
    names_zh,
    passports,
    phones,
    plates,
    recognisers,
    resident_id,
    social_security,
    spoken_digits,
    written_phones,
)
from ingest.masking.reading import Reading, Span, language_of

#: Asked at the beginning of every group of digits; the first that answers has it.
_NUMBERS: tuple[Callable[[Reading, int], Span | None], ...] = (
    resident_id.at,
    bank_cards.at,
    social_security.at,
    phones.at,
    accounts.at,
)
#: Numbers with letters or signs in them; no other number begins within one.
_CODES: tuple[Callable[[Reading], Iterator[Span]], ...] = (
    recognisers.find,
    emails.find,
    accounts.find,
    passports.find,
    plates.find,
)
_WORDS: tuple[Callable[[Reading], Iterator[Span]], ...] = (
    spoken_digits.find,
    written_phones.find,
    addresses_zh.find,
    addresses_en.find,
    names_zh.find,
    names_en.find,
    anchored_names.find,
)
_GROUP = re.compile(r"\d+")
#: What is called like a person: a branch, a firm, a road.
_OF_A_PLACE = re.compile(
    r"[^\s，。,;；、在去到的是于把被给说和与向找有来]{0,5}(?:支行|分行|旗舰店|专卖店|有限公司|集团|大道\d)"
)
_ENOUGH = re.compile(r"\d(?:[ \-.·_\r\n(),/]{0,3}\d){4}")
_LETTER = re.compile(r"[^\W\d_]")
#: Of the detectors and their words. A test holds what they do against it: whoever changes what is
#: masked counts on, so that texts masked by older ones can be read again (``ingest.remasking``).
VERSION = 2
#: What stays in a short text that names staff, a place or a group.
_OF_LABELS = frozenset({MaskKind.NAME})
#: A text that was masked is read again, for what stood beside a finding may read differently now.
_MOST_PASSES = 5


@dataclass(frozen=True, slots=True)
class MaskingOptions:
    """``kinds``: what is masked; ``public_numbers``: a bank's own telephone numbers, which stay."""

    kinds: frozenset[MaskKind] = frozenset(MaskKind)
    public_numbers: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Masked:
    """A text without personal data, and how many pieces of each kind it had."""

    text: str
    counts: Mapping[MaskKind, int] = field(default_factory=dict)


class Masker:
    """Holds no state between texts; may be used from several threads."""

    def __init__(self, options: MaskingOptions | None = None) -> None:
        """Nothing is loaded before the first text."""
        self._options = options or MaskingOptions()
        self._public = frozenset(_digits(number) for number in self._options.public_numbers)

    @property
    def version(self) -> str:
        """What texts are kept with: other detectors or other options mask otherwise."""
        if self._options == MaskingOptions():
            return str(VERSION)
        said = f"{sorted(self._options.kinds)} {sorted(self._public)}"
        return f"{VERSION}-{hashlib.blake2b(said.encode(), digest_size=4).hexdigest()}"

    def mask(self, text: str, names: Sequence[str] = (), secrets: Sequence[str] = ()) -> Masked:
        """Put placeholders for all personal data; masking the result again changes nothing.

        ``names`` and ``secrets`` (identifiers, account numbers) are those given in the record;
        they are masked wherever they occur, however spaced.
        """
        return self._masked(text, names, secrets, frozenset())

    def mask_label(self, text: str) -> str:
        """A short text that may name staff, a place or a group: names stay, nothing else does."""
        return self._masked(text, (), (), _OF_LABELS).text

    def _masked(
        self,
        text: str,
        names: Sequence[str],
        secrets: Sequence[str],
        spared: frozenset[MaskKind],
    ) -> Masked:
        language: Language | None = None
        counts: Counter[MaskKind] = Counter()
        for _ in range(_MOST_PASSES):
            spans = [span for span in self.find(text, names, secrets) if span.kind not in spared]
            if not spans:
                break
            kept = _between(text, spans)
            # Findings are no words of the text, nor are the placeholders of an earlier reading;
            # where nothing else is written, names tell.
            words = "".join(kept)
            if not _LETTER.search(words):
                names_there = (s for s in spans if s.kind is MaskKind.NAME)
                words = " ".join(text[s.start : s.end] for s in names_there)
            language = language or language_of(words)
            counts.update(span.kind for span in spans)
            marks = [placeholder(span.kind, language) for span in spans]
            text = "".join(part for pair in zip(kept, [*marks, ""], strict=True) for part in pair)
        return Masked(text, dict(counts))

    def find(self, text: str, names: Sequence[str] = (), secrets: Sequence[str] = ()) -> list[Span]:
        """What one reading of ``text`` finds, in its order and without overlaps."""
        reading = Reading(text)
        results = list(given.find(reading, names, secrets))
        codes = [span for find in _CODES for span in find(reading)]
        results += codes
        results += _numbers(reading, codes)
        results += [span for find in _WORDS for span in find(reading)]
        kept = [span for span in results if self._is_kept(reading, span)]
        return _without_placeholders(text, _united(kept))

    def _is_kept(self, reading: Reading, span: Span) -> bool:
        if span.kind not in self._options.kinds:
            return False
        if span.kind is MaskKind.NAME and _OF_A_PLACE.match(reading.folded, span.end):
            return False
        return (
            not self._public or _digits(reading.folded[span.start : span.end]) not in self._public
        )


def _numbers(reading: Reading, codes: Iterable[Span]) -> Iterator[Span]:
    taken = iter(_united(codes))
    code = next(taken, None)
    done = 0
    before: re.Match[str] | None = None
    for group in _GROUP.finditer(reading.folded):
        start = group.start()
        while code is not None and code.end <= start:
            code = next(taken, None)
        inside = code is not None and code.start <= start
        follows, before = _follows_digit(before, group), group
        skip = start < done or inside or follows
        if skip or not _ENOUGH.match(reading.folded, start):
            continue
        for at in _NUMBERS:
            if span := at(reading, start):
                yield span
                done = span.end
                break


def _follows_digit(before: re.Match[str] | None, group: re.Match[str]) -> bool:
    """Whether it stands within ``1 3 8 1 2 ...``: such a number begins with the first digit."""
    return (
        before is not None
        and len(before[0]) == len(group[0]) == 1
        and group.start() - before.end() == 1
    )


def _united(spans: Iterable[Span]) -> list[Span]:
    """Overlapping findings as one, of the kind that goes before: nothing of either may stay."""
    united: list[Span] = []
    for span in sorted(spans, key=lambda span: (span.start, span.end)):
        last = united[-1] if united else None
        if last is None or span.start >= last.end:
            united.append(span)
            continue
        kind = min(last.kind, span.kind, key=PRECEDENCE.__getitem__)
        united[-1] = Span(last.start, max(last.end, span.end), kind)
    return united


def _without_placeholders(text: str, spans: list[Span]) -> list[Span]:
    """What lies outside the placeholders that the text already has."""
    if "[" not in text:
        return spans
    held = [match.span() for match in PLACEHOLDER.finditer(text)]
    free, at = [], 0
    for span in spans:  # both lists are in the order of the text
        while at < len(held) and held[at][1] <= span.start:
            at += 1
        if at == len(held) or span.end <= held[at][0]:
            free.append(span)
    return free


def _between(text: str, spans: Sequence[Span]) -> list[str]:
    """What stands before, between and behind the spans: one part more than there are spans."""
    starts = [0, *(span.end for span in spans)]
    ends = [*(span.start for span in spans), len(text)]
    return [text[start:end] for start, end in zip(starts, ends, strict=True)]


def _digits(text: str) -> str:
    return "".join(char for char in text if char.isdigit())
