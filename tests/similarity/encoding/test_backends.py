"""The bundled model by OpenVINO and by torch: one name, one space."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from structlog.testing import capture_logs

from graph.errors import ModelError
from similarity.encoding import (
    BUNDLED,
    Backend,
    Encoder,
    EncoderOptions,
    load_encoder,
    load_plain,
    loading,
    sample_texts,
)
from similarity.encoding.loading import FAITHFUL
from similarity.encoding.openvino_model import OpenVinoModel
from tests.similarity.encoding.test_encoder import LONG, TEXTS


@pytest.fixture(scope="module")
def by_torch() -> Encoder:
    return load_encoder(EncoderOptions(backend=Backend.TORCH))


@pytest.fixture(scope="module")
def by_openvino() -> Encoder:
    return load_encoder(EncoderOptions(backend=Backend.OPENVINO))


def test_both_give_nearly_the_same_vectors_under_one_name(
    by_torch: Encoder, by_openvino: Encoder
) -> None:
    texts = [*TEXTS, LONG, *sample_texts()[::4]]
    cosines = (by_torch.encode(texts) * by_openvino.encode(texts)).sum(axis=1)
    assert cosines.min() >= FAITHFUL
    assert by_torch.name == by_openvino.name
    assert by_torch.dimension == by_openvino.dimension
    assert by_torch.max_tokens == by_openvino.max_tokens


def test_both_order_pairs_alike(by_torch: Encoder, by_openvino: Encoder) -> None:
    texts = sample_texts()
    first, second = (each.encode(texts) for each in (by_torch, by_openvino))
    nearest = [np.argsort(-(rows @ rows.T), axis=1)[:, 1] for rows in (first, second)]
    assert (nearest[0] == nearest[1]).mean() >= 0.95


def test_torch_encodes_a_short_text_as_sentence_transformers_does(by_torch: Encoder) -> None:
    plain = load_plain().encode([f"query: {text}" for text in TEXTS], prompt="")
    assert np.allclose(by_torch.encode(TEXTS), plain, atol=1e-5)


@pytest.mark.parametrize("options", [{"prompt": "passage: "}, {"window": 64}, {"max_windows": 2}])
def test_another_rule_has_one_name_of_its_own_by_both(
    by_openvino: Encoder, options: dict[str, object]
) -> None:
    names = {
        load_encoder(EncoderOptions(backend=backend, **options)).name  # type: ignore[arg-type]
        for backend in (Backend.TORCH, Backend.OPENVINO)
    }
    assert len(names) == 1
    assert by_openvino.name not in names


def test_the_bundled_model_is_loaded_and_encodes_without_torch() -> None:
    code = (
        "import sys; from similarity.encoding import load_encoder; "
        "load_encoder().encode(['怎么还款？']); "
        "print(*({'torch', 'transformers', 'openvino_telemetry'} & set(sys.modules)))"
    )
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert shown.stdout.split() == []


def test_openvino_runs_no_other_model(tiny_folder: Path) -> None:
    with pytest.raises(ModelError, match="set the backend to auto"):
        load_encoder(EncoderOptions(model=str(tiny_folder), backend=Backend.OPENVINO))
    assert load_encoder(EncoderOptions(model=str(tiny_folder))).dimension == 24


def test_a_processor_that_computes_something_else_is_noticed(
    monkeypatch: pytest.MonkeyPatch, by_openvino: Encoder
) -> None:
    right = OpenVinoModel._forward

    def turned(model: OpenVinoModel, texts: list[str]) -> np.ndarray:
        return np.roll(right(model, texts), 1, axis=1)

    monkeypatch.setattr(OpenVinoModel, "_forward", turned)
    with pytest.raises(ModelError, match="set the backend to torch"):
        load_encoder(EncoderOptions(backend=Backend.OPENVINO))
    with capture_logs() as logs:
        instead = load_encoder(EncoderOptions())
    assert [each["log_level"] for each in logs] == ["warning"]
    assert instead.name == by_openvino.name
    monkeypatch.undo()
    cosines = (instead.encode(TEXTS) * by_openvino.encode(TEXTS)).sum(axis=1)
    assert cosines.min() >= FAITHFUL


def test_where_there_is_an_accelerator_torch_is_chosen(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def refuse(*_: object) -> None:
        raise AssertionError

    (tmp_path / "nvidia0").touch()
    monkeypatch.setattr(loading, "_ACCELERATORS", (tmp_path / "nvidia0",))
    monkeypatch.setattr(loading, "_by_openvino", refuse)
    assert load_encoder(EncoderOptions()).dimension == 384
    assert EncoderOptions().model == BUNDLED
