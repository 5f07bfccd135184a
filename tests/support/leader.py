"""A process that leads whenever it may, and says so: ``python -m tests.support.leader`` with a task
as JSON. It may be killed any time.
"""

import asyncio
import json
import sys
from dataclasses import dataclass

from graph.commands.leases import lead
from graph.database import Database


@dataclass(frozen=True)
class Task:
    uri: str
    user: str
    password: str
    name: str
    seconds: float


async def main(task: Task) -> None:
    async def work() -> None:
        sys.stdout.write("leads\n")
        sys.stdout.flush()
        await asyncio.Event().wait()

    async with Database.open(task.uri, task.user, task.password) as database:
        while True:
            await lead(database, task.name, work, seconds=task.seconds)
            await asyncio.sleep(task.seconds / 10)


if __name__ == "__main__":
    asyncio.run(main(Task(**json.loads(sys.argv[1]))))
