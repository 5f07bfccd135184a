"""Keep what handlers think of the precedents that they were shown."""

from dataclasses import dataclass
from datetime import datetime

from graph.commands.requests import RequestKey, claim
from graph.database import Database, Transaction
from graph.errors import NotFoundError

# Who rates the same showing again changes his mind: one rating each.
_RATE = """
CYPHER 25
MATCH (c:Complaint {id: $complaint})
MERGE (r:Rating {id: $id})
SET r += $facts
MERGE (r)-[:RATES]->(c)
WITH r
OPTIONAL MATCH (asked:Complaint {id: $asked})
FOREACH (one IN CASE WHEN asked IS NULL THEN [] ELSE [asked] END | MERGE (r)-[:FOR]->(one))
RETURN r.id AS id
"""


@dataclass(frozen=True, slots=True)
class Rated:
    """``list``: which list it was shown in; ``asked``: the complaint that it was shown for."""

    complaint: str
    list: str
    rank: int
    useful: bool
    space: str
    weights: str
    shown_at: datetime
    asked: str | None = None


async def rate(
    database: Database,
    rated: Rated,
    *,
    actor: str,
    now: datetime,
    key: RequestKey | None = None,
) -> None:
    """Write a rating, or change it; once for each key.

    Raises:
        NotFoundError: the precedent is gone.
    """
    facts = {
        "list": rated.list,
        "rank": rated.rank,
        "useful": rated.useful,
        "space": rated.space,
        "weights": rated.weights,
        "shownAt": rated.shown_at,
        "ratedAt": now,
        "actor": actor,
    }
    identity = f"{actor}:{rated.list}:{rated.complaint}"

    async def work(transaction: Transaction) -> None:
        if await claim(transaction, key, {"complaint": rated.complaint}, now) is not None:
            return
        rows = await transaction.run(
            _RATE, complaint=rated.complaint, id=identity, facts=facts, asked=rated.asked
        )
        if not rows:
            raise NotFoundError("The precedent is no longer there.", path=["token"])

    await database.write(work)
