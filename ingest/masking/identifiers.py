"""One written form for each identifier, so that a customer is found again by a keyed hash of it.

Registration, imports and the search for a customer's cases all take it from here.
"""

import re
from datetime import UTC, datetime
from decimal import Decimal

import phonenumbers
from phonenumbers import PhoneNumberType
from stdnum import luhn

from ingest.masking.fillers import (
    is_example,
    is_example_phone,
    is_made_up,
    is_sample_paper,
    is_word,
)
from ingest.masking.folding import fold
from ingest.masking.phones import is_service
from ingest.masking.resident_id import compact, is_long, is_short, lengthen

_SEPARATORS = re.compile(r"[\s\-._·]")
_EMAIL = re.compile(r"[^\s@]{1,64}@[^\s@]{1,253}\.[^\s@.]{2,24}")
_REDACTED = re.compile(r"[*•#?]|[Xx]{3,}|\.{3,}|…")
_REDACTED_ID = re.compile(r"\*{2,}|•|[Xx]{4,}|\?{2,}|…")
#: A sign that keeps a spreadsheet from making a number of a text.
_QUOTED = re.compile(r"=?\"(.*)\"|'(.*)", re.DOTALL)
_GROUPED = re.compile(r"\d{1,3}(?:,\d{3})+(?:\.0+)?")
_WHOLE = re.compile(r"(\d+)\.0*")
_ROUNDED = re.compile(r"\d(?:\.\d+)?E\+?\d{1,2}", re.IGNORECASE)
#: A spreadsheet keeps so many digits of a number.
_KEPT_DIGITS = 15
#: A label before a number, and what somebody added behind it.
_LABEL = re.compile(r"^[^\d+()*•?#]+:\s*")
_WORDS_BEFORE = re.compile(r"^[^\x00-\x7f]+\s*(?=[A-Za-z\d+(])")
_REMARK = re.compile(r"\s*(?:[(\[][^\d()\[\]]*[)\]]|[。;,、]+|\s[^\x00-\x7f]+)$")
_TWO = re.compile(r"[,;、|]")

_TRUNK = re.compile(r"\(0\)")
#: The country's own code may be there, also where two systems have added it, and a trunk 0.
_MOBILE = re.compile(r"(?:(?:00)?86)*0?(1[3-9]\d{9})")
_CHINESE = re.compile(r"(?:00)?86")
_ABROAD = re.compile(r"[(\s]*(?:\+|00)")
#: Hong Kong, Macau and Taiwan are written without a plus.
_NEIGHBOURS = re.compile(r"(?:852|853)\d{8}|8860?9\d{8}")
_DIALLED = re.compile(r"[\d\s()+\-./·]{7,}")
_EXTENSION = re.compile(r"(.{7,}?)\s*(?:转|分机|ext\.?|[x×-])\s*(\d{1,5})", re.IGNORECASE)
_CHINA = 86
_SERVICES = frozenset(
    {
        PhoneNumberType.TOLL_FREE,
        PhoneNumberType.PREMIUM_RATE,
        PhoneNumberType.SHARED_COST,
        PhoneNumberType.UAN,
        PhoneNumberType.VOICEMAIL,
    }
)

_OFFICER = re.compile(r"([^\x00-\x7f]{1,2}字第)(\d{4,10})号?")
_PLAIN = re.compile(r"[A-Z0-9]{5,34}")
_UNION_PAY = re.compile(r"62\d{14,17}")
_LETTERS = re.compile(r"[A-Z]+")
_FEWEST_DIGITS = 4
#: More is a text in the wrong field; an e-mail address has 254 at most (RFC 5321).
_LONGEST = 320
_SHORTEST_PAPER = 7
_SHORTEST_ACCOUNT = 7
_LONGEST_MAINLAND = 15

#: A source's own ids that stand for nobody; shorter ones may be those of its first customers.
_SENTINEL = re.compile(r"0+|9{3,}|-\d+|01?23\d*|123|1234")
_SHORTEST_MADE_UP = 5


def normalise_identifier(kind: str, value: str) -> str | None:
    """The form of an identifier that is the same however it was written; None: not usable.

    ``kind`` is an ``IdentifierKind`` or ``MaskKind`` (they share their values). Not usable is what
    could make one person of two: redacted and rounded values, what is typed where nothing is known
    (匿名, 0, 11111111111, 13800138000), and numbers that nobody can have.
    """
    if len(value) > _LONGEST:
        return None
    folded = _unquoted(" ".join(fold(value).split()))
    if not folded or is_word(folded):
        return None
    written = _from_spreadsheet(_LABEL.sub("", folded))
    if written is None or is_word(written):
        return None
    if kind == "SOURCE_ID":
        return _source_id(written)
    if _REDACTED.search(written):
        return None
    return _NORMALISERS.get(kind, _plain)(_REMARK.sub("", written).strip())


def says_unknown(value: str) -> bool:
    """Whether somebody wrote in words that there is no identifier: 匿名, 无, N/A, a dash."""
    return is_word(fold(value).strip())


def _unquoted(folded: str) -> str:
    match = _QUOTED.fullmatch(folded)
    return (match[1] or match[2] or "").strip() if match else folded


def _from_spreadsheet(folded: str) -> str | None:
    """A number that became a decimal, written as it was; None where digits were lost."""
    if match := _WHOLE.fullmatch(folded):
        return match[1]
    if _GROUPED.fullmatch(folded):
        return folded.partition(".")[0].replace(",", "")
    if not _ROUNDED.fullmatch(folded):
        return folded
    mantissa, _, exponent = folded.upper().partition("E")
    digits = len(mantissa.replace(".", ""))
    complete = digits == int(exponent) + 1 and digits <= _KEPT_DIGITS
    return str(int(Decimal(folded))) if complete else None


def _source_id(written: str) -> str | None:
    value = written.strip("{}").replace(" ", "")
    # A word without a digit or letter is a name, and names never decide who somebody is.
    if _REDACTED_ID.search(value) or not any(c.isascii() and c.isalnum() for c in value):
        return None
    digits = re.sub(r"\D", "", value)
    beside = re.sub(r"[\W\d_]", "", value)
    made_up = len(digits) >= _SHORTEST_MADE_UP and is_made_up(digits) and len(beside) <= 1
    if made_up or _SENTINEL.fullmatch(value) or _TWO.search(value):
        return None
    # Where a system tells letters apart by their case it uses both.
    return value if value.upper() != value != value.lower() else value.upper()


def _identity(value: str) -> str | None:
    if officer := _OFFICER.fullmatch(value.replace(" ", "")):
        return f"{officer[1]}{officer[2]}号"
    value = _WORDS_BEFORE.sub("", value)
    number = _SEPARATORS.sub("", value).upper().replace("×", "X")
    if is_example(number) or is_sample_paper(number):
        return None
    if is_long(number):
        return number if _is_born(number) else None
    if is_short(number):
        return lengthen(number)
    # Passports, permits, Hong Kong's cards: letters and digits; mainland numbers were tried above.
    plain = _plain(value) if len(compact(number)) < _LONGEST_MAINLAND else None
    return None if plain is None or len(plain) < _SHORTEST_PAPER else plain


def _is_born(number: str) -> bool:
    return number[6:14] <= f"{datetime.now(UTC):%Y%m%d}"


def _telephone(value: str) -> str | None:
    written = _WORDS_BEFORE.sub("", _TRUNK.sub("", value))
    numbers = {part.strip() for part in written.split("/")}
    written = numbers.pop() if len(numbers) == 1 else written
    if (number := _number(written)) is not None:
        return number
    if extension := _EXTENSION.fullmatch(written):
        number = _number(extension[1])
        # Nobody dials through from a mobile.
        return f"{number}-{extension[2]}" if number and number.startswith("+") else None
    return None


def _number(written: str) -> str | None:
    """A number without extension: eleven digits of a mainland mobile, otherwise E.164."""
    if not _DIALLED.fullmatch(written):
        return None
    digits = re.sub(r"\D", "", written)
    abroad = _ABROAD.match(written) and not _CHINESE.match(digits)
    mobile = None if abroad else _MOBILE.fullmatch(digits)
    if mobile:
        parsed = _parsed(mobile[1])
        # New prefixes are given out before phonenumbers knows them.
        return None if parsed is None or is_example_phone(parsed) else mobile[1]
    if abroad or _NEIGHBOURS.fullmatch(digits):
        parsed = _parsed(f"+{digits.removeprefix('00')}")
    else:
        parsed = _parsed(digits)
    if parsed is None or is_service(digits) or not _is_personal(parsed):
        return None
    return str(phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164))


def _is_personal(number: phonenumbers.PhoneNumber) -> bool:
    """Whether somebody may have it; of plans abroad only the lengths are known well enough."""
    mainland = number.country_code == _CHINA
    check = phonenumbers.is_valid_number if mainland else phonenumbers.is_possible_number
    service = phonenumbers.number_type(number) in _SERVICES
    return bool(check(number)) and not service and not is_example_phone(number)


def _parsed(number: str) -> phonenumbers.PhoneNumber | None:
    try:
        return phonenumbers.parse(number, "CN")
    except phonenumbers.NumberParseException:
        return None


def _email(value: str) -> str | None:
    address = value.replace(" ", "").lower()
    return address if _EMAIL.fullmatch(address) else None


def _account(value: str) -> str | None:
    number = _plain(_WORDS_BEFORE.sub("", value))
    if number is None or len(number) < _SHORTEST_ACCOUNT or is_example(number):
        return None
    # Whatever begins so and is so long is a card, and has a check digit.
    return None if _UNION_PAY.fullmatch(number) and not luhn.is_valid(number) else number


def _plain(value: str) -> str | None:
    plain = re.sub(r"[\s\-._·()/]", "", value).upper()
    digits = _LETTERS.sub("", plain)
    if not _PLAIN.fullmatch(plain) or len(digits) < _FEWEST_DIGITS:
        return None
    if (digits == plain and is_made_up(digits)) or not digits.strip(digits[0]):
        return None
    return plain


_NORMALISERS = {
    "ID_NUMBER": _identity,
    "MOBILE": _telephone,
    "PHONE": _telephone,
    "EMAIL": _email,
    "ACCOUNT": _account,
    "BANK_CARD": _account,
}
