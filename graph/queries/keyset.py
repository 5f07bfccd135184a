"""Lists of nodes, newest first: pages by a unique sort key, counts, and nodes by id."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from graph.database import Database, Row

#: Above every sort key: those begin with a digit.
_TOP = ":"

_PAGE = """
CYPHER 25
MATCH (n:%(label)s) WHERE n.%(key)s < $before AND %(only)s AND %(narrowed)s
WITH n ORDER BY n.%(key)s DESC LIMIT $limit
RETURN %(fields)s AS own ORDER BY own.%(key)s DESC
"""
_COUNT = """
CYPHER 25
MATCH (n:%(label)s) WHERE %(only)s AND %(narrowed)s RETURN count(*) AS total
"""
_BY_IDS = """
CYPHER 25
MATCH (n:%(label)s) WHERE n.id IN $ids AND %(only)s RETURN %(fields)s AS own
"""


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
        rows = await database.read(
            _PAGE % asdict(self), before=before or _TOP, limit=limit, **parameters
        )
        return [row["own"] for row in rows]

    async def count(self, database: Database, **parameters: Any) -> int:
        return int((await database.read(_COUNT % asdict(self), **parameters))[0]["total"])

    async def by_ids(self, database: Database, ids: Sequence[str], **parameters: Any) -> list[Row]:
        rows = await database.read(_BY_IDS % asdict(self), ids=list(ids), **parameters)
        return [row["own"] for row in rows]
