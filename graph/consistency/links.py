"""Links against their definition: to the nearest of those received before, above the threshold."""

from graph.commands.linking import LINKS
from graph.consistency.findings import Finding
from graph.database import Database
from graph.domain.spaces import EmbeddingSpace

_WAITING = """
CYPHER 25
MATCH (c:Complaint {linkPending: true}) RETURN c.id AS id
"""
#: A part of the smallest link that may be missing: the index is approximate.
TOLERATED = 0.02


async def disagreements(database: Database, space: EmbeddingSpace, *, sample: int) -> list[Finding]:
    """Every link by its own definition; completeness by exact comparison of a sample.

    The sample is spread evenly over the texts. It disagrees as a whole when more than 2 % of the
    links that exact comparison gives are missing.
    """
    findings = [
        Finding("links", row["id"], "not linked yet") for row in await database.read(_WAITING)
    ]
    findings += await _wrong(database, space)
    expected, missing = await _completeness(database, space, sample)
    if missing > TOLERATED * expected:
        detail = f"{missing} of {expected} in a sample are missing"
        findings.append(Finding("links", "all", detail))
    return findings


async def _wrong(database: Database, space: EmbeddingSpace) -> list[Finding]:
    statement = f"""
    CYPHER 25
    MATCH (b:Complaint)-[r:SIMILAR_TO]->(a:Complaint)
    WITH b, r, a, 2 * vector.similarity.cosine(a.{space.vector_key}, b.{space.vector_key}) - 1
      AS cosine
    WITH b, count(r) AS links, collect(a.id) AS others,
         count(CASE WHEN cosine IS NULL OR r.space <> $space OR a.receivedKey >= b.receivedKey
                      OR abs(cosine - r.score) > 0.00001 OR r.score < $threshold THEN 1 END) AS bad
    WHERE bad > 0 OR links > $most OR size(others) <> COUNT {{
      UNWIND others AS other RETURN DISTINCT other
    }}
    RETURN b.id AS id
    """
    rows = await database.read(statement, space=space.name, threshold=space.threshold, most=LINKS)
    return [Finding("links", row["id"], "not as defined") for row in rows]


async def _completeness(database: Database, space: EmbeddingSpace, sample: int) -> tuple[int, int]:
    statement = f"""
    CYPHER 25
    MATCH (c:Complaint) WHERE c.{space.vector_key} IS NOT NULL
    WITH c ORDER BY c.receivedKey
    WITH collect(c) AS texts
    WITH texts, CASE WHEN size(texts) > $sample THEN size(texts) / $sample ELSE 1 END AS step
    UNWIND range(0, size(texts) - 1, step) AS i
    WITH texts[i] AS b
    CALL (b) {{
      MATCH (a:Complaint)
      WHERE a.receivedKey < b.receivedKey AND a.{space.vector_key} IS NOT NULL
      WITH a, round(
        2 * vector.similarity.cosine(a.{space.vector_key}, b.{space.vector_key}) - 1, 6
      ) AS cosine
      WHERE cosine >= $threshold
      WITH a ORDER BY cosine DESC, a.receivedKey LIMIT $most
      RETURN count(*) AS expected,
             count(CASE WHEN NOT EXISTS {{ (b)-[:SIMILAR_TO]->(a) }} THEN 1 END) AS missing
    }}
    RETURN sum(expected) AS expected, sum(missing) AS missing
    """
    row = (await database.read(statement, sample=sample, threshold=space.threshold, most=LINKS))[0]
    return row["expected"] or 0, row["missing"] or 0
