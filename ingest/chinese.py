"""Chinese in its two scripts, and its numerals."""

from decimal import Decimal
from functools import cache

from opencc import OpenCC

#: Numerals that cn2an does not know, as it knows them.
_VARIANTS = str.maketrans(
    {"廿": "二十", "卅": "三十", "参": "叁", "壱": "壹", "弐": "贰", "○": "〇"}
)


def simplified(text: str) -> str:
    """Traditional Chinese characters as simplified ones, others as they are; of equal length.

    By OpenCC's tables (https://github.com/BYVoid/OpenCC), which know phrases.
    """
    if text.isascii():
        return text
    result: str = _converter().convert(text)
    if len(result) == len(text):
        return result
    # A phrase that is shorter or longer in the other script: character by character then.
    return "".join(map(_simplified_character, text))


def number(numeral: str) -> Decimal:
    """What a Chinese numeral counts, as 三百二十, 壹万 or 3万5; by cn2an.

    Raises:
        ValueError: it is none.
    """
    from cn2an import cn2an  # it reads dictionaries, which few commands need

    try:
        return Decimal(str(cn2an(numeral.translate(_VARIANTS), "normal")))
    except KeyError as error:
        raise ValueError(f"{numeral} is no numeral") from error


@cache
def _converter() -> OpenCC:
    return OpenCC("t2s")


@cache
def _simplified_character(character: str) -> str:
    result: str = _converter().convert(character)
    return result if len(result) == 1 else character
