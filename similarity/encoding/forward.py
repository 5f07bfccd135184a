"""The model's forward pass on several cores: one batch a core, not all cores on each batch.

torch splits every operation over its threads and waits for the slowest one. On a machine that does
other things too that made one short query take 0.6 s where one thread takes 0.03 s, and import half
as fast. Cores that work on batches of their own never wait for each other.
"""

from __future__ import annotations

import threading
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

Vectors = NDArray[np.float32]


class ForwardPool:
    """Runs prepared batches.

    ``workers``: how many a caller should have on their way (one on anything but a CPU). There is a
    thread more than that, so that a query finds one free beside bulk work.
    """

    def __init__(self, model: SentenceTransformer, workers: int | None) -> None:
        import torch

        self._model = model
        on_cpu = model.device.type == "cpu"
        self.workers = (workers or torch.get_num_threads()) if on_cpu else 1
        self._pool = _pool_of_single_threads(self.workers + 1)

    def submit(self, features: dict[str, Any]) -> Future[Vectors]:
        """Encode what ``SentenceTransformer.preprocess`` made; the vectors have length 1."""
        return self._pool.submit(self._forward, features)

    def _forward(self, features: dict[str, Any]) -> Vectors:
        import torch
        from sentence_transformers.util import batch_to_device

        with torch.inference_mode():
            made = self._model(batch_to_device(features, self._model.device))["sentence_embedding"]
            made = made[:, : self._model.truncate_dim].float()
            vectors: Vectors = torch.nn.functional.normalize(made, dim=1).cpu().numpy()
        return vectors


def _pool_of_single_threads(workers: int) -> ThreadPoolExecutor:
    """A pool whose threads each use one thread of torch; the caller's setting stays."""
    import torch

    before = torch.get_num_threads()
    begun = threading.Barrier(workers + 1)

    def begin() -> None:
        torch.set_num_threads(1)
        torch.get_num_threads()  # a thread takes the setting over at its first use of torch: now
        begun.wait()

    pool = ThreadPoolExecutor(workers, thread_name_prefix="encode", initializer=begin)
    for _ in range(workers):
        pool.submit(int)
    begun.wait()
    # The setting of one thread is also what threads that start later get.
    torch.set_num_threads(before)
    return pool
