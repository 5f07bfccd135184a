"""A case and the cases that hang together with it, as a drawing: places of nodes and lines."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import cos, pi, sin
from typing import Any

#: Half the width and height of the drawing; names of cases stand beside their nodes.
WIDTH, HEIGHT = 400, 210
#: The part of it that nodes may take: the least alike lie on its border.
_REACH_X, _REACH_Y = 260, 175
#: How near to the middle the most alike one lies.
_NEAREST = 0.45
#: What joins a case to the one in the middle, the strongest first.
DUPLICATE, REPEAT, ALIKE = "duplicate", "repeat", "alike"


@dataclass(frozen=True, slots=True)
class Node:
    """``x``, ``y``: from the middle; ``right``: the name stands to the right of it."""

    case: Mapping[str, Any]
    joined: str
    x: int
    y: int
    score: float | None = None

    @property
    def right(self) -> bool:
        return self.x >= 0


@dataclass(frozen=True, slots=True)
class Drawing:
    """``lines``: between nodes beside the middle; each node has one to the middle as well."""

    nodes: tuple[Node, ...]
    lines: tuple[tuple[Node, Node], ...]


def drawing(case: Mapping[str, Any]) -> Drawing:
    """Of a case with its ``linked``, ``duplicates`` and ``repeats`` as a page asks for them."""
    linked: Sequence[Mapping[str, Any]] = case["linked"] or ()
    scores = [each["score"] for each in linked]
    low, high = (min(scores), max(scores)) if scores else (0.0, 0.0)
    kin = [
        *((other, DUPLICATE) for other in case["duplicates"] or ()),
        *((other, REPEAT) for other in case["repeats"] or ()),
    ]
    known = {other["reference"] for other, _ in kin}
    alike = [each for each in _in_turn(linked) if each["complaint"]["reference"] not in known]
    count = len(kin) + len(alike)
    nodes: list[Node] = []
    for other, joined in kin:
        nodes.append(_node(other, joined, len(nodes), count, _NEAREST))
    placed: dict[str, Node] = {}
    for each in alike:
        part = (high - each["score"]) / (high - low) if high > low else 0.0
        distance = _NEAREST + (1 - _NEAREST) * part
        other = each["complaint"]
        node = _node(other, ALIKE, len(nodes), count, distance, each["score"])
        placed[other["id"]] = node
        nodes.append(node)
    lines = {
        frozenset((each["complaint"]["id"], other))
        for each in alike
        for other in each["linkedWith"]
        if other in placed
    }
    ends = sorted(tuple(sorted(line)) for line in lines if len(line) > 1)
    return Drawing(tuple(nodes), tuple((placed[one], placed[other]) for one, other in ends))


def _node(
    case: Mapping[str, Any],
    joined: str,
    turn: int,
    count: int,
    distance: float,
    score: float | None = None,
) -> Node:
    """The nodes stand around the middle in equal steps, beginning at the right."""
    angle = 2 * pi * turn / count
    x, y = _REACH_X * distance * cos(angle), _REACH_Y * distance * sin(angle)
    return Node(case, joined, round(x), round(y), score)


def _in_turn(linked: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Cases that are linked with each other stand side by side; else the most alike comes first."""
    rest = list(linked)
    turn: list[Mapping[str, Any]] = []
    while rest:
        beside = turn[-1]["linkedWith"] if turn else ()
        following = next((each for each in rest if each["complaint"]["id"] in beside), rest[0])
        rest.remove(following)
        turn.append(following)
    return turn
