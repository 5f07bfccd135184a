"""What complaints are grouped by, as Cypher: closed, so nothing in it comes from input."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from graph.database import Database
from graph.domain.enums import BranchLevel, CatalogueKind
from graph.errors import InvalidInputError
from graph.insight.scope import Narrowing, Scope
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


@dataclass(frozen=True, slots=True)
class Grouping:
    """A facet, of a tree at ``depth`` (0: the widest entries).

    What is recorded less deep has the group None, so that a group's code, as a filter, finds
    exactly its complaints.
    """

    facet: Facet
    depth: int = 0
    codes: tuple[str, ...] = ()

    @classmethod
    def of(cls, facet: Facet, shape: Shape, depth: int) -> "Grouping":
        layers = shape.get(facet, ())
        codes = layers[depth].codes if depth < len(layers) else ()
        return cls(facet, depth, codes)

    def unwound(self, name: str) -> str:
        """A clause after ``MATCH (c:Complaint) …`` that names the group(s) of ``c``."""
        single = {
            Facet.TYPE: "c.type",
            Facet.CHANNEL: "c.channel",
            Facet.LEVEL: "c.level",
            Facet.PRODUCT: f"c.productCodes[-1 - ${name}Depth]",
            Facet.BRANCH: f"c.branchCodes[-1 - ${name}Depth]",
            Facet.OUTCOME: """head(COLLECT {
                MATCH (c)-[:RESOLVED_BY]->(r:Resolution)
                RETURN r.outcome AS outcome ORDER BY r.round DESC LIMIT 1 })""",
        }.get(self.facet)
        if single is not None:
            return f"WITH *, {single} AS {name}"
        if self.facet is Facet.DEPARTMENT:
            some = "c.departmentCodes"
        else:
            some = f"[code IN c.rootCauseCodes WHERE code IN ${name}Codes]"
        return f"""
        WITH *, {some} AS {name}All
        UNWIND CASE WHEN size({name}All) = 0 THEN [null] ELSE {name}All END AS {name}
        """

    def parameters(self, name: str) -> dict[str, Any]:
        return {f"{name}Depth": self.depth, f"{name}Codes": list(self.codes)}


_FIELDS = {
    Facet.PRODUCT: "products",
    Facet.BRANCH: "branches",
    Facet.DEPARTMENT: "departments",
    Facet.TYPE: "types",
    Facet.CHANNEL: "channels",
    Facet.ROOT_CAUSE: "root_causes",
    Facet.LEVEL: "levels",
}


def narrowing(codes: Mapping[Facet, str | None], **period: Any) -> Narrowing | None:
    """What opens the complaints with these codes; None where a filter cannot say it (no value, or
    an outcome).
    """
    if any(code is None or facet not in _FIELDS for facet, code in codes.items()):
        return None
    fields: dict[str, Any] = {_FIELDS[facet]: (str(code),) for facet, code in codes.items()}
    return Narrowing(**fields, **period)


def check_depth(depth: int | None) -> None:
    """Raises InvalidInputError for a depth that no tree has."""
    if depth is not None and not 0 <= depth <= DEEPEST:
        raise InvalidInputError(f"`depth` lies between 0 and {DEEPEST}.", path=["depth"])


async def largest(
    database: Database, scope: Scope, grouping: Grouping, first: int
) -> list[str | None]:
    """The groups with most complaints, the largest first; None: nothing is recorded."""
    statement = f"""
    CYPHER 25
    {scope.match}
    {grouping.unwound("g")}
    RETURN g, count(*) AS total ORDER BY total DESC, g LIMIT $first
    """
    parameters = {**scope.parameters, **grouping.parameters("g"), "first": first}
    return [row["g"] for row in await database.read(statement, **parameters)]
