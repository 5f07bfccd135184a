"""The space that ships is the one that the sample texts give."""

import numpy as np

from graph.domain.spaces import SpaceState
from similarity.encoding import BUNDLED, AsyncEncoder, Encoder, EncoderOptions, sample_texts
from similarity.shipped_space import shipped_space
from similarity.spaces import described_space
from tests.support.encoder import encoder

__all__ = ["encoder"]


async def test_it_is_what_the_bundled_encoder_makes_of_the_sample_texts(encoder: Encoder) -> None:
    """Otherwise run `python -m tools.shipped_space`."""
    asked = AsyncEncoder(EncoderOptions(), load=lambda _, __: encoder)
    await asked.ready()
    made = await described_space(asked, await asked.encode(sample_texts()), SpaceState.BUILDING)
    await asked.close()
    shipped = shipped_space(encoder.name, BUNDLED, SpaceState.BUILDING)
    assert shipped is not None
    assert (shipped.name, shipped.model, shipped.dimension, shipped.state) == (
        made.name, made.model, made.dimension, made.state
    )  # fmt: skip
    # Backends round differently, and sums differ in their last digits between processors.
    for ours, anew in (
        (shipped.threshold, made.threshold),
        (shipped.duplicate_threshold, made.duplicate_threshold),
        (shipped.calibration, made.calibration),
        (shipped.centre, made.centre),
    ):
        assert np.allclose(ours, anew, atol=5e-3)


def test_another_encoder_or_model_has_none() -> None:
    assert shipped_space("another_12345678", BUNDLED, SpaceState.ACTIVE) is None
