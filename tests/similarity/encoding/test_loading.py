import re
import shutil
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load_file, save_file

from graph.errors import ModelError
from similarity.encoding import Encoder, EncoderOptions, load_encoder


def test_any_sentence_transformers_folder_works(tiny_folder: Path) -> None:
    encoder = load_encoder(EncoderOptions(model=str(tiny_folder)))
    vectors = encoder.encode(["my card blocked", "the fee charged twice " * 20])
    assert (encoder.dimension, encoder.max_tokens) == (24, 16)
    assert vectors.shape == (2, 24)
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1.0, atol=1e-5)


def test_a_long_text_is_the_weighted_mean_of_its_windows(tiny_folder: Path) -> None:
    encoder = load_encoder(EncoderOptions(model=str(tiny_folder)))
    first, second = "my card blocked " * 4, "the fee charged twice " * 3
    parts = encoder.encode([first, second])
    whole = encoder.encode([first + second])[0]
    mean = parts.sum(axis=0)  # 12 tokens each, and a window has room for 14
    assert np.allclose(whole, mean / np.linalg.norm(mean), atol=1e-5)


def test_at_most_max_windows_are_read(tiny_folder: Path) -> None:
    words = ["card", "fee", "my", "the", "twice", "blocked", "charged"]
    text = " ".join(words[number % 7] for number in range(14 * 3))
    three = load_encoder(EncoderOptions(model=str(tiny_folder), max_windows=3))
    assert np.allclose(three.encode([text]), three.encode([text + " fee" * 50]), atol=1e-5)
    four = load_encoder(EncoderOptions(model=str(tiny_folder), max_windows=4))
    assert not np.allclose(four.encode([text]), four.encode([text + " fee" * 50]), atol=1e-4)


def test_the_name_tells_model_prompt_and_windows_apart(tiny_folder: Path, tmp_path: Path) -> None:
    other_weights = tmp_path / tiny_folder.name
    shutil.copytree(tiny_folder, other_weights)
    weights = load_file(other_weights / "model.safetensors")
    weights["embeddings.word_embeddings.weight"][3, 5] += 0.01
    save_file(weights, other_weights / "model.safetensors", metadata={"format": "pt"})
    other_pooling = tmp_path / "cls" / tiny_folder.name
    shutil.copytree(tiny_folder, other_pooling)
    pooling = other_pooling / "1_Pooling" / "config.json"
    pooling.write_text(pooling.read_text().replace('"mean"', '"cls"'))
    options = [
        EncoderOptions(model=str(tiny_folder)),
        EncoderOptions(model=str(other_pooling)),
        EncoderOptions(model=str(tiny_folder), prompt="my "),
        EncoderOptions(model=str(tiny_folder), window=8),
        EncoderOptions(model=str(tiny_folder), max_windows=2),
        EncoderOptions(model=str(other_weights)),
    ]
    names = [load_encoder(option).name for option in options]
    assert len(set(names)) == len(names)
    assert all(re.fullmatch(r"tiny_model_[0-9a-f]{8}", name) for name in names)
    assert load_encoder(options[0]).name == names[0]


def test_a_copied_folder_gives_the_same_name(tiny_folder: Path, tmp_path: Path) -> None:
    copy = tmp_path / "elsewhere" / tiny_folder.name
    shutil.copytree(tiny_folder, copy)
    names = {load_encoder(EncoderOptions(model=str(path))).name for path in (tiny_folder, copy)}
    assert len(names) == 1


def test_a_prompt_changes_the_vector(encoder: Encoder, tiny_folder: Path) -> None:
    plain = load_encoder(EncoderOptions(model=str(tiny_folder)))
    prompted = load_encoder(EncoderOptions(model=str(tiny_folder), prompt="the fee "))
    assert np.allclose(prompted.encode(["charged"]), plain.encode(["the fee charged"]), atol=1e-5)
    assert encoder.name.startswith("multilingual_e5_small_")


def test_the_e5_family_gets_its_prompt(tiny_folder: Path, tmp_path: Path) -> None:
    e5 = tmp_path / "some-e5-base"
    shutil.copytree(tiny_folder, e5)
    default = load_encoder(EncoderOptions(model=str(e5)))
    asked = load_encoder(EncoderOptions(model=str(e5), prompt="query: "))
    without = load_encoder(EncoderOptions(model=str(e5), prompt=""))
    assert default.name == asked.name != without.name


def test_a_missing_folder_says_so(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="There is no model folder"):
        load_encoder(EncoderOptions(model=str(tmp_path / "absent")))


def test_a_folder_without_a_model_says_what_to_choose(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="not a sentence-transformers model"):
        load_encoder(EncoderOptions(model=str(tmp_path)))


@pytest.mark.parametrize("name", ["model.safetensors", "modules.json", "tokenizer.json"])
def test_a_damaged_model_says_to_get_it_again(tiny_folder: Path, tmp_path: Path, name: str) -> None:
    folder = tmp_path / "damaged"
    shutil.copytree(tiny_folder, folder)
    content = (folder / name).read_bytes()
    (folder / name).write_bytes(content[: len(content) // 2])
    with pytest.raises(ModelError, match="delete that folder and get it again"):
        load_encoder(EncoderOptions(model=str(folder)))


def test_an_unreachable_hub_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import huggingface_hub.constants

    monkeypatch.setattr(huggingface_hub.constants, "ENDPOINT", "http://127.0.0.1:9")
    options = EncoderOptions(model="some-group/some-model", cache=tmp_path)
    with pytest.raises(ModelError, match="hub cannot be reached for the model some-group"):
        load_encoder(options)


def test_an_impossible_hub_id_says_so(tmp_path: Path) -> None:
    options = EncoderOptions(model="no model has this name!", cache=tmp_path)
    with pytest.raises(ModelError, match="or a folder"):
        load_encoder(options)


def test_a_model_in_the_hub_cache_needs_no_hub(
    tiny_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import huggingface_hub.constants

    monkeypatch.setattr(huggingface_hub.constants, "ENDPOINT", "http://127.0.0.1:9")
    entry = tmp_path / "models--some-group--tiny-model"
    shutil.copytree(tiny_folder, entry / "snapshots" / "abc123")
    (entry / "refs").mkdir()
    (entry / "refs" / "main").write_text("abc123", encoding="ascii")
    encoder = load_encoder(EncoderOptions(model="some-group/tiny-model", cache=tmp_path))
    assert encoder.name == load_encoder(EncoderOptions(model=str(tiny_folder))).name
