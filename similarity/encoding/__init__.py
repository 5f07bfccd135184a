"""Texts to vectors: models, windows, batches, and what a cosine of such vectors means.

Uses ``graph.errors``, ``graph.progress``, ``graph.telemetry`` and nothing else of the project; here
is no database.
The only package that loads OpenVINO, torch and sentence-transformers, and it does so inside
functions: importing it is cheap.
"""

from similarity.encoding.adapted import (
    AdaptedEncoder,
    RunningEncoder,
    TextEncoder,
    adapted,
    adapter_of,
    learn_adapter,
    unadapted,
)
from similarity.encoding.background import AsyncEncoder
from similarity.encoding.calibration import Calibration, calibrate, centre
from similarity.encoding.encoder import Encoder
from similarity.encoding.loading import load_encoder, load_plain
from similarity.encoding.options import BUNDLED, Backend, EncoderOptions
from similarity.encoding.remote_model import RemoteOptions
from similarity.encoding.sample_texts import sample_languages, sample_texts
from similarity.encoding.serving import EncoderServer
from similarity.encoding.shared import SharedEncoder

__all__ = [
    "BUNDLED",
    "AdaptedEncoder",
    "AsyncEncoder",
    "Backend",
    "Calibration",
    "Encoder",
    "EncoderOptions",
    "EncoderServer",
    "RemoteOptions",
    "RunningEncoder",
    "SharedEncoder",
    "TextEncoder",
    "adapted",
    "adapter_of",
    "calibrate",
    "centre",
    "learn_adapter",
    "load_encoder",
    "load_plain",
    "sample_languages",
    "sample_texts",
    "unadapted",
]
