"""All texts of a case, wherever they stand, and what must go with a text that changes."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Self

from graph.database import Reader, Row
from graph.domain.case import encoded_text
from graph.domain.spaces import VECTORS

# Every place that holds a text: the complaint, its decisions, and what its events refer to.
_TEXTS = """
CYPHER 25
MATCH (c:Complaint) WHERE c.id IN $ids
RETURN c.id AS id, c.version AS version, c.subject AS subject, c.narrative AS narrative,
  COLLECT { MATCH (c)-[:RESOLVED_BY]->(r) WHERE r.summary IS NOT NULL
            RETURN r {.id, .summary} ORDER BY r.id } AS decisions,
  COLLECT { MATCH (c)-[:HAS_EVENT]->()-[:HAS_TEXT]->(t:TextVersion)
            RETURN t {.*} ORDER BY t.id } AS versions
"""
#: The clauses that keep the texts ``row.decisions`` and ``row.versions`` of a complaint ``c``.
KEEP_TEXTS = """
CALL (c, row) {
  UNWIND row.decisions AS each
  MATCH (c)-[:RESOLVED_BY]->(r:Resolution {id: each.id}) SET r.summary = each.summary
}
CALL (c, row) {
  UNWIND row.versions AS each
  MATCH (c)-[:HAS_EVENT]->()-[:HAS_TEXT]->(t:TextVersion {id: each.id}) SET t += each
}
"""


@dataclass(frozen=True, slots=True)
class CaseTexts:
    """All masked texts of a complaint as they stand; of decisions and events with their ids."""

    id: str
    version: int
    subject: str | None
    narrative: str | None
    decisions: Sequence[Mapping[str, str]]
    versions: Sequence[Mapping[str, str]]

    @property
    def all(self) -> list[str]:
        rows = (*self.decisions, *self.versions)
        kept = [text for row in rows for name, text in row.items() if name != "id"]
        return [text for text in (self.subject, self.narrative, *kept) if text]

    def mapped(self, function: Callable[[str], str]) -> Self:
        """The same with every text as ``function`` leaves it."""

        def row_mapped(row: Mapping[str, str]) -> dict[str, str]:
            return {name: text if name == "id" else function(text) for name, text in row.items()}

        return replace(
            self,
            subject=function(self.subject) if self.subject else self.subject,
            narrative=function(self.narrative) if self.narrative else self.narrative,
            decisions=[row_mapped(row) for row in self.decisions],
            versions=[row_mapped(row) for row in self.versions],
        )

    @property
    def encoded(self) -> str | None:
        """What vectors are made of; None without a narrative."""
        return encoded_text(self.subject, self.narrative)

    def to_row(self, vectors: Mapping[str, Sequence[float]]) -> Row:
        """As a row of a statement with ``KEEP_TEXTS``; ``properties`` are the complaint's own."""
        own = {"subject": self.subject, "narrative": self.narrative, **vectors}
        return {
            "id": self.id,
            "properties": own,
            "decisions": list(self.decisions),
            "versions": list(self.versions),
        }


async def texts_of(read: Reader, ids: Sequence[str]) -> dict[str, CaseTexts]:
    """All texts of these complaints by id, as far as they exist."""
    return {row["id"]: CaseTexts(**row) for row in await read(_TEXTS, ids=list(ids))}


def forget_vectors(when: str = "true") -> str:
    """The clauses after which ``c`` has no vector left, where ``when`` holds of a row.

    A process knows the spaces that take writes; a retired one, or one that another process is
    building, would keep the vector of what nobody may read any more.
    """
    return f"""SET c.textChangedAt = CASE WHEN {when} THEN datetime() ELSE c.textChangedAt END
    FOREACH (name IN [key IN keys(c) WHERE {when} AND key STARTS WITH '{VECTORS}'] |
      SET c[name] = null)"""
