"""The main language of a text, told by its script."""

import re

_CJK = re.compile(r"[\u3400-\u9fff\uf900-\ufaff]")
_LATIN = re.compile(r"[A-Za-z]+")


def language_of(text: str | None) -> str | None:
    """``zh`` or ``en`` by the script most of its words are in; None without words.

    One Chinese character counts as much as one Latin word.
    """
    if not text:
        return None
    chinese, latin = len(_CJK.findall(text)), len(_LATIN.findall(text))
    if not chinese and not latin:
        return None
    return "zh" if chinese >= latin else "en"
