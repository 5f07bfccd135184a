"""Vectors of the texts asked for last, so that a repeated query costs nothing."""

from collections import OrderedDict
from collections.abc import Sequence
from hashlib import blake2b

import numpy as np

from similarity.encoding.forward import Vectors


class VectorMemory:
    """At most ``most`` vectors by a hash of their text, the least used forgotten first.

    It holds no text. Not for use by several threads at once.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._rows: OrderedDict[bytes, Vectors] = OrderedDict()

    def get(self, texts: Sequence[str]) -> Vectors | None:
        """The vectors of ``texts`` as rows, or None when any is unknown."""
        keys = [_key(text) for text in texts]
        if not keys or any(key not in self._rows for key in keys):
            return None
        for key in keys:
            self._rows.move_to_end(key)
        return np.stack([self._rows[key] for key in keys])

    def put(self, texts: Sequence[str], vectors: Vectors) -> None:
        """Remember the rows of ``vectors`` for ``texts``."""
        for text, vector in zip(texts, vectors, strict=True):
            key = _key(text)
            self._rows[key] = vector.copy()
            self._rows.move_to_end(key)
        while len(self._rows) > self._most:
            self._rows.popitem(last=False)


def _key(text: str) -> bytes:
    return blake2b(text.encode(), digest_size=16).digest()
