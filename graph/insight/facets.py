"""What complaints are grouped by, as Cypher: closed, so nothing in it comes from input."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from graph.database import Database
from graph.errors import InvalidInputError
from graph.insight.cohort import Cohort, Narrowing
from graph.queries.codes import DEEPEST
from graph.queries.trees import Facet, Layer, Shape

#: Of these a complaint has one value at most; of departments and root causes several.
_SINGLE = {
    Facet.TYPE: "c.type",
    Facet.CHANNEL: "c.channel",
    Facet.LEVEL: "c.level",
    # By the trees as they are now, as filters find them, whatever they were when it was recorded.
    Facet.PRODUCT: "${name}Within[c.productCode]",
    Facet.BRANCH: "${name}Within[c.branchCode]",
    Facet.OUTCOME: """head(COLLECT {{
      MATCH (c)-[:RESOLVED_BY]->(r:Resolution)
      RETURN r.outcome AS outcome ORDER BY r.round DESC LIMIT 1 }})""",
}


@dataclass(frozen=True, slots=True)
class Grouping:
    """A facet, of a tree one layer of entries.

    What is recorded less deep has the group None, so that a group's code, as a filter, finds
    exactly its complaints.
    """

    facet: Facet
    layer: Layer = field(default_factory=Layer)

    @classmethod
    def of(cls, facet: Facet, shape: Shape, depth: int) -> "Grouping":
        layers = shape.get(facet, ())
        return cls(facet, layers[depth] if depth < len(layers) else Layer())

    def unwound(self, name: str) -> str:
        """A clause after ``MATCH (c:Complaint) …``: a row for each group of ``c``, or one of none.

        So a complaint stands in several rows: never count them together.
        """
        if self._single is not None:
            return f"WITH *, {self._single.format(name=name)} AS {name}"
        return f"""
        WITH *, {self._several(name)} AS {name}All
        UNWIND CASE WHEN size({name}All) = 0 THEN [null] ELSE {name}All END AS {name}
        """

    def listed(self, name: str) -> str:
        """A clause after ``MATCH (c:Complaint) …``: all groups of ``c`` as one list."""
        if self._single is None:
            return f"WITH *, {self._several(name)} AS {name}"
        return f"""
        WITH *, {self._single.format(name=name)} AS {name}One
        WITH *, CASE WHEN {name}One IS NULL THEN [] ELSE [{name}One] END AS {name}
        """

    @property
    def _single(self) -> str | None:
        return _SINGLE.get(self.facet)

    def _several(self, name: str) -> str:
        if self.facet is Facet.DEPARTMENT:
            return "c.departmentCodes"
        return f"[code IN c.rootCauseCodes WHERE code IN ${name}Codes]"

    def parameters(self, name: str) -> dict[str, Any]:
        if self.facet is Facet.ROOT_CAUSE:
            return {f"{name}Codes": list(self.layer.codes)}
        single = self.facet in (Facet.PRODUCT, Facet.BRANCH)
        return {f"{name}Within": dict(self.layer.within)} if single else {}


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
    database: Database, cohort: Cohort, grouping: Grouping, first: int
) -> list[str | None]:
    """The groups with most complaints, the largest first; None: nothing is recorded."""
    statement = f"""
    CYPHER 25
    {cohort.match}
    {grouping.unwound("g")}
    RETURN g, count(*) AS total ORDER BY total DESC, g LIMIT $first
    """
    parameters = {**cohort.parameters, **grouping.parameters("g"), "first": first}
    return [row["g"] for row in await database.read(statement, **parameters)]
