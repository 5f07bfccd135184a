"""Rules that every node of a label must keep, checked page by page."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

from graph.consistency.findings import Finding
from graph.database import Database

#: Nodes that are checked in one statement.
PAGE = 1_000


@dataclass(frozen=True, slots=True)
class Rule:
    """What must hold of each node ``n`` of a label.

    ``key``: an indexed, unique property by which they are paged. ``detail``: Cypher after
    ``CALL (n) {``, which returns what is wrong as ``detail``, or null or no row.
    """

    kind: str
    label: str
    key: str
    detail: str
    repairable: bool = True
    subject: str = "id"

    @property
    def statement(self) -> str:
        return f"""
        CYPHER 25
        MATCH (n:{self.label}) WHERE n.{self.key} > $after
        WITH n ORDER BY n.{self.key} LIMIT $limit
        OPTIONAL CALL (n) {{ {self.detail} }}
        RETURN max(n.{self.key}) AS last, collect(
          CASE WHEN detail IS NOT NULL THEN {{subject: n.{self.subject}, detail: detail}} END
        ) AS wrong
        """


async def disagreements(
    database: Database, rule: Rule, **parameters: Any
) -> AsyncIterator[list[Finding]]:
    """What breaks a rule, page by page."""
    after: str | None = ""
    while True:
        rows = await database.read(rule.statement, after=after, limit=PAGE, **parameters)
        after = rows[0]["last"]
        if after is None:
            return
        yield [
            Finding(rule.kind, row["subject"], row["detail"], repairable=rule.repairable)
            for row in rows[0]["wrong"]
        ]
