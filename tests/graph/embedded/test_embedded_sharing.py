"""The session's engine is a real Neo4j 2026 with what the service needs."""

import neo4j
import pytest

from graph.embedded import Connection

pytestmark = pytest.mark.graph


def test_engine_is_a_neo4j_that_speaks_cypher_25(neo4j_engine: Connection) -> None:
    auth = (neo4j_engine.user, neo4j_engine.password)
    with neo4j.GraphDatabase.driver(neo4j_engine.uri, auth=auth) as driver:
        (record,), _, _ = driver.execute_query(
            "CALL dbms.components() YIELD name, versions, edition "
            "WHERE name = 'Neo4j Kernel' RETURN versions[0] AS version, edition"
        )
    assert record["version"].startswith("2026.")
    assert record["edition"] == "community"
