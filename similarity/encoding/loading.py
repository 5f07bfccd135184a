"""From options to an encoder: find the model, load it, name it."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

from graph.errors import ModelError
from graph.progress import Progress, silent
from similarity.encoding.bundled import bundled_folder
from similarity.encoding.encoder import Encoder
from similarity.encoding.options import BUNDLED, EncoderOptions
from similarity.encoding.quiet import quiet_libraries

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

_E5 = re.compile(r"(^|[^a-z0-9])e5([^a-z0-9]|$)")
_PATH = re.compile(r"^[./~\\]|\\|^[A-Za-z]:|/.*/|/$")
_LONGEST_WINDOW = 8192


def load_encoder(
    options: EncoderOptions = EncoderOptions(),  # noqa: B008 (frozen)
    progress: Progress = silent,
) -> Encoder:
    """Load the model that ``options`` name; seconds, most of them spent on importing torch.

    Raises:
        ModelError: the model is missing, damaged, of another kind, or its hub cannot be reached.
    """
    source = _source(options, progress)
    progress("Loading the language model", 0, None)
    model = _load(source, options)
    if options.threads is not None:
        import torch

        torch.set_num_threads(options.threads)
    prompt = _prompt(model, options)
    window = min(options.window or _LONGEST_WINDOW, int(model.max_seq_length or _LONGEST_WINDOW))
    return Encoder(
        model,
        name=_name(model, options, prompt, window),
        prompt=prompt,
        window=window,
        max_windows=options.max_windows,
    )


def _source(options: EncoderOptions, progress: Progress) -> str:
    """The folder or hub id to load."""
    if options.model == BUNDLED:
        return str(bundled_folder(options.models_folder, progress))
    folder = Path(options.model).expanduser()
    if folder.is_dir():
        if not (folder / "modules.json").is_file():
            raise ModelError(
                f"{folder} is not a sentence-transformers model (it has no modules.json): "
                "choose a folder that SentenceTransformer.save() wrote."
            )
        return str(folder)
    if _PATH.search(options.model):
        raise ModelError(f"There is no model folder {folder}: check the setting of the model.")
    return options.model


def _load(source: str, options: EncoderOptions) -> SentenceTransformer:
    import torch
    from sentence_transformers import SentenceTransformer

    local = Path(source).is_dir()
    try:
        with quiet_libraries():
            return SentenceTransformer(
                source,
                cache_folder=str(options.cache) if options.cache and not local else None,
                local_files_only=local,
                model_kwargs={"dtype": torch.float32},
            )
    except (OSError, ValueError, RuntimeError, KeyError, ImportError) as error:
        raise ModelError(
            f"The model {source} cannot be loaded ({type(error).__name__}): check the setting of "
            "the model, and delete the folder if it was not copied completely."
        ) from error


def _prompt(model: SentenceTransformer, options: EncoderOptions) -> str:
    if options.prompt is not None:
        return options.prompt
    default = model.prompts.get(model.default_prompt_name or "")
    if default is None and _E5.search(options.model.lower()) and "instruct" not in options.model:
        return "query: "
    return default or ""


def _name(model: SentenceTransformer, options: EncoderOptions, prompt: str, window: int) -> str:
    """A slug of the model and eight hex digits of all that changes its vectors."""
    slug = re.sub(r"[^a-z0-9]+", "-", Path(options.model).name.lower()).strip("-") or "model"
    rule = f"{prompt}\n{window}\n{options.max_windows}"
    digest = hashlib.sha256(_weights_digest(model) + rule.encode()).hexdigest()
    return f"{slug[:40]}-{digest[:8]}"


def _weights_digest(model: SentenceTransformer) -> bytes:
    digest = hashlib.sha256()
    state: dict[str, Any] = model.state_dict()
    for name, tensor in sorted(state.items()):
        if "pooler." in name:  # unused, and random where a model came without it
            continue
        digest.update(f"{name}{tuple(tensor.shape)}".encode())
        digest.update(memoryview(tensor.cpu().contiguous().float().numpy().reshape(-1)).cast("B"))
    return digest.digest()
