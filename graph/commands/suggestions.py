"""Keep what was suggested about complaints, one node for each complaint and model version."""

import json
from collections.abc import Sequence
from typing import Any

from graph.database import Transaction
from graph.domain.suggestions import Suggestion

# Codes, numbers and ids only: the words it rests on are read from the masked text when asked for.
_WRITE = """
CYPHER 25
UNWIND $rows AS row
MATCH (c:Complaint {id: row.complaint})
MERGE (s:Suggestion {id: row.properties.id})
SET s = row.properties
MERGE (c)-[:HAS_SUGGESTION]->(s)
"""


async def write_suggestions(transaction: Transaction, suggestions: Sequence[Suggestion]) -> None:
    """Write suggestions of stored complaints; the same again changes nothing."""
    if suggestions:
        await transaction.run(_WRITE, rows=[_row(suggestion) for suggestion in suggestions])


def _row(suggestion: Suggestion) -> dict[str, Any]:
    dimensions = [
        {
            "dimension": each.dimension,
            "source": each.source,
            "value": each.value,
            "likely": [[likely.value, round(likely.confidence, 4)] for likely in each.likely],
            "rules": list(each.rules),
            "cases": list(each.cases),
        }
        for each in suggestion.dimensions
    ]
    properties = {
        "id": suggestion.id,
        "createdAt": suggestion.at,
        "model": suggestion.model,
        "missing": list(suggestion.missing),
        "untaught": list(suggestion.untaught),
        "dimensions": json.dumps(dimensions, ensure_ascii=False, separators=(",", ":")),
    }
    return {"complaint": suggestion.complaint, "properties": properties}
