"""Precedents: alike complaints that were decided, the most useful first."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from math import log10

from graph.commands.ratings import Rated, rate
from graph.commands.requests import RequestKey
from graph.domain.case import Decision
from graph.domain.filters import ComplaintFilter
from graph.domain.scope import WHOLE_BANK, Scope
from graph.queries.cases import DecidedCase, decided, repeated_later, resolutions
from graph.queries.conditions import DECIDED, NO_DUPLICATE, CompiledFilter
from graph.queries.neighbours import vectors
from graph.queries.ratings import ratings_of
from similarity.explanation import Explanation, fact_agreement
from similarity.finder import NOT_COMPARED, Alike, CaseReader, Finder
from similarity.grouping import Candidate, group
from similarity.texts import check_texts
from similarity.tokens import PrecedentTokens, Shown
from similarity.usefulness import Usefulness, precedent_score, usefulness


@dataclass(frozen=True, slots=True)
class RankedPrecedent:
    """A decided case; ``alike`` are ids of further cases of the same kind, decided the same way.

    ``full``: it lies in the scope of whoever asks; of others no more may be shown than how they
    are alike and how they were decided.
    """

    candidate: Alike
    score: float
    resolution: Decision
    usefulness: Usefulness
    full: bool
    alike: tuple[str, ...] = ()
    token: str = ""

    @property
    def explanation(self) -> Explanation:
        return self.candidate.explanation


#: What a filter may say of a case elsewhere: nothing that it does not show.
_SAID_ELSEWHERE = frozenset({"products", "types", "outcomes"})


@dataclass(frozen=True, slots=True)
class Asked:
    """Who asks for precedents, and which.

    ``elsewhere``: also for those outside of the scope. A filter by anything that these do not show
    leaves none of them, so that nothing can be learnt by filtering.
    """

    scope: Scope
    filters: ComplaintFilter | None = None
    elsewhere: bool = True

    @property
    def searched(self) -> Scope:
        used = self.filters.used if self.filters else frozenset()
        return WHOLE_BANK if self.elsewhere and used <= _SAID_ELSEWHERE else self.scope


@dataclass(frozen=True, slots=True)
class Showing:
    """One list: what it was asked for (a complaint's id if ``registered``, else a text), when."""

    asked: str
    at: datetime
    registered: bool


class Precedents:
    """Ranks decided cases by likeness and usefulness."""

    def __init__(self, finder: Finder, tokens: PrecedentTokens) -> None:
        self._finder = finder
        self._tokens = tokens

    def reading(self, cases: CaseReader) -> "Precedents":
        """The same, for one request that reads a complaint once, whoever asks."""
        return Precedents(self._finder.reading(cases), self._tokens)

    async def of_complaints(
        self, ids: Sequence[str], asked: Asked, *, first: int
    ) -> dict[str, list[RankedPrecedent]]:
        """Precedents of each complaint that lies in the scope; the number of statements does not
        depend on how many.
        """
        narrowed = await self._narrowed(asked)
        candidates = await self._finder.alike(ids, asked.scope, narrowed, _pool(first))
        return await self._ranked(candidates, asked.scope, first, registered=True)

    async def of_text(self, text: str, asked: Asked, *, first: int) -> list[RankedPrecedent]:
        """Precedents for a (masked) text that is not registered.

        Raises:
            NoTextError: there are decided cases, and none has a text.
        """
        narrowed = await self._narrowed(asked)
        result = await self._finder.nearest_to_text(text, narrowed, _pool(first))
        if not result:
            await check_texts(self._finder.database, narrowed)
        return (await self._ranked({text: result}, asked.scope, first, registered=False))[text]

    async def decided_alike(self, identity: str, asked: Asked, most: int) -> list[DecidedCase]:
        """The decided cases most alike a complaint, with their last decisions, best first."""
        finder, narrowed = self._finder, await self._narrowed(asked)
        area = await finder.neighbourhood([identity], asked.scope, narrowed, most)
        near = area.near.get(identity, [])
        known = await decided(finder.database, [n.id for n in near], narrowed.scope)
        language = area.sources[identity].language if identity in area.sources else None
        return [
            known[n.id]
            for n in near
            if n.id in known
            and (
                n.cosine == NOT_COMPARED
                or finder.book.active.likeness(n.cosine, language, known[n.id].language).semantic
                >= finder.options.precedent_floor
            )
        ]

    def shown(self, token: str) -> str:
        """The id of the precedent that a token came with; raises InvalidInputError."""
        return self._tokens.read(token).complaint

    async def rate(
        self, token: str, *, useful: bool, actor: str, key: RequestKey | None = None
    ) -> str:
        """Keep a handler's verdict on a precedent that was shown; the precedent's id.

        Raises:
            InvalidInputError: the token is not ours.
            NotFoundError: the precedent is gone.
        """
        shown = self._tokens.read(token)
        rated = Rated(
            complaint=shown.complaint,
            list=shown.list,
            rank=shown.rank,
            useful=useful,
            space=shown.space,
            weights=shown.weights,
            shown_at=shown.at,
            asked=shown.asked,
        )
        await rate(self._finder.database, rated, actor=actor, now=datetime.now(UTC), key=key)
        return shown.complaint

    async def _narrowed(self, asked: Asked) -> CompiledFilter:
        compiled = await self._finder.compile(asked.filters, asked.searched)
        return compiled.and_also(NO_DUPLICATE, DECIDED)

    async def _ranked(
        self,
        candidates: Mapping[str, list[Alike]],
        scope: Scope,
        first: int,
        *,
        registered: bool,
    ) -> dict[str, list[RankedPrecedent]]:
        alike = {key: [a for a in results if self._near(a)] for key, results in candidates.items()}
        ids = sorted({a.complaint.id for results in alike.values() for a in results})
        database = self._finder.database
        decisions = await resolutions(database, ids)
        repeated = await repeated_later(database, ids)
        rated = await ratings_of(database, ids)
        space = self._finder.book.active.space
        near = await vectors(database, space, ids)
        now = datetime.now(UTC)
        ranked_by_key: dict[str, list[RankedPrecedent]] = {}
        for key, results in alike.items():
            agreements = [fact_agreement(a.explanation.shared_facts) for a in results]
            known = any(agreements)
            ranked = [
                self._rank(
                    a,
                    agreement if known else None,
                    decisions[a.complaint.id],
                    a.complaint.id in repeated,
                    rated.get(a.complaint.id),
                    now,
                    full=scope.holds(a.complaint),
                )
                for a, agreement in zip(results, agreements, strict=True)
                if a.complaint.id in decisions
            ]
            ranked.sort(key=lambda j: (-j.score, j.candidate.complaint.received_key))
            showing = Showing(key, now, registered)
            ranked_by_key[key] = self._grouped(showing, ranked, near)[:first]
        return await self._with_terms(ranked_by_key)

    async def _with_terms(
        self, ranked: Mapping[str, list[RankedPrecedent]]
    ) -> dict[str, list[RankedPrecedent]]:
        candidates = {key: [p.candidate for p in each] for key, each in ranked.items()}
        compared = await self._finder.with_terms(candidates)
        return {
            key: [replace(p, candidate=alike) for p, alike in zip(each, compared[key], strict=True)]
            for key, each in ranked.items()
        }

    def _near(self, alike: Alike) -> bool:
        semantic = alike.explanation.semantic
        return semantic is None or semantic >= self._finder.options.precedent_floor

    def _rank(
        self,
        alike: Alike,
        agreement: float | None,
        decided: Sequence[Decision],
        repeated: bool,
        ratings: tuple[int, int] | None,
        now: datetime,
        *,
        full: bool,
    ) -> RankedPrecedent:
        weights = self._finder.options.usefulness
        worth = usefulness(
            decided[-1],
            received_at=alike.complaint.received_at,
            now=now,
            reopened=len(decided) > 1,
            repeated=repeated,
            weights=weights,
            ratings=ratings,
        )
        score = precedent_score(_strength(alike), worth, weights, agreement)
        return RankedPrecedent(alike, score, decided[-1], worth, full)

    def _grouped(
        self,
        showing: Showing,
        ranked: Sequence[RankedPrecedent],
        near: Mapping[str, Sequence[float]],
    ) -> list[RankedPrecedent]:
        by_id = {p.candidate.complaint.id: p for p in ranked}
        groups = group(
            [
                Candidate(
                    id=p.candidate.complaint.id,
                    score=p.score,
                    outcome=p.resolution.outcome,
                    remedy=p.resolution.remedy,
                    product=p.candidate.complaint.product,
                    key=p.candidate.complaint.received_key,
                    vector=near.get(p.candidate.complaint.id),
                )
                for p in ranked
            ],
            self._finder.options.same_case,
        )
        shown = []
        for rank, result in enumerate(groups, start=1):
            best = by_id[result.best]
            token = self._tokens.seal(self._shown(showing, best, rank))
            shown.append(replace(best, alike=result.alike, token=token))
        return shown

    def _shown(self, showing: Showing, precedent: RankedPrecedent, rank: int) -> Shown:
        return Shown(
            query=self._tokens.digest(showing.asked),
            complaint=precedent.candidate.complaint.id,
            rank=rank,
            space=self._finder.book.active.space.name,
            weights=self._finder.options.usefulness.version,
            at=showing.at,
            asked=showing.asked if showing.registered else None,
        )


def _strength(alike: Alike) -> float:
    """How alike, 0..1: -log10 of the share of random pairs that are nearer, over 4.

    Of random pairs one in ten gives .25, one in a hundred .5, one in ten thousand 1. The
    percentile itself is .9 or more for every candidate and would not tell them apart. A case found
    by its facts has their share.
    """
    semantic = alike.explanation.semantic
    if semantic is None:
        return alike.score
    return min(1.0, -log10(max(1.0 - semantic, _RAREST)) / -log10(_RAREST))


#: Rarer than this is as alike as can be told from a calibration sample.
_RAREST = 1e-4


def _pool(first: int) -> int:
    """Candidates that are judged: useful ones may stand lower, and groups take several."""
    return 3 * first + 20
