"""An invented bank with two years of complaints, made from a seed, with facts planted in it.

Everything that can be read as text stands in data files beside the code: the bank itself
(``bank.toml``), what its customers write (``texts/``) and the planted facts (``planted.toml``).
Uses ``graph.domain``, ``graph.errors`` and ``ingest.record`` only; deterministic: the same
options give the same complaints on every machine.
"""

from ingest.demo.exam import ExamCase, ExamFiling, exam
from ingest.demo.facts import PlantedFact
from ingest.demo.options import SYSTEM, DemoOptions
from ingest.demo.source import DemoSource, catalogue, complaints, planted_facts

__all__ = [
    "SYSTEM",
    "DemoOptions",
    "DemoSource",
    "ExamCase",
    "ExamFiling",
    "PlantedFact",
    "catalogue",
    "complaints",
    "exam",
    "planted_facts",
]
