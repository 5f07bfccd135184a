"""Banks of any size whose vectors come from a pool of encoded texts: for measuring time alone.

Encoding 100,000 texts would take long and say nothing about the analyses. No figure of quality may
be taken from such a bank: a complaint's vector is another text's.
"""

import asyncio
from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

import numpy as np

from api.services import Services
from graph.commands.catalogue import ensure_catalogue
from graph.commands.rows import Prepared
from graph.domain.case import Case
from graph.domain.catalogue import CatalogueEntry
from graph.progress import Progress
from ingest.demo import DemoOptions, complaints
from ingest.importer import Importer
from ingest.pipeline import Pipeline
from ingest.record import RowSource
from similarity.encoding import RunningEncoder
from similarity.encoding.forward import Vectors

#: Distinct texts that are really encoded; a bank of another seed than the measured one.
TEXTS = 2_000
_SEED = 20_001
#: The length of the noise beside a vector of length 1: neighbours of one text differ, and have a
#: cosine of about .96, as filings of one matter have.
_NOISE = 0.2

# What linking would have marked: the bank is complete without it, and nothing may finish it later.
_UNMARK = """
CYPHER 25
MATCH (c:Complaint) WHERE c.linkKey IS NOT NULL OR c.escalateKey IS NOT NULL
CALL (c) { REMOVE c.linkKey, c.linkClaim, c.escalateKey, c.escalateClaim }
IN TRANSACTIONS OF 5000 ROWS
"""
# Linking tells repeats by their texts too; here a filing about the same product after an answer
# is one, so that the measures have something to count.
_REPEATS = """
CYPHER 25
MATCH (u:Customer)
CALL (u) {
  MATCH (u)-[:FILED]->(c:Complaint) WHERE c.productCode IS NOT NULL
  WITH c ORDER BY c.receivedKey
  WITH collect(c) AS filed
  UNWIND range(1, size(filed) - 1) AS place
  WITH filed[place] AS later, [e IN filed[0..place] WHERE e.productCode = filed[place].productCode
    AND e.decidedAt < filed[place].receivedAt] AS earlier
  WITH later, earlier[-1] AS last WHERE last IS NOT NULL
  CREATE (later)-[:REPEATS]->(last)
} IN TRANSACTIONS OF 5000 ROWS
"""


class Pool:
    """Vectors of real texts, by the product that they are about."""

    def __init__(self, products: Sequence[str], vectors: Vectors) -> None:
        self._vectors = vectors
        self._random = np.random.default_rng(_SEED)
        self._rows: dict[str, list[int]] = defaultdict(list)
        for row, product in enumerate(products):
            self._rows[product].append(row)

    @classmethod
    def kept(cls, path: Path) -> "Pool":
        with np.load(path) as kept:
            return cls([str(product) for product in kept["products"]], kept["vectors"])

    def draw(self, product: str | None) -> list[float]:
        """A text of the same product at random, of any where the pool has none, and a little noise.

        Without the noise fifty complaints would have one vector, and no other neighbours.
        """
        rows = self._rows.get(product or "") or range(len(self._vectors))
        chosen = self._vectors[rows[int(self._random.integers(len(rows)))]]
        spread = _NOISE / np.sqrt(chosen.shape[0])
        moved = chosen + self._random.normal(0.0, spread, chosen.shape)
        return [float(value) for value in (moved / np.linalg.norm(moved)).astype(np.float32)]


async def opened(path: Path, encoder: RunningEncoder, progress: Progress) -> Pool:
    """The pool that ``path`` keeps; encoded and kept there when it does not yet."""
    if not await asyncio.to_thread(path.exists):
        bank = complaints(DemoOptions(size=2 * TEXTS, seed=_SEED))
        known = {c.narrative: c.product[-1].code for c in bank if c.narrative and c.product}
        texts = sorted(known)[:: max(1, len(known) // TEXTS)][:TEXTS]
        vectors = await encoder.encode(texts, progress)
        np.savez(path, products=[known[text] for text in texts], vectors=vectors)
    return Pool.kept(path)


class PooledPipeline(Pipeline):
    """The pipeline, with vectors of the pool instead of the encoder's."""

    pool: Pool
    vector_key: str

    async def encode(self, cases: Sequence[Case]) -> list[Prepared]:
        return [
            Prepared(
                case,
                {self.vector_key: self.pool.draw(case.product)} if case.text else {},
                self.escalator.fires(case),
            )
            for case in cases
        ]


async def load_pooled(
    services: Services,
    source: RowSource,
    entries: Sequence[CatalogueEntry],
    pool: Path,
    progress: Progress,
) -> int:
    """Load a source into an empty graph, without linking; how many complaints that were."""
    pipeline = PooledPipeline(services.database, services.book, services.preparer)
    pipeline.pool = await opened(pool, services.encoder, progress)
    pipeline.vector_key = services.book.active.space.vector_key
    await ensure_catalogue(services.database, entries)
    importer = Importer(
        pipeline, services.preparer, services.keyring, services.settings.home / "imports"
    )
    report = await importer.run(source, progress=progress, link=False)
    await services.database.run(_UNMARK)
    await services.database.run(_REPEATS)
    return report.loaded


async def middle(services: Services) -> datetime:
    """The time by which half of the complaints had been received."""
    rows = await services.database.read(
        "CYPHER 25 MATCH (c:Complaint) RETURN percentileDisc(c.receivedAt.epochMillis, 0.5) AS at, "
        "datetime({epochMillis: percentileDisc(c.receivedAt.epochMillis, 0.5)}) AS received"
    )
    at: datetime = rows[0]["received"]
    return at
