"""Systemic issues, and the facts of the complaints that they cover."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from graph.database import Database, Row
from graph.domain.enums import Level
from graph.domain.issues import IssueStatus, Statement, SystemicIssue
from graph.domain.money import Money
from graph.domain.scope import Scope
from graph.queries.conditions import within
from graph.queries.keyset import Keyset
from graph.queries.trees import Facet, shape, usual_depth

#: Entries of each kind that a summary tells.
MOST_SHOWN = 5

_ISSUES = Keyset(
    label="SystemicIssue",
    key="createdKey",
    fields="""n {.*,
      causes: COLLECT { MATCH (n)-[:ROOTED_IN]->(cause) RETURN cause.code ORDER BY cause.code },
      covers: COUNT { (n)-[:COVERS]->() } }""",
    narrowed="($statuses IS NULL OR n.status IN $statuses)",
)
_EVIDENCE = """
CYPHER 25
MATCH (i:SystemicIssue) WHERE i.id IN $ids
RETURN i.id AS id,
  COLLECT { MATCH (a:Alert)-[:EVIDENCE_OF]->(i) RETURN a.id ORDER BY a.atKey DESC } AS alerts,
  COLLECT { MATCH (k:Cluster)-[:EVIDENCE_OF]->(i) RETURN k.id ORDER BY k.id } AS clusters,
  COLLECT {
    MATCH (r:Remediation)-[:ADDRESSES]->(n)
    WHERE n = i OR EXISTS { (i)-[:ROOTED_IN]->()-[:PART_OF*0..8]->(n) }
    RETURN DISTINCT r.id AS r ORDER BY r
  } AS remediations
"""
_TOTALS = """
CYPHER 25
MATCH (i:SystemicIssue) WHERE i.id IN $ids
MATCH (i)-[:COVERS]->(c:Complaint)
WITH i.id AS id, c, head(COLLECT {
  MATCH (c)-[:RESOLVED_BY]->(r:Resolution) RETURN r ORDER BY r.round DESC LIMIT 1 }) AS r
RETURN id, count(c) AS complaints, count(DISTINCT c.customerId) AS customers,
  sum(CASE WHEN c.customerId IS NULL THEN 1 ELSE 0 END) AS unknown,
  min(c.receivedAt) AS first, max(c.receivedAt) AS last,
  sum(CASE WHEN c.level <> 'GREEN' THEN 1 ELSE 0 END) AS escalated,
  sum(CASE WHEN c.decided THEN 0 ELSE 1 END) AS undecided,
  percentileCont(CASE WHEN c.decidedAt IS NOT NULL
    THEN (c.decidedAt.epochSeconds - c.receivedAt.epochSeconds) / 86400.0 END, 0.5) AS days,
  avg(r.satisfaction) AS satisfaction, count(r.satisfaction) AS rated
"""
# What a complaint's customer was paid in all its rounds, as everywhere.
_PAID = """
CYPHER 25
MATCH (i:SystemicIssue) WHERE i.id IN $ids
MATCH (i)-[:COVERS]->(c:Complaint)-[:RESOLVED_BY]->(r:Resolution)
WHERE r.compensationMinor > 0
RETURN i.id AS id, r.currency AS currency, sum(r.compensationMinor) AS minor
ORDER BY minor DESC, currency
"""
_GROUPS = """
CYPHER 25
MATCH (i:SystemicIssue) WHERE i.id IN $ids
MATCH (i)-[:COVERS]->(c:Complaint)
WITH i.id AS id, c
UNWIND [
  ['BRANCH', $within[c.branchCode]], ['PRODUCT', c.productCode], ['TYPE', c.type],
  ['OUTCOME', head(COLLECT {
    MATCH (c)-[:RESOLVED_BY]->(r:Resolution) RETURN r.outcome ORDER BY r.round DESC LIMIT 1 })]
] + COLLECT { MATCH (c)-[:CAUSED_BY]->(n) RETURN ['ROOT_CAUSE', n.code] } AS pair
WITH id, pair[0] AS kind, pair[1] AS code
WHERE code IS NOT NULL
RETURN id, kind, code, count(*) AS n ORDER BY n DESC, code
"""


@dataclass(frozen=True, slots=True)
class IssueEvidence:
    """Ids of what an issue rests on, and of what is done about it."""

    alerts: tuple[str, ...] = ()
    clusters: tuple[str, ...] = ()
    remediations: tuple[str, ...] = ()


NO_EVIDENCE = IssueEvidence()


@dataclass(frozen=True, slots=True)
class IssueFacts:
    """Figures of the complaints that an issue covers.

    ``customers``: those known; ``unknown``: complaints whose customer is not; ``days``: median
    from receipt to the latest decision; ``compensation``: of all rounds, by currency; ``groups``:
    by kind (BRANCH, PRODUCT, TYPE, ROOT_CAUSE, OUTCOME) how many have each code, most frequent
    first.
    """

    complaints: int = 0
    customers: int = 0
    unknown: int = 0
    first: datetime | None = None
    last: datetime | None = None
    escalated: int = 0
    undecided: int = 0
    days: float | None = None
    compensation: tuple[Money, ...] = ()
    satisfaction: float | None = None
    rated: int = 0
    groups: Mapping[str, Sequence[tuple[str, int]]] | None = None

    def of(self, kind: str) -> Sequence[tuple[str, int]]:
        return (self.groups or {}).get(kind, ())


NO_FACTS = IssueFacts()


async def by_ids(database: Database, ids: Sequence[str]) -> Mapping[str, SystemicIssue]:
    return {row["id"]: _issue(row) for row in await _ISSUES.by_ids(database, ids)}


async def page(
    database: Database, statuses: Sequence[IssueStatus] | None, before: str | None, limit: int
) -> list[SystemicIssue]:
    """Issues before a key, the newest first."""
    rows = await _ISSUES.page(database, before, limit, statuses=_list(statuses))
    return [_issue(row) for row in rows]


async def count(database: Database, statuses: Sequence[IssueStatus] | None) -> int:
    return await _ISSUES.count(database, statuses=_list(statuses))


async def evidence(database: Database, ids: Sequence[str]) -> Mapping[str, IssueEvidence]:
    rows = await database.read(_EVIDENCE, ids=list(ids))
    return {
        row["id"]: IssueEvidence(
            tuple(row["alerts"]), tuple(row["clusters"]), tuple(row["remediations"])
        )
        for row in rows
    }


async def covered(
    database: Database, ids: Sequence[str], scope: Scope, limit: int
) -> Mapping[str, Sequence[str]]:
    """Ids of each issue's newest complaints in the scope."""
    bounds = within(scope)
    statement = f"""
    CYPHER 25
    UNWIND $ids AS id
    MATCH (i:SystemicIssue {{id: id}})
    RETURN id, COLLECT {{
      MATCH (i)-[:COVERS]->(c:Complaint) WHERE {bounds.predicate}
      WITH c ORDER BY c.receivedKey DESC LIMIT $limit
      RETURN c.id
    }} AS ids
    """
    rows = await database.read(statement, ids=list(ids), limit=limit, **bounds.parameters)
    return {row["id"]: row["ids"] for row in rows}


async def facts(database: Database, ids: Sequence[str]) -> Mapping[str, IssueFacts]:
    """The figures of each issue, four statements; branches on the depth that most reach."""
    layers = (await shape(database)).get(Facet.BRANCH, ())
    within = dict(layers[usual_depth(layers)].within) if layers else {}
    groups: dict[str, dict[str, list[tuple[str, int]]]] = {}
    results = await database.read(_GROUPS, ids=list(ids), within=within)
    for row in results:
        kinds = groups.setdefault(row["id"], {})
        kinds.setdefault(row["kind"], []).append((row["code"], row["n"]))
    paid: dict[str, list[Money]] = {}
    for row in await database.read(_PAID, ids=list(ids)):
        paid.setdefault(row["id"], []).append(Money(row["minor"], row["currency"]))
    rows = await database.read(_TOTALS, ids=list(ids))
    return {
        row["id"]: IssueFacts(
            complaints=row["complaints"],
            customers=row["customers"],
            unknown=row["unknown"],
            first=row["first"],
            last=row["last"],
            escalated=row["escalated"],
            undecided=row["undecided"],
            days=row["days"],
            compensation=tuple(paid.get(row["id"], ())),
            satisfaction=row["satisfaction"],
            rated=row["rated"],
            groups=groups.get(row["id"], {}),
        )
        for row in rows
    }


def statement_of(own: Row) -> Statement:
    """What is said of an issue, from its node with ``causes`` beside its properties."""
    return Statement(
        own["titleZh"], own["titleEn"], Level(own["level"]), own.get("owner"), tuple(own["causes"])
    )


def _list(statuses: Sequence[IssueStatus] | None) -> list[str] | None:
    return None if statuses is None else sorted(statuses)


def _issue(own: Row) -> SystemicIssue:
    return SystemicIssue(
        id=own["id"],
        statement=statement_of(own),
        status=IssueStatus(own["status"]),
        version=own["version"],
        created_at=own["createdAt"],
        created_by=own["createdBy"],
        covers=own["covers"],
        key=own["createdKey"],
    )
