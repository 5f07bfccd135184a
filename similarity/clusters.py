"""Refit the clusters of a graph."""

import asyncio
from dataclasses import dataclass
from datetime import datetime

import numpy as np

from graph.commands.clusters import finish_fit, write_fit
from graph.database import Database
from graph.domain.clusters import DescentKind, Fit
from graph.domain.spaces import EmbeddingSpace
from graph.progress import Progress, silent
from graph.queries import clusters as queries
from similarity.clustering import divide, named, wanted_texts
from similarity.clustering.labels import READ
from similarity.encoding.forward import Vectors


@dataclass(frozen=True, slots=True)
class Refit:
    """What a refit did; ``moved``: complaints whose cluster, or place in it, has changed."""

    fit: Fit
    moved: int

    def as_dict(self) -> dict[str, object]:
        """The facts, as commands print them."""
        line = self.fit.lineage
        texts, assigned = self.fit.texts, len(self.fit.members)
        return {
            "texts": texts,
            "clusters": len(self.fit.clusters),
            "kept": len(line.kept),
            "new": len(self.fit.clusters) - len(line.kept),
            "ended": len(line.ended),
            "splits": sum(d.kind is DescentKind.SPLIT for d in line.descents),
            "merges": sum(d.kind is DescentKind.MERGE for d in line.descents),
            "unassigned": texts - assigned,
            "unassignedShare": round(1 - assigned / texts, 4) if texts else None,
            "moved": self.moved,
        }


async def refit(
    database: Database, space: EmbeddingSpace, at: datetime, progress: Progress = silent
) -> Refit:
    """Divide all complaints with a text anew, starting from the clusters of before.

    Registrations go on meanwhile. A fit of the same complaints writes nothing but its time.
    """
    await finish_fit(database, progress)
    before = dict(await queries.memberships(database))
    ids, vectors = await _vectors(database, space, progress)
    taken = await queries.ids_ever(database)
    # A provisional member did not shape its cluster: it begins alone.
    previous = {one: cluster for one, (cluster, weight) in before.items() if weight is not None}
    centre = np.array(space.centre, dtype=np.float32)
    groups = await asyncio.to_thread(divide, ids, vectors, centre, previous, progress=progress)
    texts = await queries.texts(database, wanted_texts(groups), READ)
    fit = await asyncio.to_thread(
        named,
        groups,
        texts,
        space=space.name,
        at=at,
        count=len(ids),
        previous=previous,
        taken=taken,
    )
    return Refit(fit, await write_fit(database, fit, before, progress))


async def _vectors(
    database: Database, space: EmbeddingSpace, progress: Progress
) -> tuple[list[str], Vectors]:
    """All vectors in one matrix; page by page, since Python's own numbers take eight times more."""
    total = await queries.vector_count(database, space)
    ids: list[str] = []
    vectors: Vectors = np.empty((total, space.dimension), dtype=np.float32)
    async for page in queries.vector_pages(database, space):
        if len(ids) + len(page.ids) > len(vectors):
            more = np.empty((len(page.ids) + 1000, space.dimension), dtype=np.float32)
            vectors = np.concatenate([vectors, more])
        vectors[len(ids) : len(ids) + len(page.ids)] = page.vectors
        ids += page.ids
        progress("read", len(ids), max(total, len(ids)))
    return ids, vectors[: len(ids)]
