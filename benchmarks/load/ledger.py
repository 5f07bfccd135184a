"""What was answered, how fast, and whether the graph holds all of it once."""

import re
import statistics
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from typing import Any

from graph.database import Database

#: Stands in every text and note that somebody of the load writes: its number is nobody else's.
_NUMBER = re.compile(r"〔(\d+)〕")

_NARRATIVES = """
CYPHER 25
MATCH (c:Complaint) WHERE c.narrative CONTAINS '〔' RETURN c.id AS id, c.narrative AS text
"""
_NOTES = """
CYPHER 25
MATCH (:Complaint)-[:HAS_EVENT]->(:CaseEvent)-[:HAS_TEXT]->(t:TextVersion)
WHERE t.note CONTAINS '〔' RETURN t.note AS text
"""
_ROWS = """
CYPHER 25
MATCH (c:Complaint) WHERE c.sourceSystem IN $systems
RETURN c.sourceSystem AS system, count(*) AS total, count(DISTINCT c.sourceId) AS ids
"""


def marked(number: int, text: str) -> str:
    return f"〔{number}〕{text}"


@dataclass
class Ledger:
    """``registered``: by the number that its text bears, the id that was answered; ``notes``:
    numbers of the notes of steps that were confirmed; ``rows``: of confirmed files, by their
    source; ``seconds``: of answers, by what was asked; ``failures``: answers with an error, by what
    was asked and the error; ``repeated``: requests that were sent again since nobody answered.
    """

    registered: dict[int, str] = field(default_factory=dict)
    notes: set[int] = field(default_factory=set)
    rows: Counter[str] = field(default_factory=Counter)
    seconds: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    failures: Counter[str] = field(default_factory=Counter)
    repeated: Counter[str] = field(default_factory=Counter)
    numbers: int = 0

    def number(self) -> int:
        """A number that nothing else has."""
        self.numbers += 1
        return self.numbers

    def summary(self, seconds: float) -> dict[str, Any]:
        """Requests a second, and of each kind its count, p50 and p95 in milliseconds."""
        total = sum(map(len, self.seconds.values()))
        kinds = {
            kind: {
                "count": len(taken),
                "p50": round(1000 * statistics.median(taken)),
                "p95": round(1000 * statistics.quantiles([*taken, taken[-1]], n=20)[-1]),
            }
            for kind, taken in sorted(self.seconds.items())
        }
        return {
            "requests": total,
            "perSecond": round(total / seconds, 2),
            "failed": sum(self.failures.values()),
            "failures": dict(self.failures.most_common(20)),
            "repeated": dict(self.repeated.most_common(20)),
            "registered": len(self.registered),
            "steps": len(self.notes),
            "rows": self.rows.total(),
            "kinds": kinds,
        }


async def missing(database: Database, ledger: Ledger) -> dict[str, int]:
    """What was answered and is not there (``lost``), and what is there twice (``doubled``)."""
    stored: dict[int, list[str]] = defaultdict(list)
    for row in await database.read(_NARRATIVES):
        stored[_number(row["text"])].append(row["id"])
    notes = Counter(_number(row["text"]) for row in await database.read(_NOTES))
    files = {row["system"]: row for row in await database.read(_ROWS, systems=[*ledger.rows])}
    return {
        "registrationsLost": sum(
            identity not in stored[number] for number, identity in ledger.registered.items()
        ),
        "registrationsDoubled": sum(len(ids) > 1 for ids in stored.values()),
        "stepsLost": len(ledger.notes - notes.keys()),
        "stepsDoubled": sum(count > 1 for count in notes.values()),
        "rowsLost": sum(
            total - files.get(system, {"ids": 0})["ids"] for system, total in ledger.rows.items()
        ),
        "rowsDoubled": sum(row["total"] - row["ids"] for row in files.values()),
    }


def _number(text: str) -> int:
    match = _NUMBER.search(text)
    assert match, text
    return int(match[1])
