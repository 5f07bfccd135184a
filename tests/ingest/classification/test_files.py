"""Versions on disk: the same after reading, whole or not there, back to an earlier one."""

import json
import os
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest

from graph.domain.suggestions import Dimension
from graph.errors import ConfigurationError, ModelError, NotFoundError
from ingest.classification.files import ClassifierFiles
from ingest.classification.model import Classifier
from ingest.classification.training import train
from tests.support.classification import NOW, examples


@pytest.fixture(scope="module")
def classifier() -> Classifier:
    return train(examples(45), space="tiny", now=NOW, report={"complaints": 45})


@pytest.fixture
def files(tmp_path: Path) -> ClassifierFiles:
    return ClassifierFiles(tmp_path / "classifiers")


def later(classifier: Classifier) -> Classifier:
    at = NOW + timedelta(days=1)
    return replace(classifier, version=f"{at:%Y%m%dT%H%M%SZ}-0123abcd", trained_at=at)


def test_a_version_predicts_after_reading_what_it_predicted_before(
    files: ClassifierFiles, classifier: Classifier
) -> None:
    files.save(classifier)
    read = files.load(classifier.version)
    asked = [row.example for row in examples(20, seed=3)]
    assert read.predict(asked) == classifier.predict(asked)
    assert read.report == {"complaints": 45}


def test_nothing_is_in_use_before_the_first_training(files: ClassifierFiles) -> None:
    assert files.current() is None
    assert files.versions() == []


def test_an_earlier_version_is_put_in_use_again(
    files: ClassifierFiles, classifier: Classifier
) -> None:
    newer = later(classifier)
    for each in (classifier, newer):
        files.save(each)
        files.use(each.version)
    assert files.current() == newer.version
    files.use(classifier.version)
    assert [(v.version, v.in_use) for v in files.versions()] == [
        (newer.version, False),
        (classifier.version, True),
    ]


def test_a_version_is_saved_once(files: ClassifierFiles, classifier: Classifier) -> None:
    files.save(classifier)
    files.save(replace(classifier, report={}))
    assert files.load(classifier.version).report == {"complaints": 45}


@pytest.mark.parametrize(
    "name", ["../../etc", "current", "", "20260601T080000Z-zzzzzzzz", "20260601T080000Z-00000000"]
)
def test_what_is_no_version_is_refused(files: ClassifierFiles, name: str) -> None:
    with pytest.raises(NotFoundError, match="--list"):
        files.use(name)


def test_damage_is_told_and_what_is_in_use_stays(
    files: ClassifierFiles, classifier: Classifier, tmp_path: Path
) -> None:
    newer = later(classifier)
    files.save(classifier)
    files.use(classifier.version)
    files.save(newer)
    arrays = tmp_path / "classifiers" / newer.version / "arrays.npz"
    arrays.write_bytes(arrays.read_bytes()[:-7])
    with pytest.raises(ModelError, match="damaged"):
        files.use(newer.version)
    assert files.current() == classifier.version


def test_another_format_is_refused(
    files: ClassifierFiles, classifier: Classifier, tmp_path: Path
) -> None:
    files.save(classifier)
    path = tmp_path / "classifiers" / classifier.version / "model.json"
    path.write_text(json.dumps({**json.loads(path.read_text("utf-8")), "format": 1}), "utf-8")
    with pytest.raises(ModelError, match=r"it has the format 1.*train anew"):
        files.load(classifier.version)


class _Planted:
    """What a pickle would run."""

    def __reduce__(self) -> tuple[object, tuple[str]]:
        return os.mkdir, ("planted",)


def test_a_pickle_is_never_loaded(
    files: ClassifierFiles, classifier: Classifier, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    files.save(classifier)
    folder = tmp_path / "classifiers" / classifier.version
    with np.load(folder / "arrays.npz") as known:
        arrays = dict(known)
    planted = np.empty(1, dtype=object)
    planted[0] = _Planted()
    arrays["centre"] = planted
    np.savez(folder / "arrays.npz", **arrays)
    _sign(folder)
    with pytest.raises(ModelError, match="damaged"):
        files.load(classifier.version)
    assert not (tmp_path / "planted").exists()


def test_weights_that_do_not_fit_the_terms_are_refused(
    files: ClassifierFiles, classifier: Classifier, tmp_path: Path
) -> None:
    files.save(classifier)
    folder = tmp_path / "classifiers" / classifier.version
    with np.load(folder / "arrays.npz") as known:
        arrays = dict(known)
    name = f"weights.{Dimension.TYPE}"
    arrays[name] = arrays[name][:, 1:]
    np.savez(folder / "arrays.npz", **arrays)
    _sign(folder)
    with pytest.raises(ModelError, match="do not fit"):
        files.load(classifier.version)


def _sign(folder: Path) -> None:
    """A digest that fits, as somebody who means harm would write it."""
    import hashlib

    path = folder / "model.json"
    described = json.loads(path.read_text("utf-8"))
    described["digest"] = hashlib.sha256((folder / "arrays.npz").read_bytes()).hexdigest()
    path.write_text(json.dumps(described), "utf-8")


def test_a_folder_that_cannot_be_written_is_told(tmp_path: Path, classifier: Classifier) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(ConfigurationError, match="COMPLAINT_GRAPH_HOME"):
        ClassifierFiles(tmp_path / "file" / "classifiers").save(classifier)
