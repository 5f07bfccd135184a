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
from similarity.encoding.hub import hub_folder
from similarity.encoding.options import BUNDLED, EncoderOptions
from similarity.encoding.quiet import quiet_libraries

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

_E5 = re.compile(r"(^|[^a-z0-9])e5([^a-z0-9]|$)")
_PATH = re.compile(r"^[./~\\]|\\|^[A-Za-z]:|/.*/|/$")
_LONGEST_WINDOW = 8192


def load_encoder(options: EncoderOptions | None = None, progress: Progress = silent) -> Encoder:
    """Load the model that ``options`` name; takes seconds, most of them to import torch.

    Raises:
        ModelError: the model is missing, damaged, of another kind, or its hub cannot be reached.
    """
    options = options or EncoderOptions()
    folder = _folder(options, progress)
    progress("Loading the language model", 0, 1)
    model = _load(folder)
    prompt = _prompt(model, options)
    window = min(options.window or _LONGEST_WINDOW, int(model.max_seq_length or _LONGEST_WINDOW))
    name = _name(model, options, f"{prompt}\n{window}\n{options.max_windows}")
    progress("Loading the language model", 1, 1)
    return Encoder(
        model,
        name=name,
        prompt=prompt,
        window=window,
        max_windows=options.max_windows,
        workers=options.threads,
    )


def load_plain(options: EncoderOptions | None = None) -> SentenceTransformer:
    """The model as sentence-transformers itself runs it, to compare with."""
    return _load(_folder(options or EncoderOptions(), silent))


def _folder(options: EncoderOptions, progress: Progress) -> Path:
    if options.model == BUNDLED:
        return bundled_folder(options.models_folder, progress)
    folder = Path(options.model).expanduser()
    if not folder.is_dir():
        if _PATH.search(options.model):
            raise ModelError(
                f"There is no model folder {folder}: check the setting of the model, or use the "
                f"bundled one, {BUNDLED}."
            )
        folder = hub_folder(options.model, options.cache, progress)
    if not (folder / "modules.json").is_file():
        raise ModelError(
            f"{options.model} is not a sentence-transformers model, it has no modules.json: choose "
            "one that has, or make it one with SentenceTransformer.save()."
        )
    return folder


def _load(folder: Path) -> SentenceTransformer:
    import torch
    from sentence_transformers import SentenceTransformer

    try:
        with quiet_libraries():
            return SentenceTransformer(
                str(folder), local_files_only=True, model_kwargs={"dtype": torch.float32}
            ).eval()
    except Exception as error:  # the libraries raise a dozen kinds for a damaged file
        raise ModelError(
            f"The model in {folder} is damaged or needs another version of sentence-transformers "
            f"({type(error).__name__}): delete that folder and get it again."
        ) from error


def _prompt(model: SentenceTransformer, options: EncoderOptions) -> str:
    if options.prompt is not None:
        return options.prompt
    default = model.prompts.get(model.default_prompt_name or "")
    if default is None and _E5.search(options.model.lower()) and "instruct" not in options.model:
        return "query: "
    return default or ""


def _name(model: SentenceTransformer, options: EncoderOptions, rule: str) -> str:
    """A slug of the model, letters first, and a hash of all that decides about its vectors."""
    slug = re.sub(r"[^a-z0-9]+", "_", Path(options.model).name.lower()).strip("_")
    if not slug[:1].isalpha():
        slug = f"model_{slug}"
    return f"{slug[:40].rstrip('_')}_{_digest(model, rule)[:8]}"


def _digest(model: SentenceTransformer, rule: str) -> str:
    """A hash of the weights, the pooling and ``rule``; the same for copies and library versions."""
    digest = hashlib.sha256(rule.encode())
    for module in model:
        digest.update(f"{type(module).__name__} {getattr(module, 'pooling_mode', '')}\n".encode())
    state: dict[str, Any] = model.state_dict()
    for name, tensor in sorted(state.items()):
        if "pooler." in name:  # unused, and random where a model came without it
            continue
        digest.update(f"{name}{tuple(tensor.shape)}".encode())
        digest.update(memoryview(tensor.cpu().contiguous().float().numpy().reshape(-1)).cast("B"))
    return digest.hexdigest()
