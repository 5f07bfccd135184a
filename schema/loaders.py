"""What resolvers read for many rows at once: a DataLoader for each place in a document.

A loader belongs to one place (the path of response names, without list indexes) and one set of
arguments. So each place in a document sends its statements once, whatever its rows hold: the
number of statements depends on the document alone. For the same reason a key of None is loaded
too, and gives what nothing gives.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar, cast

from strawberry.dataloader import DataLoader

from graph.database import Database
from graph.domain.case import Attribution, Decision, Handling
from graph.domain.catalogue import CatalogueEntry
from graph.domain.enums import CatalogueKind
from graph.domain.events import Event
from graph.domain.families import FamilyKind
from graph.domain.filters import ComplaintFilter
from graph.domain.issues import SystemicIssue
from graph.domain.recorded import Recorded, RecordedChange
from graph.domain.remediations import Remediation
from graph.domain.scope import Scope
from graph.domain.suggestions import Suggestion
from graph.domain.views import ComplaintRecord, Customer
from graph.domain.vocabulary import Label
from graph.queries import (
    alerts,
    cases,
    catalogue,
    customers,
    escalation,
    issues,
    record,
    remediations,
    staff,
)
from graph.queries import complaints as complaint_queries
from graph.queries.cases import Link
from graph.queries.codes import lineage
from graph.queries.conditions import NO_DUPLICATE
from graph.queries.escalation import StoredAlert
from graph.queries.names import Coded, names
from graph.queries.remediations import EffectFound
from ingest.classification.suggester import Suggester
from schema.sight import Sight
from similarity.causes import CauseCandidate, root_cause_candidates
from similarity.finder import Alike, Finder
from similarity.precedents import Precedents, RankedPrecedent
from similarity.texts import check_texts

if TYPE_CHECKING:
    from schema.cluster_loaders import ClusterLoaders

V = TypeVar("V")
#: Where in the document a resolver stands.
Place: TypeAlias = tuple[str, ...]
#: One result for each key; None is a key that stands for nothing.
Loader: TypeAlias = DataLoader[str | None, V]
Named: TypeAlias = DataLoader[tuple[Coded, ...], Mapping[Coded, Label]]
Records: TypeAlias = Sequence[ComplaintRecord]


class Loaders:
    """The loaders of one request; they hold no rules, and give results in the order of keys."""

    def __init__(
        self,
        database: Database,
        finder: Finder,
        precedents: Precedents,
        suggester: Suggester,
        sight: Sight,
        turn: Callable[[], AbstractAsyncContextManager[None]],
    ) -> None:
        """``sight``: what the one who asks may see; every read of cases is bounded by it.

        ``turn``: what an analysis waits for.
        """
        self._turn = turn
        self.sight = sight
        self.scope = sight.scope
        self.database = database
        self.finder = finder
        self._precedents = precedents
        self._suggester = suggester
        self._made: dict[tuple[object, ...], DataLoader[Any, Any]] = {}

    def complaint(self, at: Place) -> Loader[ComplaintRecord | None]:
        return self.loader(at, "complaint", (), self._scoped(complaint_queries.by_ids), None)

    def staff_name(self, at: Place) -> Loader[str | None]:
        return self.loader(at, "staff", (), self._read(staff.names), None)

    def complaint_by_reference(self, at: Place) -> Loader[ComplaintRecord | None]:
        read = self._scoped(complaint_queries.by_references)
        return self.loader(at, "reference", (), read, None)

    def complaints(self, at: Place) -> DataLoader[tuple[str, ...], Records]:
        """Several complaints for each key; those that are gone are left out."""

        async def load(keys: Sequence[tuple[str, ...]]) -> list[Records]:
            hydrated = await self.hydrated(dict(zip(keys, keys, strict=True)))
            return [hydrated[key] for key in keys]

        return self._made_once((at, "complaints"), load)

    def customer(self, at: Place) -> Loader[Customer | None]:
        return self.loader(at, "customer", (), self._scoped(customers.by_ids), None)

    def filed(self, at: Place, limit: int) -> Loader[tuple[Records, int]]:
        """Each customer's newest complaints, and how many there are, duplicates left out."""

        async def read(ids: Sequence[str]) -> Mapping[str, tuple[Records, int]]:
            filed = await customers.filed(self.database, ids, self.scope, limit=limit)
            results = await self.hydrated({key: subset for key, (subset, _) in filed.items()})
            return {key: (results[key], total) for key, (_, total) in filed.items()}

        return self.loader(at, "filed", (limit,), read, ((), 0))

    def entry(self, at: Place, kind: CatalogueKind) -> Loader[CatalogueEntry | None]:
        async def read(codes: Sequence[str]) -> Mapping[str, CatalogueEntry]:
            return await catalogue.by_codes(self.database, kind, codes)

        return self.loader(at, "entry", (kind,), read, None)

    def narrower(
        self, at: Place, kind: CatalogueKind, limit: int
    ) -> Loader[Sequence[CatalogueEntry]]:
        async def read(codes: Sequence[str]) -> Mapping[str, Sequence[CatalogueEntry]]:
            return await catalogue.children(self.database, kind, codes, limit=limit)

        return self.loader(at, "narrower", (kind, limit), read, ())

    def names(self, at: Place) -> Named:
        """The names of each key's coded entries."""

        async def load(keys: Sequence[tuple[Coded, ...]]) -> list[Mapping[Coded, Label]]:
            result = await names(self.database, {coded for key in keys for coded in key})
            return [result] * len(keys)

        return self._made_once((at, "names"), load)

    def narrowest_causes(self, at: Place) -> DataLoader[tuple[str, ...], tuple[str, ...]]:
        """Of each key's root causes those that none of the others is part of."""

        async def load(keys: Sequence[tuple[str, ...]]) -> list[tuple[str, ...]]:
            codes = sorted({code for key in keys for code in key})
            wider = await lineage(self.database.read, CatalogueKind.ROOT_CAUSE, codes)
            covered = [{above for code in key for above in wider.get(code, ())[1:]} for key in keys]
            return [
                tuple(code for code in key if code not in above)
                for key, above in zip(keys, covered, strict=True)
            ]

        return self._made_once((at, "narrowest"), load)

    def resolutions(self, at: Place) -> Loader[Sequence[Decision]]:
        return self.loader(at, "resolutions", (), self._read(cases.resolutions), ())

    def resolution(self, at: Place) -> Loader[Decision | None]:
        """One decision, by its own id."""
        return self.loader(at, "resolution", (), self._scoped(cases.resolutions_by_ids), None)

    def event(self, at: Place) -> Loader[Event | None]:
        """One event, by its own id."""
        return self.loader(at, "event", (), self._scoped(cases.events_by_ids), None)

    def attributions(self, at: Place) -> Loader[Sequence[Attribution]]:
        return self.loader(at, "attributions", (), self._read(cases.attributions), ())

    def handling(self, at: Place) -> Loader[Sequence[Handling]]:
        return self.loader(at, "handling", (), self._read(cases.handling), ())

    def alerts(self, at: Place) -> Loader[Sequence[StoredAlert]]:
        return self.loader(at, "alerts", (), self._scoped(escalation.alerts), ())

    def events(self, at: Place, after: int, limit: int) -> Loader[Sequence[Event]]:
        async def read(ids: Sequence[str]) -> Mapping[str, Sequence[Event]]:
            return await cases.events(self.database, ids, after=after, limit=limit)

        return self.loader(at, "events", (after, limit), read, ())

    def relatives(self, at: Place, kind: FamilyKind, limit: int) -> Loader[Records]:
        """Other filings of the same case."""

        async def read(ids: Sequence[str]) -> Mapping[str, Records]:
            related = await cases.relatives(self.database, ids, kind, self.scope, limit=limit)
            return await self.hydrated(related)

        return self.loader(at, "relatives", (kind, limit), read, ())

    def linked(self, at: Place, limit: int) -> Loader[Sequence[tuple[ComplaintRecord, Link]]]:
        """What stored links join to each complaint."""

        async def read(ids: Sequence[str]) -> Mapping[str, Sequence[tuple[ComplaintRecord, Link]]]:
            links = await cases.linked(self.database, ids, self.scope, limit=limit)
            known = await self.hydrated({key: [k.id for k in each] for key, each in links.items()})
            return {
                key: [(model, link) for link in each for model in known[key] if model.id == link.id]
                for key, each in links.items()
            }

        return self.loader(at, "linked", (limit,), read, ())

    def others_with_text(self, at: Place, filters: ComplaintFilter | None) -> Loader[bool]:
        """Raises NoTextError where the filter leaves complaints and only one, or none, has a text;
        asked once for all complaints of a place.
        """

        async def read(keys: Sequence[str]) -> Mapping[str, bool]:
            narrowed = (await self.finder.compile(filters, self.scope)).and_also(NO_DUPLICATE)
            await check_texts(self.database, narrowed, besides=1)
            return dict.fromkeys(keys, True)

        return self.loader(at, "othersWithText", (filters,), read, True)

    def similar(
        self, at: Place, filters: ComplaintFilter | None, first: int, min_score: float | None
    ) -> Loader[Sequence[Alike]]:
        read = partial(
            self.finder.similar,
            filters=filters,
            scope=self.scope,
            first=first,
            min_score=min_score,
        )
        return self.loader(at, "similar", (filters, first, min_score), read, ())

    def precedents(
        self, at: Place, filters: ComplaintFilter | None, first: int
    ) -> Loader[Sequence[RankedPrecedent]]:
        read = partial(self._precedents.of_complaints, asked=self.sight.asked(filters), first=first)
        return self.loader(at, "precedents", (filters, first), read, ())

    def causes(self, at: Place, first: int) -> Loader[Sequence[CauseCandidate]]:
        read = partial(root_cause_candidates, self.finder, scope=self.scope, first=first)
        return self.loader(at, "causes", (first,), read, ())

    def branch_recent(self, at: Place, first: int) -> Loader[Records]:
        async def read(ids: Sequence[str]) -> Mapping[str, Records]:
            near = await self.finder.branch_recent(ids, scope=self.scope, first=first)
            return await self.hydrated(near)

        return self.loader(at, "branch_recent", (first,), read, ())

    def suggestion(self, at: Place) -> Loader[Suggestion | None]:
        """What was suggested about each complaint, or would be."""

        async def read(ids: Sequence[str]) -> Mapping[str, Suggestion]:
            return await self._suggester.of(ids, self.finder.book.active.space)

        return self.loader(at, "suggestion", (), read, None)

    def remediation_effect(self, at: Place, days: int, delay: int) -> Loader[EffectFound | None]:
        async def read(ids: Sequence[str]) -> Mapping[str, EffectFound]:
            known = (await remediations.by_ids(self.database, ids)).values()
            now = datetime.now(UTC)
            async with self._turn():
                return await remediations.effects(
                    self.database, list(known), days=days, delay=delay, now=now
                )

        return self.loader(at, "effect", (days, delay), read, None)

    def remediation(self, at: Place) -> Loader[Remediation | None]:
        return self.loader(at, "remediation", (), self._read(remediations.by_ids), None)

    def alert(self, at: Place) -> Loader[StoredAlert | None]:
        """One about many complaints."""
        return self.loader(at, "alert", (), self._scoped(alerts.by_ids), None)

    def alert_case(self, at: Place) -> Loader[str | None]:
        """Of alerts about one case, whose they are: beyond reach, too."""
        return self.loader(at, "alertCase", (), self._read(alerts.cases), None)

    def issue(self, at: Place) -> Loader[SystemicIssue | None]:
        return self.loader(at, "issue", (), self._read(issues.by_ids), None)

    def issue_evidence(self, at: Place) -> Loader[issues.IssueEvidence]:
        return self.loader(at, "evidence", (), self._read(issues.evidence), issues.NO_EVIDENCE)

    def issue_facts(self, at: Place) -> Loader[issues.IssueFacts]:
        return self.loader(at, "facts", (), self._read(issues.facts), issues.NO_FACTS)

    def issue_complaints(self, at: Place, limit: int) -> Loader[Records]:
        async def read(ids: Sequence[str]) -> Mapping[str, Records]:
            return await self.hydrated(await issues.covered(self.database, ids, self.scope, limit))

        return self.loader(at, "covered", (limit,), read, ())

    def history(self, at: Place, kind: Recorded, limit: int) -> Loader[Sequence[RecordedChange]]:
        """The newest changes of each alert, issue or remediation."""

        async def read(ids: Sequence[str]) -> Mapping[str, Sequence[RecordedChange]]:
            return await record.history(self.database, kind, ids, limit)

        return self.loader(at, "history", (kind, limit), read, ())

    def clusters(self, at: Place, filters: ComplaintFilter | None) -> "ClusterLoaders":
        """What is read about clusters, of the complaints that a filter leaves."""
        from schema.cluster_loaders import ClusterLoaders

        return ClusterLoaders(self, at, filters)

    async def hydrated(self, results: Mapping[V, Sequence[str]]) -> dict[V, Records]:
        """Ids as complaints, with one statement for all."""
        ids = sorted({identity for subset in results.values() for identity in subset})
        known = await complaint_queries.by_ids(self.database, ids, self.scope)
        return {key: [known[i] for i in subset if i in known] for key, subset in results.items()}

    def _read(
        self, query: Callable[[Database, Sequence[str]], Awaitable[Mapping[str, V]]]
    ) -> Callable[[Sequence[str]], Awaitable[Mapping[str, V]]]:
        return partial(query, self.database)

    def _scoped(
        self, query: Callable[[Database, Sequence[str], Scope], Awaitable[Mapping[str, V]]]
    ) -> Callable[[Sequence[str]], Awaitable[Mapping[str, V]]]:
        async def read(keys: Sequence[str]) -> Mapping[str, V]:
            return await query(self.database, keys, self.scope)

        return read

    def loader(
        self,
        at: Place,
        name: str,
        arguments: tuple[object, ...],
        read: Callable[[Sequence[str]], Awaitable[Mapping[str, Any]]],
        nothing: V,
    ) -> Loader[V]:
        async def load(keys: Sequence[str | None]) -> list[V]:
            result = await read([key for key in keys if key is not None])
            return [nothing if key is None else result.get(key, nothing) for key in keys]

        return self._made_once((at, name, *arguments), load)

    def _made_once(
        self, key: tuple[object, ...], load: Callable[[Sequence[Any]], Awaitable[list[V]]]
    ) -> DataLoader[Any, V]:
        if key not in self._made:
            self._made[key] = DataLoader(load_fn=load)
        return cast("DataLoader[Any, V]", self._made[key])
