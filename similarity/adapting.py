"""Likeness learnt from a bank's own pairs: a linear map of the vectors that are there already.

No text is encoded again, and what is learnt is one matrix (``encoding.adapted``). Before it is used
it is tried on pairs that it has not seen.
"""

import asyncio
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from graph.commands.leases import lease
from graph.commands.spaces import activate_space, create_space, drop_space
from graph.database import Database
from graph.domain.spaces import EmbeddingSpace, SpaceState
from graph.errors import ConflictError, InvalidInputError
from graph.progress import Progress, silent
from graph.queries.clusters import vector_pages
from graph.queries.neighbours import vectors as vectors_of
from graph.queries.pairs import Pair, PairKind, known_pairs
from graph.queries.spaces import spaces, texts_without_vector
from graph.statistics.resampling import bootstrap_interval
from similarity.encoding import (
    AdaptedEncoder,
    TextEncoder,
    adapted,
    learn_adapter,
    sample_texts,
)
from similarity.encoding.adapted import Indexes
from similarity.encoding.forward import Vectors
from similarity.spaces import described_space, fill_adapted, fill_space

#: Whoever learns holds this lease.
LEASE = "similarity"
#: Pairs below which nothing is learnt: half of them teach, half try.
FEWEST = 100
#: Complaints among which the other one of a pair is looked for in the trial: those of the pairs and
#: the first that were received.
MOST_ASKED = 20_000
DEPTH = 10
_PAGE = 1_000
_BLOCK = 512
_SEED = 1


@dataclass(frozen=True, slots=True)
class Trial:
    """On pairs not learnt from: mean reciprocal rank and recall among ten, before and after.

    ``low``, ``high``: 95 % interval of the difference of MRR@10, by a paired bootstrap over the
    pairs (Efron 1979).
    """

    pairs: int
    mrr_before: float
    mrr_after: float
    recall_before: float
    recall_after: float
    low: float
    high: float

    @property
    def better(self) -> bool:
        return self.low > 0


@dataclass(frozen=True, slots=True)
class Learnt:
    """What became of a training; ``space``: the one that is active now, if it was better."""

    trial: Trial
    kinds: dict[str, int]
    space: str | None


def halves(positives: Indexes) -> tuple[Indexes, Indexes]:
    """Pairs to learn from and to try on: those that hang together are on one side.

    The same rows give the same halves.
    """
    from scipy.sparse import coo_matrix
    from scipy.sparse.csgraph import connected_components

    size = int(positives.max()) + 1
    links = coo_matrix((np.ones(len(positives)), positives.T), shape=(size, size))
    _, family = connected_components(links, directed=False)
    side = np.random.default_rng(_SEED).random(size) < 0.5
    teaches = side[family[positives[:, 0]]]
    return positives[teaches], positives[~teaches]


def tried(before: Vectors, after: Vectors, pairs: Indexes) -> Trial:
    """Each pair's first complaint looks for the second among all rows."""
    ranks_before, ranks_after = (_reciprocal_ranks(rows, pairs) for rows in (before, after))
    low, high = bootstrap_interval(np.mean, ranks_after - ranks_before, seed=_SEED)
    return Trial(
        pairs=len(pairs),
        mrr_before=float(ranks_before.mean()),
        mrr_after=float(ranks_after.mean()),
        recall_before=float((ranks_before > 0).mean()),
        recall_after=float((ranks_after > 0).mean()),
        low=low,
        high=high,
    )


def _reciprocal_ranks(rows: Vectors, pairs: Indexes) -> NDArray[np.float64]:
    """0 where the other one is not among the ten nearest."""
    results = []
    for start in range(0, len(pairs), _BLOCK):
        block = pairs[start : start + _BLOCK]
        cosines = rows[block[:, 0]] @ rows.T
        cosines[np.arange(len(block)), block[:, 0]] = -2.0
        own = cosines[np.arange(len(block)), block[:, 1]]
        results.append(1 + (cosines > own[:, None]).sum(axis=1))
    ranks = np.concatenate(results)
    return np.where(ranks <= DEPTH, 1 / ranks, 0.0)


async def learn_similarity(
    database: Database, encoder: TextEncoder, progress: Progress = silent
) -> Learnt:
    """Learn from the graph's own pairs, try it, and make it the active space if it is better.

    Better than the encoder's own likeness: what was learnt before has seen the pairs it would be
    tried on. Searches are answered by the old space until the one write that activates the new one.

    Raises:
        InvalidInputError: there are too few pairs.
        ConflictError: another process is learning.
    """
    async with lease(database, LEASE) as held:
        if not held:
            raise ConflictError("Another process is learning likeness: wait until it is done.")
        return await _learn(database, encoder, progress)


async def _learn(database: Database, encoder: TextEncoder, progress: Progress) -> Learnt:
    active, base = await _active_and_base(database, encoder)
    if active.name != base.name:  # what came since is known in the active space alone
        await fill_space(database, base, encoder, progress=progress)
    pairs = await known_pairs(database)
    rows, places = await _vectors(database, base, pairs, progress)
    positives = _positives(pairs, places)
    teaching, asked = halves(positives) if len(positives) else (positives, positives)
    if min(len(teaching), len(asked)) < FEWEST // 2:
        raise InvalidInputError(
            f"There are {len(positives)} pairs of complaints known to be alike (filed again, in "
            f"one group event, rated useful); {FEWEST} are needed, half of them to try on."
        )
    triplets = _triplets(pairs, places)
    trial = await asyncio.to_thread(_trial, rows, teaching, asked, triplets)
    kinds = {kind.value: sum(pair.kind is kind for pair in pairs) for kind in PairKind}
    if not trial.better:
        return Learnt(trial, kinds, None)
    await _drop_older(database)
    adapter = await asyncio.to_thread(learn_adapter, rows, positives, triplets)
    space = await _space_of(database, encoder, base, adapter)
    while await texts_without_vector(database, space):
        await fill_adapted(database, space, base, progress=progress)
        await fill_space(database, base, encoder)
    await activate_space(database, space)
    return Learnt(trial, kinds, space.name)


def _trial(rows: Vectors, teaching: Indexes, asked: Indexes, triplets: Indexes) -> Trial:
    """Nothing of what is asked teaches, not even as one that is not alike."""
    unseen = ~np.isin(triplets, asked).any(axis=1)
    adapter = learn_adapter(rows, teaching, triplets[unseen])
    return tried(rows, adapted(rows, adapter), asked)


async def _drop_older(database: Database) -> None:
    """What earlier trainings left, finished or killed: nobody goes back to it."""
    for space in await spaces(database):
        if space.adapter is not None and space.state is not SpaceState.ACTIVE:
            await drop_space(database, space)


async def forget_similarity(database: Database, encoder: TextEncoder) -> str | None:
    """Go back to the encoder's own space by one write; its name, None if it is active already."""
    active, base = await _active_and_base(database, encoder)
    if active.name == base.name:
        return None
    await fill_space(database, base, encoder)
    await activate_space(database, base)
    return base.name


async def _active_and_base(
    database: Database, encoder: TextEncoder
) -> tuple[EmbeddingSpace, EmbeddingSpace]:
    known = await spaces(database)
    active = next((s for s in known if s.state is SpaceState.ACTIVE), None)
    base = next((s for s in known if s.name == encoder.name), None)
    if active is None or base is None or active.encoder != encoder.name:
        raise InvalidInputError("The graph has no texts of this encoder yet: import some first.")
    return active, base


async def _vectors(
    database: Database, base: EmbeddingSpace, pairs: Sequence[Pair], progress: Progress
) -> tuple[Vectors, dict[str, int]]:
    """Those of the pairs and of others to look among; the row of each by its id."""
    known: dict[str, Sequence[float]] = {}
    ids = sorted({each for pair in pairs for each in (pair.one, pair.other)})
    for start in range(0, len(ids), _PAGE):
        known |= await vectors_of(database, base, ids[start : start + _PAGE])
        progress("read", len(known), None)
    async for page in vector_pages(database, base):
        if len(known) >= MOST_ASKED:
            break
        known |= dict(zip(page.ids, page.vectors, strict=True))
        progress("read", len(known), None)
    rows = np.array(list(known.values()), dtype=np.float32).reshape(len(known), base.dimension)
    return rows, {identity: place for place, identity in enumerate(known)}


def _positives(pairs: Sequence[Pair], places: dict[str, int]) -> Indexes:
    kept = {
        (places[p.one], places[p.other])
        for p in pairs
        if p.kind is not PairKind.RATED_NOT_USEFUL and p.one in places and p.other in places
    }
    return np.array(sorted(kept), dtype=np.int64).reshape(-1, 2)


def _triplets(pairs: Sequence[Pair], places: dict[str, int]) -> Indexes:
    """Of each complaint with a useful and a useless precedent: it, the one, the other."""
    useful: dict[str, str] = {p.one: p.other for p in pairs if p.kind is PairKind.RATED_USEFUL}
    made = [
        (places[p.one], places[useful[p.one]], places[p.other])
        for p in pairs
        if p.kind is PairKind.RATED_NOT_USEFUL and p.one in useful
        if {p.one, useful[p.one], p.other} <= places.keys()
    ]
    return np.array(made, dtype=np.int64).reshape(-1, 3)


async def _space_of(
    database: Database, encoder: TextEncoder, base: EmbeddingSpace, adapter: Vectors
) -> EmbeddingSpace:
    data = adapter.tobytes()
    name = f"{base.name}_a{hashlib.sha256(data).hexdigest()[:8]}"
    turned = AdaptedEncoder(encoder, name, adapter)
    samples = await turned.encode(sample_texts())
    described = await described_space(turned, samples, SpaceState.BUILDING)
    return await create_space(database, replace(described, base=base.name, adapter=data))


def facts(learnt: Learnt) -> dict[str, Any]:
    """For people and programs."""
    trial = learnt.trial
    return {
        "activated": learnt.space,
        "pairs": learnt.kinds,
        "triedOn": trial.pairs,
        "mrr10": {"before": round(trial.mrr_before, 4), "after": round(trial.mrr_after, 4)},
        "recall10": {
            "before": round(trial.recall_before, 4),
            "after": round(trial.recall_after, 4),
        },
        "difference": {
            "mrr10": round(trial.mrr_after - trial.mrr_before, 4),
            "low": round(trial.low, 4),
            "high": round(trial.high, 4),
        },
    }
