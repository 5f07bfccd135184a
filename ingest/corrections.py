"""What people correct in the graph, from their input to what follows from it.

mask the note → record → link → escalate
"""

from collections.abc import Sequence
from datetime import UTC, datetime

from graph.commands import corrections
from graph.commands.corrections import Correction
from graph.commands.requests import RequestKey
from graph.database import Database
from graph.domain.enums import CaseRelation
from graph.domain.identity import Keyring
from graph.errors import InvalidInputError
from graph.queries.customers import resolve
from graph.queries.person import complaints_of
from ingest.desk import Desk
from ingest.pipeline import Pipeline

#: Complaints linked and judged at once after a correction.
BATCH = 100


class Corrections:
    """Takes corrections; every figure that rests on what was wrong follows."""

    def __init__(
        self, database: Database, pipeline: Pipeline, desk: Desk, keyring: Keyring
    ) -> None:
        self._database = database
        self._pipeline = pipeline
        self._desk = desk
        self._keyring = keyring

    async def correction(self, actor: str, note: str, key: RequestKey | None) -> Correction:
        """Who corrects and why; raises InvalidInputError without a note."""
        masked = await self._desk.mask(note, "note")
        if masked is None:
            raise InvalidInputError("Say why: the note is empty.", path=["note"])
        return Correction(actor, datetime.now(UTC), masked, key)

    async def join(self, customers: Sequence[str], correction: Correction) -> Sequence[str]:
        """The complaints of the one person, also when it had been done before."""
        await self.follow(
            await corrections.join_customers(self._database, customers, correction, self._keyring)
        )
        known = await resolve(self._database.read, customers)
        owners = {customer.id for customer in known.values()}
        return await complaints_of(self._database.read, sorted(owners))

    async def separate(self, complaints: Sequence[str], correction: Correction) -> None:
        await self.follow(
            await corrections.separate_customers(
                self._database, complaints, correction, self._keyring
            )
        )

    async def relate(
        self, complaints: Sequence[str], relation: CaseRelation, correction: Correction
    ) -> None:
        await self.follow(
            await corrections.relate_cases(self._database, complaints, relation, correction)
        )

    async def correct_group(
        self, alert: str, complaints: Sequence[str], correction: Correction, *, covered: bool
    ) -> None:
        await self.follow(
            await corrections.correct_group(
                self._database, alert, complaints, correction, covered=covered
            )
        )

    async def follow(self, complaints: Sequence[str]) -> None:
        """Link and judge complaints whose customers or relations have changed."""
        for start in range(0, len(complaints), BATCH):
            await self._pipeline.backlog.follow_up(complaints[start : start + BATCH])
