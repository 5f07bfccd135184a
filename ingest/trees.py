"""Trees that rows name piece by piece: places that cannot be, as an entry would stand below itself.

One row that names two entries the wrong way round must neither end the import nor turn the tree
of all others: of the places that make a circle, those that the fewest rows name are left out.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from typing import TypeAlias

from graph.domain.catalogue import CatalogueEntry
from graph.domain.enums import CatalogueKind
from ingest.prepare import entries
from ingest.record import Chain, IncomingComplaint, Problem

#: An entry's code under a wider one's.
Place: TypeAlias = tuple[CatalogueKind, str, str]

_REASON = "would stand below itself: most rows name these entries the other way round"


def places(complaint: IncomingComplaint) -> Iterable[Place]:
    """What a record says of the trees."""
    for entry in entries(complaint):
        if (place := _place(entry)) is not None:
            yield place


def circular(counted: Mapping[Place, int], on_record: Iterable[Place]) -> frozenset[Place]:
    """The places to leave out.

    ``counted``: those of a file, with the rows that name each; ``on_record``: those in the graph,
    which stay but for entries that the file places anew. Of the file's places those that more rows
    name come first; the order of rows plays no part.
    """
    moved = {place[:2] for place in counted}
    above: dict[tuple[CatalogueKind, str], set[str]] = defaultdict(set)
    for kind, code, wider in on_record:
        if (kind, code) not in moved:
            above[kind, code].add(wider)
    left_out = set()
    for kind, code, wider in sorted(counted, key=lambda place: (-counted[place], place)):
        if _reaches(above, kind, wider, code):
            left_out.add((kind, code, wider))
        else:
            above[kind, code].add(wider)
    return frozenset(left_out)


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


def without_circles(
    line: int, complaint: IncomingComplaint, left_out: Collection[Place]
) -> tuple[IncomingComplaint, tuple[Problem, ...]]:
    """The record with the narrowest entry alone where its place is left out, and what that was."""
    problems: list[Problem] = []

    def kept(field: str, chain: Chain) -> Chain:
        if not any(_place(entry) in left_out for entry in chain):
            return chain
        problems.append(Problem(line, field, _REASON, " > ".join(e.code for e in chain)))
        return (replace(chain[-1], wider=None),)

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
