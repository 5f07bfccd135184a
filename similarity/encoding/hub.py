"""Models from the Hugging Face hub, kept in its cache."""

from pathlib import Path

from graph.errors import ModelError
from graph.progress import Progress, silent

_SMALL_FILES = ["*.json", "*.txt", "*.model", "*.py"]
_WEIGHTS = ("*.safetensors", "*.bin")
_OTHER_FORMATS = ["onnx/*", "openvino/*", "training_args.bin"]


def hub_folder(model: str, cache: Path | None, progress: Progress = silent) -> Path:
    """The folder of the model with the id ``model``: from the cache, else downloaded into it.

    What is in the cache is used without asking the hub, so that a model never changes by itself.
    ``cache``: None is the one that all Hugging Face libraries share.

    Raises:
        ModelError: the hub cannot be reached, or has no such model.
    """
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import HFValidationError, LocalEntryNotFoundError

    try:
        folder = Path(snapshot_download(model, cache_dir=cache, local_files_only=True))
        if _is_complete(folder):
            return folder
    except LocalEntryNotFoundError:
        pass  # not there yet
    except HFValidationError as error:
        raise ModelError(
            f"{model} cannot be a model: name the bundled one, an id on the hub as group/model, "
            "or a folder."
        ) from error
    return _download(model, cache, progress)


def _is_complete(folder: Path) -> bool:
    weights = (path for pattern in _WEIGHTS for path in folder.rglob(pattern))
    return (folder / "modules.json").is_file() and any(weights)


def _download(model: str, cache: Path | None, progress: Progress) -> Path:
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import HfHubHTTPError

    try:
        for number, weights in enumerate(_WEIGHTS):
            progress(f"Downloading {model}", number, len(_WEIGHTS))
            patterns = [*_SMALL_FILES, weights]
            folder = Path(
                snapshot_download(
                    model, cache_dir=cache, allow_patterns=patterns, ignore_patterns=_OTHER_FORMATS
                )
            )
            if _is_complete(folder):
                break
    except HfHubHTTPError as error:
        raise ModelError(
            f"The hub gave no model {model} ({type(error).__name__}): check the model's id, or "
            "name a folder that holds the model."
        ) from error
    except OSError as error:
        raise ModelError(
            f"The hub cannot be reached for the model {model}: check the network, use the bundled "
            "model, or name a folder that holds the model."
        ) from error
    progress(f"Downloading {model}", len(_WEIGHTS), len(_WEIGHTS))
    return folder
