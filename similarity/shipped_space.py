"""The space of the bundled encoder, which ships: nobody waits until the sample texts are encoded.

They and the encoder are the same everywhere, so what they tell of its cosines is, too.
"""

import hashlib
import json
from dataclasses import asdict
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

from graph.domain.spaces import EmbeddingSpace, SpaceState
from similarity.encoding import sample_languages, sample_texts

_PATH = Path(str(files(__package__))) / "shipped" / "space.json"
_KEPT = (
    "name", "model", "dimension", "threshold", "duplicate_threshold", "calibration", "centre",
)  # fmt: skip


@cache
def version() -> str:
    """Named after the texts: other ones, another version."""
    texts = json.dumps([sample_texts(), sample_languages()], ensure_ascii=False)
    return hashlib.sha256(texts.encode()).hexdigest()[:8]


def shipped_space(encoder: str, model: str, state: SpaceState) -> EmbeddingSpace | None:
    """The space of the encoder and model of these names; None for any but the bundled one."""
    values: dict[str, Any] = json.loads(_PATH.read_text("utf-8"))
    if (values["name"], values["model"], values.pop("version")) != (encoder, model, version()):
        return None
    return EmbeddingSpace(**values, state=state)


def ship(space: EmbeddingSpace) -> None:
    """Keep what was found of the sample texts: for developers."""
    values = {name: value for name, value in asdict(space).items() if name in _KEPT}
    _PATH.write_text(json.dumps({"version": version(), **values}) + "\n", "utf-8")
