"""A random bank whose every fact is known twice: as cases in the graph, and as a table."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

import pandas as pd

from graph.database import Database
from graph.domain.case import Attribution, Case, CustomerFacts, Decision, Handling
from graph.domain.catalogue import CatalogueEntry
from graph.domain.enums import (
    OPEN_STATUSES,
    AttributionSource,
    BranchLevel,
    CaseStatus,
    CatalogueKind,
    Channel,
    Level,
    OutcomeKind,
)
from graph.domain.moments import Moment
from graph.domain.money import Money
from tests.support.graph import case, put

P, B, D, R = (
    CatalogueKind.PRODUCT,
    CatalogueKind.BRANCH,
    CatalogueKind.DEPARTMENT,
    CatalogueKind.ROOT_CAUSE,
)
START = datetime(2024, 12, 30, 20, 0, tzinfo=UTC)
DAYS = 500
NOW = datetime(2026, 6, 1, tzinfo=UTC)
#: Each with its widest first.
PRODUCTS = {"CARD": ("CARD",), "FEE": ("CARD", "FEE"), "LOAN-X": ("LOAN", "LOAN-X")}
BRANCHES = {
    "N1": ("HO", "N", "N1"), "N2": ("HO", "N", "N2"), "S1": ("HO", "S", "S1"), "S": ("HO", "S"),
}  # fmt: skip
CAUSES = {"SLOW": ("PROCESS", "SLOW"), "WRONG": ("PROCESS", "WRONG"), "TOLD": ("STAFF", "TOLD")}
DEPARTMENTS = ("CARDS", "CREDIT")
_OUTLETS = {"HO": 30, "N": 20, "N1": 12, "N2": 8, "S": 10, "S1": 10}


def catalogue(*, exposed: bool = True) -> list[CatalogueEntry]:
    found = {}
    for kind, chains in ((P, PRODUCTS), (R, CAUSES), (B, BRANCHES)):
        for chain in chains.values():
            for wider, code in zip((None, *chain), chain, strict=False):
                size = _OUTLETS.get(code) if exposed else None
                found[kind, code] = CatalogueEntry(
                    kind,
                    code,
                    f"{code} name",
                    f"{code}名",
                    wider,
                    BranchLevel.BRANCH if kind is B else None,
                    size if kind is B else None,
                    size * 10_000 if kind is B and size else None,
                )
    return [*found.values(), *(CatalogueEntry(D, code, code) for code in DEPARTMENTS)]


@dataclass(frozen=True)
class World:
    database: Database
    table: pd.DataFrame

    @property
    def counted(self) -> pd.DataFrame:
        """Without duplicates."""
        return self.table[~self.table.duplicate]


def random_rows(size: int, seed: int) -> list[dict[str, Any]]:
    chance = Random(seed)
    return [_row(number, chance) for number in range(size)]


def _row(number: int, chance: Random) -> dict[str, Any]:
    received = START + timedelta(seconds=chance.randrange(DAYS * 86_400))
    decided = chance.random() < 0.8
    withdrawn = decided and chance.random() < 0.1
    rounds = 2 if decided and chance.random() < 0.1 else 1
    open_ = sorted(OPEN_STATUSES - {CaseStatus.REOPENED, CaseStatus.REVIEW_REQUESTED})
    status = chance.choice([CaseStatus.CLOSED, CaseStatus.ANSWERED])
    days = chance.lognormvariate(1.8, 0.7)
    return {
        "number": number,
        "received": received,
        "duplicate": chance.random() < 0.05,
        "repeats": number > 20 and chance.random() < 0.1,
        "product": chance.choice([*PRODUCTS, None]),
        "branch": chance.choice([*BRANCHES, None]),
        "causes": chance.sample(sorted(CAUSES), chance.choice([0, 1, 1, 2])),
        "departments": chance.sample(DEPARTMENTS, chance.choice([1, 1, 2])),
        "type": chance.choice(["FEE_DISPUTE", "FRAUD", None]),
        "channel": chance.choice([Channel.PHONE, Channel.APP]),
        "level": chance.choices(list(Level), [8, 2, 1])[0],
        "customer": None if chance.random() < 0.2 else f"C{chance.randrange(200)}",
        "decided": decided,
        "round": rounds,
        "status": (CaseStatus.WITHDRAWN if withdrawn else status)
        if decided
        else chance.choice(open_),
        "decidedAt": received + timedelta(seconds=int(days * 86_400)) if decided else None,
        "outcome": chance.choice([OutcomeKind.UPHELD, OutcomeKind.EXPLAINED]) if decided else None,
        "paid": chance.randrange(1, 90_000) if decided and chance.random() < 0.3 else None,
        "review": chance.choice([None, None, None, False, True]) if decided else None,
    }


def case_of(row: dict[str, Any]) -> Case:
    paid = None if row["paid"] is None else Money(row["paid"], "CNY")
    decisions = [
        Decision(n, row["outcome"], compensation=paid, decided_at=row["decidedAt"])
        for n in range(1, row["round"] + 1)
    ]
    return case(
        row["number"],
        received=Moment(row["received"]),
        status=row["status"],
        level=row["level"],
        channel=row["channel"],
        type=row["type"],
        product=row["product"],
        branch=row["branch"],
        due_at=row["received"] + timedelta(days=15),
        causes=tuple(Attribution(c, AttributionSource.CONFIRMED) for c in row["causes"]),
        handling=tuple(Handling(d) for d in row["departments"]),
        customer=CustomerFacts((("SOURCE_ID", row["customer"]),)) if row["customer"] else None,
        decisions=tuple(decisions) if row["decided"] else (),
    )


_MARK = """
CYPHER 25
UNWIND $rows AS row
MATCH (c:Complaint {reference: row.reference})
SET c.duplicate = row.duplicate, c.reviewConfirmed = row.review
FOREACH (_ IN CASE WHEN row.earlier IS NULL THEN [] ELSE [1] END |
  MERGE (e:Complaint {reference: row.earlier}) MERGE (c)-[:REPEATS]->(e))
RETURN count(*) AS n
"""


async def fill(
    database: Database, rows: Sequence[dict[str, Any]], *, exposed: bool = True
) -> World:
    """Store the rows; what linking would find is written as the rows say it."""
    await put(database, [case_of(row) for row in rows], catalogue(exposed=exposed))
    marks = [
        {
            "reference": f"TEST-{row['number']}",
            "duplicate": row["duplicate"],
            "review": row["review"],
            "earlier": f"TEST-{row['number'] - 20}" if row["repeats"] else None,
        }
        for row in rows
    ]
    await database.run(_MARK, rows=marks)
    table = pd.DataFrame(rows)
    repeated = {row["number"] - 20 for row in rows if row["repeats"]}
    table["repeated"] = table.number.isin(repeated)
    table["received"] = pd.to_datetime(table.received, utc=True)
    table["decidedAt"] = pd.to_datetime(table.decidedAt, utc=True)
    table["days"] = (table.decidedAt - table.received).dt.total_seconds() / 86_400
    table["answered"] = table.decided & ~((table.status == "WITHDRAWN") & (table["round"] == 1))
    return World(database, table)
