"""How well the service's own classifier learns one file and reads another."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np

from benchmarks.classification.baseline import baseline
from benchmarks.classification.families import families
from graph.domain.suggestions import Dimension
from graph.errors import InvalidInputError
from graph.progress import Progress, silent
from ingest.classification.features import Example, Vectors, facts_of
from ingest.classification.metrics import Flags, mcnemar
from ingest.classification.scoring import Evaluation, rounded, score
from ingest.classification.training import Labelled, train
from ingest.masking import Masker
from ingest.record import IncomingComplaint, RowSource


@dataclass(frozen=True, slots=True)
class Story:
    """A narrative, masked, with its family and what was known when it came in."""

    id: str
    text: str
    family: str
    facts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Stories:
    """``without_family``: narratives about products that belong to none."""

    rows: tuple[Story, ...]
    without_family: int


def read_stories(source: RowSource, masker: Masker, progress: Progress = silent) -> Stories:
    """All rows of a CFPB file that have a narrative."""
    known = families()
    rows, without = [], 0
    for number, row in enumerate(source.rows(), start=1):
        progress(f"read {source.path.name}", number, None)
        content = row.content
        if not isinstance(content, IncomingComplaint) or not content.narrative:
            continue
        family = known.get(content.product[0].name) if content.product else None
        if family is None:
            without += 1
            continue
        text = masker.mask(content.narrative.replace("\x00", " ")).text
        codes = tuple(entry.code for entry in content.branch)
        rows.append(Story(content.source_id or "", text, family, facts_of(codes)))
    return Stories(tuple(rows), without)


def unseen(train_rows: Sequence[Story], test_rows: Sequence[Story]) -> list[Story]:
    """The rows of the test that are not learnt from.

    Raises:
        InvalidInputError: there are none, or nothing can be learnt.
    """
    learnt = {row.id for row in train_rows}
    rows = [row for row in test_rows if row.id not in learnt]
    if len({row.family for row in train_rows}) < 2:
        raise InvalidInputError(
            "The training file has narratives of fewer than two product families: "
            "nothing can be learnt from it."
        )
    if not rows:
        raise InvalidInputError(
            "The test file has no narrative that is not in the training file: name another one."
        )
    return rows


async def evaluate_stories(
    known: Sequence[Story],
    asked: Sequence[Story],
    encode: Callable[[Sequence[str]], Awaitable[Vectors]],
    now: datetime,
    progress: Progress = silent,
) -> dict[str, Any]:
    """Learn ``known``, read ``asked``: the facts as one JSON object.

    ``textAlone`` is the same without the facts known at registration (the company and its
    state), so that nobody takes for reading what was knowing.
    """
    texts = list(dict.fromkeys(row.text for row in (*known, *asked)))
    vectors = dict(zip(texts, await encode(texts), strict=True))
    truth = np.array([row.family for row in asked])
    naive = np.array(
        baseline([r.text for r in known], [r.family for r in known], [r.text for r in asked])
    )
    result, predicted = _tried(known, asked, vectors, now, with_facts=True, progress=progress)
    alone, predicted_alone = _tried(known, asked, vectors, now, with_facts=False, progress=progress)
    return {
        "trained": len(known),
        "tested": len(asked),
        **result.as_dict(),
        "baseline": {"accuracy": rounded(float((naive == truth).mean()))},
        "mcnemar": _test(predicted == truth, naive == truth),
        "textAlone": {
            **alone.figures(),
            "mcnemar": _test(predicted_alone == truth, naive == truth),
        },
    }


def _tried(
    known: Sequence[Story],
    asked: Sequence[Story],
    vectors: dict[str, Any],
    now: datetime,
    *,
    with_facts: bool,
    progress: Progress,
) -> tuple[Evaluation, Any]:
    def labelled(row: Story) -> Labelled:
        example = Example(row.text, vectors[row.text], row.facts if with_facts else ())
        return Labelled(example, {Dimension.PRODUCT: row.family})

    classifier = train([labelled(r) for r in known], space="", now=now, progress=progress)
    rows = [labelled(row) for row in asked]
    if Dimension.PRODUCT not in classifier.models:
        raise InvalidInputError(
            "The training file has fewer than eight different narratives in most families: "
            "nothing can be learnt from it."
        )
    predictions = classifier.predict([row.example for row in rows])[Dimension.PRODUCT]
    predicted = [prediction.best.value for prediction in predictions]
    result = score(
        [row.family for row in asked],
        predicted,
        [prediction.best.confidence for prediction in predictions],
        classifier.models[Dimension.PRODUCT].threshold,
    )
    return result, np.array(predicted)


def _test(ours: Flags, theirs: Flags) -> dict[str, float]:
    """Against the baseline: rows that only one of the two gets right, and the chance of that."""
    result = mcnemar(ours, theirs)
    return {"onlyOurs": result.only_ours, "onlyBaseline": result.only_theirs, "p": result.p}
