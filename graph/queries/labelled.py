"""Labelled complaints: the nearest ones of a vector, and all of them to learn from.

A label is what a source brought or a person confirmed; suggestions are kept apart from them.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from graph.database import Database, Row, present
from graph.domain.spaces import EmbeddingSpace
from graph.domain.suggestions import Dimension
from graph.queries.neighbours import FETCHED, Sought

_LABELS = """
  id: c.id, nature: c.nature, type: c.type, severity: c.severity, products: c.productCodes,
  department: head(COLLECT { MATCH (c)-[:HANDLED_BY {role: 'LEAD'}]->(d) RETURN d.code })
"""
#: Of a label in any dimension; what has none is of no use here.
_IS_LABELLED = """
  (c.nature IS NOT NULL OR c.type IS NOT NULL OR c.severity IS NOT NULL OR c.productCode IS NOT NULL
   OR size(c.departmentCodes) > 0)
"""
#: Texts are read so far (characters); the rest says nothing new about their kind.
LONGEST = 4_000


@dataclass(frozen=True, slots=True)
class Labels:
    """``products``: from its own code to the widest one."""

    id: str
    products: tuple[str, ...] = ()
    values: Mapping[Dimension, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class LabelledNeighbour:
    labels: Labels
    cosine: float


@dataclass(frozen=True, slots=True)
class LabelledComplaint:
    """``confirmed``: a person of the bank looked at the labels; ``key`` is of the receipt."""

    key: str
    text: str = field(repr=False)
    vector: Sequence[float] = field(repr=False)
    branches: tuple[str, ...]
    confirmed: bool
    labels: Labels


async def nearest_labelled(
    database: Database, space: EmbeddingSpace, sought: Sequence[Sought], first: int
) -> Mapping[str, list[LabelledNeighbour]]:
    """The labelled complaints nearest to each vector, best first; one statement for all.

    ``Sought.id``: a complaint that is not its own neighbour.
    """
    statement = f"""
    CYPHER 25
    UNWIND $sought AS s
    CALL (s) {{
      MATCH (c:Complaint)
      SEARCH c IN (VECTOR INDEX {space.index} FOR s.vector LIMIT {FETCHED}) SCORE AS score
      WITH s, c, 2 * score - 1 AS cosine
      WHERE c.id <> s.id AND c.duplicate = false AND {_IS_LABELLED}
      WITH c, cosine ORDER BY cosine DESC, c.receivedKey DESC LIMIT $first
      RETURN collect({{ cosine: cosine, {_LABELS} }}) AS found
    }}
    RETURN s.key AS key, found
    """
    rows = await database.read(
        statement,
        sought=[{"key": s.key, "id": s.id or "", "vector": list(s.vector or ())} for s in sought],
        first=first,
    )
    return {
        row["key"]: [LabelledNeighbour(_labels(n), n["cosine"]) for n in present(row["found"])]
        for row in rows
    }


async def labelled(
    database: Database, space: EmbeddingSpace, *, before: str | None, limit: int
) -> list[LabelledComplaint]:
    """The next labelled complaints with a vector, from the newest on, duplicates left out."""
    statement = f"""
    CYPHER 25
    MATCH (c:Complaint)
    WHERE c.receivedKey < $before AND c.narrative IS NOT NULL AND c.duplicate = false
      AND c.{space.vector_key} IS NOT NULL AND {_IS_LABELLED}
    WITH c ORDER BY c.receivedKey DESC LIMIT $limit
    RETURN c.receivedKey AS key, c.{space.vector_key} AS vector, c.branchCodes AS branches,
      c.classifiedBy IS NOT NULL AS confirmed,
      left(CASE WHEN c.subject IS NULL THEN c.narrative ELSE c.subject + '\\n' + c.narrative END,
           {LONGEST}) AS text,
      {{ {_LABELS} }} AS labels
    ORDER BY key DESC
    """
    rows = await database.read(statement, before=before or "~", limit=limit)
    return [
        LabelledComplaint(
            key=row["key"],
            text=row["text"],
            vector=row["vector"],
            branches=tuple(row["branches"]),
            confirmed=row["confirmed"],
            labels=_labels(row["labels"]),
        )
        for row in rows
    ]


def _labels(row: Row) -> Labels:
    products = tuple(row["products"])
    known = {
        Dimension.NATURE: row["nature"],
        Dimension.TYPE: row["type"],
        Dimension.SEVERITY: row["severity"],
        Dimension.DEPARTMENT: row["department"],
        Dimension.PRODUCT: products[0] if products else None,
    }
    return Labels(row["id"], products, {d: v for d, v in known.items() if v is not None})
