from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import torch

from similarity.encoding import EncoderOptions, load_encoder
from similarity.encoding.torch_model import TorchModel


def test_each_worker_uses_one_thread_and_the_callers_setting_stays(tiny_folder: Path) -> None:
    from sentence_transformers import SentenceTransformer

    before = torch.get_num_threads()
    model = TorchModel(SentenceTransformer(str(tiny_folder), device="cpu"), workers=3)
    inside = [model._pool.submit(torch.get_num_threads) for _ in range(6)]
    assert [future.result() for future in inside] == [1] * 6
    assert model.workers == 3
    assert torch.get_num_threads() == before


def test_the_number_of_workers_changes_no_vector(tiny_folder: Path) -> None:
    texts = [" ".join(["card", "fee", "my"] * number) for number in range(1, 60)]
    one, many = (
        load_encoder(EncoderOptions(model=str(tiny_folder), threads=threads)) for threads in (1, 4)
    )
    assert np.array_equal(one.encode(texts), many.encode(texts))
    assert one.name == many.name


def test_several_threads_may_encode_at_once(tiny_folder: Path) -> None:
    encoder = load_encoder(EncoderOptions(model=str(tiny_folder), threads=2))
    pools = [[f"card {'fee ' * (number + shift)}" for number in range(80)] for shift in range(4)]
    expected = [encoder.encode(texts) for texts in pools]
    with ThreadPoolExecutor(4) as threads:
        made = list(threads.map(encoder.encode, pools * 3))
    for vectors, wanted in zip(made, expected * 3, strict=True):
        assert np.allclose(vectors, wanted, atol=1e-5)
