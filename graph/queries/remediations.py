"""Remediations, and the counts that tell what they have done."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from graph.database import Database, Row
from graph.domain.remediations import Plan, Remediation
from graph.queries.escalation import newest_receipt
from graph.statistics.effect import BIN, Bin, Effect, Spans, effect, spans

# The causes of an issue are what its remediation is measured by.
_FIELDS = """r {.*,
  cause: head(COLLECT { MATCH (r)-[:ADDRESSES]->(cause:RootCause) RETURN cause.code }),
  issue: head(COLLECT { MATCH (r)-[:ADDRESSES]->(issue:SystemicIssue) RETURN issue.id }),
  causes: COLLECT {
    MATCH (r)-[:ADDRESSES]->{1}()-[:ROOTED_IN]->{0,1}(cause:RootCause)
    RETURN DISTINCT cause.code AS code ORDER BY code
  }
}"""
_BY_IDS = f"CYPHER 25 MATCH (r:Remediation) WHERE r.id IN $ids RETURN {_FIELDS} AS own"
# Every key begins with a digit.
_PAGE = f"""
CYPHER 25
MATCH (r:Remediation)
WHERE r.createdKey < $before
  AND ($cause IS NULL OR EXISTS {{ (r)-[:ADDRESSES]->(:RootCause {{code: $cause}}) }})
WITH r ORDER BY r.createdKey DESC LIMIT $limit
RETURN {_FIELDS} AS own ORDER BY own.createdKey DESC
"""
_COUNT = """
CYPHER 25
MATCH (r:Remediation)
WHERE $cause IS NULL OR EXISTS { (r)-[:ADDRESSES]->(:RootCause {code: $cause}) }
RETURN count(r) AS total
"""
# Complaints without a cause on record (those still open, mostly) stand on neither side.
# Each complaint is read once, whatever the number of remediations.
_COUNTS = """
CYPHER 25
MATCH (c:Complaint)
WHERE c.receivedAt >= $from AND c.receivedAt < $until
  AND c.duplicate = false AND size(c.rootCauseCodes) > 0
WITH c.receivedAt AS received, c.receivedAt.epochSeconds AS at, c.rootCauseCodes AS causes
UNWIND $rows AS row
WITH row, received, at, any(code IN row.causes WHERE code IN causes) AS own
WHERE received >= row.from AND received < row.until
  AND NOT (received >= row.worked AND received < row.held)
WITH row.id AS id, own, received >= row.held AS after,
  (at - CASE WHEN received >= row.held THEN row.heldSeconds ELSE row.fromSeconds END) / $seconds
    AS bin
RETURN id, after, bin, sum(CASE WHEN own THEN 1 ELSE 0 END) AS own,
  sum(CASE WHEN own THEN 0 ELSE 1 END) AS others
"""


@dataclass(frozen=True, slots=True)
class EffectFound:
    """What became of a cause after a remediation, and what was compared."""

    effect: Effect
    spans: Spans


async def by_ids(database: Database, ids: Sequence[str]) -> Mapping[str, Remediation]:
    rows = await database.read(_BY_IDS, ids=list(ids))
    return {row["own"]["id"]: _remediation(row["own"]) for row in rows}


async def page(
    database: Database, cause: str | None, before: str | None, limit: int
) -> list[tuple[str, Remediation]]:
    """(sort key, remediation), newest first."""
    rows = await database.read(_PAGE, cause=cause, before=before or ":", limit=limit)
    return [(row["own"]["createdKey"], _remediation(row["own"])) for row in rows]


async def count(database: Database, cause: str | None) -> int:
    return int((await database.read(_COUNT, cause=cause))[0]["total"])


async def effects(
    database: Database, some: Sequence[Remediation], *, days: int, delay: int, now: datetime
) -> Mapping[str, EffectFound]:
    """What each has done, by id; those that are not completed have done nothing yet, and of an
    issue without a cause nothing can be told.

    ``days``: compared before and after; ``delay``: days until a fix takes hold. Two statements.
    """
    newest = min(await newest_receipt(database) or now, now)
    compared = {
        each.id: spans(begun, done, days=days, delay=delay, newest=newest)
        for each in some
        if each.causes
        and (done := each.plan.completed_at) is not None
        and (begun := each.worked_since) is not None
    }
    rows = await database.read(
        _COUNTS,
        rows=[
            {"id": each.id, "causes": list(each.causes), **_bounds(compared[each.id])}
            for each in some
            if each.id in compared
        ],
        seconds=int(BIN.total_seconds()),
        **{
            "from": min((each.before[0] for each in compared.values()), default=now),
            "until": max((each.after[1] for each in compared.values()), default=now),
        },
    )
    counts: dict[str, dict[tuple[bool, int], Row]] = {identity: {} for identity in compared}
    for row in rows:
        counts[row["id"]][row["after"], row["bin"]] = row
    return {
        identity: EffectFound(effect(_bins(counts[identity], those), those), those)
        for identity, those in compared.items()
    }


def _bounds(compared: Spans) -> dict[str, object]:
    (begins, worked), (held, until) = compared.before, compared.after
    return {
        "from": begins,
        "fromSeconds": int(begins.timestamp()),
        "worked": worked,
        "held": held,
        "heldSeconds": int(held.timestamp()),
        "until": until,
    }


def _bins(found: Mapping[tuple[bool, int], Row], compared: Spans) -> list[Bin]:
    """Also those without a complaint; days count from when the fix took hold."""
    result = []
    for after, (begins, ends) in ((False, compared.before), (True, compared.after)):
        for number in range(-(-(ends - begins) // BIN)):
            opens = begins + number * BIN
            middle = opens + (min(opens + BIN, ends) - opens) / 2
            row = found.get((after, number), {"own": 0, "others": 0})
            day = (middle - compared.after[0]) / timedelta(days=1)
            result.append(Bin(day, after, row["own"], row["others"]))
    return result


def _remediation(own: Row) -> Remediation:
    return Remediation(
        id=own["id"],
        plan=plan_of(own),
        version=own["version"],
        created_at=own["createdAt"],
        created_by=own["createdBy"],
        causes=tuple(own["causes"]),
    )


def plan_of(own: Row) -> Plan:
    """The plan on a remediation's node, its ``cause`` or ``issue`` beside its properties."""
    return Plan(
        title=own["title"],
        cause=own["cause"],
        issue=own["issue"],
        owner=own.get("owner"),
        started_at=own.get("startedAt"),
        completed_at=own.get("completedAt"),
    )
