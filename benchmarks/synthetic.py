"""Graphs of any number of complaints, written without the pipeline: for measuring time alone.

A complaint has what linking, escalating, the sweep and ``check`` read: its record, made by the
domain for one of a batch and changed by name for the others, its event, its customer, marks of what
waits, and if asked for a vector of a small space. ``check`` finds nothing wrong in such a graph.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np

from graph.commands.rows import Prepared, as_json, complaint_row
from graph.commands.times import apart, set_apart
from graph.database import Database, Transaction
from graph.domain.case import Case
from graph.domain.copies import reference_key, source_key
from graph.domain.enums import CaseStatus, Channel, EventKind
from graph.domain.moments import Moment
from graph.domain.record import event_state
from graph.domain.spaces import EmbeddingSpace, SpaceState
from graph.domain.tokens import TokenField, token
from graph.progress import Progress

FIRST = datetime(2024, 1, 1, 9, 0, tzinfo=UTC)
#: Complaints of one batch, all of one moment; the next batch is received a day later.
BATCH = 2_000
#: Days after receipt.
DUE_SOON, DUE = 12, 15
#: Filings of each customer.
FILINGS = 2
SPACE = EmbeddingSpace(
    name="synthetic",
    model="synthetic",
    dimension=16,
    threshold=0.9,
    duplicate_threshold=0.9,
    calibration=[-1.0, 0.8, 0.9, 1.0],
    centre=[0.0] * 16,
    state=SpaceState.ACTIVE,
)
#: Subjects: a vector is one of theirs with a little noise.
_SUBJECTS, _NOISE = 500, 0.4

_SYSTEM = "synthetic"
_ID, _CUSTOMER = "the-id", "the-customer"
_WRITE = f"""
CYPHER 25
UNWIND $rows AS row
CREATE (c:Complaint)
{set_apart("c", "$common")}
SET c += row.own, c.version = 1, c.eventSeq = 1,
    c.linkKey = c.receivedKey, c.escalateKey = c.receivedKey
CREATE (c)-[:HAS_EVENT]->(:CaseEvent {{
  id: c.id + '.1', seq: 1, kind: '{EventKind.REGISTERED}', position: row.position,
  at: c.receivedAt, recordedAt: c.receivedAt, actor: 'synthetic', before: '{{}}', after: row.after
}})
MERGE (u:Customer {{id: row.own.customerId}})
CREATE (u)-[:FILED]->(c)
MERGE (i:Identifier {{hmac: 'h' + u.id}})
  ON CREATE SET i.kind = 'SOURCE_ID', i.customerKey = u.id
MERGE (i)-[:IDENTIFIES]->(u)
CREATE (c)-[:FILED_WITH]->(i)
"""
_COUNTER = "CYPHER 25 MERGE (k:Counter {name: 'events'}) SET k.value = $value"
_UNMARK = """
CYPHER 25
MATCH (c:Complaint) WHERE c.linkKey > ''
CALL (c) { REMOVE c.linkKey, c.linkClaim, c.escalateKey, c.escalateClaim }
IN TRANSACTIONS OF 5000 ROWS
"""


@dataclass(frozen=True, slots=True)
class _Template:
    """One batch's complaints: what they have in common, and texts in which the names stand."""

    common: Mapping[str, Any]
    own: Mapping[str, str]
    after: str
    received: str

    @classmethod
    def of(cls, batch: int, narrative: str | None) -> "_Template":
        at = FIRST + timedelta(days=batch)
        case = Case(
            id=_ID,
            reference=_ID,
            source_system=_SYSTEM,
            source_id=_ID,
            content_hash=_ID,
            channel=Channel.WEB,
            status=CaseStatus.INVESTIGATING,
            received=Moment(at),
            narrative=narrative,
            due_at=at + timedelta(days=DUE),
            due_soon_at=at + timedelta(days=DUE_SOON),
        )
        row = complaint_row(Prepared(case), {}, _CUSTOMER)
        properties = row.properties
        varying = {
            name: value
            for name, value in properties.items()
            if isinstance(value, str) and any(word in value for word in _STAND_INS)
        }
        common = {name: value for name, value in properties.items() if name not in varying}
        received = varying.pop("receivedKey").partition(":")[0]
        return cls(apart(common), varying, as_json(event_state(properties)), received)

    def row(self, number: int) -> dict[str, Any]:
        identity, customer = f"c{number:08d}", f"u{number // FILINGS:08d}"
        names = dict(
            zip(_STAND_INS, (identity, customer, token(TokenField.CUSTOMER, customer)), strict=True)
        )
        own = {name: _named(text, names) for name, text in self.own.items()}
        own["receivedKey"] = f"{self.received}:{source_key(_SYSTEM, identity)}:{identity}"
        own["referenceKey"] = reference_key(identity)
        return {"own": own, "after": _named(self.after, names), "position": number + 1}


_STAND_INS = (_ID, _CUSTOMER, token(TokenField.CUSTOMER, _CUSTOMER))


def _named(text: str, names: Mapping[str, str]) -> str:
    for word, name in names.items():
        text = text.replace(word, name)
    return text


async def fill(database: Database, size: int, progress: Progress, *, vectors: bool) -> None:
    """Write so many complaints into an empty graph, all with work that waits."""
    chance = np.random.default_rng(size)
    subjects = chance.normal(size=(_SUBJECTS, SPACE.dimension))
    for batch, start in enumerate(range(0, size, BATCH)):
        template = _Template.of(batch, "synthetic" if vectors else None)
        rows = [template.row(number) for number in range(start, min(size, start + BATCH))]
        if vectors:
            chosen = subjects[chance.integers(_SUBJECTS, size=len(rows))]
            noise = chance.normal(scale=_NOISE, size=chosen.shape)
            for row, vector in zip(rows, (chosen + noise).tolist(), strict=True):
                row["own"][SPACE.vector_key] = vector

        async def work(
            transaction: Transaction,
            rows: list[dict[str, Any]] = rows,
            template: _Template = template,
        ) -> None:
            await transaction.run(_WRITE, rows=rows, common=template.common)

        await database.write(work)
        progress("synthetic", start + len(rows), size)
    await database.run(_COUNTER, value=size)


async def unmark(database: Database) -> None:
    """As if all that waits had been done."""
    await database.run(_UNMARK, seconds=3_600)
