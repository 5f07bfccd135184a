"""The handlers' desk: steps of a case, from a person's input to the graph.

mask → step → link
"""

import asyncio
from datetime import UTC, datetime

from graph.commands.deadlines import notice_deadlines
from graph.commands.desk import StepRequest, take_step
from graph.commands.requests import RequestKey
from graph.database import Database
from graph.domain.desk import DeskStep, Taking
from graph.domain.enums import AmountBand
from graph.domain.money import Money
from graph.errors import InvalidInputError, UnknownCodeError
from ingest.pipeline import Pipeline
from ingest.prepare import IntakeRules

#: Longer notes are refused (characters).
LONGEST_NOTE = 10_000


class Desk:
    """Takes the steps of cases."""

    def __init__(self, database: Database, pipeline: Pipeline, rules: IntakeRules) -> None:
        self._database = database
        self._pipeline = pipeline
        self._rules = rules

    async def mask(self, text: str | None, name: str) -> str | None:
        """A note or answer as it may be stored; None for one without content.

        Raises:
            InvalidInputError: it is too long.
        """
        if text is None or not text.strip():
            return None
        if len(text) > LONGEST_NOTE:
            raise InvalidInputError(
                f"{name} has {len(text):,} characters; at most {LONGEST_NOTE:,} are taken.",
                path=[name],
            )
        return await asyncio.to_thread(self._pipeline.mask_query, text)

    def check_codes(self, type_: str | None, risk_types: tuple[str, ...] | None) -> None:
        """Raises UnknownCodeError for a business code that the bank does not use."""
        known = self._rules.vocabulary
        if type_ is not None and type_ not in known.types:
            raise UnknownCodeError(
                f"There is no such type; use one of {', '.join(known.types)}.", path=["type"]
            )
        if set(risk_types or ()) - set(known.risk_types):
            raise UnknownCodeError(
                f"There is no such risk type; use some of {', '.join(known.risk_types)}.",
                path=["riskTypes"],
            )

    def band(self, amount: Money | None) -> AmountBand | None:
        return None if amount is None else self._rules.bands.band(amount)

    async def take(
        self,
        complaint: str,
        version: int,
        step: DeskStep,
        *,
        actor: str,
        key: RequestKey | None = None,
    ) -> None:
        """Take a step on the case as the person saw it; raises what ``take_step`` raises."""
        taking = Taking(datetime.now(UTC), actor, self._rules.limits)
        request = StepRequest(complaint, version, step, key)
        taken = await take_step(self._database, request, taking)
        if taken.relink:
            await self._pipeline.link_these([complaint])

    async def sweep(self, now: datetime | None = None) -> dict[str, int]:
        """Find what time has changed: cases due soon or overdue."""
        noticed = await notice_deadlines(self._database, now or datetime.now(UTC))
        return {"deadlines": len(noticed)}
