"""The locked jars are a whole server: nothing that the service asks of Neo4j was left out."""

from collections.abc import Iterator

import neo4j
import pytest

from graph.embedded import Connection
from graph.embedded.jars import jar_lock
from tools.lock_jars import is_left_out

VECTOR = [float(number) for number in range(1, 9)]


def test_lock_holds_nothing_that_we_do_without() -> None:
    names = [":".join(jar.coordinates.split(":")[:2]) for jar in jar_lock().jars]
    assert "org.neo4j:neo4j" in names
    assert [name for name in names if is_left_out(name)] == []


@pytest.fixture(scope="module")
def driver(neo4j_engine: Connection) -> Iterator[neo4j.Driver]:
    auth = (neo4j_engine.user, neo4j_engine.password)
    with neo4j.GraphDatabase.driver(neo4j_engine.uri, auth=auth) as driver:
        driver.execute_query("DROP CONSTRAINT proof IF EXISTS")
        yield driver
        for index in ("proof_vector", "proof_text", "proof_range", "proof_point"):
            driver.execute_query(f"DROP INDEX {index} IF EXISTS")
        driver.execute_query("DROP CONSTRAINT proof IF EXISTS")
        driver.execute_query("MATCH (n:Proof) DETACH DELETE n")


@pytest.mark.graph
def test_server_is_of_2026(driver: neo4j.Driver) -> None:
    ((version,),) = driver.execute_query(
        "CALL dbms.components() YIELD name, versions WHERE name = 'Neo4j Kernel' RETURN versions[0]"
    ).records
    assert version.startswith("2026.")


@pytest.mark.graph
def test_vector_and_full_text_indexes_find_with_a_filter(driver: neo4j.Driver) -> None:
    for statement in (
        "CREATE CONSTRAINT proof IF NOT EXISTS FOR (n:Proof) REQUIRE n.id IS UNIQUE",
        "CREATE INDEX proof_range IF NOT EXISTS FOR (n:Proof) ON (n.code, n.id)",
        "CREATE POINT INDEX proof_point IF NOT EXISTS FOR (n:Proof) ON (n.place)",
        "CREATE VECTOR INDEX proof_vector IF NOT EXISTS FOR (n:Proof) ON n.vector WITH [n.code] "
        "OPTIONS {indexConfig: {`vector.dimensions`: 8, `vector.similarity_function`: 'cosine'}}",
        "CREATE FULLTEXT INDEX proof_text IF NOT EXISTS FOR (n:Proof) ON EACH [n.text] "
        "OPTIONS {indexConfig: {`fulltext.analyzer`: 'cjk'}}",
        "CALL db.awaitIndexes(120)",
        "UNWIND range(1, 100) AS i MERGE (n:Proof {id: i}) "
        "SET n.code = 'c' + (i % 4), n.text = '信用卡年费争议 fee ' + i, "
        "n.vector = [j IN range(1, 8) | toFloat(i * j % 7 + j)], n.place = point({x: i, y: i})",
        "CALL db.index.fulltext.awaitEventuallyConsistentIndexRefresh()",
    ):
        driver.execute_query(statement)
    found = driver.execute_query(
        "MATCH (n:Proof) SEARCH n IN (VECTOR INDEX proof_vector FOR $vector "
        "WHERE n.code IN ['c1', 'c2'] LIMIT 50) SCORE AS score RETURN n.code AS code",
        vector=VECTOR,
    ).records
    assert sorted(record["code"] for record in found) == ["c1"] * 25 + ["c2"] * 25
    ((matches,),) = driver.execute_query(
        "CALL db.index.fulltext.queryNodes('proof_text', '年费 AND fee') YIELD node "
        "RETURN count(node)"
    ).records
    assert matches == 100


@pytest.mark.graph
@pytest.mark.parametrize(
    "statement",
    [
        "SHOW INDEXES YIELD name, options RETURN count(*)",
        "SHOW SETTINGS YIELD name RETURN count(*)",
        "SHOW PROCEDURES YIELD name RETURN count(*)",
        "SHOW TRANSACTIONS YIELD transactionId RETURN count(*)",
        "SHOW DATABASES YIELD name RETURN count(*)",
        "CALL db.schema.visualization() YIELD nodes RETURN size(nodes)",
        "CALL dbms.queryJmx('java.lang:type=Memory') YIELD name RETURN count(*)",
        "PROFILE MATCH (n:Proof) RETURN count(n)",
        "RETURN date('2026-01-31') + duration('P1M') AS day, datetime() AS now",
        "RETURN point.distance(point({x: 0, y: 0}), point({x: 3, y: 4})) AS distance",
        "RETURN '投诉 42' =~ '.*[0-9]+' AS matches, reduce(a = 0, x IN [1, 2] | a + x) AS sum",
        "MATCH p = SHORTEST 1 (a:Proof {id: 1})-->*(b:Proof {id: 2}) RETURN count(p)",
        "UNWIND range(1, 20) AS i CALL (i) { MERGE (:Proof {id: i}) } "
        "IN 2 CONCURRENT TRANSACTIONS OF 5 ROWS RETURN count(*)",
        "CYPHER 5 RETURN 1",
        "EXPLAIN MATCH (n:Proof) WHERE n.code > 'c' RETURN n ORDER BY n.code LIMIT 5",
    ],
)
def test_server_answers(driver: neo4j.Driver, statement: str) -> None:
    with driver.session() as session:
        session.run(statement).consume()
