"""On a real Neo4j: the terms of a text find it, and no text breaks a query."""

from collections.abc import AsyncIterator, Mapping

import pytest
import pytest_asyncio
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from graph.database import Database
from graph.embedded import Connection
from graph.migrations.runner import migrate
from graph.migrations.steps import TEXT_INDEX
from similarity.analyzer import index_terms
from similarity.lucene import clause
from similarity.terms import TermWeights

pytestmark = pytest.mark.graph

SCRIPTS = st.text(
    alphabet="aB1２ａ,.:：'’_-·;费用手续カナｶﾞﾞーひらが한국어ไทย\u200d\u0301\ufe0f Σé①㎡"
    '|(){}[]*?~^"\\/&+!'
    "\x00\n😡",
    min_size=1,
    max_size=25,
)
LUCENE = st.lists(
    st.sampled_from(
        ["(", ")", ":", '"', "*", "?", "~2", "^9", "[a TO b]", "AND", "OR", "NOT", "+", "-", "/",
         "\\", "&&", "||", "{", "}", "narrative:", "费", "fee", "的", "\x00", "😡", "\ud800", "the"]
    ),
    max_size=12,
).map(" ".join)  # fmt: skip
STORED = {
    "fee": "信用卡年费收取不合理，要求退费。",
    "late": "I was charged a late fee of 1,234.56 on my Wi-Fi plan",
    "queue": "排队两个小时，柜员态度差",
    "lone": "退 费",
}


def examples(strategy: st.SearchStrategy[str], count: int) -> list[str]:
    """``count`` texts, the same in every run."""
    drawn: list[str] = []

    @settings(
        max_examples=count,
        derandomize=True,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(strategy)
    def draw(text: str) -> None:
        drawn.append(text)

    draw()
    return drawn


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def database(neo4j_engine: Connection) -> AsyncIterator[Database]:
    """A database with the texts of this module, which it takes away again."""
    async with Database.open(neo4j_engine.uri, neo4j_engine.user, neo4j_engine.password) as opened:
        await migrate(opened)
        yield opened
        await opened.run("MATCH (n:Complaint) WHERE n.id STARTS WITH 'words-' DELETE n")


async def store(database: Database, texts: Mapping[str, str]) -> None:
    await database.run(
        """
        UNWIND $rows AS row
        MERGE (n:Complaint {id: row.id})
        SET n.narrative = row.text, n.reference = row.id, n.sourceSystem = 'words',
            n.sourceId = row.id
        """,
        rows=[{"id": f"words-{id_}", "text": text} for id_, text in texts.items()],
    )


async def find_each(database: Database, queries: Mapping[str, str]) -> dict[str, set[str]]:
    rows = await database.read(
        f"""
        UNWIND $queries AS q
        CALL (q) {{
          CALL db.index.fulltext.queryNodes('{TEXT_INDEX}', q.clause) YIELD node
          WHERE node.id STARTS WITH 'words-'
          RETURN collect(node.id) AS found
        }}
        RETURN q.key AS key, found
        """,
        queries=[{"key": key, "clause": made} for key, made in queries.items()],
    )
    return {row["key"]: {id_.removeprefix("words-") for id_ in row["found"]} for row in rows}


async def found(database: Database, text: str) -> set[str]:
    made = clause(text, TermWeights())
    assert made is not None
    return (await find_each(database, {"one": made}))["one"] & STORED.keys()


async def test_each_term_of_a_text_finds_it(database: Database) -> None:
    texts = {f"random-{n}": text for n, text in enumerate(examples(SCRIPTS, 300))}
    await store(database, texts)
    terms = {
        f"{id_} {n}": made
        for id_, text in texts.items()
        for n, term in enumerate(dict.fromkeys(index_terms(text)))
        if (made := clause(term, TermWeights()))
    }
    assert len(terms) > len(texts)
    answers = await find_each(database, terms)
    missed = [key for key in terms if key.split()[0] not in answers[key]]
    assert not missed


async def test_no_text_breaks_a_query(database: Database) -> None:
    clauses = [clause(text, TermWeights()) for text in examples(LUCENE, 200)]
    queries = {str(n): made for n, made in enumerate(clauses) if made}
    assert queries
    assert len(await find_each(database, queries)) == len(queries)


async def test_the_longest_text_is_one_query(database: Database) -> None:
    await store(database, STORED)
    text = "".join(chr(0x4E00 + n % 20_000) for n in range(99_000)) + STORED["fee"]
    made = clause(text, TermWeights())
    assert made is not None
    assert len(await find_each(database, {"long": made})) == 1


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("年费", {"fee"}),
        ("费", {"fee", "lone"}),
        ("差", {"queue"}),
        ("年 差", {"fee", "queue"}),
        ("LATE", {"late"}),
        ("ｗｉ－ｆｉ", {"late"}),
        ("1,234.56", {"late"}),
        ("排队 AND (fee:", {"queue", "late"}),
    ],
)
async def test_words_find_their_complaints(
    database: Database, text: str, expected: set[str]
) -> None:
    await store(database, STORED)
    assert await found(database, text) == expected
