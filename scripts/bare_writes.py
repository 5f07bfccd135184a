"""What the server itself needs for a graph: the same nodes and relations, written back bare.

The yardstick of the import's rate: no parsing, masking, checking, comparing or events' order.
"""

import time
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from graph.database import Database, Row, Transaction

_NODES = """
CYPHER 25
MATCH (n) WHERE NOT n:Migration AND NOT n:EmbeddingSpace
RETURN elementId(n) AS element, labels(n)[0] AS label,
  CASE WHEN n.id IS NOT NULL THEN 'id' WHEN n.hmac IS NOT NULL THEN 'hmac'
    WHEN n.code IS NOT NULL THEN 'code' ELSE 'name' END AS key,
  properties(n) AS properties
"""
_RELATIONS = """
CYPHER 25
MATCH (a)-[r]->(b)
RETURN elementId(a) AS start, type(r) AS type, elementId(b) AS end, properties(r) AS properties
"""
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


async def copy_of(database: Database) -> Copy:
    """Everything in the graph but its migrations and spaces."""
    nodes = defaultdict(list)
    places = {}
    for row in await database.run(_NODES):
        nodes[row["label"]].append(row["properties"])
        places[row["element"]] = (row["label"], row["key"], row["properties"][row["key"]])
    relations = defaultdict(list)
    for row in await database.run(_RELATIONS):
        label, key, start = places[row["start"]]
        end_label, end_key, end = places[row["end"]]
        relations[label, key, row["type"], end_label, end_key].append(
            {"start": start, "end": end, "properties": row["properties"]}
        )
    return Copy(nodes, relations)


async def wipe(database: Database) -> None:
    await database.run(_WIPE)


async def write_bare(database: Database, copy: Copy, batch: int) -> float:
    """Seconds to create the copy's nodes and relations, ``batch`` of one kind a transaction."""
    started = time.perf_counter()
    for label, rows in copy.nodes.items():
        statement = f"CYPHER 25 UNWIND $rows AS row CREATE (n:{label}) SET n = row"
        await _write(database, statement, rows, batch)
    for (label, key, kind, end_label, end_key), rows in copy.relations.items():
        statement = (
            "CYPHER 25 UNWIND $rows AS row "
            f"MATCH (a:{label} {{{key}: row.start}}), (b:{end_label} {{{end_key}: row.end}}) "
            f"CREATE (a)-[r:{kind}]->(b) SET r = row.properties"
        )
        await _write(database, statement, rows, batch)
    return time.perf_counter() - started


async def _write(database: Database, statement: str, rows: Sequence[Row], batch: int) -> None:
    for start in range(0, len(rows), batch):
        some = rows[start : start + batch]

        async def work(transaction: Transaction, some: Sequence[Row] = some) -> None:
            await transaction.run(statement, rows=some)

        await database.write(work)
