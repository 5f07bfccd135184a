"""The name of an encoder: of its model and of all that decides about its vectors.

Backends of one model share its name, for their vectors are held against each other (see
``loading``).
"""

import hashlib
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray


def encoder_name(
    model: str,
    rule: str,
    modules: Iterable[tuple[str, str]],
    weights: Iterable[tuple[str, NDArray[Any]]],
) -> str:
    """A slug of the model, letters first, and a hash; the same for copies and library versions.

    ``rule``: of prompt and windows; ``modules``: kinds, and how they pool; ``weights``: arrays by
    their names.
    """
    slug = re.sub(r"[^a-z0-9]+", "_", Path(model).name.lower()).strip("_")
    if not slug[:1].isalpha():
        slug = f"model_{slug}"
    digest = hashlib.sha256(rule.encode())
    for kind, pooling in modules:
        digest.update(f"{kind} {pooling}\n".encode())
    for name, array in sorted(weights, key=lambda each: each[0]):
        if "pooler." in name:  # unused, and random where a model came without it
            continue
        digest.update(f"{name}{array.shape}".encode())
        flat: NDArray[Any] = np.ascontiguousarray(array, np.float32).reshape(-1)
        digest.update(flat.data)
    return f"{slug[:40].rstrip('_')}_{digest.hexdigest()[:8]}"
