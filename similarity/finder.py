"""Finding alike cases: the uses of similarity that the API offers.

Everything works on many complaints at once, with a number of statements that does not grow with
them.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from copy import copy
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from enum import StrEnum
from functools import partial
from typing import Self, TypeAlias

from graph.database import Database
from graph.domain.filters import ComplaintFilter
from graph.domain.language import language_of
from graph.domain.scope import Scope
from graph.domain.tokens import TokenField, token
from graph.domain.views import ComplaintRecord
from graph.domain.vocabulary import Vocabulary
from graph.errors import InvalidInputError
from graph.queries import complaints as complaint_queries
from graph.queries.codes import cover
from graph.queries.conditions import (
    HAS_TEXT,
    NO_DUPLICATE,
    CompiledFilter,
    compile_filter,
)
from graph.queries.fulltext import WordMatch, Words, search_words
from graph.queries.neighbours import (
    Neighbour,
    ScopeSizes,
    Sought,
    cosines,
    nearest,
    nearest_in_branch,
)
from similarity.explanation import SHOWN_ELSEWHERE, Explanation, fact_similarity, shared_facts
from similarity.fusion import reciprocal_rank_fusion
from similarity.lucene import clause
from similarity.settings import SearchOptions
from similarity.shared_terms import shared_terms
from similarity.spaces import SpaceBook
from similarity.texts import check_texts
from similarity.weights import WordWeights

#: Facts by which complaints without a text are compared, and what sharing one is worth.
_FACT_BOOSTS = {
    TokenField.PRODUCT: 3,
    TokenField.ROOT_CAUSE: 3,
    TokenField.TYPE: 2,
    TokenField.BRANCH: 2,
    TokenField.DEPARTMENT: 1,
}


#: The cosine of what was found by facts.
NOT_COMPARED = -1.0


class SearchMode(StrEnum):
    VECTOR = "VECTOR"
    LEXICAL = "LEXICAL"
    HYBRID = "HYBRID"


@dataclass(frozen=True, slots=True)
class Alike:
    """A complaint found, with the cosine it was found by (None: by words or facts alone).

    ``text``: what its text is compared with (masked); None: texts are not compared.
    """

    complaint: ComplaintRecord
    score: float
    cosine: float | None
    explanation: Explanation
    text: str | None = None


@dataclass(frozen=True, slots=True)
class Neighbourhood:
    """``sources``: complaints by id; ``near``: the nearest of each."""

    sources: Mapping[str, ComplaintRecord]
    near: Mapping[str, list[Neighbour]]


#: Reads those of the complaints that lie in the scope, by id.
CaseReader: TypeAlias = Callable[[Sequence[str], Scope], Awaitable[Mapping[str, ComplaintRecord]]]


class Finder:
    """Search and similar cases over one graph and its active embedding space."""

    def __init__(
        self,
        database: Database,
        book: SpaceBook,
        weights: WordWeights,
        vocabulary: Vocabulary,
        options: SearchOptions,
    ) -> None:
        self.database = database
        self.book = book
        self.weights = weights
        self.vocabulary = vocabulary
        self.options = options
        self._sizes = ScopeSizes()
        self._cases: CaseReader = partial(complaint_queries.by_ids, database)

    def reading(self, cases: CaseReader) -> Self:
        """The same, for one request that reads a complaint once, whoever asks."""
        bound = copy(self)
        bound._cases = cases
        return bound

    async def compile(self, filters: ComplaintFilter | None, scope: Scope) -> CompiledFilter:
        """What the filter leaves of the scope; checked, with its codes looked up."""
        filters = filters or ComplaintFilter()
        filters.check()
        covered = await cover(self.database, filters, self.vocabulary)
        return compile_filter(filters, covered, scope, now=datetime.now(UTC))

    async def similar(
        self,
        ids: Sequence[str],
        *,
        filters: ComplaintFilter | None,
        scope: Scope,
        first: int,
        min_score: float | None = None,
    ) -> Mapping[str, list[Alike]]:
        """The most alike other complaints of each in the scope, duplicates left out, best first.

        Those without a text are compared by shared facts alone. ``min_score`` applies to the
        calibrated likeness of texts.
        """
        narrowed = (await self.compile(filters, scope)).and_also(NO_DUPLICATE)
        near = await self.neighbourhood(ids, scope, narrowed, first, by_facts=min_score is None)
        alike = await self._compared(near, scope, narrowed.scope)
        if min_score is not None:
            alike = {key: _at_least(neighbours, min_score) for key, neighbours in alike.items()}
        return await self.with_terms(alike)

    async def alike(
        self, ids: Sequence[str], scope: Scope, narrowed: CompiledFilter, first: int
    ) -> dict[str, list[Alike]]:
        """The same for a filter that is compiled already, for those that lie in ``scope``.

        The filter's own scope may be wider: what lies outside of ``scope`` is compared by the
        facts alone that precedents from elsewhere show. The explanations lack the words that texts
        share: ``with_terms`` adds them for those that are shown.
        """
        near = await self.neighbourhood(ids, scope, narrowed, first)
        return await self._compared(near, scope, narrowed.scope)

    async def neighbourhood(
        self,
        ids: Sequence[str],
        scope: Scope,
        narrowed: CompiledFilter,
        first: int,
        *,
        by_facts: bool = True,
    ) -> Neighbourhood:
        """The nearest of those that lie in ``scope``; ``by_facts``: of those without a text, too.

        A cosine of ``NOT_COMPARED`` says that texts were not compared.
        """
        sources = await self._cases(ids, scope)
        sought = [Sought(s.id, id=s.id) for s in sources.values() if s.text]
        without = [s for s in sources.values() if not s.text]
        space = self.book.active.space
        near = dict(await nearest(self.database, space, sought, narrowed, first, self._sizes))
        if by_facts:
            near |= await self._by_facts(without, narrowed, first)
        return Neighbourhood(sources, near)

    async def with_terms(self, results: Mapping[str, Sequence[Alike]]) -> dict[str, list[Alike]]:
        """The same, their explanations with the words that the texts share."""
        weights = self.weights.current

        def compare(alike: Alike) -> Alike:
            if alike.text is None:
                return alike
            terms, lexical = shared_terms(alike.text, alike.complaint.text or "", weights)
            explanation = replace(alike.explanation, shared_terms=terms, lexical=lexical)
            return replace(alike, explanation=explanation)

        def compare_all() -> dict[str, list[Alike]]:
            return {key: [compare(alike) for alike in each] for key, each in results.items()}

        return await asyncio.to_thread(compare_all)

    async def search(
        self,
        text: str,
        *,
        filters: ComplaintFilter | None,
        scope: Scope,
        mode: SearchMode,
        first: int,
        named: Sequence[str] = (),
    ) -> list[Alike]:
        """Complaints in the scope that are alike a (masked) text, best first.

        With a filter, all that it leaves are found, those that share no word last. ``named``:
        those that the text names by their references; they come before all others.

        Raises:
            InvalidInputError: nothing in the text can be searched for in this mode.
            NoTextError: complaints are left to search, and none has a text.
        """
        narrowed = (await self.compile(filters, scope)).and_also(NO_DUPLICATE)
        pool = first if mode is not SearchMode.HYBRID else max(self.options.pool, 2 * first)
        alone = mode is SearchMode.LEXICAL

        async def vectors() -> tuple[list[float] | None, list[Neighbour]]:
            vector: list[float] | None = None
            if text.strip():
                vector = (await self.book.active.encoder.encode([text]))[0].tolist()
            # Of candidates for a fusion as many as the index gives will do, if there is a choice.
            enough = min(pool, 2 * first)
            return vector, [] if alone else await self._by_vector(vector, narrowed, pool, enough)

        async def words() -> list[WordMatch]:
            if mode is SearchMode.VECTOR:
                return []
            matches = await self._by_words(text, narrowed, pool, alone=alone)
            if alone and len(matches) < pool and filters is not None and filters.used:
                return await self._and_others(text, narrowed, pool, matches)
            return matches

        (vector, by_vector), by_words = await asyncio.gather(vectors(), words())
        fused = reciprocal_rank_fusion(
            [[n.id for n in by_vector], [f.id for f in by_words]],
            k=self.options.fusion_k,
            weights=[1.0, self.options.lexical_weight],
        )
        by_name = [(identity, 1.0) for identity in dict.fromkeys(named)]
        others = [pair for pair in fused if pair[0] not in named]
        ranked = [*by_name, *others][:first]
        known = {n.id: n.cosine for n in by_vector}
        if not ranked:
            await check_texts(self.database, narrowed)
        missing = [identity for identity, _ in ranked if identity not in known]
        if missing and vector is not None:
            space = self.book.active.space
            known |= await cosines(self.database, space, vector, missing)
        alike = await self._ranked(text, ranked, known, scope)
        return (await self.with_terms({text: alike}))[text]

    async def nearest_to_text(self, text: str, narrowed: CompiledFilter, first: int) -> list[Alike]:
        """The nearest complaints of a text by its vector, best first, as ``alike`` gives them."""
        vector = (await self.book.active.encoder.encode([text]))[0].tolist()
        results = await self._by_vector(vector, narrowed, first, first)
        ranked = [(n.id, n.cosine) for n in results]
        known = {n.id: n.cosine for n in results}
        return await self._ranked(text, ranked, known, narrowed.scope)

    async def branch_recent(
        self, ids: Sequence[str], *, scope: Scope, first: int
    ) -> Mapping[str, list[str]]:
        """Ids of alike complaints in the scope, of the same branch around the same time, most
        alike first.
        """
        results = await nearest_in_branch(
            self.database,
            self.book.active.space,
            ids,
            scope,
            days=self.options.branch_days,
            first=first,
        )
        return {key: [n.id for n in neighbours] for key, neighbours in results.items()}

    async def _by_vector(
        self, vector: list[float] | None, narrowed: CompiledFilter, first: int, enough: int
    ) -> list[Neighbour]:
        if vector is None:
            raise InvalidInputError("The text is empty: there is nothing to search for.")
        sought = [Sought("text", vector=vector)]
        space = self.book.active.space
        near = await nearest(
            self.database, space, sought, narrowed, first, self._sizes, enough=enough
        )
        return near["text"]

    async def _by_words(
        self, text: str, narrowed: CompiledFilter, first: int, *, alone: bool
    ) -> list[WordMatch]:
        lucene = clause(text, self.weights.current)
        if lucene is None:
            if alone:
                raise InvalidInputError(
                    "The text has no words to search for, only punctuation, placeholders or words "
                    "too common to be indexed."
                )
            return []
        words = [Words("text", lucene)]
        with_text = narrowed.and_also(HAS_TEXT)
        return (await search_words(self.database, words, with_text, first))["text"]

    async def _and_others(
        self, text: str, narrowed: CompiledFilter, first: int, results: list[WordMatch]
    ) -> list[WordMatch]:
        """The filter leaves few: all of them are of interest, also without a common word."""
        words = [Words("text", clause(text, self.weights.current) or "")]
        with_text = narrowed.and_also(HAS_TEXT)
        every = await search_words(self.database, words, with_text, first, required=False)
        have = {f.id for f in results}
        return [*results, *(f for f in every["text"] if f.id not in have)][:first]

    async def _by_facts(
        self, sources: Sequence[ComplaintRecord], narrowed: CompiledFilter, first: int
    ) -> dict[str, list[Neighbour]]:
        """Those that share facts."""
        words = [Words(s.id, lucene, without=s.id) for s in sources if (lucene := _facts(s))]
        results = await search_words(self.database, words, narrowed, first)
        return {
            key: [Neighbour(f.id, NOT_COMPARED) for f in neighbours]
            for key, neighbours in results.items()
        }

    async def _compared(
        self, neighbourhood: Neighbourhood, scope: Scope, searched: Scope
    ) -> dict[str, list[Alike]]:
        near = neighbourhood.near
        ids = sorted({n.id for results in near.values() for n in results})
        others = await self._cases(ids, searched)

        def compare() -> dict[str, list[Alike]]:
            return {
                key: [
                    self._alike(source, others[n.id], n.cosine, scope)
                    for n in near.get(key, [])
                    if n.id in others
                ]
                for key, source in neighbourhood.sources.items()
            }

        return await asyncio.to_thread(compare)

    def _alike(
        self, source: ComplaintRecord, other: ComplaintRecord, cosine: float, scope: Scope
    ) -> Alike:
        facts = shared_facts(source, other)
        if not scope.holds(other):
            facts = tuple(fact for fact in facts if fact.kind in SHOWN_ELSEWHERE)
        if cosine == NOT_COMPARED or not source.text:
            explanation = Explanation(None, None, (), facts)
            return Alike(other, fact_similarity(facts), None, explanation)
        likeness = self.book.active.likeness(cosine, source.language, other.language)
        explanation = Explanation(likeness.semantic, None, (), facts, likeness)
        return Alike(other, likeness.semantic, cosine, explanation, source.text)

    async def _ranked(
        self,
        text: str,
        ranked: Sequence[tuple[str, float]],
        known: Mapping[str, float],
        scope: Scope,
    ) -> list[Alike]:
        ids = [identity for identity, _ in ranked]
        others = await self._cases(ids, scope) if ids else {}
        language = language_of(text)
        results = []
        for identity, score in ranked:
            if identity not in others:
                continue
            other, cosine = others[identity], known.get(identity)
            likeness = None
            if cosine is not None:
                likeness = self.book.active.likeness(cosine, language, other.language)
            semantic = None if likeness is None else likeness.semantic
            explanation = Explanation(semantic, None, (), (), likeness)
            results.append(Alike(other, score, cosine, explanation, text))
        return results


def _at_least(results: Sequence[Alike], least: float) -> list[Alike]:
    return [each for each in results if (each.explanation.semantic or 0.0) >= least]


def _facts(source: ComplaintRecord) -> str:
    """A Lucene clause of what the complaint's codes are, the telling ones weighing more."""
    codes = [
        *((TokenField.PRODUCT, code) for code in source.products),
        *((TokenField.BRANCH, code) for code in source.branches),
        *((TokenField.DEPARTMENT, code) for code in source.departments),
        *((TokenField.ROOT_CAUSE, code) for code in source.root_causes),
        *([(TokenField.TYPE, source.type)] if source.type else []),
    ]
    return " ".join(
        f"filterTokens:{token(kind, code)}^{_FACT_BOOSTS[kind]}" for kind, code in codes
    )
