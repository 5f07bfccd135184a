"""Random numbers: a stream of its own for each purpose, so that one does not disturb another."""

from random import Random

from ingest.demo.options import DemoOptions


def stream(options: DemoOptions, purpose: str) -> Random:
    """The same on every machine: ``random`` seeds itself from a text by SHA-512."""
    return Random(f"{options.prefix}/{purpose}")  # noqa: S311 - invented data, no secret
