"""A process of somebody who keeps many lists at once, as two browsers do.

``python -m tests.support.views URI USER PASSWORD PERSON PART``: writes one JSON object of what was
kept (names with their queries), how many were refused, and what went wrong otherwise.
"""

import asyncio
import json
import sys
from datetime import UTC, datetime

from graph.commands.saved_views import save_view
from graph.database import Database
from graph.domain.saved_views import SavedView
from graph.errors import ComplaintGraphError, ConflictError

#: Names that all processes keep, and those of each process alone.
SHARED, OWN = 10, 25


async def keep(uri: str, user: str, password: str, person: str, part: str) -> None:
    kept: dict[str, str] = {}
    refused, wrong = 0, []

    async def one(database: Database, name: str) -> None:
        nonlocal refused
        view = SavedView(name, f"/desk?order={part}")
        try:
            await save_view(database, person, view, datetime.now(UTC), None)
            kept[name] = view.query
        except ConflictError:
            refused += 1
        except ComplaintGraphError as error:
            wrong.append(str(error))

    names = [f"shared {n}" for n in range(SHARED)] + [f"{part} {n}" for n in range(OWN)]
    async with Database.open(uri, user, password) as database:
        await asyncio.gather(*(one(database, name) for name in names))
    sys.stdout.write(json.dumps({"kept": kept, "refused": refused, "wrong": wrong}))


if __name__ == "__main__":
    asyncio.run(keep(*sys.argv[1:]))
