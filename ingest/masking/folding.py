"""A text as the detectors see it: one character for one, so that positions stay the same."""

import re
import unicodedata

_FULL_WIDTH = range(0xFF01, 0xFF5F)
_TO_ASCII = 0xFEE0
_MINUS_SIGNS = "\u2212\u2043\u02d7"
#: Divides clauses; an ASCII comma may divide the digits of one number.
_COMMA = "，"
_SIGNS = {"￥": "¥", "￡": "£", "￠": "¢"}


class _Fold(dict[str, str]):
    """What a character counts as; worked out when it is first met."""

    def __missing__(self, char: str) -> str:
        self[char] = folded = _fold_character(char)
        return folded


def _fold_character(char: str) -> str:
    if char == _COMMA:
        return char
    if ord(char) in _FULL_WIDTH:
        return chr(ord(char) - _TO_ASCII)
    if char in _SIGNS:
        return _SIGNS[char]
    category = unicodedata.category(char)
    if category == "Nd":
        return str(unicodedata.decimal(char))
    if category == "Pd" or char in _MINUS_SIGNS:
        return "-"
    if category in {"Zs", "Zl", "Zp", "Cf"} or char == "\t":
        return " "
    # A lone surrogate cannot be encoded, and the word segmenter is not written in Python.
    return "\ufffd" if category == "Cs" else char


_FOLD = _Fold()
#: Neither ASCII nor Chinese characters, which stay as they are.
_OTHERS = re.compile(r"[^\x00-\x08\x0a-\x7f\u4e00-\u9fff]")


def fold(text: str) -> str:
    """Full-width forms and foreign digits as ASCII, every dash ``-``, every blank a space.

    As long as ``text``; line breaks, the ideographic full stop and the Chinese comma stay.
    """
    return _OTHERS.sub(_folded, text)


def _folded(match: re.Match[str]) -> str:
    return _FOLD[match[0]]
