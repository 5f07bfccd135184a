"""Complaints written from a seed, with personal data and ordinary numbers planted in them.

They show what masking finds and what it leaves alone (``benchmarks.masking``), and that nothing
of it reaches the graph or a log. All people and numbers in them are made up.
"""

import random
from collections.abc import Sequence

from benchmarks.seeded.planted import HARD_KINDS, Secret, SeededText
from benchmarks.seeded.texts_en import TEMPLATES as ENGLISH
from benchmarks.seeded.texts_zh import TEMPLATES as CHINESE
from benchmarks.seeded.writer import write

__all__ = ["HARD_KINDS", "Secret", "SeededText", "seeded_texts"]

_CHINESE_SHARE = 0.7


def seeded_texts(seed: int, n: int) -> Sequence[SeededText]:
    """``n`` texts, about seven in ten Chinese; the same for the same seed."""
    rng = random.Random(seed)  # noqa: S311 - to be repeated, not to be kept secret
    return [write(rng, CHINESE if rng.random() < _CHINESE_SHARE else ENGLISH) for _ in range(n)]
