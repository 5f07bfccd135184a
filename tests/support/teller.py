"""A process that tells webhooks whenever it may: ``python -m tests.support.teller`` with a task as
JSON. It may be killed any time.
"""

import asyncio
import json
import sys
from dataclasses import dataclass

from api.settings import WebhookSettings
from api.webhooks import delivery
from graph.commands.leases import lead
from graph.database import Database
from tests.support.graph import KEYRING


@dataclass(frozen=True)
class Task:
    uri: str
    user: str
    password: str
    settings: dict[str, object]


async def main(task: Task) -> None:
    delivery.POLL_SECONDS = 0.05
    settings = WebhookSettings.model_validate(task.settings)
    async with Database.open(task.uri, task.user, task.password) as database:
        teller = delivery.Deliverer(database, KEYRING, settings)
        while True:
            await lead(database, "tells", teller.run, seconds=1.0)
            await asyncio.sleep(0.1)


if __name__ == "__main__":
    asyncio.run(main(Task(**json.loads(sys.argv[1]))))
