"""Any sentence-transformers model, by torch: one batch a core, not all cores on each batch.

torch splits every operation over its threads and waits for the slowest one. On a machine that does
other things too that made one short query take 0.6 s where one thread takes 0.03 s, and import half
as fast. Cores that work on batches of their own never wait for each other.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

from similarity.encoding.forward import Model, Vectors

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer


class TorchModel(Model):
    """See ``forward.Model``.

    There is a thread more than ``workers``, so that a query finds one free beside bulk work; on
    anything but a CPU there is one worker.
    """

    def __init__(self, model: SentenceTransformer, workers: int | None) -> None:
        import torch

        self._model = model
        self._tokenizer: Any = model.tokenizer
        self._tokenizing = threading.Lock()  # a fast tokenizer refuses a second thread
        on_cpu = model.device.type == "cpu"
        self.dimension: int = model.get_embedding_dimension() or 0
        self.workers: int = (workers or torch.get_num_threads()) if on_cpu else 1
        self._pool = _pool_of_single_threads(self.workers + 1)

    def tokens(self, prompt: str) -> int:
        return len(self._tokenizer(prompt)["input_ids"])

    def offsets(self, texts: Sequence[str]) -> list[list[tuple[int, int]]]:
        with self._tokenizing:
            encoded = self._tokenizer(
                list(texts),
                add_special_tokens=False,
                return_attention_mask=False,
                return_offsets_mapping=True,
                verbose=False,
            )
        offsets: list[list[tuple[int, int]]] = encoded["offset_mapping"]
        return offsets

    def submit(self, contents: Sequence[str], prompt: str) -> Future[Vectors]:
        with self._tokenizing:
            features = self._model.preprocess(list(contents), prompt=prompt)
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
