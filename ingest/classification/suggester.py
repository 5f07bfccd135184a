"""Everything that can be said of a new complaint: by the model, by rules, by alike cases."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import structlog

from graph.database import Database
from graph.domain.case import Case
from graph.domain.enums import CaseStatus
from graph.domain.scope import WHOLE_BANK
from graph.domain.spaces import EmbeddingSpace
from graph.domain.suggestions import (
    LEARNT,
    Dimension,
    Suggested,
    Suggestion,
    SuggestionSource,
    is_majority,
    voted,
)
from graph.domain.views import ComplaintRecord
from graph.errors import ComplaintGraphError
from graph.progress import Progress, silent
from graph.queries import complaints as complaint_queries
from graph.queries.labelled import LabelledNeighbour, Labels, nearest_labelled
from graph.queries.neighbours import Sought, vectors
from graph.queries.suggestions import latest
from ingest.classification.features import Example, facts_of
from ingest.classification.files import ClassifierFiles
from ingest.classification.general import general_classifier
from ingest.classification.model import CANDIDATES, Classifier, Prediction
from ingest.classification.rules import Facts, Rulebook
from similarity.spaces import OpenSpace, plain_vectors

log = structlog.get_logger(__name__)

#: Labelled neighbours that are asked, and how many of them are shown as evidence.
ASKED = 15
SHOWN = 3
#: A vote of neighbours or words counts from this share on, and from so many voices.
_MAJORITY = 0.6
_VOICES = 3


@dataclass(frozen=True, slots=True)
class Asked:
    """A complaint to tell about: its vector is of the active space, its branch has the wider ones.

    ``type``: the one that it already has.
    """

    id: str
    vector: Sequence[float] = field(repr=False)
    facts: Facts
    branches: tuple[str, ...] = ()
    type: str | None = None

    @classmethod
    def new(cls, case: Case, vector: Sequence[float], branches: tuple[str, ...]) -> "Asked":
        facts = Facts(
            text=case.text or "",
            channel=case.channel,
            received_at=case.received.at,
            occurred_at=case.occurred_at,
            amount_band=case.amount_band,
            vulnerable=case.vulnerable,
            product=case.product,
            branch=case.branch,
            customer=case.customer is not None,
        )
        return cls(case.id, vector, facts, branches, case.type)

    @classmethod
    def stored(cls, complaint: ComplaintRecord, vector: Sequence[float]) -> "Asked":
        facts = Facts(
            text=complaint.text or "",
            channel=complaint.channel,
            received_at=complaint.received_at,
            occurred_at=complaint.occurred_at,
            amount_band=complaint.amount_band,
            vulnerable=complaint.vulnerable,
            product=complaint.product,
            branch=complaint.branch,
            customer=complaint.customer is not None,
        )
        return cls(complaint.id, vector, facts, complaint.branches, complaint.type)


class Suggester:
    """Holds the classifiers in use; follows when another one, or another space, is put in use."""

    def __init__(
        self, database: Database, files: ClassifierFiles, rules: Rulebook, general: Path
    ) -> None:
        """Reads nothing before ``start``; ``general``: where general classifiers are kept."""
        self._database = database
        self._files = files
        self.rules = rules
        self._classifier: Classifier | None = None
        self._refused: str | None = None
        self._folder = general
        self._general: dict[str, Classifier] = {}

    @property
    def classifier(self) -> Classifier | None:
        return self._classifier

    async def start(self, opened: Sequence[OpenSpace], progress: Progress = silent) -> None:
        """Load the classifier in use, and a general one for each open space.

        Raises:
            ModelError: its files are damaged.
        """
        await self._follow(opened, progress)
        version = self._files.current()
        if version is not None:
            self._classifier = await asyncio.to_thread(self._files.load, version)

    async def refresh(self, opened: Sequence[OpenSpace] = ()) -> None:
        """Take up another version when one was put in use; a damaged one is told of, once."""
        version = None
        try:
            await self._follow(opened)
            version = self._files.current()
            known = self._classifier.version if self._classifier else None
            if version is not None and version not in (known, self._refused):
                self._classifier = await asyncio.to_thread(self._files.load, version)
                log.info("another classifier is in use now", version=version)
        except ComplaintGraphError as error:
            self._refused = version
            log.warning("the classifier cannot be loaded; the one before stays", why=error.message)

    async def _follow(self, opened: Sequence[OpenSpace], progress: Progress = silent) -> None:
        for each in opened:
            if each.plain.name not in self._general:
                self._general[each.plain.name] = await general_classifier(
                    each.plain, self._folder, progress
                )

    async def suggest(
        self, asked: Sequence[Asked], space: EmbeddingSpace, now: datetime
    ) -> dict[str, Suggestion]:
        """A suggestion for each case, by its id; one statement for all of them."""
        sought = [Sought(a.id, id=a.id, vector=a.vector) for a in asked]
        near = await nearest_labelled(self._database, space, sought, ASKED)
        return await asyncio.to_thread(self._all, asked, near, space, now)

    async def of(self, ids: Sequence[str], space: EmbeddingSpace) -> dict[str, Suggestion]:
        """What was suggested about each when it was registered, of complaints that may be seen.

        For those that came otherwise (an import) and nobody has read yet, what would be suggested
        now; nothing for others. Four statements, whatever is asked for.
        """
        kept = await latest(self._database, ids)
        others = [identity for identity in ids if identity not in kept]
        complaints = await complaint_queries.by_ids(self._database, others, WHOLE_BANK)
        known = await vectors(self._database, space, others)
        asked = [
            Asked.stored(complaint, known[identity])
            for identity, complaint in complaints.items()
            if identity in known and _unread(complaint)
        ]
        return {**kept, **await self.suggest(asked, space, datetime.now(UTC))}

    def terms(self, suggestion: Suggestion, suggested: Suggested, text: str) -> tuple[str, ...]:
        """The words of the text on which a suggested value rests.

        Of another model of this bank than the one in use nothing is told: its weights would be
        others. The words of a general one are the same for every encoder.
        """
        if suggested.source is SuggestionSource.RULE:
            return self.rules.words(suggested.rules, text)
        known = self._classifier
        if suggested.source is SuggestionSource.GENERAL_MODEL:
            known = next(iter(self._general.values()), None)
        elif known is not None and known.version != suggestion.model:
            return ()
        if known is None or len(suggested.likely) < 2:
            return ()
        best, against = suggested.likely[0].value, suggested.likely[1].value
        return known.terms(text, suggested.dimension, best, against)

    def _all(
        self,
        asked: Sequence[Asked],
        near: Mapping[str, list[LabelledNeighbour]],
        space: EmbeddingSpace,
        now: datetime,
    ) -> dict[str, Suggestion]:
        known = self._classifier
        model = known if known and known.space == space.encoder else None
        rows = plain_vectors(space, [a.vector for a in asked])
        examples = [
            Example(a.facts.text, row, facts_of(a.branches))
            for a, row in zip(asked, rows, strict=True)
        ]
        predicted = model.predict(examples) if model else {}
        general = self._general.get(space.encoder)
        behind = general.predict(examples) if general else {}
        made = {}
        for number, each in enumerate(asked):
            predictions = {dimension: of_all[number] for dimension, of_all in predicted.items()}
            generally = {dimension: of_all[number] for dimension, of_all in behind.items()}
            neighbours = near.get(each.id, [])
            votes = [
                (n.labels, n.cosine - space.threshold)
                for n in neighbours
                if n.cosine > space.threshold
            ]
            version = model.version if model else None
            made[each.id] = self._one(each, predictions, generally, votes, version, now)
        return made

    def _one(
        self,
        asked: Asked,
        predictions: Mapping[Dimension, Prediction],
        generally: Mapping[Dimension, Prediction],
        votes: Sequence[tuple[Labels, float]],
        version: str | None,
        now: datetime,
    ) -> Suggestion:
        fired = self.rules.fired(asked.facts)
        results = []
        for dimension in LEARNT:
            if dimension in predictions:
                results.append(_by_model(dimension, predictions[dimension], votes))
            elif dimension in generally:
                results.append(_by_general_model(dimension, generally[dimension]))
            else:
                results.append(self._untaught(dimension, fired, votes))
        type_ = asked.type or next(
            (s.value for s in results if s.dimension is Dimension.TYPE), None
        )
        return Suggestion(
            complaint=asked.id,
            at=now,
            model=version,
            dimensions=(*results, *self.rules.suggest(asked.facts, fired)),
            missing=self.rules.absent(asked.facts, type_),
            untaught=tuple(d for d in LEARNT if d not in {*predictions, *generally}),
        )

    def _untaught(
        self,
        dimension: Dimension,
        fired: Mapping[str, int],
        votes: Sequence[tuple[Labels, float]],
    ) -> Suggested:
        """Before enough was learnt: the neighbours' vote, and behind it the rules'."""
        voted = _by_neighbours(dimension, votes)
        if voted.value is not None:
            return voted
        ruled = self.rules.severity(fired) if dimension is Dimension.SEVERITY else None
        if dimension is Dimension.TYPE:
            likely = self.rules.type_(fired)
            clear = is_majority(likely, _MAJORITY)
            names = [r.name for r in self.rules.rules if likely and r.type == likely[0].value]
            value = likely[0].value if clear else None
            ruled = Suggested(
                dimension, SuggestionSource.RULE, value, likely[:CANDIDATES], tuple(names)
            )
        return ruled if ruled is not None and ruled.likely else voted


def _unread(complaint: ComplaintRecord) -> bool:
    return complaint.status is CaseStatus.REGISTERED and complaint.course.classified_by is None


def _by_model(
    dimension: Dimension, prediction: Prediction, votes: Sequence[tuple[Labels, float]]
) -> Suggested:
    best = prediction.best.value
    return Suggested(
        dimension,
        SuggestionSource.MODEL,
        best if prediction.accepted else None,
        prediction.likely,
        cases=_having(dimension, best, votes),
    )


def _by_general_model(dimension: Dimension, prediction: Prediction) -> Suggested:
    """No complaint of this bank has taught it, so none is its evidence."""
    best = prediction.best.value
    value = best if prediction.accepted else None
    return Suggested(dimension, SuggestionSource.GENERAL_MODEL, value, prediction.likely)


def _by_neighbours(dimension: Dimension, votes: Sequence[tuple[Labels, float]]) -> Suggested:
    """Weighted k-nearest-neighbour voting (Dudani 1976); nearer ones count more."""
    weights: dict[str, float] = {}
    voices: dict[str, int] = {}
    for labels, weight in votes:
        value = labels.values.get(dimension)
        if value is not None:
            weights[value] = weights.get(value, 0.0) + weight
            voices[value] = voices.get(value, 0) + 1
    likely = voted(weights, sum(voices.values()))
    if not likely:
        return Suggested(dimension, SuggestionSource.NEIGHBOURS, None)
    best = likely[0]
    clear = is_majority(likely, _MAJORITY) and voices[best.value] >= _VOICES
    return Suggested(
        dimension,
        SuggestionSource.NEIGHBOURS,
        best.value if clear else None,
        likely[:CANDIDATES],
        cases=_having(dimension, best.value, votes),
    )


def _having(
    dimension: Dimension, value: str, votes: Sequence[tuple[Labels, float]]
) -> tuple[str, ...]:
    """The nearest labelled complaints with this value; a wider product has its narrower ones."""
    ids = [
        labels.id
        for labels, _ in votes
        if labels.values.get(dimension) == value
        or (dimension is Dimension.PRODUCT and value in labels.products)
    ]
    return tuple(ids[:SHOWN])
