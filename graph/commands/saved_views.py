"""Keep a list under a name, and forget it: each person's own."""

from datetime import datetime

from graph.commands.locks import take_turn
from graph.commands.requests import RequestKey, claim
from graph.database import Database, Transaction
from graph.domain.saved_views import MOST, SavedView
from graph.errors import ConflictError, NotFoundError

_OTHERS = """
CYPHER 25
MATCH (v:SavedView {person: $person}) WHERE v.name <> $name RETURN count(*) AS others
"""
_SAVE = """
CYPHER 25
MERGE (v:SavedView {person: $person, name: $name}) SET v.query = $query, v.at = $now
"""
_REMOVE = """
CYPHER 25
MATCH (v:SavedView {person: $person, name: $name}) DELETE v RETURN count(*) AS removed
"""


async def save_view(
    database: Database, person: str, view: SavedView, now: datetime, key: RequestKey | None
) -> None:
    """Keep a view; one of the same name is replaced.

    Raises:
        ConflictError: the person keeps as many as one may.
    """

    async def work(transaction: Transaction) -> None:
        await take_turn(transaction, f"saved-views {person}")
        if await claim(transaction, key, {}, now) is not None:
            return
        rows = await transaction.run(_OTHERS, person=person, name=view.name)
        if rows[0]["others"] >= MOST:
            raise ConflictError(
                f"You keep {MOST} views, the most there may be: remove one first.", path=["name"]
            )
        await transaction.run(_SAVE, person=person, name=view.name, query=view.query, now=now)

    await database.write(work)


async def remove_view(
    database: Database, person: str, name: str, now: datetime, key: RequestKey | None
) -> None:
    """Forget a view; raises NotFoundError: the person keeps none of this name."""

    async def work(transaction: Transaction) -> None:
        if await claim(transaction, key, {}, now) is not None:
            return
        rows = await transaction.run(_REMOVE, person=person, name=name)
        if not rows[0]["removed"]:
            raise NotFoundError("You keep no view of this name.", path=["name"])

    await database.write(work)
