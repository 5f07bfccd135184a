"""Lists of nodes, newest first: pages by a unique sort key, counts, and nodes by id."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from graph.database import Database, Row

#: Above every sort key: those begin with a digit.
_TOP = ":"


@dataclass(frozen=True, slots=True)
class Keyset:
    """A list of nodes ``n`` with a label.

    ``key``: the property that sorts them; ``fields``: what is read of each; ``only``: which nodes
    are listed at all; ``narrowed``: the condition of a page and of its count.
    """

    label: str
    key: str
    fields: str
    only: str = "true"
    narrowed: str = "true"

    async def page(
        self, database: Database, before: str | None, limit: int, **parameters: Any
    ) -> list[Row]:
        """The next ones before a key; it costs the same wherever it lies."""
        statement = f"""
        CYPHER 25
        MATCH (n:{self.label}) WHERE n.{self.key} < $before AND {self.only} AND {self.narrowed}
        WITH n ORDER BY n.{self.key} DESC LIMIT $limit
        RETURN {self.fields} AS own ORDER BY own.{self.key} DESC
        """
        rows = await database.read(statement, before=before or _TOP, limit=limit, **parameters)
        return [row["own"] for row in rows]

    async def count(self, database: Database, **parameters: Any) -> int:
        statement = f"""
        CYPHER 25
        MATCH (n:{self.label}) WHERE {self.only} AND {self.narrowed} RETURN count(*) AS total
        """
        return int((await database.read(statement, **parameters))[0]["total"])

    async def by_ids(self, database: Database, ids: Sequence[str], **parameters: Any) -> list[Row]:
        statement = f"""
        CYPHER 25
        MATCH (n:{self.label}) WHERE n.id IN $ids AND {self.only} RETURN {self.fields} AS own
        """
        rows = await database.read(statement, ids=list(ids), **parameters)
        return [row["own"] for row in rows]
