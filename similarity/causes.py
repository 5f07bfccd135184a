"""Candidates for a complaint's root cause: what caused the alike ones, weighted by likeness."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from graph.domain.case import Attribution
from graph.domain.scope import Scope
from graph.queries.cases import attributions
from graph.queries.conditions import NO_DUPLICATE
from similarity.finder import Alike, Finder

#: Alike complaints that are asked.
ASKED = 20


@dataclass(frozen=True, slots=True)
class CauseCandidate:
    """``confidence``: the cause's part of the votes, 0..1; ``support``: whose cause it is."""

    cause: str
    confidence: float
    support: tuple[str, ...]


async def root_cause_candidates(
    finder: Finder, ids: Sequence[str], *, scope: Scope, first: int
) -> Mapping[str, list[CauseCandidate]]:
    """The likeliest causes of each, best first: nearest neighbours in the scope vote, nearer ones
    more.

    Weighted k-nearest-neighbour voting (Dudani 1976): a vote weighs as much as the cosine exceeds
    the space's threshold.
    """
    narrowed = (await finder.compile(None, scope)).and_also(NO_DUPLICATE)
    alike = await finder.alike(ids, scope, narrowed, ASKED)
    others = sorted({a.complaint.id for results in alike.values() for a in results})
    causes = await attributions(finder.database, others)
    threshold = finder.book.active.space.threshold
    return {key: _votes(result, causes, threshold)[:first] for key, result in alike.items()}


def _votes(
    results: Sequence[Alike],
    causes: Mapping[str, Sequence[Attribution]],
    threshold: float,
) -> list[CauseCandidate]:
    weights: dict[str, float] = {}
    support: dict[str, list[str]] = {}
    for alike in results:
        vote = alike.score if alike.cosine is None else max(0.0, alike.cosine - threshold)
        for cause in causes.get(alike.complaint.id, ()):
            weights[cause.cause] = weights.get(cause.cause, 0.0) + vote * (cause.share or 1.0)
            support.setdefault(cause.cause, []).append(alike.complaint.id)
    total = sum(weights.values())
    if not total:
        return []
    ranked = sorted(weights, key=lambda code: (-weights[code], code))
    return [CauseCandidate(c, weights[c] / total, tuple(support[c])) for c in ranked]
