"""An encoder whose vectors are turned by a linear map, and how such a map is learnt."""

from collections.abc import Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from graph.progress import Progress, silent
from similarity.encoding.forward import Vectors

Indexes = NDArray[np.int64]

#: Of the training: steps, pairs in each, how sharply the nearest is preferred, and how far a step
#: goes in a space of one dimension (docs/measurements.md has what they were chosen by).
_STEPS, _BATCH, _SCALE, _RATE = 50, 512, 30.0, 0.02
_SEED = 1


class TextEncoder(Protocol):
    """What makes vectors of texts, off the event loop (see ``AsyncEncoder``)."""

    @property
    def model(self) -> str: ...
    @property
    def name(self) -> str: ...
    @property
    def dimension(self) -> int: ...
    async def ready(self) -> object: ...
    async def encode(self, texts: Sequence[str], progress: Progress = silent) -> Vectors: ...


class RunningEncoder(TextEncoder, Protocol):
    """One that a service runs: its own ``AsyncEncoder``, or another process's ``SharedEncoder``."""

    @property
    def is_ready(self) -> bool: ...
    @property
    def waiting(self) -> dict[str, int]: ...
    async def close(self) -> None: ...


class AdaptedEncoder:
    """``encoder``'s vectors times ``adapter``, of shape (dimension, dimension), rows of length 1.

    ``name``: of the space that it is for.
    """

    def __init__(self, encoder: TextEncoder, name: str, adapter: Vectors) -> None:
        self.model = encoder.model
        self.name = name
        self.dimension = encoder.dimension
        #: Without the map.
        self.plain = encoder
        self._adapter = adapter

    async def ready(self) -> object:
        return await self.plain.ready()

    async def encode(self, texts: Sequence[str], progress: Progress = silent) -> Vectors:
        """As ``AsyncEncoder.encode``."""
        return adapted(await self.plain.encode(texts, progress), self._adapter)


def adapted(vectors: Vectors, adapter: Vectors) -> Vectors:
    """``vectors`` through the map, of length 1 again."""
    turned = vectors @ adapter
    result: Vectors = turned / np.linalg.norm(turned, axis=1, keepdims=True)
    return result


def unadapted(vectors: Vectors, adapter: Vectors) -> Vectors:
    """What ``adapted`` was given: the map is near the identity, so it can be undone."""
    turned = np.linalg.solve(adapter.T.astype(float), vectors.T.astype(float)).T
    result: Vectors = (turned / np.linalg.norm(turned, axis=1, keepdims=True)).astype(np.float32)
    return result


def adapter_of(data: bytes, dimension: int) -> Vectors:
    """The map that a space keeps."""
    return np.frombuffer(data, dtype="<f4").reshape(dimension, dimension)


def learn_adapter(vectors: Vectors, positives: Indexes, triplets: Indexes) -> Vectors:
    """The map, of shape (dimension, dimension), under which pairs that are alike find each other.

    Multiple negatives ranking (Henderson et al. 2017): of a batch, each row's partner shall be
    nearer than the partners of the others. It starts as the identity and stays near it.

    ``positives``: rows of ``vectors`` that are alike, of shape (n, 2), one at least; ``triplets``:
    a row, one that is alike and one that is known not to be, of shape (m, 3).
    """
    import torch
    from torch.nn.functional import cross_entropy, normalize

    rows = torch.from_numpy(np.array(vectors, dtype=np.float32))
    adapter = torch.eye(rows.shape[1], requires_grad=True)
    optimiser = torch.optim.Adam([adapter], lr=_RATE / rows.shape[1] ** 0.5)
    chance = np.random.default_rng(_SEED)

    def turned(indexes: Indexes) -> torch.Tensor:
        return normalize(rows[torch.from_numpy(indexes)] @ adapter, dim=-1)

    for _ in range(_STEPS):
        pairs = chance.permutation(positives)[:_BATCH]
        cosines, own = (
            _SCALE * turned(pairs[:, 0]) @ turned(pairs[:, 1]).T,
            torch.arange(len(pairs)),
        )
        loss = (cross_entropy(cosines, own) + cross_entropy(cosines.T, own)) / 2
        if len(triplets):
            threes = chance.permutation(triplets)[:_BATCH]
            one = turned(threes[:, 0])
            rivals = [(one * turned(threes[:, column])).sum(1) for column in (1, 2)]
            first = torch.zeros(len(threes), dtype=torch.long)
            loss = loss + cross_entropy(_SCALE * torch.stack(rivals, 1), first)
        optimiser.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        optimiser.step()
    result: Vectors = adapter.detach().numpy().astype("<f4")
    return result
