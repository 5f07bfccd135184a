"""Whether precedents are of the same subject, on a demo bank whose truth is known.

The demo's truth is what each filing is about (its theme) and what went wrong (its case). Of a
precedent of the same theme and case the gain is 2, of the same theme 1; other filings of the same
incident are left out, as they are no precedents. nDCG@5 by Järvelin and Kekäläinen (2002).
"""

import random
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from math import log2
from typing import Any

import numpy as np

from api.services import Services
from graph.domain.scope import WHOLE_BANK
from graph.progress import Progress
from graph.statistics.resampling import bootstrap_interval
from ingest.demo import SYSTEM, DemoOptions
from ingest.demo.filings import Filing
from ingest.demo.history import history
from ingest.demo.source import source_id
from similarity.finder import Finder
from similarity.precedents import Asked, Precedents, RankedPrecedent
from similarity.tokens import PrecedentTokens

DEPTH = 5
_PAGE = 20
_ASKED = """
CYPHER 25
MATCH (c:Complaint {sourceSystem: $system})
WHERE c.narrative IS NOT NULL AND c.duplicate = false AND c.decided AND c.type IS NOT NULL
RETURN c.id AS id, c.sourceId AS source ORDER BY c.receivedKey
"""


@dataclass(frozen=True, slots=True)
class List:
    """One list judged: gains of what was shown, best first, and the best that there could be."""

    gains: tuple[int, ...]
    ideal: tuple[int, ...]
    useful: tuple[bool, ...]

    @property
    def ndcg(self) -> float:
        return _dcg(self.gains) / _dcg(self.ideal)


def _dcg(gains: Sequence[int]) -> float:
    return sum(gain / log2(rank + 1) for rank, gain in enumerate(gains, start=1))


async def evaluate(
    services: Services,
    options: DemoOptions,
    weights: Sequence[float],
    size: int,
    seed: int,
    progress: Progress,
) -> dict[str, Any]:
    """nDCG@5 and precision@5 by the weight of agreement, and the last against the first."""
    truth = {source_id(options, n): filing for n, filing in enumerate(history(options))}
    rows = await services.database.read(_ASKED, system=SYSTEM)
    sources = {row["id"]: row["source"] for row in rows}
    asked = random.Random(seed).sample(sorted(sources), min(size, len(sources)))  # noqa: S311
    lists: dict[float, list[List]] = {}
    for weight in weights:
        precedents = _precedents(services, weight)
        lists[weight] = []
        for start in range(0, len(asked), _PAGE):
            page = asked[start : start + _PAGE]
            shown = await precedents.of_complaints(page, Asked(WHOLE_BANK), first=DEPTH + 3)
            lists[weight] += [
                _judged(truth[sources[one]], shown[one], truth, sources.values()) for one in page
            ]
            progress(f"precedents, agreement {weight}", start + len(page), len(asked))
    return {
        "asked": len(asked),
        "byWeight": {str(weight): summary(judged) for weight, judged in lists.items()},
        "lastAgainstFirst": _comparison(lists[weights[-1]], lists[weights[0]], seed),
    }


def _precedents(services: Services, weight: float) -> Precedents:
    options = services.settings.search_options
    changed = replace(options, usefulness=replace(options.usefulness, agreement=weight))
    finder = Finder(
        services.database, services.book, services.weights, services.vocabulary, changed
    )
    return Precedents(finder, PrecedentTokens(b"benchmark" * 4))


def _judged(
    own: Filing,
    shown: Sequence[RankedPrecedent],
    truth: Mapping[str, Filing],
    decided: Iterable[str],
) -> List:
    others = [truth[p.candidate.complaint.source_id] for p in shown]
    kept = [(p, f) for p, f in zip(shown, others, strict=True) if f.incident is not own.incident]
    best = Counter(gain(own, truth[one]) for one in decided if truth[one] is not own)
    ideal = [2] * min(DEPTH, best[2])
    ideal += [1] * min(DEPTH - len(ideal), best[1])
    remedies = {verdict.remedy for verdict in own.course.rounds}
    return List(
        tuple(gain(own, filing) for _, filing in kept[:DEPTH]),
        tuple(ideal),
        tuple(
            filing.incident.theme.type == own.incident.theme.type
            and filing.incident.theme.product == own.incident.theme.product
            and p.resolution.remedy in remedies
            for p, filing in kept[:DEPTH]
        ),
    )


def gain(own: Filing, other: Filing) -> int:
    if own.incident.theme is not other.incident.theme:
        return 0
    return 2 if own.incident.case is other.incident.case else 1


def summary(lists: Sequence[List]) -> dict[str, float]:
    """``useful``: of type, product and remedy of the complaint itself."""
    known = [each for each in lists if each.ideal]
    return {
        "ndcg5": round(float(np.mean([each.ndcg for each in known])), 4),
        "sameTheme5": _mean([g > 0 for each in lists for g in each.gains]),
        "sameCase5": _mean([g == 2 for each in lists for g in each.gains]),
        "useful5": _mean([flag for each in lists for flag in each.useful]),
        "firstOfOtherTheme": _mean([each.gains[0] == 0 for each in lists if each.gains]),
    }


def _mean(flags: Sequence[bool]) -> float:
    return round(float(np.mean(flags)), 4) if flags else 0.0


def _comparison(last: Sequence[List], first: Sequence[List], seed: int) -> dict[str, float]:
    """Difference of nDCG@5, with the 95 % interval of a paired bootstrap (Efron 1979)."""
    pairs = zip(last, first, strict=True)
    differences = np.array([a.ndcg - b.ndcg for a, b in pairs if a.ideal])
    low, high = bootstrap_interval(np.mean, differences, seed=seed)
    return {
        "difference": round(float(differences.mean()), 4),
        "low": round(low, 4),
        "high": round(high, 4),
    }
