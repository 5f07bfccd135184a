"""The one way to change a node that people change: cases, alerts, issues, remediations.

lock → read → check the version → write what differs → record it, in the order of all commits
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import uuid4

from graph.commands.locks import Kind, taken
from graph.commands.positions import append_changes
from graph.commands.requests import RequestKey
from graph.commands.rows import as_json
from graph.database import Row, Transaction
from graph.domain.copies import received_key
from graph.domain.enums import EventKind
from graph.errors import ConflictError, NotFoundError


@dataclass(frozen=True, slots=True)
class Entity:
    """A kind of node, as part of statements about ``n``.

    ``locks``: its label, and its place in the order of locks; ``called``: what messages call it;
    ``field``: the input's field that names one; ``read``: what a change starts from; ``where``:
    which nodes of the label people may change; ``lock``: an assignment that takes the node's lock;
    ``events``: its record is the case's events.
    """

    locks: Kind
    called: str
    field: str
    read: str = "n {.*}"
    where: str = "true"
    lock: str = "n.version = coalesce(n.version, 1)"
    events: bool = False

    def of(self, statement: str) -> str:
        """A statement about nodes of this kind."""
        return statement % {
            "label": self.locks.value[0],
            "read": self.read,
            "where": self.where,
            "lock": self.lock,
        }


@dataclass(frozen=True, slots=True)
class Target:
    """What a person changes, as they saw it; ``key`` makes a retry safe."""

    id: str
    version: int
    key: RequestKey | None = None


@dataclass(frozen=True, slots=True)
class By:
    """Who changes it, and when."""

    actor: str
    now: datetime


@dataclass(frozen=True, slots=True)
class Change:
    """A change on record; ``before`` and ``after`` have what differs. ``kind``: of a case's."""

    seq: int
    actor: str
    at: datetime
    before: Mapping[str, Any]
    after: Mapping[str, Any]
    kind: EventKind | None = None


class StaleVersionError(ConflictError):
    """It was changed after the person saw it; ``changes`` tells what happened since."""

    code = "STALE_VERSION"

    def __init__(self, message: str, changes: Sequence[Change]) -> None:
        super().__init__(message, path=["version"])
        self.changes = tuple(changes)


#: Why a change of something that a person saw may be refused.
REFUSALS = (NotFoundError, StaleVersionError)

# The SET locks: of two at the same moment, the second reads what the first has written.
_LOCK = """
CYPHER 25
MATCH (n:%(label)s {id: $id}) WHERE %(where)s
SET %(lock)s
RETURN %(read)s AS own
"""
_CREATE = "CYPHER 25 CREATE (n:%(label)s) SET n = $properties"
_WRITE = """
CYPHER 25
MATCH (n:%(label)s {id: $id})
SET n += $properties, n.version = n.version + 1
RETURN n.version AS version
"""
_CHANGES_SINCE = """
CYPHER 25
MATCH (n:%(label)s {id: $id})-[:HAS_CHANGE]->(x:Change) WHERE x.seq > $version
RETURN x {.seq, .actor, .at, .before, .after, kind: null} AS change ORDER BY x.seq
"""
_EVENTS_SINCE = """
CYPHER 25
MATCH (n:%(label)s {id: $id})-[:HAS_EVENT]->(x:CaseEvent) WHERE x.version > $version
RETURN x {.seq, .actor, .at, .before, .after, .kind} AS change ORDER BY x.seq
"""


async def locked(
    transaction: Transaction,
    kind: Entity,
    identity: str,
    version: int | None = None,
    *,
    path: Sequence[str] = (),
) -> Row:
    """The node as it stands, locked until this transaction ends; without a version any will do.

    ``path``: the field that names it, if it is not the kind's own.

    Raises:
        NotFoundError: there is no such node.
        StaleVersionError: it has changed since that version.
    """
    if identity not in transaction.locked.get(kind.locks, ()):
        taken(transaction, kind.locks, [identity])
    rows = await transaction.run(kind.of(_LOCK), id=identity)
    if not rows:
        raise NotFoundError(
            f"There is no {kind.called} with this id.", path=list(path) or [kind.field]
        )
    own: Row = rows[0]["own"]
    if version is not None:
        await check_version(transaction, kind, identity, version, own["version"])
    return own


async def check_version(
    transaction: Transaction, kind: Entity, identity: str, seen: int, version: int
) -> None:
    """Raises StaleVersionError if the person saw another version than the present one."""
    if seen == version:
        return
    since = _EVENTS_SINCE if kind.events else _CHANGES_SINCE
    rows = await transaction.run(kind.of(since), id=identity, version=seen)
    changes = [change_of(row["change"]) for row in rows]
    what = "; ".join(f"{_called(each)} by {each.actor}" for each in changes) or "nothing"
    then = f"Since then: {what}." if seen < version else f"There was no version {seen} of it yet."
    raise StaleVersionError(
        f"The {kind.called} is at version {version}, not {seen}. {then} "
        "Read it again, and repeat your change with the new version.",
        changes,
    )


def change_of(row: Mapping[str, Any]) -> Change:
    return Change(
        seq=row["seq"],
        actor=row["actor"],
        at=row["at"],
        before=json.loads(row["before"] or "{}"),
        after=json.loads(row["after"] or "{}"),
        kind=None if row["kind"] is None else EventKind(row["kind"]),
    )


def difference(
    before: Mapping[str, Any], after: Mapping[str, Any]
) -> tuple[dict[str, Any], dict[str, Any]]:
    """What differs of two states, as it was and as it is; None is as good as absent."""
    keys = [key for key in before.keys() | after.keys() if before.get(key) != after.get(key)]
    was = {key: before[key] for key in keys if before.get(key) is not None}
    return was, {key: after[key] for key in keys if after.get(key) is not None}


async def create(
    transaction: Transaction,
    kind: Entity,
    identity: str,
    properties: Mapping[str, Any],
    after: Mapping[str, Any],
    by: By,
) -> None:
    """Make a node at version 1, with its first record."""
    own = {
        **properties,
        "id": identity,
        "version": 1,
        "createdAt": by.now,
        "createdKey": received_key(by.now, identity),
        "createdBy": by.actor,
    }
    await transaction.run(kind.of(_CREATE), properties=own)
    record(transaction, identity, 1, ({}, after), by)


async def change(
    transaction: Transaction,
    kind: Entity,
    identity: str,
    properties: Mapping[str, Any],
    states: tuple[Mapping[str, Any], Mapping[str, Any]],
    by: By,
) -> bool:
    """Write the next version and record what differs; False if nothing does.

    ``states``: all that the record is about, before and after. The caller has locked the node.
    """
    before, after = difference(*states)
    if not (before or after):
        return False
    version = await write(transaction, kind, identity, properties)
    record(transaction, identity, version, (before, after), by)
    return True


async def write(
    transaction: Transaction, kind: Entity, identity: str, properties: Mapping[str, Any]
) -> int:
    """Write the next version of a locked node, and return it; the caller records it."""
    rows = await transaction.run(kind.of(_WRITE), id=identity, properties=dict(properties))
    return int(rows[0]["version"])


def record(
    transaction: Transaction,
    identity: str,
    version: int,
    states: tuple[Mapping[str, Any], Mapping[str, Any]],
    by: By,
) -> None:
    """Keep what differs before and after, as the change that led to this version.

    It is written with the events that the transaction appends, or at its end.
    """
    before, after = map(as_json, states)
    properties = {
        "seq": version,
        "at": by.now,
        "actor": by.actor,
        "before": before,
        "after": after,
    }
    transaction.at_end(append_changes, {"of": identity, "properties": properties})


def new_id() -> str:
    """An id for a node that people make."""
    return uuid4().hex


def _called(change: Change) -> str:
    """What a change was, in a few words: its kind, or the fields that it changed."""
    return change.kind or ", ".join(sorted(change.before.keys() | change.after.keys())) or "a note"
