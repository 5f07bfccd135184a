"""Learning from the graph: the labelled complaints, a trial on the newest, then a model of all."""

from array import array
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from graph.database import Database
from graph.domain.spaces import EmbeddingSpace
from graph.domain.suggestions import LEARNT, Dimension
from graph.errors import InvalidInputError
from graph.progress import Progress, silent
from graph.queries.labelled import LabelledComplaint, labelled
from ingest.classification.features import Example, facts_of
from ingest.classification.linear import FEWEST
from ingest.classification.model import Classifier
from ingest.classification.training import Labelled, by_time, evaluate, train
from similarity.spaces import plain_vectors

#: The newest complaints that are learnt from: more take memory and tell little more.
MOST = 20_000
_PAGE = 500


async def read_labelled(
    database: Database, space: EmbeddingSpace, progress: Progress = silent
) -> list[Labelled]:
    """The newest labelled complaints, in order of receipt, page by page."""
    results: list[LabelledComplaint] = []
    while len(results) < MOST:
        before = results[-1].key if results else None
        page = await labelled(database, space, before=before, limit=min(_PAGE, MOST - len(results)))
        if not page:
            break
        vectors = plain_vectors(space, [each.vector for each in page])
        # Numbers of 4 bytes take an eighth of Python's lists.
        results += [
            replace(each, vector=array("f", vector.tolist()))
            for each, vector in zip(page, vectors, strict=True)
        ]
        progress("read", len(results), None)
    results.reverse()
    counts = Counter(code for complaint in results for code in complaint.labels.products)
    return [_labelled(complaint, counts) for complaint in results]


def _labelled(complaint: LabelledComplaint, counts: Mapping[str, int]) -> Labelled:
    values = dict(complaint.labels.values)
    # A product that few complain about is learnt as the wider one that it is part of.
    for code in complaint.labels.products:
        if counts[code] >= FEWEST:
            values[Dimension.PRODUCT] = code
            break
    example = Example(complaint.text, complaint.vector, facts_of(complaint.branches))
    return Labelled(example, values, complaint.confirmed)


def learn_all(
    rows: Sequence[Labelled], space: str, now: datetime, progress: Progress = silent
) -> Classifier:
    """Try a model of the older complaints on the newest ones, then learn all of them.

    Raises:
        InvalidInputError: there are too few labels for any dimension.
    """
    if not rows:
        raise _too_few(rows)
    older, newer = by_time(rows)
    trial = train(older, space=space, now=now, progress=progress)
    result = evaluate(trial, newer)
    classifier = train(rows, space=space, now=now, progress=progress)
    if not classifier.models:
        raise _too_few(rows)
    report = {
        "complaints": len(rows),
        "confirmed": sum(row.confirmed for row in rows),
        "dimensions": {
            dimension.value: _report(dimension, rows, classifier, result) for dimension in LEARNT
        },
    }
    return replace(classifier, report=report)


def _report(
    dimension: Dimension,
    rows: Sequence[Labelled],
    classifier: Classifier,
    result: Mapping[Any, Any],
) -> dict[str, Any]:
    model = classifier.models.get(dimension)
    tried = result.get(dimension)
    return {
        "labels": sum(dimension in row.values for row in rows),
        "classesLearnt": list(model.classes) if model else [],
        "onNewest": tried.as_dict() if tried else None,
    }


def _too_few(rows: Sequence[Labelled]) -> InvalidInputError:
    return InvalidInputError(
        f"There are {len(rows)} labelled complaints with a text, and no dimension has two values "
        f"with {FEWEST} different texts each: confirm or import more. Until then rules and "
        "neighbours classify."
    )
