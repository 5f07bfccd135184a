"""An embedding space: the vectors of one model, with a property and an index of their own."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

#: What the names of all vectors begin with on a complaint's node, and of nothing else.
VECTORS = "embedding_"
_SAFE = re.compile(r"[a-z][a-z0-9_]{0,80}")


class SpaceState(StrEnum):
    BUILDING = "BUILDING"
    ACTIVE = "ACTIVE"
    RETIRED = "RETIRED"


class CalibrationSource(StrEnum):
    """What a cosine is compared with: pairs of the bank's own texts, or of those shipped."""

    OWN = "OWN"
    SHIPPED = "SHIPPED"


@dataclass(frozen=True, slots=True)
class OwnCalibration:
    """Quantiles of the cosines of strangers' texts of one language in this bank.

    ``texts``: how many there were in all when ``sampled`` of them were compared with one another.
    """

    language: str
    texts: int
    sampled: int
    at: datetime
    quantiles: Sequence[float] = field(repr=False)


@dataclass(frozen=True, slots=True)
class EmbeddingSpace:
    """``threshold``: the cosine from which two complaints are linked; ``duplicate_threshold``: the
    lower one from which two of one customer about one product are one case.

    ``calibration`` are the quantiles of random pairs' cosines (see ``similarity.encoding``);
    ``centre`` is the mean vector of the calibration texts. Both are of texts that ship with the
    product, and never change: links are defined by them. ``own``: what the bank's own texts say,
    by language.

    ``base``, ``adapter``: of a space whose vectors are those of another one, turned by a linear map
    that was learnt from this bank's own pairs (``similarity.adapting``): the name of that one, and
    the map's ``dimension``² numbers (float32, row by row).
    """

    name: str
    model: str
    dimension: int
    threshold: float
    duplicate_threshold: float
    calibration: Sequence[float] = field(repr=False)
    centre: Sequence[float] = field(repr=False)
    state: SpaceState = SpaceState.BUILDING
    own: Mapping[str, OwnCalibration] = field(default_factory=dict)
    base: str | None = None
    adapter: bytes | None = field(default=None, repr=False)

    def __post_init__(self) -> None:
        # The name becomes part of Cypher identifiers, which cannot be parameters.
        if not _SAFE.fullmatch(self.name):
            raise ValueError(f"not a safe name of an embedding space: {self.name!r}")

    @property
    def encoder(self) -> str:
        """The name of the encoder behind it, which is that of the space that was made for it."""
        return self.base or self.name

    @property
    def vector_key(self) -> str:
        return f"{VECTORS}{self.name}"

    @property
    def index(self) -> str:
        return f"complaint_{self.vector_key}"
