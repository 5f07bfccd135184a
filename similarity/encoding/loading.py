"""From options to an encoder: find the model, load it, name it."""

from __future__ import annotations

import json
import platform
import re
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import structlog

from graph.errors import ModelError
from graph.progress import Progress, silent
from similarity.encoding.bundled import bundled_folder, bundled_graph, bundled_name
from similarity.encoding.encoder import Encoder
from similarity.encoding.forward import Model
from similarity.encoding.hub import hub_folder
from similarity.encoding.naming import encoder_name
from similarity.encoding.openvino_model import OpenVinoModel
from similarity.encoding.options import BUNDLED, Backend, EncoderOptions
from similarity.encoding.quiet import quiet_libraries
from similarity.encoding.remote_model import REMOTE, RemoteModel
from similarity.encoding.torch_model import TorchModel

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

log = structlog.get_logger(__name__)

#: The least cosine of a vector by OpenVINO and the same one in single precision.
FAITHFUL = 0.999
#: Texts with their vectors in single precision, by `python -m tools.reference_vectors`.
REFERENCE = Path(__file__).with_name("reference.json")
_TASK = "Loading the language model"
_E5 = re.compile(r"(^|[^a-z0-9])e5([^a-z0-9]|$)")
_E5_PROMPT = "query: "
_PATH = re.compile(r"^[./~\\]|\\|^[A-Za-z]:|/.*/|/$")
_LONGEST_WINDOW = 8192
_REMOTE_WINDOW = 512
_ACCELERATORS = (Path("/dev/nvidia0"), Path("/dev/kfd"))


def load_encoder(options: EncoderOptions | None = None, progress: Progress = silent) -> Encoder:
    """Load the model that ``options`` name: in a second by OpenVINO, in ten or more by torch.

    Raises:
        ModelError: the model is missing, damaged, of another kind, or its hub cannot be reached;
            or the backend that was asked for cannot run it.
    """
    options = options or EncoderOptions()
    if options.model.startswith(REMOTE):
        return _by_server(options, progress)
    is_bundled = options.model == BUNDLED
    match options.backend:
        case Backend.TORCH:
            return _by_torch(options, progress)
        case Backend.OPENVINO if not is_bundled:
            raise ModelError(
                f"OpenVINO runs the bundled model alone, {BUNDLED}: choose it, or set the backend "
                "to auto."
            )
        case Backend.AUTO if not is_bundled or _has_accelerator():
            return _by_torch(options, progress)
    encoder = _by_openvino(options, progress)
    if encoder is not None:
        return encoder
    problem = "OpenVINO computes other vectors on this processor"
    if options.backend is Backend.OPENVINO:
        raise ModelError(f"{problem}: set the backend to torch.")
    log.warning(f"{problem}: torch is used")
    return _by_torch(options, progress)


def load_plain(options: EncoderOptions | None = None) -> SentenceTransformer:
    """The model as sentence-transformers itself runs it, to compare with."""
    return _load(_folder(options or EncoderOptions(), silent))


def is_faithful(model: Model) -> bool:
    """Whether the bundled model's vectors are those of single precision, all but for rounding.

    Without AVX2, say, OpenVINO computes others, and does not tell.
    """
    reference = json.loads(REFERENCE.read_text("utf-8"))
    vectors = model.submit([each["text"] for each in reference], _E5_PROMPT).result()
    single = np.array([each["vector"] for each in reference], np.float32)
    return bool((vectors * single).sum(axis=1).min() >= FAITHFUL)


def _by_server(options: EncoderOptions, progress: Progress) -> Encoder:
    name = options.model.removeprefix(REMOTE)
    if options.remote is None:
        raise ModelError(f"Set ENCODER__URL to the server that has the model {name}.")
    progress(_TASK, 0, 1)
    model = RemoteModel(name, options.remote, options.threads)
    prompt = options.prompt
    if prompt is None:
        prompt = _E5_PROMPT if _is_e5(name) else ""
    window = options.window or _REMOTE_WINDOW
    rule = f"{options.model}\n{options.rule(prompt, window)}"
    progress(_TASK, 1, 1)
    return Encoder(
        model,
        name=encoder_name(name, rule, (), ()),
        prompt=prompt,
        window=window,
        max_windows=options.max_windows,
    )


def _by_openvino(options: EncoderOptions, progress: Progress) -> Encoder | None:
    """None: what it computes here is wrong."""
    folder = bundled_graph(options.models_folder, progress)
    progress(_TASK, 0, 1)
    model = OpenVinoModel(folder, options.threads)
    if not is_faithful(model):
        return None
    prompt = _E5_PROMPT if options.prompt is None else options.prompt
    window = min(options.window or _LONGEST_WINDOW, model.positions)
    name = bundled_name(folder, options.rule(prompt, window))
    progress(_TASK, 1, 1)
    return Encoder(model, name=name, prompt=prompt, window=window, max_windows=options.max_windows)


def _by_torch(options: EncoderOptions, progress: Progress) -> Encoder:
    folder = _folder(options, progress)
    progress(_TASK, 0, 1)
    model = _load(folder)
    prompt = _prompt(model, options)
    window = min(options.window or _LONGEST_WINDOW, int(model.max_seq_length or _LONGEST_WINDOW))
    name = encoder_name(
        options.model,
        options.rule(prompt, window),
        [(type(module).__name__, getattr(module, "pooling_mode", "")) for module in model],
        ((name, each.cpu().float().numpy()) for name, each in model.state_dict().items()),
    )
    progress(_TASK, 1, 1)
    return Encoder(
        TorchModel(model, options.threads),
        name=name,
        prompt=prompt,
        window=window,
        max_windows=options.max_windows,
    )


def _has_accelerator() -> bool:
    """Whether torch may have something faster than a CPU; importing it takes seconds."""
    apple = (platform.system(), platform.machine()) == ("Darwin", "arm64")
    return apple or any(device.exists() for device in _ACCELERATORS)


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
    if default is None and _is_e5(options.model):
        return _E5_PROMPT
    return default or ""


def _is_e5(model: str) -> bool:
    """Of the family that wants a prompt before every text."""
    return bool(_E5.search(model.lower())) and "instruct" not in model
