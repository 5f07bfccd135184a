"""Trees that rows name piece by piece: each entry stands in one place, and none below itself.

One row that names two entries the wrong way round must neither end the import nor turn the tree of
all others, and one that names an entry under another one than most rows must not move it: of the
places that cannot be together those that the fewest rows name are left out.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import TypeAlias

from graph.domain.catalogue import CatalogueEntry
from graph.domain.enums import CatalogueKind
from ingest.prepare import entries
from ingest.record import Chain, IncomingComplaint, Problem

#: An entry's code under a wider one's.
Place: TypeAlias = tuple[CatalogueKind, str, str]

_CIRCLE = "would stand below itself: most rows name these entries the other way round"
_ELSEWHERE = "stands under another entry in more rows, and is left there"


@dataclass(frozen=True, slots=True)
class Misplaced:
    """Why a place is left out; ``shown``: the places in question, with the rows that name each."""

    reason: str
    shown: str


def places(complaint: IncomingComplaint) -> Iterable[Place]:
    """What a record says of the trees."""
    for entry in entries(complaint):
        if (place := _place(entry)) is not None:
            yield place


def misplaced(counted: Mapping[Place, int], on_record: Iterable[Place]) -> dict[Place, Misplaced]:
    """The places to leave out.

    ``counted``: those of a file, with the rows that name each; ``on_record``: those in the graph,
    which stay but for entries that the file places anew. Of the file's places those that more rows
    name come first, then those on record; the order of rows plays no part.
    """
    known = set(on_record)
    moved = {place[:2] for place in counted}
    above: dict[tuple[CatalogueKind, str], set[str]] = defaultdict(set)
    for kind, code, wider in known:
        if (kind, code) not in moved:
            above[kind, code].add(wider)
    taken: dict[tuple[CatalogueKind, str], Place] = {}
    left_out: dict[Place, Misplaced] = {}
    for place in sorted(counted, key=lambda each: (-counted[each], each not in known, each)):
        kind, code, wider = place
        if (stands := taken.get((kind, code))) is not None:
            left_out[place] = Misplaced(_ELSEWHERE, _shown(counted, place, stands))
        elif _reaches(above, kind, wider, code):
            left_out[place] = Misplaced(_CIRCLE, f"{wider} > {code}")
        else:
            taken[kind, code] = place
            above[kind, code].add(wider)
    return left_out


def _shown(counted: Mapping[Place, int], *shown: Place) -> str:
    """Places with the rows that name each: BEIJING > HAIDIAN: 900 rows."""
    return "; ".join(
        f"{place[2]} > {place[1]}: {counted[place]:,} row{'' if counted[place] == 1 else 's'}"
        for place in shown
    )


def _reaches(
    above: Mapping[tuple[CatalogueKind, str], Collection[str]],
    kind: CatalogueKind,
    start: str,
    target: str,
) -> bool:
    """Whether ``target`` is ``start`` or stands above it."""
    waiting, seen = [start], {start}
    while waiting:
        code = waiting.pop()
        if code == target:
            return True
        fresh = set(above.get((kind, code), ())) - seen
        seen |= fresh
        waiting += fresh
    return False


def well_placed(
    line: int, complaint: IncomingComplaint, left_out: Mapping[Place, Misplaced]
) -> tuple[IncomingComplaint, tuple[Problem, ...]]:
    """The record without what stands above an entry whose place is left out, and what that was."""
    problems: list[Problem] = []

    def kept(field: str, chain: Chain) -> Chain:
        for depth in range(len(chain) - 1, 0, -1):
            place = _place(chain[depth])
            if place is not None and (problem := left_out.get(place)) is not None:
                problems.append(Problem(line, field, problem.reason, problem.shown))
                return (replace(chain[depth], wider=None), *chain[depth + 1 :])
        return chain

    changed = replace(
        complaint,
        product=kept("product", complaint.product),
        branch=kept("branch", complaint.branch),
        departments=tuple((kept("departments", c), role) for c, role in complaint.departments),
        causes=tuple(replace(c, chain=kept("causes", c.chain)) for c in complaint.causes),
    )
    return (changed, tuple(problems)) if problems else (complaint, ())


def _place(entry: CatalogueEntry) -> Place | None:
    # Two levels with one code are one entry.
    if entry.wider is None or entry.wider == entry.code:
        return None
    return entry.kind, entry.code, entry.wider
