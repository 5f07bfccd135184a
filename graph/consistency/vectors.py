"""Vectors against spaces: every text has one of the right size in every space in use.

And no text that is gone has one anywhere: not in a retired space, nor in one that is not on record.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime

from graph.consistency.findings import Finding
from graph.database import Database, Row, Transaction
from graph.domain.spaces import VECTORS, EmbeddingSpace, SpaceState
from graph.queries.spaces import retirements, spaces

PAGE = 500

_INDEXES = "SHOW VECTOR INDEXES YIELD name, state WHERE state = 'ONLINE' RETURN name"
_PAGE = f"""
CYPHER 25
MATCH (c:Complaint) WHERE c.receivedKey > $after
WITH c ORDER BY c.receivedKey LIMIT $limit
RETURN c.receivedKey AS key, c.id AS id, c.narrative IS NOT NULL AS text,
  c.textChangedAt AS changedAt,
  [name IN keys(c) WHERE name STARTS WITH '{VECTORS}' | [name, size(c[name])]] AS vectors
"""
_FORGET = """
CYPHER 25
UNWIND $rows AS row
MATCH (c:Complaint {id: row.id})
FOREACH (name IN row.names | SET c[name] = null)
"""


async def disagreements(database: Database, *, repair: bool = False) -> list[Finding]:
    """With ``repair``, vectors that must not be there are removed."""
    online = {row["name"] for row in await database.run(_INDEXES)}
    known = await spaces(database)
    retired = await retirements(database)
    findings = [
        Finding("spaces", space.name, "its index does not serve")
        for space in known
        if space.index not in online
    ]
    if known and sum(space.state is SpaceState.ACTIVE for space in known) != 1:
        findings.append(Finding("spaces", "active", "not exactly one", repairable=False))
    after = ""
    while rows := await database.read(_PAGE, after=after, limit=PAGE):
        surplus = []
        for row in rows:
            wrong = _wrong(row, known, retired)
            findings += [Finding("vectors", row["id"], what, what in _MENDED) for what in wrong]
            gone = [name for what, names in wrong.items() if what in _REMOVED for name in names]
            surplus.append({"id": row["id"], "names": gone})
        if repair:
            await _forget(database, [row for row in surplus if row["names"]])
        after = rows[-1]["key"]
    return findings


_MISSING, _SIZE = "missing", "of another size"
_TEXTLESS, _GONE, _UNKNOWN = "without a text", "of a text that is gone", "of no known space"
_REMOVED = frozenset({_TEXTLESS, _GONE, _UNKNOWN})
_MENDED = _REMOVED | {_MISSING}


def _wrong(
    row: Row, known: Sequence[EmbeddingSpace], retired: Mapping[str, datetime]
) -> dict[str, list[str]]:
    """What is wrong with a complaint's vectors: the properties, by what it is."""
    sizes = dict(row["vectors"])
    wrong: dict[str, list[str]] = {}
    for space in known:
        name = space.vector_key
        if name not in sizes:
            if row["text"] and space.state is not SpaceState.RETIRED:
                wrong.setdefault(_MISSING, []).append(name)
            continue
        size = sizes.pop(name)
        since = retired.get(space.name)
        if not row["text"]:
            wrong.setdefault(_TEXTLESS, []).append(name)
        elif since is not None and row["changedAt"] is not None and row["changedAt"] > since:
            wrong.setdefault(_GONE, []).append(name)
        elif size != space.dimension:
            wrong.setdefault(_SIZE, []).append(name)
    if sizes:
        wrong[_UNKNOWN] = sorted(sizes)
    return wrong


async def _forget(database: Database, rows: Sequence[Mapping[str, object]]) -> None:
    async def work(transaction: Transaction) -> None:
        await transaction.run(_FORGET, rows=list(rows))

    if rows:
        await database.write(work)
