"""What the server itself needs for a graph: the same nodes and relations, written back bare.

The yardstick of taking complaints in: no parsing, masking, checking, comparing or events' order.
"""

import time
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from graph.database import Database, Row, Transaction

_KEY = """
  CASE WHEN {n}.id IS NOT NULL THEN 'id' WHEN {n}.hmac IS NOT NULL THEN 'hmac'
    WHEN {n}.code IS NOT NULL THEN 'code' ELSE 'name' END
"""
_NODES = f"""
CYPHER 25
MATCH (n) WHERE NOT n:Migration AND NOT n:EmbeddingSpace
  AND ($only IS NULL OR elementId(n) IN $only)
RETURN labels(n)[0] AS label, {_KEY.format(n="n")} AS key, properties(n) AS properties
"""
_RELATIONS = f"""
CYPHER 25
MATCH (a)-[r]->(b)
WHERE $only IS NULL OR elementId(a) IN $only OR elementId(b) IN $only
WITH a, r, b, {_KEY.format(n="a")} AS key, {_KEY.format(n="b")} AS endKey
RETURN labels(a)[0] AS label, key, a[key] AS start, type(r) AS type,
  labels(b)[0] AS endLabel, endKey, b[endKey] AS end, properties(r) AS properties
"""
# What came into the graph with one complaint: itself, its record, and its customer.
_OF_ONE = """
CYPHER 25
MATCH (c:Complaint {id: $id})
OPTIONAL MATCH (c)-[:HAS_EVENT|HAS_TEXT|HAS_SUGGESTION|RESOLVED_BY]->{1,2}(own)
OPTIONAL MATCH (u:Customer)-[:FILED]->(c)
OPTIONAL MATCH (i:Identifier)-[:IDENTIFIES]->(u)
OPTIONAL MATCH (a:Alert)-[:RAISED_FOR]->(c)
OPTIONAL MATCH (r:Request) WHERE r.payload CONTAINS $id
UNWIND [c, own, u, i, a, r] AS n
RETURN collect(DISTINCT elementId(n)) AS elements
"""
_REMOVE = "CYPHER 25 UNWIND $elements AS e MATCH (n) WHERE elementId(n) = e DETACH DELETE n"
_WIPE = """
CYPHER 25
MATCH (n) WHERE NOT n:Migration AND NOT n:EmbeddingSpace
CALL (n) { DETACH DELETE n } IN TRANSACTIONS OF 2000 ROWS
"""


@dataclass(frozen=True, slots=True)
class Copy:
    """Nodes by label; relations by (start label, its key, type, end label, its key)."""

    nodes: Mapping[str, Sequence[Row]]
    relations: Mapping[tuple[str, str, str, str, str], Sequence[Row]]

    @property
    def complaints(self) -> int:
        return len(self.nodes["Complaint"])


async def copy_of(database: Database, only: Sequence[str] | None = None) -> Copy:
    """Everything in the graph but its migrations and spaces.

    ``only``: the nodes with these element ids, with all their relations.
    """
    nodes = defaultdict(list)
    for row in await database.run(_NODES, only=only):
        nodes[row["label"]].append(row["properties"])
    relations = defaultdict(list)
    for row in await database.run(_RELATIONS, only=only):
        kind = row["label"], row["key"], row["type"], row["endLabel"], row["endKey"]
        relations[kind].append({name: row[name] for name in ("start", "end", "properties")})
    return Copy(nodes, relations)


async def taken_out(database: Database, complaint: str) -> Copy:
    """What was written when this complaint was registered, which is then taken out again."""
    elements = (await database.run(_OF_ONE, id=complaint))[0]["elements"]
    copy = await copy_of(database, elements)
    await database.run(_REMOVE, elements=elements)
    return copy


async def wipe(database: Database) -> None:
    await database.run(_WIPE)


async def write_bare(database: Database, copy: Copy, batch: int) -> float:
    """Seconds to create the copy's nodes and relations, ``batch`` of one kind a transaction."""
    started = time.perf_counter()
    for statement, rows in _statements(copy):
        for start in range(0, len(rows), batch):
            items = rows[start : start + batch]

            async def work(
                transaction: Transaction, statement: str = statement, items: Sequence[Row] = items
            ) -> None:
                await transaction.run(statement, rows=items)

            await database.write(work)
    return time.perf_counter() - started


async def write_at_once(database: Database, copy: Copy) -> float:
    """Seconds to create the copy in one transaction, a statement for each kind."""

    async def work(transaction: Transaction) -> None:
        for statement, rows in _statements(copy):
            await transaction.run(statement, rows=rows)

    started = time.perf_counter()
    await database.write(work)
    return time.perf_counter() - started


def _statements(copy: Copy) -> Iterator[tuple[str, Sequence[Row]]]:
    for label, rows in copy.nodes.items():
        yield f"CYPHER 25 UNWIND $rows AS row CREATE (n:{label}) SET n = row", rows
    for (label, key, kind, end_label, end_key), rows in copy.relations.items():
        yield (
            "CYPHER 25 UNWIND $rows AS row "
            f"MATCH (a:{label} {{{key}: row.start}}), (b:{end_label} {{{end_key}: row.end}}) "
            f"CREATE (a)-[r:{kind}]->(b) SET r = row.properties",
            rows,
        )
