"""Accounts, papers, plates and telephone numbers other than mobiles."""

import random

from stdnum import iban
from stdnum.us import ssn

from benchmarks.seeded.numbers import digits

_PLATE_LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ"
_AREA_CODES = ["010", "021", "022", "0755", "0571", "0731", "028", "027", "0532", "029", "0411"]
_US_AREAS = (212, 305, 312, 404, 415, 512, 617, 702, 713, 818)


def account(rng: random.Random) -> str:
    """A bank account, mostly no card."""
    return digits(rng, rng.choice((9, 10, 12, 16, 17, 19)))


def iban_de(rng: random.Random) -> str:
    """A German one, solid or in fours."""
    body = digits(rng, 18)
    number = f"DE{iban.calc_check_digits('DE00' + body)}{body}"
    return rng.choice((number, " ".join(number[at : at + 4] for at in range(0, len(number), 4))))


def landline(rng: random.Random) -> str:
    """Area code and seven or eight digits."""
    area = rng.choice(_AREA_CODES)
    local = f"{rng.randint(2, 8)}{digits(rng, 7)}"
    return rng.choice(
        (
            f"{area}-{local}",
            f"({area}){local}",
            f"{area} {local}",
            f"{area}{local}",
            f"+86-{area[1:]}-{local}",
        )
    )


def us_phone(rng: random.Random) -> str:
    """As written in the United States."""
    area, office, line = rng.choice(_US_AREAS), rng.randint(200, 999), rng.randint(1000, 9999)
    return rng.choice(
        (
            f"({area}) {office}-{line}",
            f"{area}-{office}-{line}",
            f"{area}.{office}.{line}",
            f"+1 {area} {office} {line}",
            f"1-{area}-{office}-{line}",
        )
    )


def passport(rng: random.Random) -> str:
    """China's ordinary ones."""
    return rng.choice(
        (f"E{digits(rng, 8)}", f"G{digits(rng, 8)}", f"E{rng.choice('ABCDEFGH')}{digits(rng, 7)}")
    )


def plate(rng: random.Random) -> str:
    """Ordinary and new energy."""
    body = "".join(rng.choices("0123456789", k=4)) + rng.choice(_PLATE_LETTERS + "0123456789")
    energy = rng.choice(("", "", "D", "F"))
    return (
        rng.choice("京沪粤浙川鄂苏湘鲁陕")
        + rng.choice("ABCDEFGH")
        + rng.choice(("", "", "·", " "))
        + energy
        + body
    )


def wechat(rng: random.Random) -> str:
    """Letters and digits."""
    return rng.choice(("zhang", "happy_", "sun", "wx_lee", "Tiger")) + digits(
        rng, rng.randint(3, 6)
    )


def qq(rng: random.Random) -> str:
    """Six to ten digits."""
    return digits(rng, rng.randint(6, 10))


def social_security(rng: random.Random) -> str:
    """One that may have been issued."""
    while True:
        number = f"{rng.randint(1, 899):03d}-{rng.randint(1, 99):02d}-{rng.randint(1, 9999):04d}"
        if ssn.is_valid(number):
            return number
