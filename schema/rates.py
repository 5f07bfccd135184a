"""What each person may ask for in a minute: a bucket of points a person, filled evenly (GCRA).

A person has one bucket, over however many connections, keys and tokens; of several roles the widest
rate holds. Buckets lie in the process, or in a Redis that several processes share.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from throttled.asyncio import RateLimiterType, RateLimitResult, Throttled, rate_limiter, store
from throttled.exceptions import StoreUnavailableError

from graph.domain.access import Identity, Method, Role
from graph.errors import ThrottledError, UnavailableError

#: People whose buckets a process keeps; who has not asked for longest is forgotten first.
_PEOPLE = 100_000
_KEY = "complaint-graph"


@dataclass(frozen=True, slots=True)
class Rates:
    """Points per minute by role, which are also the most that can be saved up. None: unlimited.

    ``local``: for whoever is at this machine, where no sign-in is set up. ``redis``: its address.
    """

    by_role: Mapping[Role, int | None] = field(default_factory=dict)
    local: int | None = None
    redis: str | None = None

    def of(self, identity: Identity) -> int | None:
        """The widest rate of somebody's roles; who has none of them gets the narrowest."""
        if identity.method is Method.LOCAL:
            return self.local
        rates = [self.by_role[role] for role in identity.roles if role in self.by_role]
        if None in rates:
            return None
        known = [rate for rate in rates if rate is not None]
        if known:
            return max(known)
        return min((rate for rate in self.by_role.values() if rate is not None), default=None)


@dataclass(frozen=True, slots=True)
class Bucket:
    """What is left of somebody's points. ``maximum``: when full, and what a minute restores."""

    maximum: int
    remaining: int


class Buckets:
    """The buckets of all people."""

    def __init__(self, rates: Rates) -> None:
        self._rates = rates
        self._store: store.BaseStore = store.MemoryStore(options={"MAX_SIZE": _PEOPLE})
        if rates.redis is not None:
            self._store = store.RedisStore(server=rates.redis)
        #: By rate; a person's bucket is the same under each.
        self._limiters: dict[int, Throttled] = {}

    async def close(self) -> None:
        """Let go of Redis."""
        if isinstance(self._store, store.RedisStore):
            client: Any = self._store._backend.get_client()
            await client.connection_pool.disconnect()

    async def spend(self, identity: Identity, points: int) -> Bucket | None:
        """Take points out of somebody's bucket; None where nothing is held against that person.

        Raises:
            ThrottledError: there are not so many; nothing was taken.
            UnavailableError: the Redis with the buckets does not answer.
        """
        rate = self._rates.of(identity)
        if rate is None:
            return None
        taken = await self._taken(identity.actor, rate, points)
        bucket = Bucket(rate, taken.state.remaining)
        if taken.limited:
            seconds = max(math.ceil(taken.state.retry_after), 1)
            raise ThrottledError(points, bucket.remaining, rate, seconds)
        return bucket

    async def _taken(self, actor: str, rate: int, points: int) -> RateLimitResult:
        if rate not in self._limiters:
            self._limiters[rate] = Throttled(
                using=RateLimiterType.GCRA.value,
                quota=rate_limiter.per_min(rate),
                store=self._store,
                key_prefix=_KEY,
            )
        try:
            return await self._limiters[rate].limit(actor, cost=points)
        except StoreUnavailableError as error:
            raise UnavailableError(
                "The Redis of COMPLAINT_GRAPH_LIMITS__REDIS does not answer: start it, or unset it."
            ) from error
