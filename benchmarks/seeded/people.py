"""Made-up people: names, addresses, mailboxes."""

import random

from ingest.masking.vocabulary import characters, words

_HERE = "benchmarks.seeded"
_SURNAMES_ZH = sorted(characters("surnames_zh", _HERE))
_COMPOUND_ZH = ("欧阳", "司马", "上官", "诸葛", "皇甫")
_GIVEN_ZH = words("given_zh", _HERE)
_TITLES_ZH = words("titles_zh", _HERE)
_FIRST_EN = words("first_en", _HERE)
_LAST_EN = words("last_en", _HERE)
_TITLES_EN = ("Mr.", "Mrs.", "Ms.", "Dr.", "Mr", "Ms")
_PLACES_ZH = words("places_zh", _HERE)
_ROADS_ZH = words("roads_zh", _HERE)
_ESTATES_ZH = words("estates_zh", _HERE)
_STREETS_EN = words("streets_en", _HERE)
_SUFFIXES_EN = words("suffixes_en", _HERE)
_HOSTS = words("hosts", _HERE)
_PINYIN = words("pinyin", _HERE)
_FULL_WIDTH = str.maketrans({chr(code): chr(code + 0xFEE0) for code in range(0x21, 0x7F)})


def name_zh(rng: random.Random) -> str:
    """Two to four characters."""
    surname = rng.choice(_COMPOUND_ZH) if rng.random() < 0.03 else rng.choice(_SURNAMES_ZH)
    return surname + rng.choice(_GIVEN_ZH)


def titled_zh(rng: random.Random) -> tuple[str, str, str]:
    """``王`` or ``李晓燕``, between nothing and a title."""
    name = name_zh(rng) if rng.random() < 0.4 else rng.choice(_SURNAMES_ZH)
    return "", name, rng.choice(_TITLES_ZH)


def name_en(rng: random.Random) -> str:
    """First name and surname."""
    return f"{rng.choice(_FIRST_EN)} {rng.choice(_LAST_EN)}"


def titled_en(rng: random.Random) -> tuple[str, str, str]:
    """``Garcia`` after a title."""
    return f"{rng.choice(_TITLES_EN)} ", rng.choice(_LAST_EN), ""


def house_zh(rng: random.Random) -> tuple[str, str]:
    """Region, and the part below it that nobody may see."""
    building, unit, room = rng.randint(1, 30), rng.randint(1, 6), rng.randint(101, 3304)
    flat = rng.choice(
        (
            f"{building}栋{unit}单元{room}室",
            f"{building}号楼{unit}单元{room}",
            f"{building}幢{room}室",
        )
    )
    road = f"{rng.choice(_ROADS_ZH)}{rng.randint(1, 999)}号"
    estate = rng.choice(_ESTATES_ZH)
    house = rng.choice((road, road + estate + flat, estate + flat, road + flat))
    return rng.choice(_PLACES_ZH), house


def street_en(rng: random.Random) -> str:
    """``12 Oak Street, Apt 4``."""
    unit = rng.choice(("", f", Apt {rng.randint(1, 40)}", f" #{rng.randint(1, 400)}"))
    return f"{rng.randint(1, 9999)} {rng.choice(_STREETS_EN)} {rng.choice(_SUFFIXES_EN)}{unit}"


def email(rng: random.Random) -> str:
    """Plain, with capitals, in full width, or with blanks around the sign."""
    local = rng.choice(
        (
            rng.choice(_PINYIN),
            f"{rng.choice(_PINYIN)}{rng.randint(1, 9999)}",
            f"{rng.choice(_FIRST_EN)}.{rng.choice(_LAST_EN)}".replace("'", ""),
            str(rng.randint(10_000, 9_999_999_999)),
            f"{rng.choice(_PINYIN)}_{rng.randint(1950, 2008)}",
            f"{rng.choice(_PINYIN)}+bank",
        )
    )
    address = f"{local}@{rng.choice(_HOSTS)}"
    form = rng.randrange(10)
    if form == 0:
        return address.upper()
    if form == 1:
        return address.translate(_FULL_WIDTH)
    if form == 2:
        return address.replace("@", "＠")
    if form == 3:
        return address.replace("@", " @ ")
    if form == 4:
        return address.replace("@", "(at)")
    return address
