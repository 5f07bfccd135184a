"""Complaint-like texts, the same on every installation, to see what a model's cosines mean."""

import tomllib
from collections.abc import Iterator
from functools import cache
from importlib.resources import files
from typing import Any

_FILE = "sample_texts.toml"
_JOINT = {"zh": "", "en": " "}

# Which sentences of the frame a letter has: strides through each list, and another offset on the
# second way through. A sentence returns in a few letters about other matters, as set phrases do in
# real ones, but hardly two letters share more than one.
_STRIDES = {"opening": (1, 0), "effort": (3, 1), "effect": (7, 3), "demand": (9, 6)}


def sample_texts() -> list[str]:
    """Some 240 texts in Chinese and English, from one sentence to a letter, all different."""
    return [text for _, text in _texts()]


def sample_languages() -> list[str]:
    """The language of each of ``sample_texts``: "zh" or "en"."""
    return [language for language, _ in _texts()]


@cache
def _texts() -> tuple[tuple[str, str], ...]:
    data = tomllib.loads((files(__package__) / _FILE).read_text(encoding="utf-8"))
    return tuple(
        (language, joint.join(parts))
        for language, joint in _JOINT.items()
        for number, topic in enumerate(data["topic"])
        for parts in _stories(data["frame"][language], topic, language, number)
    )


def _stories(
    frame: dict[str, list[str]], topic: dict[str, Any], language: str, number: int
) -> Iterator[list[str]]:
    """Three lines, a note, a message and a letter; no two share what happened."""

    def pick(kind: str, shift: int = 0) -> str:
        lines, (stride, offset) = frame[kind], _STRIDES[kind]
        return lines[(number * stride + number // len(lines) * offset + shift) % len(lines)]

    statements: list[str] = topic[language]
    more: list[str] = topic[f"{language}_more"]
    yield from ([line] for line in statements[:3])
    yield [statements[3], more[0]]
    yield [pick("opening"), statements[4], pick("demand")]
    yield [
        *(pick("opening", 5), statements[5], more[1], pick("effort"), pick("effect")),
        *(pick("effort", 4), pick("demand", 4)),
    ]
