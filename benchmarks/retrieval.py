"""How well labelled pairs find each other through the service's own code."""

import csv
import gzip
import random
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np

from api.services import Services
from graph.domain.scope import WHOLE_BANK
from graph.errors import SourceError
from graph.progress import Progress
from graph.statistics.resampling import bootstrap_interval
from ingest.record import IncomingComplaint, Row
from similarity.finder import SearchMode

SYSTEM = "evaluation"
DEPTH = 10


@dataclass(frozen=True, slots=True)
class Pairs:
    """Sentences without repetition, and for each positive pair the places of its two."""

    sentences: tuple[str, ...]
    positives: tuple[tuple[int, int], ...]


def read_pairs(path: Path) -> Pairs:
    """Read a TSV (or .gz) with the columns sentence1, sentence2, label.

    Raises:
        SourceError: the file or its columns are not there.
    """
    places: dict[str, int] = {}
    positives = []
    for first, second, label in _rows(path):
        a, b = (places.setdefault(text, len(places)) for text in (first, second))
        if label == "1" and a != b:
            positives.append((a, b))
    return Pairs(tuple(places), tuple(positives))


def _rows(path: Path) -> Iterator[tuple[str, str, str]]:
    opener = gzip.open if path.suffix == ".gz" else open
    try:
        with opener(path, "rt", encoding="utf-8", newline="") as file:
            for row in csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE):
                yield row["sentence1"].strip(), row["sentence2"].strip(), row["label"].strip()
    except (OSError, KeyError, UnicodeDecodeError, AttributeError) as error:
        raise SourceError(
            f"{path} is no file of pairs: it needs the columns sentence1, sentence2 and label, "
            "separated by tabs."
        ) from error


class SentenceSource:
    """The sentences as complaints, so that they take the way of every complaint."""

    system = SYSTEM

    def __init__(self, sentences: Sequence[str], path: Path) -> None:
        self.path = path
        self._sentences = sentences

    def rows(self) -> Iterator[Row]:
        for number, sentence in enumerate(self._sentences):
            complaint = IncomingComplaint(SYSTEM, str(number), date(2025, 1, 1), narrative=sentence)
            yield Row(number + 1, complaint)

    def fingerprint(self) -> str:
        return SYSTEM


async def ranks(
    services: Services,
    pairs: Pairs,
    mode: SearchMode,
    queries: Sequence[tuple[int, int]],
    progress: Progress,
) -> tuple[list[int | None], list[float]]:
    """For each query the rank of its partner (None: not among ten), and milliseconds taken."""
    results, times = [], []
    for number, (asked, partner) in enumerate(queries, start=1):
        text = services.pipeline.mask_query(pairs.sentences[asked])
        started = time.perf_counter()
        alike = await services.finder.search(
            text, filters=None, scope=WHOLE_BANK, mode=mode, first=DEPTH + 1
        )
        times.append((time.perf_counter() - started) * 1000)
        ids = [a.complaint.source_id for a in alike if a.complaint.source_id != str(asked)][:DEPTH]
        results.append(ids.index(str(partner)) + 1 if str(partner) in ids else None)
        progress(f"search {mode.lower()}", number, len(queries))
    return results, times


def choose(pairs: Pairs, most: int | None, seed: int) -> list[tuple[int, int]]:
    """Each positive as a query for its partner, or a sample of them."""
    if most is None or most >= len(pairs.positives):
        return list(pairs.positives)
    return random.Random(seed).sample(pairs.positives, most)  # noqa: S311 - no secret


def summary(results: Sequence[int | None], times: Sequence[float]) -> dict[str, float]:
    reciprocal = [0.0 if rank is None else 1 / rank for rank in results]
    return {
        "mrr10": round(float(np.mean(reciprocal)), 4),
        "recall10": round(float(np.mean([rank is not None for rank in results])), 4),
        "p50Milliseconds": round(float(np.median(times)), 1),
    }


def comparison(
    results: Mapping[SearchMode, Sequence[int | None]], seed: int
) -> dict[str, dict[str, object]]:
    """HYBRID against the better of the others: difference and its 95 % interval.

    Paired bootstrap over the queries (Efron 1979), percentile interval.
    """
    compared: dict[str, dict[str, object]] = {}
    for name, value in (("mrr10", _reciprocal), ("recall10", _hit)):
        scores = {
            mode: np.array([value(rank) for rank in ranks_]) for mode, ranks_ in results.items()
        }
        other = max(
            (SearchMode.VECTOR, SearchMode.LEXICAL), key=lambda mode: float(scores[mode].mean())
        )
        difference = scores[SearchMode.HYBRID] - scores[other]
        low, high = bootstrap_interval(np.mean, difference, seed=seed)
        compared[name] = {
            "against": other.value,
            "difference": round(float(difference.mean()), 4),
            "low": round(low, 4),
            "high": round(high, 4),
        }
    return compared


def _reciprocal(rank: int | None) -> float:
    return 0.0 if rank is None else 1 / rank


def _hit(rank: int | None) -> float:
    return float(rank is not None)
