"""Refit the clusters of a graph, and add what comes up between two fits."""

import asyncio
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import numpy as np

from graph.commands.cluster_fits import write_fit
from graph.commands.clusters import add_cluster, finish_fit
from graph.database import Database
from graph.domain.clusters import DescentKind, Fit, FittedCluster, new_id
from graph.domain.rules import TopicRule
from graph.domain.spaces import EmbeddingSpace
from graph.progress import Progress, silent
from graph.queries import clusters as queries
from graph.queries.neighbours import vectors
from graph.queries.newcomers import newcomers
from graph.queries.samples import recent_texts
from similarity.clustering import Group, described, divide, emerging, named, texts_to_name
from similarity.clustering.division import group_of
from similarity.clustering.labels import READ, terms
from similarity.clustering.layout import layout
from similarity.clustering.neighbourhood import centred
from similarity.encoding.forward import Vectors

#: Newest texts that the words of a new topic are held against.
_COMPARED = 500


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

    Registrations go on meanwhile. A fit of the same complaints writes nothing but its time. Until
    it is written, complaints are called by the names of their source rows: their ids depend on the
    installation's key, and so would every order, tie and id made of them.
    """
    await finish_fit(database, progress)
    before = dict(await queries.memberships(database))
    ids, vectors = await _vectors(database, space, progress)
    names = {identity: name for name, identity in ids.items()}
    taken = await queries.ids_ever(database)
    # A provisional member did not shape its cluster: it begins alone.
    previous = {
        names.get(one, one): cluster
        for one, (cluster, weight) in before.items()
        if weight is not None
    }
    centre = np.array(space.centre, dtype=np.float32)
    groups = await asyncio.to_thread(
        divide, list(ids), vectors, centre, previous, progress=progress
    )
    texts = await _texts(database, groups, ids)
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
    places = await asyncio.to_thread(layout, list(ids), vectors, centre, groups)
    fit = replace(fit, places=places).renamed(ids)
    return Refit(fit, await write_fit(database, fit, before, progress))


async def _vectors(
    database: Database, space: EmbeddingSpace, progress: Progress
) -> tuple[dict[str, str], Vectors]:
    """Ids by name, and all vectors in one matrix in their order.

    Page by page, since Python's own numbers take eight times more.
    """
    total = await queries.vector_count(database, space)
    ids: dict[str, str] = {}
    vectors: Vectors = np.empty((total, space.dimension), dtype=np.float32)
    async for page in queries.vector_pages(database, space):
        # One whose receipt was corrected meanwhile may come again.
        fresh = [place for place, name in enumerate(page.names) if name not in ids]
        if len(ids) + len(fresh) > len(vectors):
            more = np.empty((len(fresh) + 1000, space.dimension), dtype=np.float32)
            vectors = np.concatenate([vectors, more])
        if fresh:
            vectors[len(ids) : len(ids) + len(fresh)] = [page.vectors[n] for n in fresh]
        ids.update((page.names[n], page.ids[n]) for n in fresh)
        progress("read", len(ids), max(total, len(ids)))
    return ids, vectors[: len(ids)]


async def _texts(
    database: Database, groups: Sequence[Group], ids: Mapping[str, str]
) -> dict[str, str]:
    """The texts by name that labels of groups are made of."""
    names = texts_to_name(groups)
    results = await queries.texts(database, [ids[name] for name in names], READ)
    return {name: results[ids[name]] for name in names if ids[name] in results}


async def add_emerging(
    database: Database, space: EmbeddingSpace, rule: TopicRule, *, since: datetime, until: datetime
) -> list[str]:
    """Make clusters of groups that came up since the last fit and fit none; ids of these.

    Complaints received from ``since`` to ``until`` are looked at. Safe to repeat, by any number of
    processes at once; see ``similarity.clustering.emerging`` for what makes a group.
    """
    recent = await newcomers(database, since, until)
    if recent is None:
        return []
    groups = await asyncio.to_thread(
        emerging,
        recent.newcomers,
        recent.usual,
        share=rule.share,
        fewest=rule.fewest,
        probability=rule.probability,
    )
    return [
        cluster.id
        for members in groups
        if (cluster := await _add(database, space, members, until)) is not None
    ]


async def _add(
    database: Database, space: EmbeddingSpace, ids: Collection[str], at: datetime
) -> FittedCluster | None:
    """Write one group as a cluster; None if something else has placed its complaints meanwhile."""
    results = await vectors(database, space, list(ids))
    known = {
        name: one for one, name in (await queries.source_names(database, list(results))).items()
    }
    names = sorted(known)
    matrix = np.array([results[known[name]] for name in names], dtype=np.float32)
    units = centred(matrix, np.array(space.centre, dtype=np.float32))
    named_group = group_of(names, units, np.arange(len(names)))
    identity = new_id(space.name, named_group.members, await queries.ids_ever(database))
    group = replace(named_group, members=tuple(known[name] for name in named_group.members))
    cluster = described(identity, group, await _words(database, group))
    weights = dict(zip(group.members, group.weights, strict=True))
    made = await add_cluster(database, cluster, weights, space=space.name, at=at)
    return cluster if made else None


async def _words(database: Database, group: Group) -> Sequence[str]:
    """Terms of a group, held against those of the newest texts."""
    own = await queries.texts(database, texts_to_name([group]), READ)
    others = await recent_texts(database, limit=_COMPARED)
    apart = [text for text in others if not any(text.startswith(one) for one in own.values())]
    return (await asyncio.to_thread(terms, [list(own.values()), apart]))[0]
