"""A process that does at random what many people and jobs do at once; it may be killed any time.

``python -m tests.support.hands`` with a task as JSON. Every text that is to be redacted contains
its own secret word, which the journal names once the redaction is confirmed.
"""

import asyncio
import json
import sys
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random

import numpy as np

from graph.commands.catalogue import ensure_catalogue
from graph.commands.cluster_fits import write_fit
from graph.commands.clusters import finish_fit
from graph.commands.corrections import (
    Correction,
    join_customers,
    relate_cases,
    separate_customers,
)
from graph.commands.desk import StepRequest, take_step
from graph.commands.linking import link_pending
from graph.commands.moves import follow_moves
from graph.commands.person import erase, hold
from graph.commands.redaction import Redaction, redact, texts_to_redact
from graph.commands.removal import remove_source
from graph.commands.rows import Act, Prepared
from graph.database import Database
from graph.domain import desk
from graph.domain.case import CustomerFacts
from graph.domain.catalogue import CatalogueEntry
from graph.domain.desk import Taking
from graph.domain.enums import CaseRelation, CaseStatus, CatalogueKind, IdentifierKind, Level
from graph.domain.moments import Moment
from graph.errors import ConflictError, InvalidInputError, NotFoundError, UnavailableError
from graph.queries.clusters import memberships
from tests.support.escalation import escalator
from tests.support.fits import fit_of
from tests.support.graph import KEYRING, NOW, TINY, case, put
from tests.support.walker import Journal

#: Cases that all processes work on.
CASES = 40
PRODUCTS = [CatalogueEntry(CatalogueKind.PRODUCT, code, code) for code in ("A", "B", "C")]
BRANCHES = [CatalogueEntry(CatalogueKind.BRANCH, code, code) for code in ("N", "S", "E")]
#: Above them: each of them moves between the two.
WIDE = [
    CatalogueEntry(kind, code, code)
    for kind in (CatalogueKind.PRODUCT, CatalogueKind.BRANCH)
    for code in ("WIDE", "BROAD")
]

#: A source that is removed now and then.
SELDOM = "seldom"

_FILED = """
CYPHER 25
MATCH (u:Customer)-[:FILED]->(c:Complaint)
RETURN u.id AS customer, collect(c.id) AS ids ORDER BY customer
"""
_STANDS = "CYPHER 25 MATCH (c:Complaint {id: $id}) RETURN c.version AS version"


@dataclass(frozen=True)
class Task:
    uri: str
    user: str
    password: str
    journal: str
    seed: int
    acts: int


def secret(number: int) -> str:
    return f"secret-word-{number}"


def prepared(random: Random, number: int) -> Prepared:
    """A case in one of several states that its source may send."""
    chance = np.random.default_rng(number % 6)
    middle = chance.normal(size=16)
    # A text has one vector, as a real encoder gives it.
    edition = random.randrange(4)
    own = np.random.default_rng(edition * 1_000 + number).normal(scale=0.1, size=16)
    vector = (middle + own) / np.linalg.norm(middle + own)
    people = [f"person {number % 15}", f"person {random.randrange(15)}"]
    # Some mobiles are shared by so many that they stop joining.
    kinds = ("MOBILE", "ID_NUMBER")
    identifiers = tuple(
        (kind, KEYRING.identifier(IdentifierKind(kind), person))
        for kind, person in zip(kinds, people, strict=True)
    )
    made = case(
        number,
        narrative=f"{secret(number)} about a fee, edition {edition}",
        content_hash=f"{number}-{edition}-{people}",
        product=random.choice(PRODUCTS).code,
        branch=random.choice(BRANCHES).code,
        received=Moment(NOW - timedelta(days=number % 9, hours=number)),
        customer=CustomerFacts(identifiers[: random.choice((1, 1, 1, 2))]),
        source_system="test" if number % 5 else SELDOM,
        status=random.choice((CaseStatus.REGISTERED, CaseStatus.INVESTIGATING)),
    )
    made = replace(made, due_at=made.received.at + timedelta(days=15))
    return Prepared(made, {TINY.vector_key: [float(x) for x in vector]}, fires=False)


class Hand:
    """One process's acts."""

    def __init__(self, database: Database, journal: Journal, random: Random) -> None:
        self.database = database
        self.journal = journal
        self.random = random
        self.works = escalator(database)

    @property
    def acts(self) -> Sequence[Callable[[], Awaitable[None]]]:
        return (
            self.store, self.store, self.store, self.step, self.step, self.link,
            self.follow_up, self.fit, self.finish, self.redact, self.catalogue,
            self.move, self.follow_moves,
            self.relate, self.separate, self.join, self.hold, self.erase, self.remove,
        )  # fmt: skip

    async def store(self) -> None:
        numbers = self.random.sample(range(CASES), self.random.randint(1, 4))
        batch = [prepared(self.random, number) for number in numbers]
        await put(self.database, batch, [*PRODUCTS, *BRANCHES], Act("hand", NOW, KEYRING))

    async def step(self) -> None:
        identity = self._any()
        rows = await self.database.read(_STANDS, id=identity)
        if not rows:
            return
        step = self.random.choice(
            (
                desk.Classify(type="FRAUD", product="B"),
                desk.CorrectClassification(type="OTHER", branch="S"),
                desk.Assign("anna"),
                desk.SetLevel(Level.YELLOW, "press"),
                desk.Answer(outcome=None),
                desk.Reopen(),
            )
        )
        request = StepRequest(identity, rows[0]["version"], step)
        await take_step(self.database, request, Taking(datetime.now(UTC), "hand"))

    async def link(self) -> None:
        await link_pending(self.database, TINY, limit=self.random.randint(1, 10))

    async def follow_up(self) -> None:
        await self.works.follow_up([self._any() for _ in range(3)])
        await self.works.escalate_next()

    async def fit(self) -> None:
        before = await memberships(self.database)
        ids = [case(number).id for number in range(CASES)]
        self.random.shuffle(ids)
        cut = self.random.randint(5, CASES - 5)
        groups = [sorted(ids[:cut]), sorted(ids[cut:])]
        old = {one: cluster for one, (cluster, weight) in before.items() if weight is not None}
        fit = fit_of(groups, old, datetime.now(UTC))
        await write_fit(self.database, fit, before)

    async def finish(self) -> None:
        await finish_fit(self.database)

    async def redact(self) -> None:
        number = self.random.randrange(CASES)
        identity, word = case(number).id, secret(number)
        if not await self.database.read(_STANDS, id=identity):
            return
        texts = await texts_to_redact(self.database, identity)

        def clean(row: dict[str, str]) -> dict[str, str]:
            return {name: str(value).replace(word, "[gone]") for name, value in row.items()}

        vector = [float(x) for x in np.random.default_rng(number + 5_000).normal(size=16)]
        redaction = Redaction(
            identity,
            texts.version,
            texts,
            replace(
                texts,
                subject=texts.subject and texts.subject.replace(word, "[gone]"),
                narrative=texts.narrative and texts.narrative.replace(word, "[gone]"),
                decisions=[clean(dict(row)) for row in texts.decisions],
                versions=[clean(dict(row)) for row in texts.versions],
            ),
            {TINY.vector_key: vector} if texts.narrative else {},
        )
        await redact(self.database, redaction, Taking(datetime.now(UTC), "hand"))
        self.journal.add(what="REDACTED", number=number)

    async def catalogue(self) -> None:
        name = f"name {self.random.randrange(3)}"
        entries = [replace(entry, name=name) for entry in (*PRODUCTS, *BRANCHES)]
        await ensure_catalogue(self.database, self.random.sample(entries, 3))

    async def move(self) -> None:
        entry, wider = self.random.choice([*PRODUCTS, *BRANCHES]), self.random.choice(WIDE[:2])
        await ensure_catalogue(self.database, [*WIDE, replace(entry, wider=wider.code)])

    async def follow_moves(self) -> None:
        await follow_moves(self.database)

    async def relate(self) -> None:
        ids = sorted({self._any() for _ in range(3)})
        relation = self.random.choice(list(CaseRelation))
        await relate_cases(self.database, ids, relation, self._correction())

    async def separate(self) -> None:
        rows = await self.database.read(_FILED)
        filed = [row["ids"] for row in rows if len(row["ids"]) > 1]
        if filed:
            theirs = self.random.choice(filed)
            some = self.random.sample(theirs, self.random.randint(1, len(theirs) - 1))
            await separate_customers(self.database, some, self._correction(), KEYRING)

    async def join(self) -> None:
        customers = [row["customer"] for row in await self.database.read(_FILED)]
        if len(customers) > 1:
            two = self.random.sample(customers, 2)
            await join_customers(self.database, two, self._correction(), KEYRING)

    async def hold(self) -> None:
        held = self.random.choice((True, False, False))
        await hold(self.database, [self._any()], self._correction(), held=held)

    async def erase(self) -> None:
        """Seldom: nothing happens to an erased case any more but the desk's steps."""
        number = self.random.randrange(CASES)
        if self.random.random() < 0.3:
            await erase(self.database, [case(number).id], self._correction(), KEYRING)
            self.journal.add(what="REDACTED", number=number)

    async def remove(self) -> None:
        await remove_source(self.database, SELDOM)

    def _correction(self) -> Correction:
        return Correction("hand", datetime.now(UTC), "they said so")

    def _any(self) -> str:
        return case(self.random.randrange(CASES)).id


async def act(task: Task) -> None:
    journal = Journal(Path(task.journal))
    done = len(journal.lines)
    random = Random(task.seed * 1_000 + done)
    async with Database.open(task.uri, task.user, task.password) as database:
        hand = Hand(database, journal, random)
        for _ in range(done, task.acts):
            chosen = random.choice(hand.acts)
            outcome = "DONE"
            try:
                await chosen()
            except (ConflictError, InvalidInputError, NotFoundError, UnavailableError) as refusal:
                # A machine that is too busy is told as such, and nothing of the act is written.
                outcome = refusal.code
            journal.add(what=outcome, act=chosen.__name__)


if __name__ == "__main__":
    asyncio.run(act(Task(**json.loads(sys.argv[1]))))
