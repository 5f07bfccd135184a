"""Cases opened from beyond one's reach: whoever needs one says why, and has it for a while.

find → mask the reason → record → tell on the case
"""

from datetime import UTC, datetime

import structlog

from graph.commands import openings
from graph.commands.openings import OpeningRequest
from graph.commands.requests import RequestKey
from graph.database import Database
from graph.domain.openings import Opening, OpeningTerms
from graph.domain.scope import Scope
from graph.errors import InvalidInputError, NotFoundError
from graph.queries.complaints import by_ids
from graph.queries.conditions import EVERY_COMPLAINT
from ingest.desk import Desk
from ingest.person import People
from similarity.precedents import Precedents

log = structlog.get_logger(__name__)

#: Longer texts name no case (characters): they are not looked through.
LONGEST_REFERENCE = 200


class Openings:
    """Opens cases, and ends that."""

    def __init__(
        self,
        database: Database,
        desk: Desk,
        people: People,
        precedents: Precedents,
        terms: OpeningTerms,
    ) -> None:
        self._database = database
        self._desk = desk
        self._people = people
        self._precedents = precedents
        self._terms = terms

    async def by_reference(self, text: str) -> str:
        """The key of the case that a reference names; raises NotFoundError."""
        short = len(text) <= LONGEST_REFERENCE
        ids = await self._people.references(text, EVERY_COMPLAINT) if short else []
        if len(ids) != 1:
            raise NotFoundError("There is no complaint with this reference.", path=["reference"])
        return ids[0]

    def by_precedent(self, token: str) -> str:
        """The key of the case that a precedent's token names; raises InvalidInputError."""
        try:
            return self._precedents.shown(token)
        except InvalidInputError as error:
            error.path = ("precedent",)
            raise

    async def open(
        self,
        complaint: str,
        reason: str,
        person: str,
        scope: Scope,
        key: RequestKey | None,
        *,
        named_by: str,
    ) -> Opening:
        """Open a case for a person; ``named_by``: the input's field that names it.

        Raises:
            InvalidInputError: there is no reason, or the case lies in the scope anyway.
            NotFoundError, TooManyOpeningsError: see ``open_case``.
        """
        masked = await self._desk.mask(reason, "reason")
        if masked is None:
            raise InvalidInputError("Say why: the reason is empty.", path=["reason"])
        if await by_ids(self._database, [complaint], scope.lasting):
            raise InvalidInputError(
                "This case is within your reach: ask for it as for any other.", path=[named_by]
            )
        request = OpeningRequest(complaint, person, masked, datetime.now(UTC), key)
        opening = await openings.open_case(self._database, request, self._terms)
        log.info("a case was opened from beyond reach", opening=opening.id)
        return opening

    async def end(self, opening: str, by: str, key: RequestKey | None) -> Opening:
        """End an opening before its time; raises NotFoundError."""
        return await openings.end_opening(
            self._database, opening, by=by, now=datetime.now(UTC), key=key
        )
