"""The one way of a complaint into the graph, whoever brings it: a mutation one, an import many.

mask → classify → encode → store → link → escalate
"""

import asyncio
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from graph.commands.catalogue import KnownCodes, places_on_record
from graph.commands.requests import RequestKey
from graph.commands.rows import Act, Prepared
from graph.commands.store import OlderMaskError, Stored, known_hashes, store
from graph.database import Database
from graph.domain.case import Case
from graph.domain.catalogue import CatalogueEntry
from graph.domain.enums import CatalogueKind
from graph.domain.rules import RuleSet
from graph.errors import InvalidInputError
from ingest.backlog import Backlog
from ingest.classification.suggester import Asked, Suggester
from ingest.escalation.escalator import Escalator
from ingest.escalation.rulebook import default_rules
from ingest.prepare import Preparer, entries
from ingest.record import IncomingComplaint
from ingest.remasking import Remasker
from ingest.trees import Misplaced, Place, misplaced
from similarity.spaces import SpaceBook

#: So often older texts are masked again before somebody else's writing makes it give up.
_ATTEMPTS = 5


@dataclass(frozen=True, slots=True)
class Registered:
    """What became of one complaint."""

    id: str
    fate: Stored


class Pipeline:
    """Takes complaints in."""

    def __init__(
        self,
        database: Database,
        book: SpaceBook,
        preparer: Preparer,
        rules: RuleSet | None = None,
        suggester: Suggester | None = None,
    ) -> None:
        """``rules``: of escalation; without any, the shipped ones.

        ``suggester``: without one, nothing is suggested about new complaints.
        """
        self._suggester = suggester
        self._database = database
        self._book = book
        self._preparer = preparer
        self.escalator = Escalator(database, book, rules or default_rules())
        self.backlog = Backlog(database, book, self.escalator)
        self.remasker = Remasker(database, book, preparer.masker)

    def mask_query(self, text: str) -> str:
        """A search text or a note, masked like a narrative before anything else is done with it."""
        return self._preparer.masker.mask(text.replace("\x00", " ")).text

    def mask_label(self, text: str) -> str:
        """The name of somebody on the staff, as it may be stored: without numbers and secrets."""
        return self._preparer.masker.mask_label(text)

    async def register(
        self, incoming: IncomingComplaint, *, actor: str, request: RequestKey | None = None
    ) -> Registered:
        """Take one complaint in, link it, and escalate what it calls for.

        ``request``: under a key that was used before nothing is done again.

        Raises:
            InvalidInputError: what cannot be taken, with its path.
            ConflictError: the key was used with another input.
        """
        if not (incoming.narrative or "").strip():
            raise InvalidInputError("The narrative is empty.", path=["narrative"])
        now = datetime.now(UTC)
        case = await asyncio.to_thread(self._preparer.prepare, incoming, now=now, strict=True)
        # Whether it is known already is not asked first: it seldom is, and storing finds out.
        prepared = await self._encoded([case], {case.id})
        codes = KnownCodes()
        await codes.ensure(self._database, list(entries(incoming)))
        suggested = [await self._suggested(each, codes, now) for each in prepared]
        most = self._preparer.rules.most_people
        act = Act(actor, now, self._preparer.keyring, token=self.backlog.token, most_people=most)
        fates = await self._store(suggested, codes, act, request)
        if fates[case.id] is not Stored.UNCHANGED:
            await self.backlog.follow_up([case.id])
        return Registered(case.id, fates[case.id])

    async def misplaced(self, counted: Mapping[Place, int]) -> dict[Place, Misplaced]:
        """Of the places in the trees that a file names, those that cannot be (``ingest.trees``)."""
        codes: dict[CatalogueKind, set[str]] = {kind: set() for kind in CatalogueKind}
        for kind, code, wider in counted:
            codes[kind] |= {code, wider}
        return misplaced(counted, await places_on_record(self._database, codes))

    async def load(
        self, cases: Sequence[Case], catalogue: Sequence[CatalogueEntry], act: Act
    ) -> Mapping[str, Stored]:
        """Encode and store a batch of distinct cases, without linking them."""
        prepared = await self.encode(cases)
        return await self.store(prepared, catalogue, act, KnownCodes())

    async def encode(self, cases: Sequence[Case]) -> list[Prepared]:
        """The cases with vectors in every space that takes writes.

        Cases that the graph knows unchanged are not encoded: a second import costs little.
        """
        known = await known_hashes(self._database, [case.id for case in cases])
        changed = {case.id for case in cases if known.get(case.id) != case.content_hash}
        return await self._encoded(cases, changed)

    async def _encoded(self, cases: Sequence[Case], changed: Collection[str]) -> list[Prepared]:
        texts = {case.id: case.text for case in cases if case.text and case.id in changed}
        vectors = await self._book.vectors(texts)
        return [
            Prepared(
                case,
                vectors.get(case.id, {}),
                case.id in changed and self.escalator.fires(case),
            )
            for case in cases
        ]

    async def store(
        self,
        prepared: Sequence[Prepared],
        catalogue: Sequence[CatalogueEntry],
        act: Act,
        codes: KnownCodes,
    ) -> Mapping[str, Stored]:
        """Store a batch; ``codes``: what the caller's batches before it made sure of."""
        await codes.ensure(self._database, catalogue)
        return await self._store(prepared, codes, act)

    async def _store(
        self,
        prepared: Sequence[Prepared],
        codes: KnownCodes,
        act: Act,
        request: RequestKey | None = None,
    ) -> dict[str, Stored]:
        """Store, with older texts masked first; what somebody writes meanwhile, once more."""
        for _ in range(_ATTEMPTS):
            try:
                return await store(self._database, prepared, codes.wider, act, request)
            except OlderMaskError as error:
                await self.remasker.remask(error.ids)
        return await store(self._database, prepared, codes.wider, act, request)

    async def _suggested(self, prepared: Prepared, codes: KnownCodes, now: datetime) -> Prepared:
        """With what is suggested about it; an unchanged one has no new vector and stays as it is.

        Imports keep no suggestions: what they rest on would depend on the order of the rows.
        """
        space = self._book.active.space
        vector = prepared.vectors.get(space.vector_key)
        if self._suggester is None or vector is None:
            return prepared
        branch = prepared.case.branch
        branches = codes.wider[CatalogueKind.BRANCH][branch] if branch else ()
        asked = Asked.new(prepared.case, vector, branches)
        made = await self._suggester.suggest([asked], space, now)
        return replace(prepared, suggestion=made[prepared.case.id])
