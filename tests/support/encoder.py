"""The real, bundled encoder for tests: a conftest imports these fixtures."""

import pytest

from similarity.encoding import Encoder, EncoderOptions, load_encoder
from similarity.encoding.forward import Vectors

#: Rounding to 8 bits turns the least difference, as of padding beside a text, into a step.
ROUNDING = 0.9995


def are_alike(vectors: Vectors, others: Vectors) -> bool:
    """Whether rows are of the same texts."""
    return bool((vectors * others).sum(axis=1).min() >= ROUNDING)


@pytest.fixture(scope="session")
def encoder() -> Encoder:
    """The bundled model from the user's cache (converted there on the first run of all)."""
    return load_encoder(EncoderOptions())
