"""What an encoder needs of a model: its tokens, and its forward pass on several cores."""

from collections.abc import Sequence
from concurrent.futures import Future
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

Vectors = NDArray[np.float32]


class Model(Protocol):
    """A model and its tokenizer; several threads may use it at once.

    ``workers``: how many batches a caller should have on their way; ``batch_tokens`` and
    ``batch_rows``: how large one may be, padding included.
    """

    #: Small enough for a core's caches, and for a query to wait.
    batch_tokens: int = 1024
    batch_rows: int = 1024

    dimension: int
    workers: int

    def tokens(self, prompt: str) -> int:
        """How many tokens ``prompt`` takes, special ones included."""

    def offsets(self, texts: Sequence[str]) -> list[list[tuple[int, int]]]:
        """Where each token of each text begins and ends, special ones left out."""

    def submit(self, contents: Sequence[str], prompt: str) -> Future[Vectors]:
        """Encode one batch, each content after ``prompt``; rows of length 1.

        What is longer than the model takes is cut.
        """
