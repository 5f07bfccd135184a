"""What would become of a complaint, before anything is stored: for whoever still types it."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from graph.database import Database
from graph.domain.case import Case
from graph.domain.copies import received_key
from graph.domain.enums import CatalogueKind
from graph.domain.escalation import Verdict
from graph.domain.families import Filing, Likeness, Relation, relate
from graph.domain.scope import Scope
from graph.domain.suggestions import Suggestion
from graph.domain.views import ComplaintRecord
from graph.queries import complaints as complaint_queries
from graph.queries import find
from graph.queries.codes import lineage
from graph.queries.neighbours import cosines
from ingest.classification.suggester import Asked, Suggester
from ingest.escalation.escalator import Escalator
from ingest.prepare import Preparer
from ingest.record import IncomingComplaint
from similarity.finder import Finder
from similarity.spaces import SpaceBook

#: So many of the customer's cases are compared.
MOST_FILED = 50


@dataclass(frozen=True, slots=True)
class RegistrationPreview:
    """``case``: as it would be stored, masked. ``verdict``: of the rules, on the case by itself.

    ``suggestion``: None without a text. ``filed``: ids of the cases in the scope that whoever files
    it has filed, newest first. ``relation``: to the one of them that it would duplicate or repeat.
    """

    case: Case
    verdict: Verdict
    suggestion: Suggestion | None = None
    filed: tuple[str, ...] = ()
    relation: Relation | None = None


class Previewer:
    """Goes the way of ``Pipeline.register`` without writing."""

    def __init__(
        self,
        database: Database,
        book: SpaceBook,
        preparer: Preparer,
        suggester: Suggester,
        escalator: Escalator,
        finder: Finder,
    ) -> None:
        self._database = database
        self._book = book
        self._preparer = preparer
        self._suggester = suggester
        self._escalator = escalator
        self._finder = finder

    async def preview(self, incoming: IncomingComplaint, *, scope: Scope) -> RegistrationPreview:
        """What registering would do, with the cases in the scope.

        Raises:
            InvalidInputError: what cannot be taken, with its path.
        """
        now = datetime.now(UTC)
        case = await asyncio.to_thread(self._preparer.prepare, incoming, now=now, strict=True)
        preview = RegistrationPreview(case, self._escalator.evaluate(case))
        filed = await self._filed(case, scope)
        preview = replace(preview, filed=tuple(filed))
        if not case.text:
            return replace(preview, relation=_relation(case, filed, {}, self._likeness({})))
        vector = (await self._book.active.encoder.encode([case.text]))[0].tolist()
        space = self._book.active.space
        known = await cosines(self._database, space, vector, list(filed)) if filed else {}
        pairs = {(identity, case.id): cosine for identity, cosine in known.items()}
        branches = await self._branches(case)
        suggested = await self._suggester.suggest([Asked.new(case, vector, branches)], space, now)
        return replace(
            preview,
            suggestion=suggested[case.id],
            relation=_relation(case, filed, known, self._likeness(pairs)),
        )

    async def _filed(self, case: Case, scope: Scope) -> dict[str, ComplaintRecord]:
        """The customer's cases in the scope by id, newest first; the case itself left out."""
        if case.customer is None:
            return {}
        hashes = [hashed for _, hashed in case.customer.identifiers]
        narrowed = await self._finder.compile(None, scope)
        ids = await find.by_identifiers(self._database, hashes, narrowed, MOST_FILED)
        records = await complaint_queries.by_ids(self._database, ids, scope)
        return {each: records[each] for each in ids if each in records and each != case.id}

    async def _branches(self, case: Case) -> tuple[str, ...]:
        if case.branch is None:
            return ()
        kind = CatalogueKind.BRANCH
        return (await lineage(self._database.read, kind, [case.branch]))[case.branch]

    def _likeness(self, pairs: Mapping[tuple[str, str], float]) -> Likeness:
        space = self._book.active.space
        return Likeness(pairs, same_product=space.duplicate_threshold, otherwise=space.threshold)


def _relation(
    case: Case,
    filed: Mapping[str, ComplaintRecord],
    compared: Mapping[str, float],
    likeness: Likeness,
) -> Relation | None:
    """What linking would find, of filings that it has related to one another already.

    Those that duplicate another are left out: a duplicate leads to the filing that it duplicates.
    """
    customer = next((each.customer for each in filed.values() if each.customer), None)
    new = Filing(
        id=case.id,
        key=received_key(case.received.at, case.id),
        received_at=case.received.at,
        answered=False,
        product=case.product,
        type=case.type,
        has_text=bool(case.text),
        customer=customer,
    )
    originals = [_filing(each, compared) for each in filed.values() if not each.duplicate]
    # One by one from the latest: how the earlier ones stand to one another is settled.
    for original in sorted(originals, key=lambda filing: filing.key, reverse=True):
        for relation in relate([original, new], likeness):
            if relation.later == case.id:
                return relation
    return None


def _filing(record: ComplaintRecord, compared: Mapping[str, float]) -> Filing:
    return Filing(
        id=record.id,
        key=record.received_key,
        received_at=record.received_at,
        answered=record.decided,
        answered_at=record.decided_at,
        product=record.product,
        type=record.type,
        has_text=record.id in compared,
        customer=record.customer,
    )
