"""English names: with a title, behind words such as "my name is", or with a usual first name."""

import re
from collections.abc import Iterator

from graph.domain.placeholders import MaskKind
from ingest.masking.no_names_en import FIRMS_AFTER, NO_NAMES, WELL_KNOWN
from ingest.masking.reading import Reading, Span
from ingest.masking.vocabulary import words

#: Words that begin with a capital, one behind the other, with initials between them.
#: Letters with accents are letters.
_CAPITAL, _LETTER = "A-ZÀ-ÖØ-ÞĀ-Ž", "A-Za-zÀ-ÖØ-öø-žḀ-ỿ"
_CAPITALISED = re.compile(
    rf"[{_CAPITAL}][{_LETTER}'’\-]{{0,20}}\.?(?: [{_CAPITAL}][{_LETTER}'’\-]{{0,20}}\.?){{0,7}}"
)
_WORD = re.compile(rf"[{_CAPITAL}][{_LETTER}'’\-]*\.?")
_LONGEST_NAME = 3
_REACH = 40
_FIRST_NAMES = frozenset(words("first_names_en"))
_TITLES = tuple(
    f" {title}"
    for title in (
        *("mr", "mrs", "ms", "miss", "mx", "dr", "prof", "professor", "rev"),
        *("officer", "detective", "judge", "sgt"),
    )
)
#: Behind these stands a name, whatever it looks like.
_SURE_CUES = tuple(f" {cue}" for cue in words("cues_sure_en"))
#: Behind these a name may stand, and much else that has capitals.
_LIKELY_CUES = tuple(f" {cue}" for cue in words("cues_likely_en"))
_BETWEEN = re.compile(r"(?:[\s:,\"“(]|\b(?:is|was|named|called|a|an|name)\b)+$")
_SPEAKS = re.compile(
    r"\s(?:said|told|stated|informed|advised|explained|answered|assured|replied|claimed|refused"
    r"|promised|transferred|hung up|apologized|confirmed|insisted"
    r"|from (?:customer|the|your|billing))"
)
_FIRM_BEFORE = re.compile(
    r"\b(?:company|bank|firm|business|agency|lender|store|school)\s(?:was |is )?(?:named|called)\s$"
)
_CAPITALS = re.compile(r"[A-Z]{3}")


def find(reading: Reading) -> Iterator[Span]:
    """Titles stay, for they tell whom the complaint is about."""
    folded = reading.folded
    for run in _CAPITALISED.finditer(folded):
        parts = [match.span() for match in _WORD.finditer(folded, *run.span())]
        while parts:
            name = _leading_name(folded, parts)
            if not name:
                parts = parts[1:]
                continue
            start, end = name[0][0], name[-1][1]
            if _is_name(folded, start, end, len(name)):
                yield Span(start, _without_stop(folded, end), MaskKind.NAME)
            parts = parts[len(name) :]


def _leading_name(folded: str, parts: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """The words from the first on that may belong to one name."""
    name: list[tuple[int, int]] = []
    for start, end in parts[:_LONGEST_NAME]:
        word = folded[start:end].rstrip(".").removesuffix("'s").removesuffix("’s")
        if word.capitalize() in NO_NAMES or _is_redacted(word):
            break
        name.append((start, end))
        if folded[end - 1] == "." and end - start > 2:
            break  # the end of a sentence, not an initial
    while (
        name and name[-1][1] - name[-1][0] <= 2 and len(name) > 1 and folded[name[-1][1] - 1] != "."
    ):
        name.pop()
    return name


def _is_name(folded: str, start: int, end: int, length: int) -> bool:
    parts = folded[start:end].rstrip(".").split(" ")
    head = " " + folded[max(0, start - _REACH) : start].lower().replace("\n", " ")
    if _FIRM_BEFORE.search(head) or " ".join((parts[0], parts[-1])) in WELL_KNOWN:
        return False
    if head.rstrip(" .").endswith(_TITLES):
        return f"Mr {parts[0]}" not in WELL_KNOWN
    ended = folded[end - 1] == "." and len(parts[-1]) > 1
    if len(parts[0]) < 2 or (not ended and FIRMS_AFTER.match(folded, end)):
        return False
    usual = parts[0].capitalize() in _FIRST_NAMES
    cue = _BETWEEN.sub("", head)
    named = head.rstrip(' :"“(').endswith((" named", " name is"))
    if named or cue.endswith(_SURE_CUES):
        return True
    if cue.endswith(_LIKELY_CUES) and cue != head:
        return usual or length > 1
    if _CAPITALS.match(parts[0]):
        return False  # shouting
    return usual and (length > 1 or _SPEAKS.match(folded, end) is not None)


def _is_redacted(word: str) -> bool:
    return len(word) > 1 and not word.upper().strip("X-")


def _without_stop(folded: str, end: int) -> int:
    return end - 1 if folded[end - 1] == "." else end
