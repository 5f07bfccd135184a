"""The tree of root causes: complaints of exactly a cause, and of it with all narrower ones."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from graph.database import Database
from graph.errors import InvalidInputError
from graph.insight.cohort import Cohort, Narrowing, until_inclusive
from graph.insight.facets import narrowing
from graph.queries.trees import Facet
from graph.statistics.figures import Figure, share

#: A tree of more entries is no answer that anybody reads.
MOST_ENTRIES = 2_000

# The wider causes of a complaint's causes stand on the complaint, each once: so a complaint with
# two narrow causes counts once for the wide one. Null stands for the complaint itself.
_ROLLED_UP = """
WITH c.rootCauseCodes AS codes,
  COLLECT { MATCH (c)-[:CAUSED_BY]->(r:RootCause) RETURN DISTINCT r.code } AS own, count(*) AS n
UNWIND [null] + codes AS code
RETURN code, size(codes) > 0 AS known, sum(n) AS total,
  sum(CASE WHEN code IN own THEN n ELSE 0 END) AS direct
"""
# Of several wider ones the first by code, so that an entry stands in one place.
_TREE = """
CYPHER 25
MATCH (n:RootCause) WHERE $empty OR n.code IN $codes
RETURN n.code AS code, head(COLLECT {
  MATCH (n)-[:PART_OF]->(wider:RootCause) RETURN wider.code AS code ORDER BY code }) AS parent
"""


@dataclass(frozen=True, slots=True)
class CauseCount:
    """``direct``: complaints of exactly this cause; ``total``: of it or any narrower one."""

    code: str
    parent: str | None
    direct: int
    total: int


@dataclass(frozen=True, slots=True)
class CauseEntry:
    """``depth`` 0: at the top. ``share``: of the complaints whose cause is known."""

    code: str
    parent: str | None
    depth: int
    direct: int
    total: int
    share: Figure | None
    narrowing: Narrowing | None


@dataclass(frozen=True, slots=True)
class CauseTree:
    """``known``: complaints with a cause on record, ``unknown``: without; entries in tree order."""

    known: int
    unknown: int
    entries: tuple[CauseEntry, ...]


async def root_cause_tree(
    database: Database, cohort: Cohort, *, depth: int | None = None, empty: bool = False
) -> CauseTree:
    """The causes of a cohort's complaints as a tree; two statements.

    ``depth``: so deep at most; ``empty``: also causes that no complaint in cohort has.

    Raises:
        InvalidInputError: a tree of more than 2,000 entries.
    """
    rows = await database.read(f"CYPHER 25\n{cohort.match}\n{_ROLLED_UP}", **cohort.parameters)
    every = {row["known"]: row["total"] for row in rows if row["code"] is None}
    results = {row["code"]: row for row in rows if row["code"] is not None}
    tree = await database.read(_TREE, codes=list(results), empty=empty)
    counts = [_count(row["code"], row["parent"], results.get(row["code"])) for row in tree]
    known = every.get(True, 0)
    placed = [
        _entry(level, count, known, cohort)
        for level, count in in_tree_order(counts)
        if depth is None or level <= depth
    ]
    if len(placed) > MOST_ENTRIES:
        raise InvalidInputError(
            f"The tree has more than {MOST_ENTRIES:,} causes: take a smaller `depth`, or a filter.",
            path=["depth"],
        )
    return CauseTree(known, every.get(False, 0), tuple(placed))


def in_tree_order(counts: Sequence[CauseCount]) -> Iterator[tuple[int, CauseCount]]:
    """Each entry once with its depth, the narrower ones right after it.

    Those beside each other: the largest total first, then by code. What has no wider one among
    these stands at the top; of a circle the first one does. Pure.
    """
    codes = {count.code for count in counts}
    under: dict[str | None, list[CauseCount]] = defaultdict(list)
    # The smallest first, since the last one is taken from the stack.
    ordered = sorted(counts, key=_rank, reverse=True)
    for count in ordered:
        under[count.parent if count.parent in codes else None].append(count)
    left = {count.code: count for count in reversed(ordered)}
    stack = [(0, count) for count in under[None]]
    while left:
        # Nothing leads from the top into a circle.
        stack = stack or [(0, next(iter(left.values())))]
        while stack:
            depth, count = stack.pop()
            if left.pop(count.code, None) is not None:
                yield depth, count
                stack += [(depth + 1, narrow) for narrow in under[count.code]]


def _rank(count: CauseCount) -> tuple[int, str]:
    return (-count.total, count.code)


def _count(code: str, parent: str | None, row: dict[str, int] | None) -> CauseCount:
    return CauseCount(code, parent, row["direct"] if row else 0, row["total"] if row else 0)


def _entry(depth: int, count: CauseCount, known: int, cohort: Cohort) -> CauseEntry:
    opened = narrowing(
        {Facet.ROOT_CAUSE: count.code},
        received_from=cohort.since,
        received_to=until_inclusive(cohort.until),
    )
    return CauseEntry(
        code=count.code,
        parent=count.parent if depth else None,
        depth=depth,
        direct=count.direct,
        total=count.total,
        share=share(count.total, known),
        narrowing=opened,
    )
