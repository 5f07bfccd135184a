"""What a cosine means: its place among the cosines of random pairs.

Models differ in this by far (e5 puts random pairs at .83 to .94), so a cosine alone tells nothing.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from graph.errors import ConfigurationError
from similarity.encoding.forward import Vectors

#: Share of random pairs below which a quantile is kept; dense where alike pairs are.
_SHARES = (0.001, 0.01, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.975)
_UPPER_SHARES = (0.99, 0.995, 0.998, 0.999, 0.9995, 0.9998, 0.9999, 0.99995)
_FEWEST_ABOVE = 10  # pairs that a quantile needs above it to mean something
#: A pair counts as similar above this share of random pairs. Measured among the ten nearest of
#: real texts, the share with the same label rises from .54 to .63 (citizens' complaints), .52 to
#: .60 (bank messages), .40 to .45 (CFPB products); .998 gains .06 more and loses half of the links.
SIMILAR_SHARE = 0.99
_MOST_VECTORS = 2000


@dataclass(frozen=True)
class Calibration:
    """Points of the distribution of random pairs' cosines: ``shares`` of pairs below ``cosines``.

    Both rise strictly; the first point is (0, -1) and the last one (1, 1). Between points, and so
    in the far tail where no sample tells, the share rises in proportion to the cosine.
    """

    shares: tuple[float, ...]
    cosines: tuple[float, ...]

    def __post_init__(self) -> None:
        ends = [(self.shares[:1], self.cosines[:1]), (self.shares[-1:], self.cosines[-1:])]
        rising = all(a < b for line in (self.shares, self.cosines) for a, b in pairwise(line))
        if (
            ends != [((0.0,), (-1.0,)), ((1.0,), (1.0,))]
            or not rising
            or len(self.shares) != len(self.cosines)
        ):
            raise ConfigurationError(
                "The calibration of an embedding space is damaged: run `complaint-graph reembed`."
            )

    def semantic(self, cosine: float) -> float:
        """The share of random pairs that are less similar, 0..1; rises strictly up to cosine 1."""
        return float(np.interp(cosine, self.cosines, self.shares))

    def cosine(self, semantic: float) -> float:
        """The cosine that ``semantic`` maps to ``semantic``."""
        return float(np.interp(semantic, self.shares, self.cosines))

    @property
    def threshold(self) -> float:
        """The cosine above which two complaints count as similar."""
        return self.cosine(SIMILAR_SHARE)

    def to_list(self) -> list[float]:
        """All shares, then all cosines, in one list as a node's property can hold it."""
        return [*self.shares, *self.cosines]

    @classmethod
    def from_list(cls, values: Sequence[float]) -> "Calibration":
        """What ``to_list`` gave.

        Raises:
            ConfigurationError: it was something else.
        """
        half = len(values) // 2
        return cls(tuple(map(float, values[:half])), tuple(map(float, values[half:])))


def calibrate(vectors: Vectors, seed: int, languages: Sequence[str] | None = None) -> Calibration:
    """Calibrate on the pairs of ``vectors`` (rows of length 1), of 2,000 by ``seed`` when more.

    ``languages``, one for each row: pairs across languages are left out, since two texts are
    further apart for the language alone. Equal rows count once: a copy is no random pair.
    """
    distinct, rows = np.unique(vectors, axis=0, return_index=True)
    if len(rows) > _MOST_VECTORS:
        chosen = np.random.default_rng(seed).choice(len(rows), _MOST_VECTORS, replace=False)
        distinct, rows = distinct[chosen], rows[chosen]
    groups = np.zeros(len(rows)) if languages is None else np.array(languages)[rows]
    cosines = np.concatenate(
        [_pair_cosines(distinct[groups == each]) for each in np.unique(groups)]
    )
    points = [(0.0, -1.0)]
    for share in (*_SHARES, *_UPPER_SHARES):
        if (1 - share) * len(cosines) >= _FEWEST_ABOVE:
            cosine = float(np.quantile(cosines, share))
            if points[-1][1] < cosine < 1.0:
                points.append((share, cosine))
    points.append((1.0, 1.0))
    return Calibration(*zip(*points, strict=True))


def centre(vectors: Vectors) -> Vectors:
    """The mean of ``vectors``, shape (dimension,), float32: what all texts have in common."""
    mean: Vectors = vectors.mean(axis=0, dtype=np.float64).astype(np.float32)
    return mean


def _pair_cosines(vectors: Vectors) -> NDArray[np.float64]:
    upper = np.triu_indices(len(vectors), k=1)
    cosines: NDArray[np.float64] = (vectors @ vectors.T)[upper].astype(np.float64)
    return np.clip(cosines, -1.0, 1.0)
