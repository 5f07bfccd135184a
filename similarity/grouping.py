"""The same case decided the same way again and again, shown once."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from graph.domain.enums import OutcomeKind, RemedyKind


@dataclass(frozen=True, slots=True, eq=False)
class Candidate:
    """A precedent before it is grouped; without a ``vector`` (any length) it stands alone.

    ``key``: its sort key; of equal scores the smaller one goes first.
    """

    id: str
    score: float
    outcome: OutcomeKind
    remedy: RemedyKind | None
    product: str | None
    vector: Sequence[float] | NDArray[np.floating] | None = field(default=None, repr=False)
    key: str = ""


@dataclass(frozen=True, slots=True)
class Group:
    """``alike``: the others of the group, best first."""

    best: str
    alike: tuple[str, ...] = ()


@dataclass(slots=True)
class _Open:
    best: str
    unit: NDArray[np.float64] | None
    alike: list[str] = field(default_factory=list)


def group(candidates: Sequence[Candidate], same: float) -> list[Group]:
    """Groups by score, best first; the order of ``candidates`` does not matter.

    Greedy, from the best score down (equal ones by key): a candidate joins the group to whose best
    its cosine is highest, if that is at least ``same`` and outcome, remedy and product are equal;
    otherwise it opens a group.
    """
    groups: list[_Open] = []
    by_decision: dict[tuple[str, str | None, str | None], list[_Open]] = {}
    for candidate in sorted(candidates, key=lambda c: (-c.score, c.key, c.id)):
        decision = (candidate.outcome, candidate.remedy, candidate.product)
        comparable = by_decision.setdefault(decision, [])
        unit = _unit(candidate)
        joined = _nearest(unit, comparable, same)
        if joined is not None:
            joined.alike.append(candidate.id)
            continue
        opened = _Open(candidate.id, unit)
        groups.append(opened)
        if unit is not None:
            comparable.append(opened)
    return [Group(opened.best, tuple(opened.alike)) for opened in groups]


def _unit(candidate: Candidate) -> NDArray[np.float64] | None:
    if candidate.vector is None:
        return None
    vector = np.asarray(candidate.vector, dtype=np.float64)
    length = float(np.linalg.norm(vector))
    return vector / length if length else None


def _nearest(unit: NDArray[np.float64] | None, groups: list[_Open], same: float) -> _Open | None:
    if unit is None or not groups:
        return None
    cosines = np.stack([opened.unit for opened in groups if opened.unit is not None]) @ unit
    best = int(np.argmax(cosines))
    return groups[best] if cosines[best] >= same else None
