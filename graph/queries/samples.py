"""A bounded sample of texts, from which the weight of words is learnt."""

from graph.database import Database

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
