"""Complaint-like texts, the same on every installation, to see what a model's cosines mean."""

import tomllib
from importlib.resources import files
from typing import Any

_FILE = "sample_texts.toml"
_JOINT = {"zh": "", "en": " "}


def sample_texts() -> list[str]:
    """Some 300 texts in Chinese and English, from one sentence to a long letter, all different."""
    data = tomllib.loads((files(__package__) / _FILE).read_text(encoding="utf-8"))
    texts: list[str] = []
    for language, joint in _JOINT.items():
        frame = data["frame"][language]
        for number, topic in enumerate(data["topic"]):
            texts += topic[language]
            texts += [joint.join(parts) for parts in _letters(frame, topic, language, number)]
    return texts


def _letters(
    frame: dict[str, list[str]], topic: dict[str, Any], language: str, number: int
) -> list[list[str]]:
    """A note, a message, a letter and a long letter on what happened."""

    def pick(kind: str, which: int) -> str:
        return frame[kind][(number + which) % len(frame[kind])]

    matter: list[str] = topic[language]
    more: list[str] = topic[f"{language}_more"]
    return [
        [matter[0], more[0]],
        [pick("opening", 0), matter[1], pick("effort", 0), pick("demand", 0)],
        [
            *(pick("opening", 2), matter[2], *more),
            *(pick("effort", 1), pick("effect", 0), pick("demand", 2)),
        ],
        [
            *(pick("opening", 4), matter[3], more[1], pick("effort", 2), matter[0]),
            *(pick("effort", 3), pick("effect", 1), more[0], pick("effect", 2)),
            *(pick("demand", 4), pick("demand", 5)),
        ],
    ]
