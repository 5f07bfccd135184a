"""What ships learnt: it fits what it was learnt from; how good it is on texts of others."""

import asyncio
import json
from pathlib import Path

import numpy as np
import pytest

from graph.domain.enums import Nature
from graph.domain.suggestions import SUREST_LEARNED, Dimension
from graph.errors import ModelError
from ingest.classification.features import Example
from ingest.classification.general import general_classifier, passages, version
from similarity.encoding import AsyncEncoder, Encoder, EncoderOptions
from tests.similarity.encoding.conftest import tiny_folder
from tests.support.encoder import encoder

__all__ = ["encoder", "tiny_folder"]

BLIND = Path(__file__).parents[1] / "textrules" / "corpus" / "blind_natures.jsonl"


def bundled(encoder: Encoder) -> AsyncEncoder:
    return AsyncEncoder(EncoderOptions(), load=lambda _, __: encoder)


def kept(folder: Path) -> list[Path]:
    return list(folder.iterdir())


async def test_the_shipped_numbers_are_of_the_shipped_passages(
    encoder: Encoder, tmp_path: Path
) -> None:
    """Otherwise run `python -m tools.general_classifier`."""
    asked = bundled(encoder)
    await asked.ready()
    classifier = await general_classifier(asked, tmp_path / "general")
    await asked.close()
    assert classifier.report == {"version": version(), "passages": len(passages())}
    assert set(classifier.models[Dimension.NATURE].classes) == set(Nature)
    assert kept(tmp_path) == []


async def test_natures_of_passages_by_somebody_else(encoder: Encoder, tmp_path: Path) -> None:
    rows = [json.loads(line) for line in BLIND.read_text("utf-8").splitlines()]
    assert not {row["text"] for row in rows} & {text for text, _ in passages()}
    asked = bundled(encoder)
    await asked.ready()
    classifier = await general_classifier(asked, tmp_path)
    await asked.close()
    vectors = await asyncio.to_thread(encoder.encode, [row["text"] for row in rows])
    examples = [Example(row["text"], v) for row, v in zip(rows, vectors, strict=True)]
    predictions = classifier.predict(examples)[Dimension.NATURE]
    right = np.array(
        [p.best.value == row["nature"] for p, row in zip(predictions, rows, strict=True)]
    )
    accepted = np.array([p.accepted for p in predictions])
    assert right.mean() >= 0.85
    assert right[accepted].mean() >= 0.87
    assert all(p.best.confidence <= SUREST_LEARNED for p in predictions)


async def test_another_encoder_learns_once_and_keeps_it(tiny_folder: Path, tmp_path: Path) -> None:
    other = AsyncEncoder(EncoderOptions(model=str(tiny_folder)))
    await other.ready()
    try:
        first = await general_classifier(other, tmp_path)
        (folder,) = kept(tmp_path)
        assert first.space == other.name
        assert folder.name.startswith(other.name)
        changed = (folder / "model.json").stat().st_mtime_ns
        second = await general_classifier(other, tmp_path)
        assert (folder / "model.json").stat().st_mtime_ns == changed
        assert second.version == first.version == version()
        example = Example("my card was charged twice", np.ones(24, dtype=np.float32))
        assert second.predict([example]) == first.predict([example])
        (folder / "arrays.npz").write_bytes(b"")
        with pytest.raises(ModelError, match="damaged"):
            await general_classifier(other, tmp_path)
    finally:
        await other.close()


async def test_a_full_folder_says_what_to_do(tiny_folder: Path, tmp_path: Path) -> None:
    other = AsyncEncoder(EncoderOptions(model=str(tiny_folder)))
    await other.ready()
    (tmp_path / "taken").write_text("")
    try:
        with pytest.raises(ModelError, match="free some room"):
            await general_classifier(other, tmp_path / "taken")
    finally:
        await other.close()
