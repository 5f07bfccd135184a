"""What was suggested about complaints, the latest for each."""

import json
from collections.abc import Mapping, Sequence

from graph.database import Database, Row
from graph.domain.suggestions import (
    Dimension,
    Likely,
    MissingFact,
    Suggested,
    Suggestion,
    SuggestionSource,
)

_LATEST = """
CYPHER 25
MATCH (c:Complaint) WHERE c.id IN $ids
MATCH (c)-[:HAS_SUGGESTION]->(s:Suggestion)
WITH c, s ORDER BY s.createdAt DESC, s.id DESC
WITH c, head(collect(s {.*})) AS suggestion
RETURN c.id AS complaint, suggestion
"""


async def latest(database: Database, ids: Sequence[str]) -> Mapping[str, Suggestion]:
    """The latest suggestion of each that has one; one statement."""
    rows = await database.read(_LATEST, ids=list(ids))
    return {row["complaint"]: _suggestion(row["complaint"], row["suggestion"]) for row in rows}


def _suggestion(complaint: str, row: Row) -> Suggestion:
    return Suggestion(
        complaint=complaint,
        at=row["createdAt"],
        model=row.get("model"),
        dimensions=tuple(_suggested(each) for each in json.loads(row["dimensions"])),
        missing=tuple(MissingFact(fact) for fact in row["missing"]),
        untaught=tuple(Dimension(name) for name in row["untaught"]),
    )


def _suggested(row: Row) -> Suggested:
    return Suggested(
        dimension=Dimension(row["dimension"]),
        source=SuggestionSource(row["source"]),
        value=row["value"],
        likely=tuple(Likely(value, confidence) for value, confidence in row["likely"]),
        rules=tuple(row["rules"]),
        cases=tuple(row["cases"]),
    )
