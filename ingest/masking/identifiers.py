"""One written form for each identifier, so that a customer is found again by a keyed hash of it."""

import re

import phonenumbers

from ingest.masking.folding import fold
from ingest.masking.resident_id import compact, is_long, is_short, lengthen

_SEPARATORS = re.compile(r"[\s\-._·]")
_PLAIN = re.compile(r"[A-Z0-9]{5,34}")
_EMAIL = re.compile(r"[^\s@]{1,64}@[^\s@]{1,253}\.[^\s@.]{2,24}")
_DOMESTIC_MOBILE = re.compile(r"1[3-9]\d{9}")
_TRUNK = re.compile(r"\(0\)")
_REDACTED = re.compile(r"[*•#?]|[Xx]{3,}")
#: Typed by clerks where there is no number: they would make one customer of many.
_FILLERS = re.compile(r"(\d)\1+|1[3-9]\d0{8}|0?1234567890?")
_FEWEST_DIGITS = 4
_SHORTEST_PHONE = 7


def normalise_identifier(kind: str, value: str) -> str | None:
    """The form of an identifier that is the same however it was written; None: not usable.

    ``kind`` is an ``IdentifierKind`` or ``MaskKind`` (they share their values). Not usable are
    redacted values, fillers such as 11111111111, and identity numbers with a wrong check digit:
    each could make one person of two.
    """
    folded = fold(value).strip()
    if kind == "SOURCE_ID":
        return folded or None
    if not folded or _REDACTED.search(folded):
        return None
    normalise = _NORMALISERS.get(kind, _plain)
    return normalise(folded)


def _identity(value: str) -> str | None:
    number = _SEPARATORS.sub("", value).upper()
    if is_long(number):
        return number
    if is_short(number):
        return lengthen(number)
    # Passports, permits, Hong Kong's cards: letters and digits; mainland numbers were tried above.
    return _plain(value) if len(compact(number)) < 15 else None


def _mobile(value: str) -> str | None:
    number = _SEPARATORS.sub("", value)
    digits = re.sub(r"\D", "", _TRUNK.sub("", number))
    domestic = re.sub(r"^(?:00)?86|^0(?=1[3-9])", "", digits)
    if _DOMESTIC_MOBILE.fullmatch(domestic):
        return None if _FILLERS.fullmatch(domestic) else domestic
    try:
        parsed = phonenumbers.parse(value, None if value.startswith("+") else "CN")
    except phonenumbers.NumberParseException:
        return None
    too_short = len(str(parsed.national_number)) < _SHORTEST_PHONE
    if too_short or not phonenumbers.is_possible_number(parsed) or _FILLERS.fullmatch(digits):
        return None
    return str(phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164))


def _email(value: str) -> str | None:
    address = value.replace(" ", "").lower()
    return address if _EMAIL.fullmatch(address) else None


def _plain(value: str) -> str | None:
    plain = re.sub(r"[\s\-._·()/]", "", value).upper()
    digits = sum(map(str.isdigit, plain))
    if not _PLAIN.fullmatch(plain) or digits < _FEWEST_DIGITS or _FILLERS.fullmatch(plain):
        return None
    return plain


_NORMALISERS = {
    "ID_NUMBER": _identity,
    "MOBILE": _mobile,
    "PHONE": _mobile,
    "EMAIL": _email,
}
