"""The real, bundled encoder for tests: a conftest imports these fixtures."""

import pytest

from similarity.encoding import Encoder, EncoderOptions, load_encoder


@pytest.fixture(scope="session")
def encoder() -> Encoder:
    """The bundled model from the user's cache (converted there on the first run of all)."""
    return load_encoder(EncoderOptions())
