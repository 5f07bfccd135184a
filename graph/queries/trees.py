"""The coded trees as they are now: what complaints are grouped by, and how deep each tree is."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from graph.database import Database
from graph.domain.enums import BranchLevel, CatalogueKind
from graph.queries.codes import DEEPEST


class Facet(StrEnum):
    """A side of a complaint. A complaint has several departments or root causes: it then counts
    under each.
    """

    PRODUCT = "PRODUCT"
    BRANCH = "BRANCH"
    DEPARTMENT = "DEPARTMENT"
    TYPE = "TYPE"
    CHANNEL = "CHANNEL"
    ROOT_CAUSE = "ROOT_CAUSE"
    LEVEL = "LEVEL"
    OUTCOME = "OUTCOME"


#: Facets that are trees, with the relation that leads to their entries.
TREES = {
    Facet.PRODUCT: (CatalogueKind.PRODUCT, "ABOUT"),
    Facet.BRANCH: (CatalogueKind.BRANCH, "ARISES_AT"),
    Facet.ROOT_CAUSE: (CatalogueKind.ROOT_CAUSE, "CAUSED_BY"),
}
#: Facets whose entries have names in the catalogue.
CATALOGUES = {facet: kind for facet, (kind, _) in TREES.items()} | {
    Facet.DEPARTMENT: CatalogueKind.DEPARTMENT
}
#: Of ten complaints with an entry, so many must reach a depth so that it is the usual one.
_USUAL = 0.9
_SMALL = frozenset({BranchLevel.SUB_BRANCH, BranchLevel.OUTLET})
_SHAPE = "CYPHER 25\n" + "\nUNION ALL\n".join(
    f"""
    MATCH (n:{kind.value})
    WITH n, COUNT {{ (n)<-[:{relation}]-() }} AS complaints, COLLECT {{
      MATCH path = (n)-[:PART_OF*0..{DEEPEST}]->(wider:{kind.value})
      RETURN wider.code ORDER BY length(path) DESC
    }} AS path
    RETURN '{facet}' AS facet, collect([path, complaints, n.level]) AS entries
    """
    for facet, (kind, relation) in TREES.items()
)


@dataclass(frozen=True, slots=True)
class Layer:
    """The entries of a tree at one depth, and the complaints recorded exactly there.

    ``within``: for each entry as deep or deeper the one of this depth that it stands under.
    """

    entries: int = 0
    complaints: int = 0
    levels: frozenset[str] = frozenset()
    within: Mapping[str, str] = field(default_factory=dict)

    @property
    def codes(self) -> tuple[str, ...]:
        return tuple(sorted(set(self.within.values())))


#: Each tree's layers, the widest first.
Shape = Mapping[Facet, Sequence[Layer]]


async def shape(database: Database) -> Shape:
    """The trees as they are now, with one statement over the catalogue (not the complaints)."""
    rows = await database.read(_SHAPE)
    return {Facet(row["facet"]): _layers(row["entries"]) for row in rows}


def _layers(entries: Sequence[tuple[Sequence[str], int, str | None]]) -> list[Layer]:
    """``entries``: each one's path from the widest to itself, its complaints and its level."""
    depths = range(max((len(path) for path, _, _ in entries), default=0))
    here = {depth: [each for each in entries if len(each[0]) == depth + 1] for depth in depths}
    return [
        Layer(
            entries=len(here[depth]),
            complaints=sum(complaints for _, complaints, _ in here[depth]),
            levels=frozenset(level for _, _, level in here[depth] if level is not None),
            within={path[-1]: path[depth] for path, _, _ in entries if len(path) > depth},
        )
        for depth in depths
    ]


def widest_depth(layers: Sequence[Layer]) -> int:
    """The widest depth that tells complaints apart: with more than one entry."""
    return next((depth for depth, layer in enumerate(layers) if layer.entries > 1), 0)


def usual_depth(layers: Sequence[Layer]) -> int:
    """The deepest depth that nine of ten complaints reach; never below the level of branches,
    where numbers are too small to tell anything.
    """
    total = sum(layer.complaints for layer in layers)
    reached = total
    deepest = 0
    for depth, layer in enumerate(layers):
        if total and reached >= _USUAL * total and (not layer.levels or layer.levels - _SMALL):
            deepest = depth
        reached -= layer.complaints
    return deepest
