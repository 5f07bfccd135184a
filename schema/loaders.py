"""What resolvers read for many rows at once: a DataLoader for each kind of reading.

A loader belongs to one name and one set of arguments, wherever in a document it is asked: what is
asked for in one turn of the event loop is read together, and nothing is read twice. So a document
bounds the number of statements, whatever its rows hold. For the same reason a key of None is
loaded too, and gives what nothing gives.
"""

import asyncio
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
#: One result for each key; None is a key that stands for nothing.
Loader: TypeAlias = DataLoader[str | None, V]
Named: TypeAlias = DataLoader[tuple[Coded, ...], Mapping[Coded, Label]]
Records: TypeAlias = Sequence[ComplaintRecord]


class _Shared(DataLoader[Any, Any]):
    """One reading, awaited in many places.

    GraphQL cancels what is under way beside a field that fails and may not be null; a future that
    is awaited itself would be cancelled with the first of them, for everybody else, too.
    """

    def load(self, key: Any) -> Awaitable[Any]:
        shielded = asyncio.shield(super().load(key))
        shielded.add_done_callback(_retrieve)
        return shielded


def _retrieve(future: "asyncio.Future[Any]") -> None:
    """An error is told where it is awaited; where nobody awaits it any more, it is none."""
    if not future.cancelled():
        future.exception()


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
        self.finder = finder.reading(self.cases)
        self.ranking = precedents.reading(self.cases)
        self._suggester = suggester
        self._made: dict[tuple[object, ...], DataLoader[Any, Any]] = {}

    def complaint(self) -> Loader[ComplaintRecord | None]:
        return self._complaint(self.scope)

    def _complaint(self, scope: Scope) -> Loader[ComplaintRecord | None]:
        read = partial(complaint_queries.by_ids, self.database, scope=scope)
        return self.loader("complaint", (scope,), read, None)

    async def cases(self, ids: Sequence[str], scope: Scope) -> dict[str, ComplaintRecord]:
        """Those of the complaints that lie in the scope, by id; each is read once."""
        records = await self._complaint(scope).load_many(ids)
        return {record.id: record for record in records if record is not None}

    def staff_name(self) -> Loader[str | None]:
        return self.loader("staff", (), self._read(staff.names), None)

    def complaint_by_reference(self) -> Loader[ComplaintRecord | None]:
        read = self._scoped(complaint_queries.by_references)
        return self.loader("reference", (), read, None)

    def complaints(self) -> DataLoader[tuple[str, ...], Records]:
        """Several complaints for each key; those that are gone are left out."""

        async def load(keys: Sequence[tuple[str, ...]]) -> list[Records]:
            hydrated = await self.hydrated(dict(zip(keys, keys, strict=True)))
            return [hydrated[key] for key in keys]

        return self._made_once(("complaints",), load)

    def customer(self) -> Loader[Customer | None]:
        return self.loader("customer", (), self._scoped(customers.by_ids), None)

    def filed(self, limit: int) -> Loader[tuple[Records, int]]:
        """Each customer's newest complaints, and how many there are, duplicates left out."""

        async def read(ids: Sequence[str]) -> Mapping[str, tuple[Records, int]]:
            filed = await customers.filed(self.database, ids, self.scope, limit=limit)
            results = await self.hydrated({key: subset for key, (subset, _) in filed.items()})
            return {key: (results[key], total) for key, (_, total) in filed.items()}

        return self.loader("filed", (limit,), read, ((), 0))

    def entry(self, kind: CatalogueKind) -> "Entries":
        """The entries of a tree by their codes; those of all trees are one statement."""

        async def load(
            keys: Sequence[tuple[CatalogueKind, str]],
        ) -> list[CatalogueEntry | None]:
            known = await catalogue.of_trees(self.database, set(keys))
            return [known.get(key) for key in keys]

        return Entries(self._made_once(("entry",), load), kind)

    def narrower(self, kind: CatalogueKind, limit: int) -> Loader[Sequence[CatalogueEntry]]:
        async def read(codes: Sequence[str]) -> Mapping[str, Sequence[CatalogueEntry]]:
            return await catalogue.children(self.database, kind, codes, limit=limit)

        return self.loader("narrower", (kind, limit), read, ())

    def names(self) -> Named:
        """The names of each key's coded entries."""

        async def load(keys: Sequence[tuple[Coded, ...]]) -> list[Mapping[Coded, Label]]:
            result = await names(self.database, {coded for key in keys for coded in key})
            return [result] * len(keys)

        return self._made_once(("names",), load)

    def narrowest_causes(self) -> DataLoader[tuple[str, ...], tuple[str, ...]]:
        """Of each key's root causes those that none of the others is part of."""

        async def load(keys: Sequence[tuple[str, ...]]) -> list[tuple[str, ...]]:
            codes = sorted({code for key in keys for code in key})
            wider = await lineage(self.database.read, CatalogueKind.ROOT_CAUSE, codes)
            covered = [{above for code in key for above in wider.get(code, ())[1:]} for key in keys]
            return [
                tuple(code for code in key if code not in above)
                for key, above in zip(keys, covered, strict=True)
            ]

        return self._made_once(("narrowest",), load)

    def resolutions(self) -> Loader[Sequence[Decision]]:
        return self.loader("resolutions", (), self._read(cases.resolutions), ())

    def resolution(self) -> Loader[Decision | None]:
        """One decision, by its own id."""
        return self.loader("resolution", (), self._scoped(cases.resolutions_by_ids), None)

    def event(self) -> Loader[Event | None]:
        """One event, by its own id."""
        return self.loader("event", (), self._scoped(cases.events_by_ids), None)

    def attributions(self) -> Loader[Sequence[Attribution]]:
        return self.loader("attributions", (), self._read(cases.attributions), ())

    def handling(self) -> Loader[Sequence[Handling]]:
        return self.loader("handling", (), self._read(cases.handling), ())

    def alerts(self) -> Loader[Sequence[StoredAlert]]:
        return self.loader("alerts", (), self._scoped(escalation.alerts), ())

    def events(self, after: int, limit: int) -> Loader[Sequence[Event]]:
        async def read(ids: Sequence[str]) -> Mapping[str, Sequence[Event]]:
            return await cases.events(self.database, ids, after=after, limit=limit)

        return self.loader("events", (after, limit), read, ())

    def relatives(self, kind: FamilyKind, limit: int) -> Loader[Records]:
        """Other filings of the same case."""

        async def read(ids: Sequence[str]) -> Mapping[str, Records]:
            related = await cases.relatives(self.database, ids, kind, self.scope, limit=limit)
            return await self.hydrated(related)

        return self.loader("relatives", (kind, limit), read, ())

    def linked(self, limit: int) -> Loader[Sequence[tuple[ComplaintRecord, Link]]]:
        """What stored links join to each complaint."""

        async def read(ids: Sequence[str]) -> Mapping[str, Sequence[tuple[ComplaintRecord, Link]]]:
            links = await cases.linked(self.database, ids, self.scope, limit=limit)
            known = await self.hydrated({key: [k.id for k in each] for key, each in links.items()})
            return {
                key: [(model, link) for link in each for model in known[key] if model.id == link.id]
                for key, each in links.items()
            }

        return self.loader("linked", (limit,), read, ())

    def others_with_text(self, filters: ComplaintFilter | None) -> Loader[bool]:
        """Raises NoTextError where the filter leaves complaints and only one, or none, has a text;
        asked once for all complaints of a place.
        """

        async def read(keys: Sequence[str]) -> Mapping[str, bool]:
            narrowed = (await self.finder.compile(filters, self.scope)).and_also(NO_DUPLICATE)
            await check_texts(self.database, narrowed, besides=1)
            return dict.fromkeys(keys, True)

        return self.loader("othersWithText", (filters,), read, True)

    def similar(
        self, filters: ComplaintFilter | None, first: int, min_score: float | None
    ) -> Loader[Sequence[Alike]]:
        read = partial(
            self.finder.similar,
            filters=filters,
            scope=self.scope,
            first=first,
            min_score=min_score,
        )
        return self.loader("similar", (filters, first, min_score), read, ())

    def precedents(
        self, filters: ComplaintFilter | None, first: int
    ) -> Loader[Sequence[RankedPrecedent]]:
        read = partial(self.ranking.of_complaints, asked=self.sight.asked(filters), first=first)
        return self.loader("precedents", (filters, first), read, ())

    def causes(self, first: int) -> Loader[Sequence[CauseCandidate]]:
        read = partial(root_cause_candidates, self.finder, scope=self.scope, first=first)
        return self.loader("causes", (first,), read, ())

    def branch_recent(self, first: int) -> Loader[Records]:
        async def read(ids: Sequence[str]) -> Mapping[str, Records]:
            near = await self.finder.branch_recent(ids, scope=self.scope, first=first)
            return await self.hydrated(near)

        return self.loader("branch_recent", (first,), read, ())

    def suggestion(self) -> Loader[Suggestion | None]:
        """What was suggested about each complaint, or would be."""

        async def read(ids: Sequence[str]) -> Mapping[str, Suggestion]:
            return await self._suggester.of(ids, self.finder.book.active.space)

        return self.loader("suggestion", (), read, None)

    def remediation_effect(self, days: int, delay: int) -> Loader[EffectFound | None]:
        async def read(ids: Sequence[str]) -> Mapping[str, EffectFound]:
            known = (await remediations.by_ids(self.database, ids)).values()
            now = datetime.now(UTC)
            async with self._turn():
                return await remediations.effects(
                    self.database, list(known), days=days, delay=delay, now=now
                )

        return self.loader("effect", (days, delay), read, None)

    def remediation(self) -> Loader[Remediation | None]:
        return self.loader("remediation", (), self._read(remediations.by_ids), None)

    def alert(self) -> Loader[StoredAlert | None]:
        """One about many complaints."""
        return self.loader("alert", (), self._scoped(alerts.by_ids), None)

    def alert_case(self) -> Loader[str | None]:
        """Of alerts about one case, whose they are: beyond reach, too."""
        return self.loader("alertCase", (), self._read(alerts.cases), None)

    def issue(self) -> Loader[SystemicIssue | None]:
        return self.loader("issue", (), self._read(issues.by_ids), None)

    def issue_evidence(self) -> Loader[issues.IssueEvidence]:
        return self.loader("evidence", (), self._read(issues.evidence), issues.NO_EVIDENCE)

    def issue_facts(self) -> Loader[issues.IssueFacts]:
        return self.loader("facts", (), self._read(issues.facts), issues.NO_FACTS)

    def issue_complaints(self, limit: int) -> Loader[Records]:
        async def read(ids: Sequence[str]) -> Mapping[str, Records]:
            return await self.hydrated(await issues.covered(self.database, ids, self.scope, limit))

        return self.loader("covered", (limit,), read, ())

    def history(self, kind: Recorded, limit: int) -> Loader[Sequence[RecordedChange]]:
        """The newest changes of each alert, issue or remediation."""

        async def read(ids: Sequence[str]) -> Mapping[str, Sequence[RecordedChange]]:
            return await record.history(self.database, kind, ids, limit)

        return self.loader("history", (kind, limit), read, ())

    def clusters(self, filters: ComplaintFilter | None) -> "ClusterLoaders":
        """What is read about clusters, of the complaints that a filter leaves."""
        from schema.cluster_loaders import ClusterLoaders

        return ClusterLoaders(self, filters)

    async def hydrated(self, results: Mapping[V, Sequence[str]]) -> dict[V, Records]:
        """Ids as complaints, with one statement for all."""
        ids = sorted({identity for subset in results.values() for identity in subset})
        known = await self.cases(ids, self.scope)
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
        name: str,
        arguments: tuple[object, ...],
        read: Callable[[Sequence[str]], Awaitable[Mapping[str, Any]]],
        nothing: V,
    ) -> Loader[V]:
        async def load(keys: Sequence[str | None]) -> list[V]:
            result = await read([key for key in keys if key is not None])
            return [nothing if key is None else result.get(key, nothing) for key in keys]

        return self._made_once((name, *arguments), load)

    def _made_once(
        self, key: tuple[object, ...], load: Callable[[Sequence[Any]], Awaitable[list[V]]]
    ) -> DataLoader[Any, V]:
        if key not in self._made:
            self._made[key] = _Shared(load_fn=load)
        return cast("DataLoader[Any, V]", self._made[key])


class Entries:
    """The entries of one tree by their codes; no code, no entry."""

    def __init__(
        self,
        loader: DataLoader[tuple[CatalogueKind, str], CatalogueEntry | None],
        kind: CatalogueKind,
    ) -> None:
        self._loader = loader
        self._kind = kind

    async def load(self, code: str | None) -> CatalogueEntry | None:
        return None if code is None else await self._loader.load((self._kind, code))

    async def load_many(self, codes: Sequence[str | None]) -> list[CatalogueEntry | None]:
        return list(await asyncio.gather(*map(self.load, codes)))
