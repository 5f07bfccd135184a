"""Give groups their ids, labels and exemplars: a fit as the graph keeps it."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from graph.domain.clusters import Fit, FittedCluster, lineage
from similarity.clustering import labels
from similarity.clustering.division import Group

#: Members whose texts a label is made of: the nearest to the centre.
READ = 20
EXEMPLARS = 10


def texts_to_name(groups: Sequence[Group]) -> list[str]:
    """Ids of the complaints whose texts ``named`` needs: bounded for each group."""
    return [member for group in groups for member in group.members[:READ]]


def named(
    groups: Sequence[Group],
    texts: Mapping[str, str],
    *,
    space: str,
    at: datetime,
    count: int,
    previous: Mapping[str, str],
    taken: Collection[str] = (),
) -> Fit:
    """The fit of ``count`` texts; see ``graph.domain.clusters.lineage`` for the last arguments."""
    descent = lineage(space, [group.members for group in groups], previous, taken)
    terms_of_groups = labels.terms(
        [[texts[m] for m in group.members[:READ] if m in texts] for group in groups]
    )
    clusters = tuple(
        described(identity, group, terms)
        for identity, group, terms in zip(descent.ids, groups, terms_of_groups, strict=True)
    )
    members = {
        member: (identity, weight)
        for identity, group in zip(descent.ids, groups, strict=True)
        for member, weight in zip(group.members, group.weights, strict=True)
    }
    return Fit(space, at, count, clusters, members, descent)


def described(identity: str, group: Group, terms: Sequence[str]) -> FittedCluster:
    """A group as the cluster that the graph keeps."""
    return FittedCluster(
        id=identity,
        label=labels.label(terms) or identity,
        terms=tuple(terms),
        size=len(group.members),
        cohesion=group.cohesion,
        exemplars=group.members[:EXEMPLARS],
    )
