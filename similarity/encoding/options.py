"""What can be chosen about the encoder."""

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

import platformdirs

from similarity.encoding.remote_model import RemoteOptions

#: The model that is installed with the project: 384 dimensions, Chinese and English, no download.
BUNDLED = "multilingual-e5-small"


class Backend(StrEnum):
    """What computes: ``AUTO`` is OpenVINO for the bundled model on a CPU, else torch."""

    AUTO = "auto"
    OPENVINO = "openvino"
    TORCH = "torch"


@dataclass(frozen=True)
class EncoderOptions:
    """Which model encodes, and how.

    ``model``: the bundled one, an id on the Hugging Face hub, a sentence-transformers folder, or
    ``remote:`` and the name of a model at the server of ``remote``.
    ``prompt``: put before every text; None is the model's own, for the e5 family "query: ".
    ``cache``: where models are kept; None is ``complaint-graph/models`` in the user's cache.
    ``threads``: cores that encode at once; None is every core there is.
    ``max_windows``, ``window``: a longer text is averaged over up to so many windows of so many
    tokens; None is what the model can take.
    """

    model: str = BUNDLED
    prompt: str | None = None
    cache: Path | None = None
    threads: int | None = None
    max_windows: int = 4
    window: int | None = None
    backend: Backend = Backend.AUTO
    remote: RemoteOptions | None = None

    @property
    def models_folder(self) -> Path:
        """The folder that holds converted and downloaded models."""
        return self.cache or Path(platformdirs.user_cache_dir("complaint-graph")) / "models"

    def rule(self, prompt: str, window: int) -> str:
        """What decides about vectors beside the model; stands in the names of encoders."""
        return f"{prompt}\n{window}\n{self.max_windows}"
