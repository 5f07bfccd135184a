"""Remediations, and the counts that tell what they have done."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from graph.database import Database, Row
from graph.domain.remediations import Plan, Remediation
from graph.queries.escalation import newest_receipt
from graph.queries.keyset import Keyset
from graph.statistics.effect import BIN, Bin, Effect, Spans, effect, spans

# The causes of an issue are what its remediation is measured by.
_REMEDIATIONS = Keyset(
    label="Remediation",
    key="createdKey",
    fields="""n {.*,
      cause: head(COLLECT { MATCH (n)-[:ADDRESSES]->(cause:RootCause) RETURN cause.code }),
      issue: head(COLLECT { MATCH (n)-[:ADDRESSES]->(issue:SystemicIssue) RETURN issue.id }),
      causes: COLLECT {
        MATCH (n)-[:ADDRESSES]->{1}()-[:ROOTED_IN]->{0,1}(cause:RootCause)
        RETURN DISTINCT cause.code AS code ORDER BY code
      } }""",
    narrowed="""
      ($cause IS NULL OR EXISTS { (n)-[:ADDRESSES]->(:RootCause {code: $cause}) })""",
)
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
    return {row["id"]: _remediation(row) for row in await _REMEDIATIONS.by_ids(database, ids)}


async def page(
    database: Database, cause: str | None, before: str | None, limit: int
) -> list[Remediation]:
    """Remediations before a key, the newest first."""
    rows = await _REMEDIATIONS.page(database, before, limit, cause=cause)
    return [_remediation(row) for row in rows]


async def count(database: Database, cause: str | None) -> int:
    return await _REMEDIATIONS.count(database, cause=cause)


async def effects(
    database: Database, remediations: Sequence[Remediation], *, days: int, delay: int, now: datetime
) -> Mapping[str, EffectFound]:
    """What each has done, by id; those that are not completed have done nothing yet, and of an
    issue without a cause nothing can be told.

    ``days``: compared before and after; ``delay``: days until a fix takes hold. Two statements.
    """
    newest = min(await newest_receipt(database) or now, now)
    compared = {
        each.id: spans(begun, done, days=days, delay=delay, newest=newest)
        for each in remediations
        if each.causes
        and (done := each.plan.completed_at) is not None
        and (begun := each.worked_since) is not None
    }
    rows = await database.read(
        _COUNTS,
        rows=[
            {"id": each.id, "causes": list(each.causes), **_bounds(compared[each.id])}
            for each in remediations
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


def _bins(rows: Mapping[tuple[bool, int], Row], compared: Spans) -> list[Bin]:
    """Also those without a complaint; days count from when the fix took hold."""
    result = []
    for after, (begins, ends) in ((False, compared.before), (True, compared.after)):
        for number in range(-(-(ends - begins) // BIN)):
            opens = begins + number * BIN
            middle = opens + (min(opens + BIN, ends) - opens) / 2
            row = rows.get((after, number), {"own": 0, "others": 0})
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
        key=own["createdKey"],
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
