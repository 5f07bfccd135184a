"""One of two processes that register the last complaints of groups at the same moments."""

import asyncio
import sys
import time

from graph.database import Database
from tests.support.escalation import alike, escalator, filed
from tests.support.graph import put, with_vector

#: Of each group: three are there, each of the two processes brings one.
THERE = 3
EACH = 2


def apart(group: int) -> float:
    """Days ago of a group: no two in one window."""
    return 40.0 * group


async def race(uri: str, user: str, password: str, me: int, rounds: int, start: float) -> None:
    async with Database.open(uri, user, password) as database:
        works = escalator(database)
        for group in range(rounds):
            vectors = alike(THERE + EACH, seed=group)
            number = 100 * group + THERE + me
            mine = filed(number, days=apart(group) + 0.01 * (EACH - me))
            # Both begin each round together.
            await asyncio.sleep(max(0.0, start + 2.0 * group - time.time()))
            await put(database, [with_vector(mine, vectors[THERE + me])])
            await works.follow_up([mine.id])


if __name__ == "__main__":
    uri, user, password, me, rounds, start = sys.argv[1:]
    asyncio.run(race(uri, user, password, int(me), int(rounds), float(start)))
