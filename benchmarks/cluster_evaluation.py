"""How well clusters find known matters, beside BERTopic's recipe, and how stable refits are."""

import asyncio
import csv
import gzip
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from graph.domain.clusters import Fit
from graph.errors import InvalidInputError, SourceError
from graph.progress import Progress, silent
from ingest.masking import Masker
from ingest.record import IncomingComplaint, RowSource
from similarity.clustering import divide, named, texts_to_name
from similarity.clustering.labels import terms
from similarity.encoding import AsyncEncoder

#: Labels with fewer rows than this are left out of the comparison, not of the clustering.
FEWEST_ROWS = 10
#: A refit is tried after so many more complaints, on so many random orders.
GROWTH = 0.1
ORDERS = 5
SEED = 1
UNASSIGNED = -1

Numbers: TypeAlias = NDArray[np.int64]
#: Seconds on the wall, and of the processor: the second one tells more on a busy machine.
Clocks: TypeAlias = tuple[float, float]


@dataclass(frozen=True, slots=True)
class LabelledText:
    id: str
    text: str
    label: str


def read_labelled(
    source: RowSource, masker: Masker, progress: Progress = silent
) -> list[LabelledText]:
    """Narratives, masked, with 'Product | Issue'."""
    results = []
    for number, row in enumerate(source.rows(), start=1):
        progress(f"read {source.path.name}", number, None)
        content = row.content
        if not isinstance(content, IncomingComplaint) or not content.narrative:
            continue
        product = content.product[0].name if content.product else ""
        issue = content.causes[0].chain[0].name if content.causes else ""
        text = masker.mask(content.narrative.replace("\x00", " ")).text
        results.append(LabelledText(content.source_id or str(number), text, f"{product} | {issue}"))
    if len({each.label for each in results}) < 2:
        raise InvalidInputError(f"{source.path} has narratives of fewer than two labels.")
    return results


def read_table(
    path: Path, columns: tuple[str, str], most: int | None, masker: Masker
) -> list[LabelledText]:
    """Texts, masked, with their labels: the two named columns of a CSV or TSV (or .gz).

    ``most``: so many at most, drawn with a fixed seed.

    Raises:
        SourceError: the file cannot be read, or a column is not there.
        InvalidInputError: fewer than two labels.
    """
    rows = [pair for pair in _pairs(path, *columns) if all(pair)]
    if most is not None and most < len(rows):
        rows = [rows[place] for place in np.random.default_rng(SEED).permutation(len(rows))[:most]]
    if len({label for _, label in rows}) < 2:
        raise InvalidInputError(f"{path} has texts of fewer than two labels.")
    return [
        LabelledText(f"{number:07d}", masker.mask(text.replace("\x00", " ")).text, label)
        for number, (text, label) in enumerate(rows)
    ]


def _pairs(path: Path, text: str, label: str) -> list[tuple[str, str]]:
    opener = gzip.open if path.suffix == ".gz" else open
    try:
        with opener(path, "rt", encoding="utf-8-sig", newline="") as file:
            rows = csv.DictReader(file, delimiter="\t" if ".tsv" in path.suffixes else ",")
            missing = {text, label} - set(rows.fieldnames or ())
            if missing:
                raise SourceError(
                    f"{path} has no column {', '.join(sorted(missing))}; it has "
                    f"{', '.join(rows.fieldnames or ())}."
                )
            return [((row[text] or "").strip(), (row[label] or "").strip()) for row in rows]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise SourceError(f"{path} is no table in UTF-8: {error}.") from error


async def encoded(
    rows: Sequence[LabelledText],
    encoder: AsyncEncoder,
    file: Path | None,
    progress: Progress = silent,
) -> NDArray[np.float32]:
    """The rows' vectors, from a file of an earlier run if there is one.

    Raises:
        InvalidInputError: the file holds vectors of other rows.
    """
    if file is not None and await asyncio.to_thread(file.exists):
        kept: NDArray[np.float32] = np.load(file)
        if len(kept) != len(rows):
            raise InvalidInputError(f"{file} holds vectors of other rows: name another file.")
        return kept
    result = await encoder.encode([row.text for row in rows], progress)
    if file is not None:
        np.save(file, result)
    return result


def evaluate(
    rows: Sequence[LabelledText],
    vectors: NDArray[np.float32],
    centre: NDArray[np.float32],
    progress: Progress = silent,
    *,
    seeds: int = 1,
) -> dict[str, Any]:
    """Both clusterings of the same vectors, and refits after a tenth more complaints.

    Vectors are given; labels are included in the times; imports and compilation are not.
    ``seeds``: the recipe depends on chance, so it is run so often; the first is compared.
    """
    ids = [row.id for row in rows]
    texts = {row.id: row.text for row in rows}
    counts = Counter(row.label for row in rows)
    evaluated = [place for place, row in enumerate(rows) if counts[row.label] >= FEWEST_ROWS]
    truth = [rows[place].label for place in evaluated]
    # Imports and dictionaries are loaded by a first, small run.
    _fit(ids[:300], vectors[:300], centre, texts, {})
    started = _clocks()
    fit = _fit(ids, vectors, centre, texts, {})
    ours = _since(started)
    numbers = {cluster.id: number for number, cluster in enumerate(fit.clusters)}
    result = np.array(
        [numbers[fit.members[one][0]] if one in fit.members else UNASSIGNED for one in ids]
    )
    progress("clusters", 1, 3)
    theirs, seconds = _recipe(vectors, [row.text for row in rows], SEED)
    progress("clusters", 2, 3)
    facts = {
        "rows": len(rows),
        "evaluated": len(evaluated),
        "labels": len(set(truth)),
        "ours": {**_figures(result, evaluated, truth), **_seconds(ours)},
        "refitKeeps": _stability(ids, vectors, centre, texts),
    }
    progress("clusters", 3, 3)
    if theirs is None:
        return {**facts, "recipe": "not measured: pip install umap-learn"}
    others = (_recipe(vectors, [], seed)[0] for seed in range(SEED + 1, SEED + seeds))
    again = [_figures(other, evaluated, truth) for other in others if other is not None]
    return {
        **facts,
        "recipe": {**_figures(theirs, evaluated, truth), **_seconds(seconds)},
        **({"recipeByOtherSeeds": again} if again else {}),
        "timesFaster": round(seconds[0] / ours[0], 1),
        "timesLessProcessor": round(seconds[1] / ours[1], 1),
    }


def _fit(
    ids: Sequence[str],
    vectors: NDArray[np.float32],
    centre: NDArray[np.float32],
    texts: Mapping[str, str],
    previous: Mapping[str, str],
) -> Fit:
    groups = divide(ids, vectors, centre, previous)
    requested = {one: texts[one] for one in texts_to_name(groups)}
    return named(
        groups, requested, space="", at=datetime.now(UTC), count=len(ids), previous=previous
    )


def _stability(
    ids: Sequence[str],
    vectors: NDArray[np.float32],
    centre: NDArray[np.float32],
    texts: Mapping[str, str],
) -> dict[str, float]:
    """Share of old members whose cluster has the same id after a tenth more complaints."""
    shares = []
    for seed in range(ORDERS):
        order = np.random.default_rng([SEED, seed]).permutation(len(ids))
        old = sorted(int(place) for place in order[: int(len(ids) / (1 + GROWTH))])
        first = _fit([ids[place] for place in old], vectors[old], centre, texts, {})
        before = {one: cluster for one, (cluster, _) in first.members.items()}
        after = _fit(ids, vectors, centre, texts, before).members
        kept = sum(one in after and after[one][0] == cluster for one, cluster in before.items())
        shares.append(kept / len(before))
    return {"mean": round(float(np.mean(shares)), 4), "least": round(min(shares), 4)}


def _recipe(
    vectors: NDArray[np.float32], texts: Sequence[str], seed: int
) -> tuple[Numbers | None, Clocks]:
    """BERTopic's defaults: UMAP (15 neighbours, 5 dimensions, cosine), HDBSCAN (10 at least).

    Its clusters are labelled by the same code as ours, if ``texts`` are given. Without umap-learn
    nothing is measured.
    """
    try:
        import umap
    except ImportError:
        return None, (0.0, 0.0)
    from sklearn.cluster import HDBSCAN

    settings = {"n_neighbors": 15, "n_components": 5, "min_dist": 0.0, "metric": "cosine"}
    # Compiled by a first, small run.
    umap.UMAP(**settings, random_state=seed).fit_transform(vectors[:200])
    started = _clocks()
    reduced = umap.UMAP(**settings, random_state=seed).fit_transform(vectors)
    result: Numbers = HDBSCAN(min_cluster_size=10, copy=True).fit_predict(reduced)
    if texts:
        terms(
            [
                [texts[place] for place in np.flatnonzero(result == number).tolist()]
                for number in range(int(result.max()) + 1)
            ]
        )
    return result, _since(started)


def _figures(results: Numbers, evaluated: Sequence[int], truth: Sequence[str]) -> dict[str, Any]:
    from sklearn.metrics import adjusted_mutual_info_score, normalized_mutual_info_score

    labels = results[list(evaluated)]
    return {
        "clusters": int(results.max()) + 1,
        "unassigned": round(float((results == UNASSIGNED).mean()), 4),
        "nmi": round(float(normalized_mutual_info_score(truth, labels)), 4),
        "ami": round(float(adjusted_mutual_info_score(truth, labels)), 4),
    }


def _clocks() -> Clocks:
    return time.perf_counter(), time.process_time()


def _since(started: Clocks) -> Clocks:
    now = _clocks()
    return now[0] - started[0], now[1] - started[1]


def _seconds(seconds: Clocks) -> dict[str, float]:
    return {"seconds": round(seconds[0], 2), "processorSeconds": round(seconds[1], 2)}
