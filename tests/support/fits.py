"""Fits of clusters made by hand."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from graph.domain.clusters import Fit, FittedCluster, lineage


def fit_of(groups: Sequence[Sequence[str]], old: Mapping[str, str], at: datetime) -> Fit:
    """A fit with these groups of complaints as its clusters; ``old``: who was in which before."""
    line = lineage("tiny", groups, old)
    named = list(zip(line.ids, groups, strict=True))
    clusters = tuple(
        FittedCluster(name, f"label {name}", ("term",), len(ids), 0.9, tuple(ids[:3]))
        for name, ids in named
    )
    places = {one: (name, 0.5) for name, ids in named for one in ids}
    return Fit("tiny", at, sum(map(len, groups)), clusters, places, line)
