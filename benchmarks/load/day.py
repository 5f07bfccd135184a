"""Who works on which bank, and all of them at work."""

import asyncio
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import cycle
from random import Random

import httpx2

from api.access.keys import ApiKeys
from benchmarks.load.ledger import Ledger
from benchmarks.load.people import Analyst, Client, Handler, Sender
from benchmarks.load.service import Workers
from graph.database import Database
from graph.domain.access import Identity, Method, Reach, Role
from graph.domain.identity import Keyring
from ingest.demo import DemoOptions, complaints

#: Another seed than the bank's, so that nobody writes what is there already.
_SEED = 77
_TEXTS = 15_000
#: A connection is given up before the service closes it, as a proxy's should be.
_LIMITS = httpx2.Limits(keepalive_expiry=3.0)
_OUTLETS = """
CYPHER 25
MATCH (b:Branch) WHERE NOT EXISTS { (:Branch)-[:PART_OF]->(b) } RETURN b.code AS code ORDER BY code
"""
_DEPARTMENTS = "CYPHER 25 MATCH (d:Department) RETURN d.code AS code ORDER BY code"


@dataclass(frozen=True, slots=True)
class Day:
    """Who works, and how long each reads between two requests, in seconds, on average."""

    handlers: int
    analysts: int
    senders: int
    reading: float
    workers: int
    kills: int
    full: int
    seed: int

    @property
    def disturbed(self) -> bool:
        """Whether something is killed or full meanwhile: then people ask again."""
        return bool(self.kills or self.full)

    def readings(self) -> tuple[float, float, float]:
        """Of a handler, an analyst, and a program that sends files."""
        return self.reading, 1.5 * self.reading, 6 * self.reading


@dataclass(frozen=True, slots=True)
class Bank:
    """What those who work know of it: keys by role and number, outlets and departments.

    ``texts``: what customers write; nobody takes the same one while there are others.
    """

    keys: Mapping[Role, Sequence[str]]
    outlets: Sequence[str]
    departments: Sequence[str]
    texts: Iterator[str]


async def bank_of(database: Database, keyring: Keyring, day: Day) -> Bank:
    """A key for everybody who works, at the outlets in turn; the catalogue must be there."""
    outlets = [str(row["code"]) for row in await database.read(_OUTLETS)]
    departments = [str(row["code"]) for row in await database.read(_DEPARTMENTS)]
    keys = ApiKeys.of(database, keyring)

    async def key(role: Role, number: int) -> str:
        places = (outlets[number % len(outlets)],) if role is Role.HANDLER else ()
        who = f"load-{role.lower()}-{number}"
        reach = Reach(not places, places)
        identity = Identity(f"key:{who}", who, frozenset({role}), reach, Method.KEY)
        return await keys.create(identity, by="load", now=datetime.now(UTC))

    counts = {Role.HANDLER: day.handlers, Role.ANALYST: day.analysts, Role.SERVICE: day.senders}
    issued = {role: [await key(role, n) for n in range(count)] for role, count in counts.items()}
    written = (record.narrative for record in complaints(DemoOptions(size=_TEXTS, seed=_SEED)))
    return Bank(issued, outlets, departments, cycle(dict.fromkeys(filter(None, written))))


@asynccontextmanager
async def working(workers: Workers, bank: Bank, day: Day, ledger: Ledger) -> AsyncIterator[None]:
    """Everybody works for as long as the block lasts, and ends what he has begun."""
    ending = asyncio.Event()
    reading, analysing, sending = day.readings()
    async with AsyncExitStack() as stack:

        async def client(role: Role, number: int) -> Client:
            headers = {"Authorization": f"Bearer {bank.keys[role][number]}"}
            http = httpx2.AsyncClient(
                base_url=workers.url, headers=headers, timeout=300, limits=_LIMITS
            )
            return Client(await stack.enter_async_context(http), ledger, day.disturbed, ending)

        def chance(role: Role, number: int) -> Random:
            return Random(f"{day.seed} {role} {number}")  # noqa: S311 - no secret

        people: list[Handler | Analyst | Sender] = []
        for n in range(day.handlers):
            random, role = chance(Role.HANDLER, n), Role.HANDLER
            branch = bank.outlets[n % len(bank.outlets)]
            lead = bank.departments[n % len(bank.departments)]
            own = await client(role, n)
            people.append(Handler(own, random, branch, lead, bank.texts, reading))
        for n in range(day.analysts):
            own = await client(Role.ANALYST, n)
            people.append(Analyst(own, chance(Role.ANALYST, n), analysing))
        for n in range(day.senders):
            own = await client(Role.SERVICE, n)
            random = chance(Role.SERVICE, n)
            people.append(Sender(own, random, f"load-{n}", bank.texts, sending))
        tasks = [asyncio.create_task(_begun(each, day)) for each in people]
        try:
            yield
        finally:
            ending.set()
            await asyncio.gather(*tasks)


async def _begun(person: Handler | Analyst | Sender, day: Day) -> None:
    """Not all in the same second."""
    await person.client.read(person.random, day.reading)
    await person.work()
