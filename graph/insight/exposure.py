"""How large the branches are that complaints come from: what counts are divided by."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from graph.database import Database
from graph.domain.filters import ComplaintFilter
from graph.queries.codes import DEEPEST

_PER_OUTLETS, _PER_CUSTOMERS = 1_000, 10_000_000

# A group that the filter cuts through has no known size; null stands for the whole of the filter.
_SIZES = f"""
CYPHER 25
UNWIND $groups AS code
MATCH (b:Branch {{code: code}})
WHERE $branches IS NULL
  OR EXISTS {{ MATCH (b)-[:PART_OF*0..{DEEPEST}]->(w:Branch) WHERE w.code IN $branches }}
RETURN code, [b.outlets] AS outlets, [b.customers] AS customers
UNION ALL
MATCH (b:Branch)
WHERE ($branches IS NULL AND NOT EXISTS {{ (b)-[:PART_OF]->(:Branch) }})
  OR (b.code IN $branches AND NOT EXISTS {{
    MATCH (b)-[:PART_OF*1..{DEEPEST}]->(w:Branch) WHERE w.code IN $branches }})
WITH collect(b) AS all
RETURN null AS code, [b IN all | b.outlets] AS outlets, [b IN all | b.customers] AS customers
"""


@dataclass(frozen=True, slots=True)
class Exposure:
    """Outlets and customers; None where the bank does not say."""

    outlets: int | None = None
    customers: int | None = None

    def per_outlets(self, count: float) -> float | None:
        """Complaints per 1,000 outlets."""
        return _PER_OUTLETS * count / self.outlets if self.outlets else None

    def per_customers(self, count: float) -> float | None:
        """Complaints per ten million customers."""
        return _PER_CUSTOMERS * count / self.customers if self.customers else None


async def exposures(
    database: Database, filters: ComplaintFilter | None, groups: Sequence[str]
) -> Mapping[str | None, Exposure]:
    """The size of each branch in ``groups``, and under None of all that the filter lets in.

    A branch that the filter cuts through is missing; so is everything where the filter's ``not``
    names branches. One statement.
    """
    parts = list(filters.chain()) if filters else []
    if any(part.branches for part in parts[1:]):
        return {}
    branches = list(parts[0].branches) if parts and parts[0].branches else None
    rows = await database.read(_SIZES, groups=list(groups), branches=branches)
    return {row["code"]: Exposure(_sum(row["outlets"]), _sum(row["customers"])) for row in rows}


def _sum(values: Sequence[int | None]) -> int | None:
    known = [value for value in values if value is not None]
    return sum(known) if known and len(known) == len(values) else None
