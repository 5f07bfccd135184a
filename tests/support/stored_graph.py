"""A graph as a file, for the next versions to be tried on what this one stored.

At a release ``python -m tests.support.stored_graph tests/upgrade/graph-X.Y.Z.jsonl.gz`` makes the
bank with all kinds of cases in a throw-away engine and writes it: a line for each statement of the
schema, each node and each relationship.
"""

import asyncio
import base64
import gzip
import json
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated, Any

import neo4j
import numpy as np
import typer
from neo4j.time import DateTime
from pydantic import SecretStr

from api.services import open_services
from api.settings import Neo4jSettings, PrivacySettings, Settings
from benchmarks.operations.bank import bank_records, encoded, store_and_link
from benchmarks.operations.borders import borders_of
from graph.embedded import Connection, engine
from scripts.console import out

#: Of the installation that is written: no secret.
KEY = (b"k" * 32).hex()
#: Lists of so many numbers are vectors.
_VECTOR = 50

_CONSTRAINTS = "SHOW CONSTRAINTS YIELD name, createStatement RETURN createStatement ORDER BY name"
_INDEXES = """
SHOW INDEXES YIELD name, type, owningConstraint, createStatement
WHERE type <> 'LOOKUP' AND owningConstraint IS NULL
RETURN createStatement ORDER BY name
"""
_NODES = "MATCH (n) RETURN elementId(n) AS id, labels(n) AS labels, properties(n) AS properties"
_RELATIONSHIPS = """
MATCH (a)-[r]->(b)
RETURN elementId(a) AS a, elementId(b) AS b, type(r) AS type, properties(r) AS properties
"""
_CREATE_NODES = """
CYPHER 25
UNWIND $rows AS row
CREATE (n:$(row.labels) {storedId: row.node}) SET n += row.properties
"""
_CREATE_RELATIONSHIPS = """
CYPHER 25
UNWIND $rows AS row
MATCH (a:StoredNode {storedId: row.from}), (b:StoredNode {storedId: row.to})
CREATE (a)-[r:$(row.type)]->(b) SET r = row.properties
"""


def settings_at(home: Path, connection: Connection) -> Settings:
    """Those of the installation that is stored, on an engine."""
    server = Neo4jSettings(
        uri=connection.uri, user=connection.user, password=SecretStr(connection.password)
    )
    changes = {"home": home, "neo4j": server, "privacy": PrivacySettings(key=SecretStr(KEY))}
    return Settings.load().model_copy(update=changes)


def write(session: neo4j.Session, path: Path) -> None:
    """Write the whole graph."""
    with gzip.GzipFile(path, "wb", mtime=0) as file:
        for line in _lines(session):
            text = json.dumps(line, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
            file.write(f"{text}\n".encode())


def _lines(session: neo4j.Session) -> Iterator[dict[str, Any]]:
    for statement in (_CONSTRAINTS, _INDEXES):
        for row in session.run(statement):
            yield {"schema": row["createStatement"]}
    numbers: dict[str, int] = {}
    for row in session.run(_NODES):
        numbers[row["id"]] = len(numbers)
        yield {
            "node": numbers[row["id"]],
            "labels": sorted(row["labels"]),
            "properties": {name: _plain(value) for name, value in row["properties"].items()},
        }
    for row in session.run(_RELATIONSHIPS):
        yield {
            "from": numbers[row["a"]],
            "to": numbers[row["b"]],
            "type": row["type"],
            "properties": {name: _plain(value) for name, value in row["properties"].items()},
        }


def read(session: neo4j.Session, path: Path) -> list[dict[str, Any]]:
    """Bring a written graph back into an empty one; the lines of its nodes."""
    lines = [json.loads(line) for line in gzip.decompress(path.read_bytes()).splitlines()]
    nodes = [line for line in lines if "node" in line]
    for line in lines:
        if "schema" in line:
            session.run(line["schema"]).consume()
    session.run("CREATE INDEX stored FOR (n:StoredNode) ON (n.storedId)").consume()
    session.run("CALL db.awaitIndexes(300)").consume()
    rows = [{**line, "labels": [*line["labels"], "StoredNode"]} for line in map(_typed, nodes)]
    session.run(_CREATE_NODES, rows=rows).consume()
    relationships = [_typed(line) for line in lines if "from" in line]
    session.run(_CREATE_RELATIONSHIPS, rows=relationships).consume()
    session.run("MATCH (n:StoredNode) REMOVE n:StoredNode, n.storedId").consume()
    session.run("DROP INDEX stored").consume()
    return nodes


def _plain(value: Any) -> Any:
    """As JSON has it.

    Raises:
        TypeError: nobody has thought of this kind of value yet.
    """
    match value:
        case None | str() | bool() | int() | float():
            return value
        case list() if len(value) > _VECTOR and all(isinstance(each, float) for each in value):
            return {"$vector": base64.b64encode(np.array(value, "<f4").tobytes()).decode()}
        case list():
            return [_plain(each) for each in value]
        case DateTime():
            return {"$time": value.iso_format()}
    raise TypeError(type(value))


def _typed(line: dict[str, Any]) -> dict[str, Any]:
    return {**line, "properties": {k: _value(v) for k, v in line["properties"].items()}}


def _value(value: Any) -> Any:
    match value:
        case {"$vector": text}:
            return np.frombuffer(base64.b64decode(text), "<f4").astype(float).tolist()
        case {"$time": text}:
            return DateTime.from_iso_format(text)
        case _:
            return value


async def _make(settings: Settings) -> None:
    async with open_services(settings) as services:
        records = bank_records()
        await store_and_link(services, await encoded(services, records), records)
        await borders_of(services)


def main(path: Annotated[Path, typer.Argument(help="Where the graph goes.")]) -> None:
    """Make a bank with all kinds of cases, and write its graph."""
    with TemporaryDirectory() as folder:
        home = Path(folder)
        with engine(Settings.load(home=home).engine) as connection:
            asyncio.run(_make(settings_at(home, connection)))
            auth = (connection.user, connection.password)
            with neo4j.GraphDatabase.driver(connection.uri, auth=auth) as driver:
                with driver.session() as session:
                    write(session, path)
    out.print(f"{path}: {path.stat().st_size / 1e6:.1f} MB")


if __name__ == "__main__":
    typer.run(main)
