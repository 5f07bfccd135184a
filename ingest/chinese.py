"""Chinese in its two scripts."""

from functools import cache

from opencc import OpenCC


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


@cache
def _converter() -> OpenCC:
    return OpenCC("t2s")


@cache
def _simplified_character(character: str) -> str:
    result: str = _converter().convert(character)
    return result if len(result) == 1 else character
