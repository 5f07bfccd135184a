"""Invented numbers that pass their checks: resident IDs, cards, mobiles, passports."""

from collections.abc import Sequence
from datetime import date
from random import Random

# GB 11643-1999: weights of the first 17 digits, and the check character of the sum modulo 11.
_ID_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_ID_CHECKS = "10X98765432"
#: The range of UnionPay; the digits after it are no bank's known prefix.
_CARD_PREFIX = "629988"


def id_number(county: str, born: date, female: bool, random: Random) -> str:
    """18 characters: county, date of birth, a sequence number (even for women), a check."""
    sequence = random.randrange(1, 499) * 2 + (0 if female else 1)
    digits = f"{county}{born:%Y%m%d}{sequence:03d}"
    total = sum(int(d) * w for d, w in zip(digits, _ID_WEIGHTS, strict=True))
    return digits + _ID_CHECKS[total % 11]


def card_number(random: Random, length: int) -> str:
    """A number of ``length`` digits that passes ISO/IEC 7812-1 (Luhn)."""
    digits = _CARD_PREFIX + _digits(random, length - len(_CARD_PREFIX) - 1)
    doubled = (
        int(d) * 2 // 10 + int(d) * 2 % 10 if n % 2 == 0 else int(d)
        for n, d in enumerate(reversed(digits))
    )
    return f"{digits}{-sum(doubled) % 10}"


def mobile_number(prefixes: Sequence[str], random: Random) -> str:
    return random.choice(prefixes) + _digits(random, 8)


def passport_number(random: Random) -> str:
    return random.choice("EGP") + _digits(random, 8)


def order_number(random: Random) -> str:
    """A number of an order or contract, which no masking may touch."""
    return f"{random.choice(('YT', 'HT', 'DD', 'No.'))}{_digits(random, 12)}"


def _digits(random: Random, count: int) -> str:
    return str(random.randrange(10**count)).zfill(count)
