"""Which complaint was filed under which identifiers, and how many people file under one."""

from collections.abc import Collection, Mapping, Sequence

from graph.database import Row, Transaction
from graph.domain.case import Case
from graph.domain.enums import IdentifierKind
from graph.domain.people import USUAL, people_behind

_BEFORE = """
CYPHER 25
MATCH (c:Complaint)-[:FILED_WITH]->(i:Identifier) WHERE c.id IN $ids
RETURN c.id AS id, collect(i {.hmac, .kind, .customerKey}) AS identifiers
"""


def _other(kind: str, usual: int) -> str:
    return f"""COLLECT {{
      MATCH (i)<-[:FILED_WITH]-(c:Complaint)-[:FILED_WITH]->(j:Identifier {{kind: '{kind}'}})
      WHERE i.kind <> '{kind}' AND NOT c.id IN $batch
      RETURN DISTINCT j.hmac LIMIT $most * {usual} + 1
    }}"""


# Who files under an identifier, beside this batch: enough of them to see that they are too many.
_BESIDE = f"""
CYPHER 25
MATCH (i:Identifier) WHERE i.hmac IN $hmacs
RETURN i.hmac AS hmac, coalesce(i.shared, false) AS shared,
  COUNT {{ (i)-[:IDENTIFIES]->() }} AS customers, EXISTS {{ (i)<-[:FILED_WITH]-() }} AS carried,
  [{", ".join(_other(kind, usual) for kind, usual in USUAL.items())}] AS beside
"""
_FILED_WITH = """
CYPHER 25
UNWIND $rows AS row
MATCH (c:Complaint {id: row.id})
CALL (c) { MATCH (c)-[old:FILED_WITH]->() DELETE old }
CALL (c, row) {
  UNWIND row.hmacs AS hmac
  MATCH (i:Identifier {hmac: hmac})
  CREATE (c)-[:FILED_WITH]->(i)
}
CALL (c, row) {
  MATCH (:Customer)-[f:FILED]->(c)
  SET f.segment = row.segment, f.region = row.region, f.vulnerable = row.vulnerable
}
"""
# An identifier that no row has any more is as if it had never been.
_FORGET = """
CYPHER 25
MATCH (i:Identifier) WHERE i.hmac IN $hmacs AND NOT EXISTS { (i)<-[:FILED_WITH]-() }
DETACH DELETE i
"""


def identifiers_of(case: Case) -> tuple[tuple[str, str], ...]:
    """The kinds and hashes under which a case was filed."""
    return case.customer.identifiers if case.customer else ()


async def filed_before(
    transaction: Transaction, replaced: Collection[str]
) -> dict[str, list[dict[str, str]]]:
    """The identifiers under which complaints that come again were filed until now, by id."""
    rows = await transaction.run(_BEFORE, ids=sorted(replaced)) if replaced else []
    return {row["id"]: row["identifiers"] for row in rows}


async def filed_beside(
    transaction: Transaction, hmacs: Sequence[str], cases: Sequence[Case], most: int
) -> list[Row]:
    """What stands beside each identifier in other complaints than these: up to what is too much."""
    batch = [case.id for case in cases]
    return await transaction.run(_BESIDE, hmacs=list(hmacs), batch=batch, most=most)


def shared_identifiers(cases: Sequence[Case], beside: Sequence[Row], most: int) -> dict[str, bool]:
    """Of each identifier whether more people file under it than one person's family."""
    others: dict[str, dict[str, set[str]]] = {
        row["hmac"]: {kind: set(beside) for kind, beside in zip(USUAL, row["beside"], strict=True)}
        for row in beside
    }
    for case in cases:
        for kind, hmac in identifiers_of(case):
            for other_kind, other in identifiers_of(case):
                if other_kind != kind:
                    others[hmac][IdentifierKind(other_kind)].add(other)
    return {hmac: people_behind(beside) > most for hmac, beside in others.items()}


def filing(case: Case) -> dict[str, object]:
    """What a case says of who filed it, as a row of ``keep_filings``."""
    customer = case.customer
    return {
        "id": case.id,
        "hmacs": sorted(hmac for _, hmac in identifiers_of(case)),
        "segment": customer.segment if customer else None,
        "region": customer.region if customer else None,
        "vulnerable": customer.vulnerable if customer else None,
    }


async def keep_filings(
    transaction: Transaction, filings: Sequence[Mapping[str, object]], dropped: Sequence[str]
) -> None:
    """Keep what complaints were filed under; they are written, and locked with the identifiers.

    ``dropped``: identifiers that one of them is not filed under any more.
    """
    if filings:
        await transaction.run(_FILED_WITH, rows=list(filings))
    if dropped:
        await transaction.run(_FORGET, hmacs=list(dropped))
