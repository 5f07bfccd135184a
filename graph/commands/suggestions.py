"""What was suggested about a complaint as its node, one for each complaint and model version."""

import json
from typing import Any

from graph.domain.suggestions import Suggestion


def suggestion_row(suggestion: Suggestion) -> dict[str, Any]:
    """The properties of its node: codes, numbers and ids only.

    The words it rests on are read from the masked text when asked for.
    """
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
    return {
        "id": suggestion.id,
        "createdAt": suggestion.at,
        "model": suggestion.model,
        "missing": list(suggestion.missing),
        "untaught": list(suggestion.untaught),
        "dimensions": json.dumps(dimensions, ensure_ascii=False, separators=(",", ":")),
    }
