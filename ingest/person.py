"""Cases found by what people type, and one person's data: handed out, erased, held."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from graph.commands.corrections import Correction
from graph.commands.person import erase, hold
from graph.commands.scrub import scrub
from graph.database import Database
from graph.domain.identity import Keyring
from graph.domain.scope import WHOLE_BANK, Scope
from graph.errors import ConflictError, NotFoundError
from graph.queries import customers, find, person
from graph.queries.conditions import EVERY_COMPLAINT, CompiledFilter
from graph.queries.sources import source_systems
from ingest.corrections import Corrections
from ingest.finding import Sought, sought
from similarity.finder import Finder, SearchMode


class MatchedBy(StrEnum):
    """What the text turned out to be."""

    REFERENCE = "REFERENCE"
    CUSTOMER_NUMBER = "CUSTOMER_NUMBER"
    PART_OF_REFERENCE = "PART_OF_REFERENCE"
    WORDS = "WORDS"


@dataclass(frozen=True, slots=True)
class Matches:
    """Ids of complaints, the best or newest first, and what the text turned out to be."""

    by: MatchedBy
    complaints: tuple[str, ...]


class People:
    """Finds people's cases, and keeps their rights; nothing that is typed is stored or logged."""

    def __init__(
        self, database: Database, finder: Finder, corrections: Corrections, keyring: Keyring
    ) -> None:
        self._database = database
        self._finder = finder
        self._corrections = corrections
        self._keyring = keyring

    async def find(self, text: str, masked: str, *, scope: Scope, first: int) -> Matches:
        """The cases in the scope that a text names: by references, a customer's number, a part, or
        its words.

        ``masked``: the same text as it may be searched for.
        """
        what = await asyncio.to_thread(sought, text)
        narrowed = await self._finder.compile(None, scope)
        ids = await find.by_reference_keys(self._database, what.references, narrowed)
        if ids:
            return Matches(MatchedBy.REFERENCE, tuple(dict.fromkeys(ids))[:first])
        ids = await self._of_numbers(what, narrowed, first)
        if ids:
            return Matches(MatchedBy.CUSTOMER_NUMBER, tuple(ids))
        if what.part is not None:
            ids = await find.by_part(self._database, what.part, narrowed, first)
            if ids:
                return Matches(MatchedBy.PART_OF_REFERENCE, tuple(ids))
        alike = await self._finder.search(
            masked, filters=None, scope=scope, mode=SearchMode.HYBRID, first=first
        )
        return Matches(MatchedBy.WORDS, tuple(each.complaint.id for each in alike))

    async def references(self, text: str, narrowed: CompiledFilter) -> list[str]:
        """Ids of the cases that a text names by reference, as far as a filter leaves them."""
        what = await asyncio.to_thread(sought, text)
        return await find.by_reference_keys(self._database, what.references, narrowed)

    async def of_customer(self, customer: str) -> list[str]:
        """All complaints of a customer; raises NotFoundError."""
        known = await customers.by_ids(self._database, [customer], WHOLE_BANK)
        if customer not in known:
            raise NotFoundError("There is no customer with this id.", path=["customer"])
        return await person.complaints_of(self._database.read, [known[customer].id])

    async def of_text(self, text: str) -> list[str]:
        """All complaints of the one person whom a number, or a reference, names.

        Raises:
            NotFoundError: it leads to nobody.
            ConflictError: it leads to several people.
        """
        what = await asyncio.to_thread(sought, text)
        hashes = what.hashes(self._keyring, await source_systems(self._database))
        results = await person.customers_of(self._database, hashes)
        if len(results) > 1:
            raise ConflictError("This number leads to several people: name complaints instead.")
        if results:
            return await person.complaints_of(self._database.read, results)
        ids = await find.by_reference_keys(self._database, what.references, EVERY_COMPLAINT)
        if not ids:
            raise NotFoundError("Nobody is known by this: check it for typing errors.")
        return ids

    async def export(self, complaints: Sequence[str]) -> dict[str, Any]:
        """All that is held about these complaints and who filed them."""
        return {"complaints": await person.everything(self._database, complaints)}

    async def erase(
        self,
        complaints: Sequence[str],
        correction: Correction,
        *,
        scrubbed: bool = False,
        closed: bool = False,
    ) -> int:
        """Erase the person behind complaints; raises what ``graph.commands.person`` does.

        ``scrubbed``: also from the store's files, before anything else takes the freed places;
        ``closed``: only while all of them are.
        """
        erased = await erase(self._database, complaints, correction, self._keyring, closed=closed)
        if scrubbed:
            await scrub(self._database)
        await self._corrections.follow(complaints)
        return erased

    async def hold(self, complaints: Sequence[str], correction: Correction, *, held: bool) -> int:
        return await hold(self._database, complaints, correction, held=held)

    async def _of_numbers(self, what: Sought, narrowed: CompiledFilter, first: int) -> list[str]:
        if not what.identifiers:
            return []
        hashes = what.hashes(self._keyring, await source_systems(self._database))
        return await find.by_identifiers(self._database, hashes, narrowed, first)
