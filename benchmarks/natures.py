"""How often the general classifier is right about natures: `python -m benchmarks natures`."""

import asyncio
import json as json_format
import tempfile
from pathlib import Path
from typing import Annotated

import typer

from graph.domain.enums import Nature
from graph.domain.suggestions import Dimension
from ingest.classification.features import Example
from ingest.classification.general import general_classifier
from ingest.classification.model import Prediction
from scripts.console import result
from similarity.encoding import AsyncEncoder, EncoderOptions


def main(
    file: Annotated[Path, typer.Argument(help="Lines of JSON with text and nature.")],
    json: Annotated[bool, typer.Option("--json", help="One JSON object.")] = False,
) -> None:
    """Accuracy and coverage of the general classifier, and precision and recall by nature."""
    rows = [json_format.loads(line) for line in file.read_text("utf-8").splitlines()]
    predictions = asyncio.run(_predictions([row["text"] for row in rows]))
    result(scores([row["nature"] for row in rows], predictions), as_json=json)


async def _predictions(texts: list[str]) -> list[Prediction]:
    encoder = AsyncEncoder(EncoderOptions())
    await encoder.ready()
    try:
        with tempfile.TemporaryDirectory() as folder:
            classifier = await general_classifier(encoder, Path(folder))
        vectors = await encoder.encode(texts)
        examples = [Example(text, vector) for text, vector in zip(texts, vectors, strict=True)]
        return classifier.predict(examples)[Dimension.NATURE]
    finally:
        await encoder.close()


def scores(natures: list[str], predictions: list[Prediction]) -> dict[str, object]:
    """Of what is accepted; ``accuracy`` of all."""
    pairs = list(zip(natures, predictions, strict=True))
    accepted = [(nature, p.best.value) for nature, p in pairs if p.accepted]
    return {
        "texts": len(pairs),
        "accuracy": round(sum(n == p.best.value for n, p in pairs) / len(pairs), 3),
        "accepted": round(len(accepted) / len(pairs), 3),
        "accuracyOfAccepted": round(sum(n == v for n, v in accepted) / len(accepted), 3),
        "byNature": {
            nature.value: {
                "precision": _share([n == nature for n, v in accepted if v == nature]),
                "recall": _share(
                    [p.accepted and p.best.value == nature for n, p in pairs if n == nature]
                ),
            }
            for nature in Nature
        },
    }


def _share(flags: list[bool]) -> float | None:
    return round(sum(flags) / len(flags), 3) if flags else None
