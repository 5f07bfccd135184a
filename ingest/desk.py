"""The handlers' desk: steps of a case, from a person's input to the graph.

mask → step → link → escalate
"""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime

import structlog

from graph.commands.deadlines import notice_deadlines
from graph.commands.desk import StepRequest, Taken, take_step
from graph.commands.notes import note_case
from graph.commands.redaction import Redaction, redact, texts_to_redact
from graph.commands.requests import RequestKey, forget_expired
from graph.commands.terms import terms_on_record
from graph.database import Database
from graph.domain.deadlines import Terms
from graph.domain.desk import Classify, DeskStep, Taking
from graph.domain.enums import AmountBand
from graph.domain.money import Money
from graph.domain.redaction import TAKEN_OUT, passages_in
from graph.domain.suggestions import Dimension
from graph.domain.texts import named
from graph.errors import InvalidInputError, UnknownCodeError
from ingest.classification.suggester import Suggester
from ingest.pipeline import Pipeline
from ingest.prepare import IntakeRules
from similarity.spaces import SpaceBook

log = structlog.get_logger(__name__)

#: Longer notes are refused (characters).
LONGEST_NOTE = 10_000


class Desk:
    """Takes the steps of cases."""

    def __init__(
        self,
        database: Database,
        pipeline: Pipeline,
        rules: IntakeRules,
        suggester: Suggester,
        book: SpaceBook,
    ) -> None:
        self._database = database
        self._pipeline = pipeline
        self._rules = rules
        self._compared: Terms | None = None
        self._suggester = suggester
        self._book = book

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

    async def mask_label(self, text: str) -> str:
        """The name of somebody on the staff, as it may be stored."""
        return await asyncio.to_thread(self._pipeline.mask_label, text)

    def check_codes(self, type_: str | None, risk_types: Sequence[str]) -> None:
        """Raises UnknownCodeError for a business code that the bank does not use."""
        known = self._rules.vocabulary
        if type_ is not None and type_ not in known.types:
            raise UnknownCodeError(
                f"There is no type {named(type_)}; use one of {', '.join(known.types)}.",
                path=["type"],
            )
        for code in risk_types:
            if code not in known.risk_types:
                raise UnknownCodeError(
                    f"There is no risk type {named(code)}; use some of "
                    f"{', '.join(known.risk_types)}.",
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
    ) -> Taken:
        """Take a step on the case as the person saw it; raises what ``take_step`` raises."""
        if isinstance(step, Classify) and step.confirm:
            step = replace(step, suggested=await self._suggested(complaint))
        taking = Taking(datetime.now(UTC), actor, self._rules.limits)
        request = StepRequest(complaint, version, step, key)
        taken = await take_step(self._database, request, taking)
        if taken.relink or taken.rejudge:
            await self._pipeline.backlog.follow_up([complaint])
        return taken

    async def _suggested(self, complaint: str) -> Mapping[Dimension, tuple[str, ...]]:
        """What the service suggests, as the person is shown it: the values of which it is sure."""
        results = await self._suggester.of([complaint], self._book.active.space)
        sure: dict[Dimension, tuple[str, ...]] = {}
        for each in results[complaint].dimensions if complaint in results else ():
            if each.value is not None:
                sure[each.dimension] = (*sure.get(each.dimension, ()), each.value)
        return sure

    async def comment(
        self, complaint: str, text: str, *, actor: str, key: RequestKey | None = None
    ) -> None:
        """Keep a comment on a case, masked.

        Raises:
            InvalidInputError: it is empty or too long.
            NotFoundError: no such complaint.
        """
        note = await self.mask(text, "note")
        if note is None:
            raise InvalidInputError("The note is empty: write the comment.", path=["note"])
        now = datetime.now(UTC)
        await note_case(self._database, complaint, note, actor=actor, now=now, key=key)

    async def redact(
        self,
        complaint: str,
        version: int,
        passages: Sequence[str],
        *,
        actor: str,
        key: RequestKey | None = None,
    ) -> None:
        """Take passages that masking missed out of all texts of a complaint, for good.

        Raises:
            InvalidInputError: a passage is empty or stands nowhere in the texts.
            StaleVersionError: the complaint has changed since that version.
        """
        result = await texts_to_redact(self._database, complaint)
        if key is None or result.version == version:
            # A retry finds the passages gone; its key tells that it has been done.
            _check_passages(passages, result.all)
        spelt = passages_in(passages)
        texts = result.mapped(lambda text: spelt.sub(TAKEN_OUT, text))
        encoded = {complaint: texts.encoded} if texts.encoded else {}
        vectors = (await self._book.vectors(encoded)).get(complaint, {})
        redaction = Redaction(complaint, version, result, texts, vectors, key)
        taking = Taking(datetime.now(UTC), actor, self._rules.limits)
        if await redact(self._database, redaction, taking):
            await self._pipeline.backlog.follow_up([complaint])

    async def sweep(self, now: datetime | None = None) -> dict[str, int]:
        """Find what time has changed: deadlines, overdue cases, groups that nobody has seen.

        Any number of processes may do it at once: each event is written once.
        """
        at = now or datetime.now(UTC)
        await forget_expired(self._database, at)
        await self._compare_terms(at)
        noticed = await notice_deadlines(self._database, at)
        if noticed:
            log.info("deadlines noticed", cases=len(noticed))
        escalated = await self._pipeline.escalator.escalate_due(at)
        return {"deadlines": len(noticed), "alerts": len(escalated.alerts)}

    async def _compare_terms(self, now: datetime) -> None:
        """Warn, once for each, of deadlines that another process computed by other terms.

        Only a start computes them again: two processes would do it in turn for ever.
        """
        known = await terms_on_record(self._database)
        if known is None or known == self._compared:
            return
        self._compared = known
        if self._rules.limits.terms(now).differs(known):
            log.warning(
                "open deadlines rest on other time limits or another calendar than this process",
                limits=known.limits,
            )


def _check_passages(passages: Sequence[str], texts: Sequence[str]) -> None:
    for number, passage in enumerate(passages):
        path = ["passages", str(number)]
        if not passage.strip():
            raise InvalidInputError("A passage is empty: give the words to take out.", path=path)
        spelt = passages_in([passage])
        if not any(spelt.search(text) for text in texts):
            raise InvalidInputError(
                "A passage stands in none of this complaint's texts: copy it as it stands there.",
                path=path,
            )
    if not passages:
        raise InvalidInputError("Give the passages to take out.", path=["passages"])
