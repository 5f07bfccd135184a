"""Clusters of complaints: what one is, and which cluster of a new fit is which of the last one.

A fit divides the complaints anew; people and other records refer to clusters by id. So the clusters
of a fit are matched with those of the last one by the members that both have.
"""

import hashlib
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum

#: A cluster with fewer members is none: its complaints are unassigned.
FEWEST = 5
#: A cluster of the new fit may keep an old one's id when it has this share of its members,
KEEPS = 0.3
#: and what it took of another old one is on record from this share of that one's members.
LEAST_SHARE = 0.2
_ID_BYTES = 8


class DescentKind(StrEnum):
    SPLIT = "SPLIT"
    MERGE = "MERGE"


@dataclass(frozen=True, slots=True)
class Descent:
    """``members`` of an old cluster came into another one.

    SPLIT: the old cluster goes on, without them; MERGE: it ended, and others took its members.
    """

    cluster: str
    came_from: str
    kind: DescentKind
    members: int


@dataclass(frozen=True, slots=True)
class Lineage:
    """``ids`` of the new clusters in their order; ``kept`` of them are old ones."""

    ids: tuple[str, ...]
    kept: frozenset[str]
    ended: frozenset[str]
    descents: tuple[Descent, ...]


@dataclass(frozen=True, slots=True)
class FittedCluster:
    """A cluster as a fit describes it.

    ``cohesion``: mean cosine of its members with their centre, after the space's centre was taken
    away, 0..1; ``exemplars``: ids of the members nearest the centre, nearest first.
    """

    id: str
    label: str
    terms: tuple[str, ...]
    size: int
    cohesion: float
    exemplars: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Fit:
    """All clusters of one fit, and each complaint's (cluster, cosine with its centre).

    ``texts``: complaints that were looked at; those without a cluster are unassigned. ``places``:
    on a map, of some of them: coordinates from -1 to 1.
    """

    space: str
    at: datetime
    texts: int
    clusters: tuple[FittedCluster, ...]
    members: Mapping[str, tuple[str, float]]
    lineage: Lineage
    places: Mapping[str, tuple[float, float]] = field(default_factory=dict)

    def renamed(self, ids: Mapping[str, str]) -> "Fit":
        """The same fit of complaints that are called by their ``ids``."""
        clusters = tuple(
            replace(each, exemplars=tuple(ids[one] for one in each.exemplars))
            for each in self.clusters
        )
        members = {ids[one]: place for one, place in self.members.items()}
        places = {ids[one]: place for one, place in self.places.items()}
        return replace(self, clusters=clusters, members=members, places=places)


def lineage(
    space: str,
    new: Sequence[Collection[str]],
    old: Mapping[str, str],
    taken: Collection[str] = (),
) -> Lineage:
    """Which clusters of a fit are which of the last one.

    ``new``: members of each new cluster; ``old``: the cluster that each complaint had; ``taken``:
    every id that a cluster ever had. The pair with the most common members is matched first (equal
    ones by id), each cluster once; a new cluster's id is derived from its members.
    """
    sizes = Counter(old.values())
    shared = [Counter(old[member] for member in members if member in old) for members in new]
    pairs = sorted(
        (-count, identity, place)
        for place, counts in enumerate(shared)
        for identity, count in counts.items()
    )
    ids: dict[int, str] = {}
    for negative, identity, place in pairs:
        free = place not in ids and identity not in ids.values()
        if free and -negative >= KEEPS * sizes[identity]:
            ids[place] = identity
    kept = frozenset(ids.values())
    used = {*taken, *sizes}
    for place, members in enumerate(new):
        if place not in ids:
            ids[place] = new_id(space, members, used)
            used.add(ids[place])
    named = tuple(ids[place] for place in range(len(new)))
    return Lineage(named, kept, frozenset(set(sizes) - kept), _descents(named, shared, sizes, kept))


def _descents(
    ids: Sequence[str],
    shared: Sequence[Mapping[str, int]],
    sizes: Mapping[str, int],
    kept: Collection[str],
) -> tuple[Descent, ...]:
    return tuple(
        Descent(
            identity,
            before,
            DescentKind.SPLIT if before in kept else DescentKind.MERGE,
            count,
        )
        for identity, counts in zip(ids, shared, strict=True)
        for before, count in sorted(counts.items())
        if before != identity and count >= max(FEWEST, LEAST_SHARE * sizes[before])
    )


def new_id(space: str, members: Collection[str], used: Collection[str]) -> str:
    """The id of a cluster that begins with these members; never one that was ``used``."""
    content = "\n".join([space, *sorted(members)])
    turn = 0
    while True:
        digest = hashlib.blake2b(f"{turn}\n{content}".encode(), digest_size=_ID_BYTES).hexdigest()
        if digest not in used:
            return digest
        turn += 1  # it was another cluster's once, whose members have changed since
