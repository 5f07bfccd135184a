"""What a person types into the one box: a customer's number, references, a part of one, or words.

Nothing here is stored or logged: numbers leave as keyed hashes only.
"""

import re
from dataclasses import dataclass

from graph.domain.copies import reference_key
from graph.domain.enums import IdentifierKind
from graph.domain.identity import Keyring
from ingest.masking import normalise_identifier
from ingest.masking.folding import fold

#: Longer texts are sentences: they are searched, and only references in them looked up.
LONGEST_NUMBER = 200
MOST_CANDIDATES = 400
#: Parts of a reference that are looked for: shorter ones stand in every other.
SHORTEST_PART = 3
_TOKEN = re.compile(r"[A-Za-z0-9][A-Za-z0-9._()+#/\-]*|\+[0-9(][0-9()\-.]*|\([0-9+][0-9()\-.]*")
#: What stands for a number without being one: masked, or its last digits.
_REDACTED = re.compile(
    r"[0-9A-Za-z]*[*•]+[0-9A-Za-z]*|(?<=尾号)\s*:?\s*\d+(?![0-9A-Za-z])|x{3,}\d+", re.IGNORECASE
)
_DATE = re.compile(r"(?:19|20)\d\d([-./])[01]?\d\1[0-3]?\d")
_LISTED = re.compile(r"[\n\r\t,;、，；|。]+")
#: Groups of a number that were typed with blanks between them.
_GROUPS = 6
_SHORTEST_NUMBER = 7
_ASCII = re.compile(r"[A-Za-z0-9](?:[\x20-\x7e]*[A-Za-z0-9])?")
#: In a sentence, a shorter number is an amount or a count rather than a reference.
_SHORTEST_NAMED = 4
_DIGIT = re.compile(r"\d")


@dataclass(frozen=True, slots=True)
class Sought:
    """What a text may name: keys of references, normal forms of identifiers, parts of references.

    ``part``: the whole text, where it may be a part of a reference.
    """

    references: tuple[str, ...]
    identifiers: tuple[tuple[IdentifierKind, str], ...]
    part: str | None

    def hashes(self, keyring: Keyring, systems: list[str]) -> list[str]:
        """The keyed hashes under which the identifiers may stand; a source's own ids in each."""
        return [
            keyring.identifier(kind, f"{system}:{normal}" if system else normal)
            for kind, normal in self.identifiers
            for system in (systems if kind is IdentifierKind.SOURCE_ID else [""])
        ]


def sought(text: str) -> Sought:
    """Everything in a text that may be a reference or a person's identifier."""
    folded = _REDACTED.sub("|", fold(text))
    candidates = _candidates(folded)
    keys = dict.fromkeys(
        key
        for each in candidates
        if len(key := reference_key(each)) >= (1 if each == folded.strip() else _SHORTEST_NAMED)
    )
    short = len(text) <= LONGEST_NUMBER
    identifiers = dict.fromkeys(
        (kind, normal)
        for each in candidates
        if short
        for kind in IdentifierKind
        if (normal := _identifier(kind, each, alone=each == folded.strip())) is not None
    )
    return Sought(tuple(keys), tuple(identifiers), _part(folded) if short else None)


def _part(folded: str) -> str | None:
    """What may be a part of a reference: all that was typed, or the one number beside a label."""
    runs = _ASCII.findall(folded)
    key = reference_key(runs[0]) if len(runs) == 1 else ""
    return key if len(key) >= SHORTEST_PART and not _DATE.fullmatch(runs[0].strip()) else None


def _candidates(folded: str) -> list[str]:
    """The whole text, and what stands in it in one piece or in neighbouring groups."""
    results = {folded.strip(): None}
    for part in _LISTED.split(folded):
        results[part.strip()] = None
        # Chinese words divide what blanks do not.
        for run in re.split(r"[^\x00-\x7f]+", part):
            tokens = [token.strip(".-/#") for token in _TOKEN.findall(run)]
            results |= {each: None for token in tokens for each in token.split("/")}
            for size in range(1, _GROUPS + 1):
                for start in range(len(tokens) - size + 1):
                    results[" ".join(tokens[start : start + size])] = None
                    if len(results) >= MOST_CANDIDATES:
                        return [each for each in results if each]
    return [each for each in results if each]


def _identifier(kind: IdentifierKind, text: str, *, alone: bool) -> str | None:
    if _DATE.match(text):
        return None
    digits = len(_DIGIT.findall(text))
    if kind is IdentifierKind.SOURCE_ID:
        # A source's id has any form: only what is typed alone, or in one piece with a digit.
        return normalise_identifier(kind, text) if alone or (digits and " " not in text) else None
    return normalise_identifier(kind, text) if digits >= _SHORTEST_NUMBER else None
