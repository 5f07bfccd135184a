"""Texts with planted personal data, for tests that look for it where it must not be."""

from benchmarks.seeded import HARD_KINDS, Secret, SeededText, seeded_texts

__all__ = ["HARD_KINDS", "Secret", "SeededText", "seeded_texts"]
