"""Several rankings as one."""

from collections.abc import Sequence
from math import fsum


def reciprocal_rank_fusion(
    rankings: Sequence[Sequence[str]], k: int = 60, weights: Sequence[float] | None = None
) -> list[tuple[str, float]]:
    """Ids with their fused scores, best first.

    score(d) = sum over the rankings that have d of weight / (k + rank), ranks from 1 (Cormack,
    Clarke and Büttcher, "Reciprocal Rank Fusion Outperforms Condorcet", SIGIR 2009). Of equal
    scores the better best rank goes first, then the smaller id: the order of the rankings does
    not matter. An id that stands twice in one ranking counts once, at its better rank.

    Raises:
        ValueError: not as many weights as rankings.
    """
    scores: dict[str, list[float]] = {}
    best: dict[str, int] = {}
    shares = [1.0] * len(rankings) if weights is None else weights
    for ranking, weight in zip(rankings, shares, strict=True):
        for rank, id_ in enumerate(dict.fromkeys(ranking), start=1):
            scores.setdefault(id_, []).append(weight / (k + rank))
            best[id_] = min(rank, best.get(id_, rank))
    fused = {id_: fsum(parts) for id_, parts in scores.items()}
    return sorted(fused.items(), key=lambda item: (-item[1], best[item[0]], item[0]))
