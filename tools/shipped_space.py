"""Describe the space that ships, after the sample texts or the calibration have changed.

``python -m tools.shipped_space`` encodes ``similarity/encoding/sample_texts.toml`` with the bundled
encoder and writes ``similarity/shipped/space.json``. A tool for developers.
"""

import asyncio

import typer

from graph.domain.spaces import SpaceState
from scripts.console import out
from similarity.encoding import AsyncEncoder, EncoderOptions, sample_texts
from similarity.shipped_space import ship
from similarity.spaces import described_space


def main() -> None:
    """Encode the sample texts anew."""
    asyncio.run(_write())


async def _write() -> None:
    encoder = AsyncEncoder(EncoderOptions())
    await encoder.ready()
    space = await described_space(encoder, await encoder.encode(sample_texts()), SpaceState.ACTIVE)
    await encoder.close()
    ship(space)
    out.print(f"{space.name}: threshold {space.threshold:.4f} of {len(sample_texts())} texts")


if __name__ == "__main__":
    typer.run(main)
