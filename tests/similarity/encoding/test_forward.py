from pathlib import Path

import numpy as np
import torch

from similarity.encoding import EncoderOptions, load_encoder
from similarity.encoding.forward import ForwardPool


def test_each_worker_uses_one_thread_and_the_callers_setting_stays(tiny_folder: Path) -> None:
    from sentence_transformers import SentenceTransformer

    before = torch.get_num_threads()
    forward = ForwardPool(SentenceTransformer(str(tiny_folder), device="cpu"), workers=3)
    inside = [forward._pool.submit(torch.get_num_threads) for _ in range(6)]
    assert [future.result() for future in inside] == [1] * 6
    assert forward.workers == 3
    assert torch.get_num_threads() == before


def test_the_number_of_workers_changes_no_vector(tiny_folder: Path) -> None:
    texts = [" ".join(["card", "fee", "my"] * number) for number in range(1, 60)]
    one, many = (
        load_encoder(EncoderOptions(model=str(tiny_folder), threads=threads)) for threads in (1, 4)
    )
    assert np.array_equal(one.encode(texts), many.encode(texts))
    assert one.name == many.name
