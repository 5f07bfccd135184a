"""Complaints: by id, by reference, and page by page in every order offered."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum

from graph.database import Database
from graph.domain.record import READ
from graph.domain.scope import Scope
from graph.domain.views import ComplaintRecord
from graph.queries.conditions import CompiledFilter, within

_RECEIVED = "CYPHER 25 MATCH (c:Complaint {id: $id}) RETURN c.receivedAt AS at"


class Order(Enum):
    """(sort key's property, whether descending); what has no date or amount counts as least."""

    RECEIVED_DESC = ("receivedKey", True)
    RECEIVED_ASC = ("receivedKey", False)
    DUE_DESC = ("dueKey", True)
    DUE_ASC = ("dueKey", False)
    AMOUNT_DESC = ("amountKey", True)
    AMOUNT_ASC = ("amountKey", False)
    LEVEL_DESC = ("levelKey", True)
    LEVEL_ASC = ("levelKey", False)

    @property
    def key(self) -> str:
        return self.value[0]

    @property
    def descending(self) -> bool:
        return self.value[1]

    def key_of(self, complaint: ComplaintRecord) -> str:
        """The complaint's place in this order."""
        return {
            "receivedKey": complaint.received_key,
            "dueKey": complaint.due_key,
            "amountKey": complaint.amount_key,
            "levelKey": complaint.level_key,
        }[self.key]


@dataclass(frozen=True, slots=True)
class Window:
    """``size`` rows after the key ``after`` and before the key ``before``; from the end if
    ``backwards``.
    """

    size: int
    after: str | None = None
    before: str | None = None
    backwards: bool = False


@dataclass(frozen=True, slots=True)
class Page:
    """Rows in the order asked for; whether there are more beyond this end of the list."""

    complaints: tuple[ComplaintRecord, ...]
    more: bool


async def by_ids(
    database: Database, ids: Sequence[str], scope: Scope
) -> Mapping[str, ComplaintRecord]:
    """Those of the complaints that lie in the scope, by id."""
    results = await _read(database, "id", ids, scope)
    return {each.id: each for each in results}


async def received_at(database: Database, identity: str) -> datetime | None:
    """When a complaint was received; None if there is no such complaint."""
    rows = await database.read(_RECEIVED, id=identity)
    at: datetime | None = rows[0]["at"] if rows else None
    return at


async def by_references(
    database: Database, references: Sequence[str], scope: Scope
) -> Mapping[str, ComplaintRecord]:
    """Those of the complaints that lie in the scope, by reference."""
    results = await _read(database, "reference", references, scope)
    return {each.reference: each for each in results}


async def _read(
    database: Database, name: str, values: Sequence[str], scope: Scope
) -> list[ComplaintRecord]:
    bounds = within(scope)
    statement = f"""
    CYPHER 25
    MATCH (c:Complaint) WHERE c.{name} IN $values AND {bounds.predicate}
    RETURN c {{ {READ} }} AS complaint
    """
    rows = await database.read(statement, values=list(values), **bounds.parameters)
    return [ComplaintRecord.from_record(row["complaint"]) for row in rows]


async def page(database: Database, narrowed: CompiledFilter, order: Order, window: Window) -> Page:
    """One page; it costs the same wherever it lies, for the order's own index serves it."""
    descending = order.descending != window.backwards
    beyond, behind = ("<", ">") if order.descending else (">", "<")
    bounds = [f"c.{order.key} IS NOT NULL"]
    if window.after is not None:
        bounds.append(f"c.{order.key} {beyond} $after")
    if window.before is not None:
        bounds.append(f"c.{order.key} {behind} $before")
    statement = f"""
    CYPHER 25
    MATCH (c:Complaint)
    WHERE {" AND ".join(bounds)} AND ({narrowed.predicate})
    WITH c ORDER BY c.{order.key} {"DESC" if descending else "ASC"} LIMIT $limit
    RETURN c {{ {READ} }} AS complaint
    """
    rows = await database.read(
        statement,
        after=window.after,
        before=window.before,
        limit=window.size + 1,
        **narrowed.parameters,
    )
    results = [ComplaintRecord.from_record(row["complaint"]) for row in rows[: window.size]]
    if window.backwards:
        results.reverse()
    return Page(tuple(results), len(rows) > window.size)


class Counted(Enum):
    """What complaints are counted by; the value is the property."""

    STATUS = "status"
    LEVEL = "level"
    ASSIGNEE = "assignee"


async def counts(
    database: Database, narrowed: CompiledFilter, by: Counted, limit: int
) -> Mapping[str | None, int]:
    """How many have each value, most first; None: those that have none."""
    statement = f"""
    CYPHER 25
    MATCH (c:Complaint) WHERE {narrowed.predicate}
    RETURN c.{by.value} AS value, count(*) AS total ORDER BY total DESC, value LIMIT $limit
    """
    rows = await database.read(statement, limit=limit, **narrowed.parameters)
    return {row["value"]: row["total"] for row in rows}


async def count(database: Database, narrowed: CompiledFilter) -> int:
    statement = f"CYPHER 25 MATCH (c:Complaint) WHERE {narrowed.predicate} RETURN count(*) AS total"
    rows = await database.read(statement, **narrowed.parameters)
    return int(rows[0]["total"])
