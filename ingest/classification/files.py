"""Versions of a classifier on disk: numbers in .npz, everything else in JSON, never a pickle.

::

    <home>/classifiers/<version>/model.json    what was learnt, how good it is, a digest of the rest
    <home>/classifiers/<version>/arrays.npz    weights
    <home>/classifiers/current                 the version in use
"""

import hashlib
import json
import os
import re
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from tempfile import mkdtemp
from typing import Any
from zipfile import BadZipFile

import numpy as np

from graph.domain.suggestions import Dimension
from graph.errors import ConfigurationError, ModelError, NotFoundError
from ingest.classification.features import BLOCKS, Features, Vocabulary
from ingest.classification.linear import LinearModel
from ingest.classification.model import Classifier

#: Grows when older files can no longer be read.
FORMAT = 2
_VERSION = re.compile(r"[0-9]{8}T[0-9]{6}Z-[0-9a-f]{8}")
_CURRENT = "current"
_JSON = "model.json"
_ARRAYS = "arrays.npz"
_UNREADABLE = (OSError, ValueError, KeyError, TypeError, BadZipFile)


@dataclass(frozen=True, slots=True)
class VersionInfo:
    """A version that lies on disk; ``report`` is what was measured when it was trained."""

    version: str
    trained_at: datetime
    in_use: bool
    report: Mapping[str, Any]


class ClassifierFiles:
    """The versions below one folder; several processes may use them at once."""

    def __init__(self, folder: Path) -> None:
        """The folder is made at the first ``save``."""
        self._folder = folder

    def save(self, classifier: Classifier) -> None:
        """Write a version; others see the whole of it or nothing. Saving it again does nothing.

        Raises:
            ConfigurationError: the folder cannot be written.
        """
        try:
            publish(self._path(classifier.version), classifier)
        except OSError as error:
            raise self._unwritable(error) from error

    def use(self, version: str) -> None:
        """Put a version in use, an earlier one as well; running services notice it.

        Raises:
            NotFoundError: there is no such version.
            ModelError: its files are damaged.
            ConfigurationError: the folder cannot be written.
        """
        self.load(version)
        fresh = self._folder / f".{_CURRENT}.{os.getpid()}"
        try:
            with fresh.open("w", encoding="ascii") as file:
                file.write(f"{version}\n")
                file.flush()
                os.fsync(file.fileno())
            fresh.replace(self._folder / _CURRENT)
        except OSError as error:
            raise self._unwritable(error) from error

    def current(self) -> str | None:
        """The version in use; None before the first training."""
        try:
            version = (self._folder / _CURRENT).read_text("ascii").strip()
        except FileNotFoundError:
            return None
        except (OSError, UnicodeDecodeError) as error:
            raise ModelError(
                f"{self._folder / _CURRENT} cannot be read: name a version with "
                "`complaint-graph train --use VERSION`."
            ) from error
        self._path(version)
        return version

    def versions(self) -> list[VersionInfo]:
        """All versions, the newest first."""
        current = self.current()
        names = sorted(
            (p.name for p in self._folder.glob("*") if _VERSION.fullmatch(p.name)), reverse=True
        )
        results = []
        for name in names:
            described = self._described(name)
            at = datetime.fromisoformat(described["trainedAt"])
            results.append(VersionInfo(name, at, name == current, described["report"]))
        return results

    def load(self, version: str) -> Classifier:
        """Read a version.

        Raises:
            NotFoundError: there is no such version.
            ModelError: its files are damaged or of another format.
        """
        described = self._described(version)
        try:
            return _read(self._path(version), version, described)
        except _UNREADABLE as error:
            raise _damaged(version, error) from error

    def _described(self, version: str) -> dict[str, Any]:
        try:
            return _description(self._path(version))
        except FileNotFoundError as error:
            raise NotFoundError(
                f"There is no classifier {version}: `complaint-graph train --list` shows what "
                "there is."
            ) from error
        except _UNREADABLE as error:
            raise _damaged(version, error) from error

    def _path(self, version: str) -> Path:
        # The name becomes part of a path.
        if not _VERSION.fullmatch(version):
            raise NotFoundError(
                "That is no version of a classifier: `complaint-graph train --list` shows what "
                "there is."
            )
        return self._folder / version

    def _unwritable(self, error: OSError) -> ConfigurationError:
        return ConfigurationError(
            f"The classifier cannot be kept in {self._folder}: {error.strerror or error}. "
            "Free some room, or choose a folder that can be written by COMPLAINT_GRAPH_HOME."
        )


def _damaged(version: str, error: Exception) -> ModelError:
    return ModelError(
        f"The files of the classifier {version} are damaged ({error}): use another version with "
        "`complaint-graph train --use VERSION`, or train anew with `complaint-graph train`."
    )


def publish(target: Path, classifier: Classifier) -> None:
    """Write a classifier's folder; others see the whole of it or nothing."""
    target.parent.mkdir(parents=True, exist_ok=True)
    fresh = Path(mkdtemp(dir=target.parent, prefix=".new-"))
    try:
        write(fresh, classifier)
        if not target.exists():
            fresh.rename(target)
    finally:
        shutil.rmtree(fresh, ignore_errors=True)


def read(folder: Path, version: str) -> Classifier:
    """The classifier that ``write`` left in a folder.

    Raises:
        FileNotFoundError: there is none.
        ModelError: its files are damaged or of another format.
    """
    try:
        return _read(folder, version, _description(folder))
    except FileNotFoundError:
        raise
    except _UNREADABLE as error:
        raise ModelError(
            f"The files of the classifier in {folder} are damaged ({error}): remove the folder, "
            "and it is learnt anew."
        ) from error


def _description(folder: Path) -> dict[str, Any]:
    described: dict[str, Any] = json.loads((folder / _JSON).read_text("utf-8"))
    if described["format"] != FORMAT:
        raise ValueError(f"it has the format {described['format']}")
    return described


def _read(folder: Path, version: str, described: Mapping[str, Any]) -> Classifier:
    path = folder / _ARRAYS
    if hashlib.sha256(path.read_bytes()).hexdigest() != described["digest"]:
        raise ValueError("the digest differs")
    with np.load(path, allow_pickle=False) as arrays:
        return _classifier(version, described, dict(arrays))


def write(folder: Path, classifier: Classifier) -> None:
    """A classifier as two files in a folder that is there."""
    arrays: dict[str, Any] = {"centre": classifier.features.centre}
    for name, vocabulary in classifier.features.vocabularies.items():
        arrays[f"idf.{name}"] = vocabulary.idf
    for dimension, model in classifier.models.items():
        arrays[f"weights.{dimension}"] = model.weights
        arrays[f"bias.{dimension}"] = model.bias
    with (folder / _ARRAYS).open("wb") as file:
        np.savez_compressed(file, **arrays)
        file.flush()
        os.fsync(file.fileno())
    described = {
        "format": FORMAT,
        "digest": hashlib.sha256((folder / _ARRAYS).read_bytes()).hexdigest(),
        "space": classifier.space,
        "trainedAt": classifier.trained_at.isoformat(),
        "terms": {
            name: vocabulary.counter.get_feature_names_out().tolist()
            for name, vocabulary in classifier.features.vocabularies.items()
        },
        "models": {
            dimension: {
                "classes": list(model.classes),
                "threshold": model.threshold,
            }
            for dimension, model in classifier.models.items()
        },
        "report": dict(classifier.report),
    }
    with (folder / _JSON).open("w", encoding="utf-8") as text:
        json.dump(described, text, ensure_ascii=False)
        text.flush()
        os.fsync(text.fileno())


def _classifier(
    version: str, described: Mapping[str, Any], arrays: Mapping[str, Any]
) -> Classifier:
    vocabularies = {
        name: Vocabulary(BLOCKS[name].weight, BLOCKS[name].counter(terms), arrays[f"idf.{name}"])
        for name, terms in described["terms"].items()
    }
    features = Features(vocabularies, arrays["centre"])
    models = {
        Dimension(name): LinearModel(
            tuple(known["classes"]),
            arrays[f"weights.{name}"],
            arrays[f"bias.{name}"],
            known["threshold"],
        )
        for name, known in described["models"].items()
    }
    if any(
        model.weights.shape != (len(model.classes), features.width) for model in models.values()
    ):
        raise ValueError("the weights do not fit the terms")
    at = datetime.fromisoformat(described["trainedAt"])
    return Classifier(version, described["space"], at, features, models, described["report"])
