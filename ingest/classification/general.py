"""What texts of any bank say: learnt from passages that ship with the product, once for an encoder.

Before a bank has labels of its own, nobody can have learnt from it what a complaint is and what an
enquiry; that differs little between banks. The classifier for the bundled encoder ships, too; for
another encoder the passages are encoded and learnt once, and kept beside the encoder.
"""

import asyncio
import hashlib
import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from functools import cache
from importlib.resources import files
from pathlib import Path

from graph.domain.suggestions import Dimension
from graph.errors import ModelError
from graph.progress import Progress, silent
from ingest.classification import files as stored
from ingest.classification.features import Example, Vectors
from ingest.classification.model import Classifier
from ingest.classification.training import Labelled, train
from similarity.encoding import TextEncoder

_SHIPPED = Path(str(files(__package__))) / "shipped"
_PASSAGES = "passages.jsonl"


@cache
def passages() -> tuple[tuple[str, str], ...]:
    """Text and nature of each, invented and labelled by people who had not seen the code."""
    rows = map(json.loads, (_SHIPPED / _PASSAGES).read_text("utf-8").splitlines())
    return tuple((row["text"], row["nature"]) for row in rows)


@cache
def version() -> str:
    """Named after what is learnt: other passages, another version."""
    digest = hashlib.sha256((_SHIPPED / _PASSAGES).read_bytes()).hexdigest()
    return f"general-{stored.FORMAT}-{digest[:8]}"


async def general_classifier(
    encoder: TextEncoder, folder: Path, progress: Progress = silent
) -> Classifier:
    """The classifier for a loaded encoder; ``folder``: where one for another encoder is kept.

    Raises:
        ModelError: it cannot be kept there, or what is kept is damaged.
    """
    shipped = await asyncio.to_thread(stored.read, _SHIPPED, version())
    if (shipped.space, shipped.report["version"]) == (encoder.name, version()):
        return shipped
    path = folder / f"{encoder.name}-{version()}"
    if path.is_dir():
        return await asyncio.to_thread(stored.read, path, version())
    vectors = await encoder.encode([text for text, _ in passages()], progress)
    made = await asyncio.to_thread(learn_passages, encoder.name, vectors)
    await asyncio.to_thread(_keep, made, path)
    return made


def learn_passages(space: str, vectors: Sequence[Sequence[float]] | Vectors) -> Classifier:
    """``vectors``: one for each passage, of shape (passages, dimension)."""
    rows = [
        Labelled(Example(text, vector), {Dimension.NATURE: nature})
        for (text, nature), vector in zip(passages(), vectors, strict=True)
    ]
    report = {"version": version(), "passages": len(rows)}
    return replace(
        train(rows, space=space, now=datetime.now(UTC), report=report), version=version()
    )


def ship(classifier: Classifier) -> None:
    """Put a classifier beside the passages it was learnt from: for developers."""
    stored.write(_SHIPPED, classifier)


def _keep(classifier: Classifier, path: Path) -> None:
    try:
        stored.publish(path, classifier)
    except OSError as error:
        raise ModelError(
            f"What was learnt of the shipped passages cannot be kept in {path.parent} "
            f"({error.strerror or error}): free some room there, or choose another cache folder."
        ) from error
