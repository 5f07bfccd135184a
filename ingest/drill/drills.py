"""Drills as people take them: begun, answered, finished, scored; and a session's agreement."""

import asyncio
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from itertools import combinations

import numpy as np
import structlog

from graph.commands import drills as commands
from graph.commands.requests import RequestKey
from graph.database import Database
from graph.domain.access import Identity
from graph.domain.drills import ORDERED, DrillAnswer, DrillDimension, DrillKey, Sitting
from graph.domain.vocabulary import RISK_TYPES, TYPES
from graph.errors import InvalidInputError, UnknownCodeError
from graph.queries import drills as queries
from graph.queries.drills import Session
from graph.statistics.agreement import Pairs, disagreement, kappa
from graph.statistics.figures import Figure, share
from ingest.drill.making import Drill, Maker

log = structlog.get_logger(__name__)

#: Of fewer people nothing is told: it would be what one of them answered.
FEWEST_PEOPLE = 2
#: How many of one's own drills, and of sessions, are listed.
LISTED = 20
_KEPT = 64


@dataclass(frozen=True, slots=True)
class Score:
    """How far one person's answers are right: which share, and beyond chance (None: undefined)."""

    dimension: DrillDimension
    right: Figure
    kappa: Figure | None


@dataclass(frozen=True, slots=True)
class AgreementRow:
    """Of pairs of people: the share of cases on which they say the same, and the mean kappa of all
    pairs, of those of one place and of those of two. None: there is no such pair, or undefined.
    """

    dimension: DrillDimension
    same: float
    every: Figure | None
    within: Figure | None
    across: Figure | None


@dataclass(frozen=True, slots=True)
class Tally:
    """How many gave one answer of a dimension."""

    dimension: DrillDimension
    codes: tuple[str, ...]
    count: int
    right: bool


@dataclass(frozen=True, slots=True)
class Dispute:
    """A case, and which share of pairs differ on it, over all dimensions."""

    number: int
    differing: float
    tallies: tuple[Tally, ...]


@dataclass(frozen=True, slots=True)
class Agreement:
    """``places``: branches, those of the whole bank being one; of too few people nothing else."""

    people: int
    places: int
    rows: tuple[AgreementRow, ...] | None = None
    disputes: tuple[Dispute, ...] | None = None


class Drills:
    """Makes drills once, keeps what people answer, and says what that comes to."""

    def __init__(self, database: Database, maker: Maker) -> None:
        self._database = database
        self._made: Callable[[DrillKey], Drill] = lru_cache(maxsize=_KEPT)(maker.make)

    async def drill(self, key: DrillKey) -> Drill:
        return await asyncio.to_thread(self._made, key)

    async def sitting(self, drill: Drill, identity: Identity) -> Sitting | None:
        """What the person has answered so far; None: nothing."""
        return await queries.own(self._database, identity.actor, drill.key.code, drill.edition)

    async def taken(self, identity: Identity) -> list[Sitting]:
        """One's own, the newest first. No drill is made for it, so none is known to be current."""
        return await queries.of_person(self._database, identity.actor, LISTED)

    async def answer(
        self,
        drill: Drill,
        number: int,
        given: DrillAnswer,
        identity: Identity,
        key: RequestKey | None,
    ) -> None:
        """Keep an answer.

        Raises:
            InvalidInputError: there is no such case, or no such precedent.
            UnknownCodeError: there is no such type or risk type.
            ConflictError: the drill is finished.
        """
        _check(drill, number, given)
        sitting = _begun(drill, identity)
        await commands.answer(self._database, sitting, {number: given}, key)

    async def finish(self, drill: Drill, identity: Identity, key: RequestKey | None) -> None:
        """End it; raises InvalidInputError: cases are left to answer."""
        sitting = _begun(drill, identity)
        size, now = drill.key.size, sitting.started_at
        await commands.finish(self._database, sitting, size, now, key)
        log.info("a drill was finished", drill=drill.key.code)

    async def sessions(self) -> list[Session]:
        """Drills that several people have finished, the latest first."""
        return await queries.sessions(self._database, FEWEST_PEOPLE, LISTED)

    async def agreement(self, drill: Drill) -> Agreement:
        """How far those agree who have finished it."""
        sittings = await queries.finished(self._database, drill.key.code, drill.edition)
        return await asyncio.to_thread(agreement_of, drill, sittings)


def _begun(drill: Drill, identity: Identity) -> Sitting:
    branches = () if identity.reach.everything else identity.reach.branches
    branch = branches[0] if len(branches) == 1 else None
    now = datetime.now(UTC)
    return Sitting(identity.actor, drill.key.code, drill.edition, branch, now)


def _check(drill: Drill, number: int, given: DrillAnswer) -> None:
    if not 1 <= number <= len(drill.cases):
        raise InvalidInputError(f"This drill has the cases 1 to {len(drill.cases)}.", path=["case"])
    options = len(drill.cases[number - 1].options)
    if not 1 <= given.precedent <= options:
        raise InvalidInputError(f"There are the precedents 1 to {options}.", path=["precedent"])
    if given.type not in TYPES:
        raise UnknownCodeError(
            f"There is no such type; use one of {', '.join(TYPES)}.", path=["type"]
        )
    if unknown := set(given.risk_types) - RISK_TYPES.keys():
        raise UnknownCodeError(
            f"{len(unknown)} of these are no risk types; use {', '.join(RISK_TYPES)}.",
            path=["riskTypes"],
        )


def scores(drill: Drill, sitting: Sitting) -> list[Score]:
    """Of a drill that is finished, by dimension."""
    truth = [case.truth for case in drill.cases]
    given = [sitting.answers[case.number] for case in drill.cases]
    return [_score(dimension, given, truth) for dimension in DrillDimension]


def _score(
    dimension: DrillDimension, given: Sequence[DrillAnswer], truth: Sequence[DrillAnswer]
) -> Score:
    pairs = zip(given, truth, strict=True)
    right = sum(a.category(dimension) == b.category(dimension) for a, b in pairs)
    figure = share(right, len(truth))
    assert figure is not None, "a drill has cases"
    return Score(dimension, figure, _kappa(dimension, [given, truth], [(0, 1)]))


def agreement_of(drill: Drill, sittings: Sequence[Sitting]) -> Agreement:
    """Of those who have finished it; pure."""
    places = [sitting.branch for sitting in sittings]
    counts = Agreement(len(sittings), len(set(places)))
    if len(sittings) < FEWEST_PEOPLE:
        return counts
    answers = [[each.answers[case.number] for case in drill.cases] for each in sittings]
    pairs = list(combinations(range(len(sittings)), 2))
    within = [pair for pair in pairs if places[pair[0]] == places[pair[1]]]
    across = [pair for pair in pairs if places[pair[0]] != places[pair[1]]]
    rows = tuple(
        AgreementRow(
            dimension,
            1
            - sum(_differing(dimension, each) for each in zip(*answers, strict=True))
            / len(drill.cases),
            *(_kappa(dimension, answers, some) for some in (pairs, within, across)),
        )
        for dimension in DrillDimension
    )
    disputes = [
        _dispute(case.number, case.truth, each)
        for case, each in zip(drill.cases, zip(*answers, strict=True), strict=True)
    ]
    disputes.sort(key=lambda each: (-each.differing, each.number))
    return Agreement(counts.people, counts.places, rows, tuple(disputes))


def _dispute(number: int, truth: DrillAnswer, answers: Sequence[DrillAnswer]) -> Dispute:
    differing = sum(_differing(dimension, answers) for dimension in DrillDimension)
    tallies = tuple(
        Tally(dimension, codes, count, codes == truth.codes(dimension))
        for dimension in DrillDimension
        for codes, count in _counted(dimension, answers)
    )
    return Dispute(number, differing / len(DrillDimension), tallies)


def _counted(
    dimension: DrillDimension, answers: Sequence[DrillAnswer]
) -> list[tuple[tuple[str, ...], int]]:
    """The most frequent first."""
    counts = Counter(answer.codes(dimension) for answer in answers)
    return sorted(counts.items(), key=lambda each: (-each[1], each[0]))


def _differing(dimension: DrillDimension, answers: Sequence[DrillAnswer]) -> float:
    """Which share of pairs of people differ on one case, 0..1."""
    count = len(answers)
    same = sum(each * (each - 1) for _, each in _counted(dimension, answers))
    return 1 - same / (count * (count - 1))


def _kappa(
    dimension: DrillDimension, answers: Sequence[Sequence[DrillAnswer]], pairs: Pairs
) -> Figure | None:
    given = [[answer.category(dimension) for answer in row] for row in answers]
    values = ORDERED.get(dimension) or sorted({each for row in given for each in row})
    places = {value: place for place, value in enumerate(values)}
    ratings = np.array([[places[each] for each in row] for row in given], dtype=np.int64)
    weights = disagreement(len(values), ordered=dimension in ORDERED)
    return kappa(ratings, weights, pairs)
