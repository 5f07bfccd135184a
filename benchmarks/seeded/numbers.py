"""Numbers with right check digits, and the ways in which people write them."""

import random
from datetime import date, timedelta

from stdnum import luhn
from stdnum.cn import ric

from ingest.masking.vocabulary import words

_REGIONS = words("regions", "benchmarks.seeded")
_ISSUERS = (
    *(
        ("622202", 19),
        ("621700", 19),
        ("622848", 19),
        ("621661", 19),
        ("622588", 16),
        ("625958", 16),
    ),
    *(
        ("436742", 16),
        ("411111", 16),
        ("552245", 16),
        ("222300", 16),
        ("353011", 16),
        ("601138", 16),
    ),
    *(("379254", 15), ("955880", 19)),
)
_MOBILE_PREFIXES = words("mobile_prefixes", "benchmarks.seeded")
_FULL_WIDTH = str.maketrans("0123456789X-", "０１２３４５６７８９Ｘ－")


def digits(rng: random.Random, count: int) -> str:
    """Random digits, the first not 0."""
    return str(rng.randrange(10 ** (count - 1), 10**count))


def resident_id(rng: random.Random) -> str:
    """18 characters of an adult."""
    number = rng.choice(_REGIONS) + _birth(rng).strftime("%Y%m%d") + f"{rng.randrange(1, 999):03d}"
    return number + ric.calc_check_digit(number + "0")


def mistyped_id(rng: random.Random) -> str:
    """One with a wrong check digit."""
    number = resident_id(rng)
    return number[:-1] + rng.choice([digit for digit in "0123456789" if digit != number[-1]])


def short_id(rng: random.Random) -> str:
    """15 digits, as they were until 1999."""
    birth = date(1945, 1, 1) + timedelta(days=rng.randrange(54 * 365))
    return f"{rng.choice(_REGIONS[:10])}{birth:%y%m%d}{rng.randrange(1, 999):03d}"


def card(rng: random.Random) -> str:
    """A card of one of the schemes, 15 to 19 digits."""
    prefix, length = rng.choice(_ISSUERS)
    number = prefix + "".join(rng.choices("0123456789", k=length - len(prefix) - 1))
    return number + luhn.calc_check_digit(number)


def mobile(rng: random.Random) -> str:
    """Eleven digits under a prefix in use."""
    return rng.choice(_MOBILE_PREFIXES) + "".join(rng.choices("0123456789", k=8))


def write_id(rng: random.Random, number: str) -> str:
    """Solid, grouped by meaning or in fours, with a small x, in full width."""
    form = rng.randrange(8)
    if form == 1:
        return " ".join((number[:6], number[6:14], number[14:]))
    if form == 2:
        return "-".join((number[:6], number[6:14], number[14:]))
    if form == 3:
        return number.replace("X", "x")
    if form == 4:
        return number.translate(_FULL_WIDTH)
    if form == 5:
        return _in_groups(number, 4, " ")
    if form == 6:
        return _in_groups(number, 6, " ")
    return number


def write_card(rng: random.Random, number: str) -> str:
    """Solid, in fours with blanks or dashes, in full width."""
    form = rng.randrange(8)
    if form in {1, 2}:
        return _in_groups(number, 4, " ")
    if form == 3:
        return _in_groups(number, 4, "-")
    if form == 4:
        return number.translate(_FULL_WIDTH)
    if form == 5:
        return _in_groups(number, 4, "  ")
    if form == 6:
        return f"{number[:6]} {number[6:]}"
    return number


def write_mobile(rng: random.Random, number: str) -> str:
    """Solid, 3-4-4 with blanks, dashes or dots, with +86, in full width."""
    groups = (number[:3], number[3:7], number[7:])
    return rng.choice(
        (
            number,
            number,
            number,
            " ".join(groups),
            "-".join(groups),
            ".".join(groups),
            f"+86{number}",
            f"+86 {number}",
            f"+86-{number}",
            f"(+86){number}",
            f"0086{number}",
            f"86{number}",
            "+86 " + " ".join(groups),
            number.translate(_FULL_WIDTH),
            f"{number[:3]} {number[3:]}",
            f"{number[:3]}-{number[3:6]}-{number[6:]}",
            f"{number[:4]} {number[4:7]} {number[7:]}",
        )
    )


def _in_groups(number: str, size: int, gap: str) -> str:
    return gap.join(number[at : at + size] for at in range(0, len(number), size))


def _birth(rng: random.Random) -> date:
    return date(1945, 1, 1) + timedelta(days=rng.randrange(60 * 365))
