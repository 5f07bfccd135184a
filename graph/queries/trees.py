"""The coded trees as they are now: what complaints are grouped by, and how deep each tree is."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
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
    WITH COUNT {{ (n)-[:PART_OF*1..{DEEPEST}]->() }} AS depth, n,
      COUNT {{ (n)<-[:{relation}]-() }} AS complaints
    RETURN '{facet}' AS facet, depth, count(*) AS entries, sum(complaints) AS complaints,
      {"collect(n.code)" if facet is Facet.ROOT_CAUSE else "[]"} AS codes,
      collect(DISTINCT n.level) AS levels
    """
    for facet, (kind, relation) in TREES.items()
)


@dataclass(frozen=True, slots=True)
class Layer:
    """The entries of a tree at one depth, and the complaints recorded exactly there."""

    entries: int
    complaints: int
    codes: tuple[str, ...] = ()
    levels: frozenset[str] = frozenset()


#: Each tree's layers, the widest first.
Shape = Mapping[Facet, Sequence[Layer]]


async def shape(database: Database) -> Shape:
    """How deep the trees are, with one statement over the catalogue (not the complaints)."""
    found: dict[Facet, list[Layer]] = {facet: [] for facet in TREES}
    rows = await database.read(_SHAPE)
    for row in sorted(rows, key=lambda row: int(row["depth"])):
        codes, levels = tuple(sorted(row["codes"])), frozenset(row["levels"])
        layer = Layer(row["entries"], row["complaints"], codes, levels)
        found[Facet(row["facet"])].append(layer)
    return found


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
