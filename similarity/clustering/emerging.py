"""Groups that came up since the last fit and fit none of its clusters. Pure."""

from collections.abc import Iterator, Mapping, Sequence

import scipy

from graph.queries.newcomers import Newcomer

#: Of a newcomer's nearest complaints, so many are looked at: at least, and at most as many as it
#: is linked to.
_FEWEST = 5
#: Looks of a year that tell something else than the one before.
_LOOKS = 52


def emerging(
    newcomers: Sequence[Newcomer], usual: float, *, share: float, fewest: int, probability: float
) -> list[frozenset[str]]:
    """Ids of the newcomers of each group that is new, the largest group first.

    Groups of one size come in the order of ``newcomers``.

    A newcomer stands in a new group when at least ``share`` of its nearest are newcomers, too, and
    so many are improbable: by the binomial distribution where ``usual`` of an ordinary complaint's
    nearest are as young, with less than ``probability`` of one false group in a year of weekly
    looks. The number of the nearest that counts is the most telling of all, as in scan statistics
    (Kulldorff, 1997); every number tried is corrected for. Groups that share a newcomer are one;
    a group counts from ``fewest`` customers.
    """
    if not 0 < usual < 1:
        return []
    tried = sum(max(0, len(each.near) - _FEWEST + 1) for each in newcomers)
    bound = probability / max(1, tried) / _LOOKS
    owners = {each.id: each.customer for each in newcomers}
    places = {each.id: place for place, each in enumerate(newcomers)}
    balls = [
        ball
        for each in newcomers
        if (ball := _ball(each, usual, share=share, bound=bound)) is not None
    ]
    groups = _joined(balls)
    results = [group for group in groups if len({owners[one] for one in group}) >= fewest]
    return sorted(results, key=lambda group: (-len(group), min(places[one] for one in group)))


def _ball(each: Newcomer, usual: float, *, share: float, bound: float) -> frozenset[str] | None:
    """The newcomer and the most telling of its surroundings, if they are new."""
    best: tuple[float, int] | None = None
    young = 0
    for count, one in enumerate(each.near, start=1):
        young += one is not None
        if count >= _FEWEST and young >= share * count:
            chance = float(scipy.stats.binom.sf(young - 1, count, usual))
            if chance < bound and (best is None or chance <= best[0]):
                best = (chance, count)
    if best is None:
        return None
    return frozenset({each.id, *(one for one in each.near[: best[1]] if one is not None)})


def _joined(balls: Sequence[frozenset[str]]) -> Iterator[frozenset[str]]:
    """Connected components."""
    group_of: dict[str, set[str]] = {}
    for ball in balls:
        joined = set(ball).union(*(group_of[one] for one in ball if one in group_of))
        group_of.update(dict.fromkeys(joined, joined))
    seen: Mapping[int, set[str]] = {id(group): group for group in group_of.values()}
    return (frozenset(group) for group in seen.values())
