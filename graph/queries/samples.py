"""A bounded sample of texts, from which the weight of words is learnt."""

from dataclasses import dataclass

from graph.database import Database
from graph.queries.conditions import CompiledFilter

_TEXTS = """
CYPHER 25
MATCH (c:Complaint)
WHERE c.receivedKey IS NOT NULL AND c.narrative IS NOT NULL
WITH c ORDER BY c.receivedKey DESC LIMIT $limit
RETURN CASE WHEN c.subject IS NULL THEN '' ELSE c.subject + '\\n' END + left(c.narrative, 4000)
  AS text
"""


async def recent_texts(database: Database, *, limit: int = 2_000) -> list[str]:
    """The newest texts, each cut at 4,000 characters."""
    return [row["text"] for row in await database.read(_TEXTS, limit=limit)]


@dataclass(frozen=True, slots=True)
class Left:
    """What a filter leaves: whether any complaint, and how many texts, as far as counted."""

    complaints: bool
    texts: int


async def texts_left(database: Database, narrowed: CompiledFilter, most: int) -> Left:
    """Whether a filter leaves complaints, and up to ``most`` texts among them."""
    rows = await database.read(
        f"""
        CYPHER 25
        RETURN EXISTS {{ MATCH (c:Complaint) WHERE {narrowed.predicate} }} AS complaints,
          COUNT {{
            MATCH (c:Complaint) WHERE c.narrative IS NOT NULL AND {narrowed.predicate}
            RETURN c LIMIT $most
          }} AS texts
        """,
        most=most,
        **narrowed.parameters,
    )
    return Left(rows[0]["complaints"], rows[0]["texts"])
