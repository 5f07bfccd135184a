"""What stands in the place of an identifier that nobody knows, and would join strangers.

Words (匿名, N/A, test), digits that repeat or count, numbers from examples, and what a spreadsheet
has rounded away. Pure; ``identifiers`` asks before it gives a value a form.
"""

import re
from functools import cache
from itertools import pairwise

import phonenumbers
from phonenumbers import PhoneNumber, PhoneNumberType

from ingest.masking.vocabulary import words

_SIGNS = re.compile(r"[\W_]+")
#: Words that say "none" whatever follows, as long as no number does: 无手机号, 未提供证件.
_NONE_OF = re.compile(r"(?:无|無|没有?|未|不[详明知便愿]|暂无|拒绝|匿名|查无|非本行)[^\d]{0,10}")
_NUMBERED = re.compile(
    r"abc123|"
    r"(?:test(?:ing|er|user|customer)?|demo|dummy|sample|example|fake|anon(?:ymous)?|unknown"
    r"|guest|测试(?:客户|用户|账号|数据)?|匿名(?:客户|用户)?|未知|游客|访客|示例|样例)\d*"
)
_ONE_DIGIT = re.compile(r"(\d)\1*")
_PERIOD = re.compile(r"(\d{2,4})\1{2,}\d{0,3}")
_LONG_RUN = re.compile(r"(\d)\1{3,}")
#: 13800138000, 13900139000: a mobile prefix, zeros, and both again; 13800xxx500: an operator's
#: centre for text messages.
_SHOWN = re.compile(r"(1[3-9]\d)00(?:\1)000|13800\d{3}500")
_EXAMPLES = frozenset(
    {
        # GB 11643-1999 shows its check digit with the first, most manuals copy the rest.
        "11010519491231002X",
        "110105491231002",
        "440524188001010014",
        "34052419800101001X",
        "340524800101001",
        "110101199001011237",
        "110101900101123",
        "53010219200508011X",
        # Test cards of the schemes.
        "4111111111111111",
        "4012888888881881",
        "4242424242424242",
        "5555555555554444",
        "5105105105105100",
        "378282246310005",
        "371449635398431",
        "6011111111111117",
        "6011000990139424",
        "3530111333300000",
        "3566002020360505",
        "6200000000000005",
        "6228480402564890018",
        # Numbers of US identity cards that were printed on samples.
        "078051120",
        "219099999",
    }
)
_PAPER = re.compile(r"[A-Z]{1,2}(\d{7,9})")
#: With its check digit in brackets, as it is printed: others have as many digits.
_HONG_KONG = re.compile(r"([A-Z]{1,2})(\d{6})\(([\dA])\)")
_SHORTEST_RUN = 4
_SHORTEST_COUNTING = 3
#: A spreadsheet keeps 15 digits of a number and writes zeros for the others.
_KEPT_DIGITS = 15
_ROUNDED_FROM = 18
_MANY_ZEROS = re.compile(r"\d{4,}0{8,}\d*")
#: What a script or a spreadsheet writes instead of a value.
_ERROR = re.compile(r"#[A-Z0-9/]+[!?]?|\[object .*|\$?\{[a-z_.]+\}", re.IGNORECASE)


@cache
def _words() -> frozenset[str]:
    return frozenset(words("identifier_fillers"))


def is_word(folded: str) -> bool:
    """Whether a value says in words that there is no identifier, or has none but signs."""
    plain = _SIGNS.sub("", folded).casefold()
    if (
        not plain
        or _ERROR.fullmatch(folded)
        or plain in _words()
        or (re.fullmatch(r"(.)\1*", plain) and not plain.isdigit())
    ):
        return True
    return bool(_NONE_OF.fullmatch(plain) or _NUMBERED.fullmatch(plain))


def is_made_up(digits: str) -> bool:
    """Whether digits repeat or count: 0, 111111, 123456, 987654321, 121212121."""
    return bool(
        _ONE_DIGIT.fullmatch(digits)
        or _counts(digits)
        or _PERIOD.fullmatch(digits)
        or _has_long_run(digits)
    )


def is_example(number: str) -> bool:
    """Whether an identity number or card is one that manuals print, or a spreadsheet rounded it."""
    rounded = len(number) >= _ROUNDED_FROM and not number[_KEPT_DIGITS:].strip("0")
    return number in _EXAMPLES or rounded or bool(_MANY_ZEROS.fullmatch(number))


def is_sample_paper(number: str) -> bool:
    """Whether a passport or permit counts behind its letters (E12345678), or its check is wrong."""
    if match := _PAPER.fullmatch(number):
        return _counts(match[1])
    if match := _HONG_KONG.fullmatch(number):
        return _counts(match[2]) or not _is_checked(match[1], match[2], match[3])
    return False


def is_example_phone(number: PhoneNumber) -> bool:
    """Whether nobody has a telephone number: the plan's own example, or one that manuals show."""
    national = str(number.national_number)
    region = phonenumbers.region_code_for_number(number)
    shown = (
        phonenumbers.example_number_for_type(region, kind)
        for kind in (PhoneNumberType.MOBILE, PhoneNumberType.FIXED_LINE)
    )
    return number in shown or bool(_SHOWN.fullmatch(national)) or is_made_up(national)


def _is_checked(letters: str, digits: str, check: str) -> bool:
    """A Hong Kong identity card's check, modulo 11; a missing first letter counts as 36."""
    values = [int(sign, 36) for sign in f"{letters}{digits}{check}"]
    values = values if len(letters) == 2 else [36, *values]
    return sum(v * weight for v, weight in zip(values, range(9, 0, -1), strict=True)) % 11 == 0


def _counts(digits: str) -> bool:
    """Up or down by one, 9 and 0 beside each other."""
    steps = {(int(b) - int(a)) % 10 for a, b in pairwise(digits)}
    return len(digits) >= _SHORTEST_COUNTING and steps in ({1}, {9})


def _has_long_run(digits: str) -> bool:
    """All but four digits at most are one and the same in a row: 13888888888, 13800000001."""
    longest = max((len(run[0]) for run in _LONG_RUN.finditer(digits)), default=0)
    return longest >= max(_SHORTEST_RUN, len(digits) - 4)
