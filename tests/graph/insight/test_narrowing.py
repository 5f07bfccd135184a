"""Every figure equals what its narrowing opens, whatever complaints have several or none of."""

from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import dataclass, fields, replace
from datetime import UTC, datetime
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import pytest_asyncio

from graph.commands.catalogue import ensure_catalogue
from graph.database import Database
from graph.domain.case import Attribution, Case, Handling
from graph.domain.catalogue import CatalogueEntry
from graph.domain.enums import AttributionSource, CatalogueKind, Level
from graph.domain.filters import ComplaintFilter
from graph.domain.periods import Interval
from graph.domain.remediations import Plan, Remediation
from graph.domain.scope import WHOLE_BANK
from graph.domain.vocabulary import Vocabulary
from graph.insight.bottlenecks import bottlenecks
from graph.insight.branches import branch_comparison
from graph.insight.causes import root_cause_tree
from graph.insight.cohort import Cohort, Narrowing, until_inclusive
from graph.insight.hotspots import HotspotDimension, hotspots
from graph.insight.measures import measures
from graph.insight.trend import TrendRequest, trend
from graph.queries import cluster_views
from graph.queries.codes import cover
from graph.queries.conditions import CompiledFilter, compile_filter
from graph.queries.drivers import counts as driver_counts
from graph.queries.remediations import effects
from graph.queries.trees import Facet
from graph.statistics.drivers import DriverKind
from tests.graph.insight.world import NOW, case_of, random_rows
from tests.support.graph import put, wipe

pytestmark = pytest.mark.graph

ZONE = ZoneInfo("Asia/Shanghai")
P, B, D, R = (
    CatalogueKind.PRODUCT, CatalogueKind.BRANCH, CatalogueKind.DEPARTMENT, CatalogueKind.ROOT_CAUSE,
)  # fmt: skip
DEPARTMENTS = [f"D{n}" for n in range(4)]
SINCE, UNTIL = datetime(2025, 2, 3, tzinfo=UTC), datetime(2026, 3, 9, tzinfo=UTC)
CLUSTERS = ("K0", "K1")
_CLUSTER = """
CYPHER 25
UNWIND $ids AS id
MERGE (k:Cluster {id: id})
SET k.state = 'ACTIVE', k.label = id, k.terms = [], k.cohesion = 1.0, k.space = 'x',
  k.since = $now, k.fittedAt = $now, k.exemplars = []
WITH k
MATCH (c:Complaint) WHERE c.reference ENDS WITH right(k.id, 1)
MERGE (c)-[:MEMBER_OF {cosine: 1.0}]->(k)
SET c.clusterIds = [k.id]
"""
_DUPLICATES = """
CYPHER 25
MATCH (c:Complaint) WHERE c.reference IN $references SET c.duplicate = true
"""


def tree(kind: CatalogueKind) -> list[CatalogueEntry]:
    """Three levels, two entries under each."""
    letter = kind.value[0]
    codes: list[tuple[str, str | None]] = [(f"{letter}{a}", None) for a in range(2)]
    codes += [(f"{wide}{a}", wide) for wide, _ in tuple(codes) for a in range(2)]
    codes += [(f"{wide}{a}", wide) for wide, above in tuple(codes) if above for a in range(2)]
    return [CatalogueEntry(kind, code, code, wider=wider) for code, wider in codes]


TREES = {kind: tree(kind) for kind in (P, B, R)}
CATALOGUE = [
    *(entry for entries in TREES.values() for entry in entries),
    *(CatalogueEntry(D, code, code) for code in DEPARTMENTS),
]


def rich(number: int, chance: Random, row: dict[str, Any]) -> Case:
    """On any level of each tree or none, with up to five causes and four departments."""
    some = {kind: [entry.code for entry in entries] for kind, entries in TREES.items()}
    planted = number % 4 == 0  # so that there are hotspots
    causes = chance.sample(some[R][::2], chance.choice([0, 1, 2, 5]))
    departments = chance.sample(DEPARTMENTS[1:], chance.choice([0, 1, 2, 3]))
    if planted:
        causes, departments = list({*causes, "R111"}), [*departments, DEPARTMENTS[0]]
    return replace(
        case_of({**row, "causes": [], "departments": [], "product": None, "branch": None}),
        product="P111" if planted else _mostly_first(chance, some[P]),
        branch="B111" if planted else _mostly_first(chance, some[B]),
        causes=tuple(Attribution(c, AttributionSource.CONFIRMED) for c in causes),
        handling=tuple(Handling(code) for code in departments),
    )


def _mostly_first(chance: Random, codes: Sequence[str]) -> str | None:
    first = [code for code in codes if code[1] == "0"]
    return chance.choice([*first * 5, *codes, None])


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def bank(session_database: Database) -> AsyncIterator[Database]:
    """Four hundred complaints, some of them duplicates, in two clusters or none."""
    database = session_database
    await wipe(database)
    chance, rows = Random(5), random_rows(400, 5)
    await put(database, [rich(n, chance, row) for n, row in enumerate(rows)], CATALOGUE)
    references = [f"TEST-{n}" for n in range(400) if chance.random() < 0.1]
    await database.run(_DUPLICATES, references=references)
    await database.run(_CLUSTER, ids=list(CLUSTERS), now=NOW)
    yield database
    await wipe(database)


@dataclass(frozen=True)
class Filters:
    """The filters that open figures, and how many complaints each finds."""

    database: Database
    own: ComplaintFilter

    async def compiled(self, wanted: ComplaintFilter) -> CompiledFilter:
        covered = await cover(self.database, wanted, Vocabulary())
        return compile_filter(wanted, covered, WHOLE_BANK, now=NOW)

    async def cohort(self) -> Cohort:
        return Cohort(await self.compiled(self.own), SINCE, UNTIL)

    async def found(self, narrowing: Narrowing) -> int:
        """Set beside the analysis's own filter, as its description says."""
        given = {f.name: getattr(narrowing, f.name) for f in fields(narrowing)}
        return await self.count(**{k: v for k, v in given.items() if v is not None})

    async def count(self, **changes: Any) -> int:
        narrowed = await self.compiled(replace(self.own, **changes))
        rows = await self.database.read(
            f"MATCH (c:Complaint) WHERE {narrowed.predicate} RETURN count(*) AS n",
            **narrowed.parameters,
        )
        return int(rows[0]["n"])


@pytest.fixture
def filters(bank: Database) -> Filters:
    """A filter of the analysis's own, of a field that no narrowing sets."""
    return Filters(bank, ComplaintFilter(excluded=ComplaintFilter(levels=(Level.RED,))))


async def checked(filters: Filters, figures: Sequence[tuple[int, Narrowing | None]]) -> None:
    """Each opens; all that have a filter at all."""
    opened = [(count, narrowing) for count, narrowing in figures if narrowing is not None]
    assert opened
    for count, narrowing in opened:
        assert await filters.found(narrowing) == count, narrowing


def groupings() -> Iterator[tuple[Facet, int | None]]:
    for facet in Facet:
        depths = (0, 1, 2) if facet in (Facet.PRODUCT, Facet.BRANCH, Facet.ROOT_CAUSE) else (None,)
        yield from ((facet, depth) for depth in depths if facet is not Facet.OUTCOME)


async def trends(filters: Filters) -> list[tuple[int, Narrowing | None]]:
    figures = []
    for facet, depth in groupings():
        request = TrendRequest(Interval.YEAR, facet, depth, first=50)
        cohort = await filters.cohort()
        found = await trend(filters.database, cohort, filters.own, request, ZONE, NOW)
        assert found is not None
        figures += [(p.count, p.narrowing) for series in found.series for p in series.points]
    return figures


async def test_trends(filters: Filters) -> None:
    await checked(filters, await trends(filters))


async def test_measures(filters: Filters) -> None:
    found = await measures(filters.database, await filters.cohort(), NOW)
    await checked(filters, [(found.total, found.narrowing)])


async def spots(filters: Filters) -> list[tuple[int, Narrowing | None]]:
    dimension = HotspotDimension
    figures: list[tuple[int, Narrowing | None]] = []
    for sides in (
        (dimension.PRODUCT, dimension.ROOT_CAUSE, dimension.BRANCH, dimension.MONTH),
        (dimension.PRODUCT, dimension.DEPARTMENT, dimension.BRANCH),
        (dimension.DEPARTMENT, dimension.ROOT_CAUSE),
        (dimension.BRANCH, dimension.CHANNEL, dimension.TYPE),
    ):
        cohort = await filters.cohort()
        found = await hotspots(filters.database, cohort, sides, ZONE, first=100)
        figures += [(each.excess.count, each.narrowing) for each in found]
    return figures


async def test_hotspots(filters: Filters) -> None:
    await checked(filters, await spots(filters))


@pytest.mark.parametrize("depth", [0, 1, 2])
async def test_branches(filters: Filters, depth: int) -> None:
    found = await branch_comparison(filters.database, await filters.cohort(), depth, "CNY", 50)
    await checked(filters, [(each.total, each.narrowing) for each in found])


async def test_bottlenecks(filters: Filters) -> None:
    figures: list[tuple[int, Narrowing | None]] = []
    for facet, depth in groupings():
        found = await bottlenecks(filters.database, await filters.cohort(), facet, depth, 50, NOW)
        # Whether answered or waiting, all have a date here.
        figures += [
            (each.steps[0].median.count, each.narrowing)
            for each in found
            if each.steps[0].median is not None
        ]
    await checked(filters, figures)


async def test_the_tree_of_causes(filters: Filters) -> None:
    found = await root_cause_tree(filters.database, await filters.cohort())
    assert {entry.depth for entry in found.entries} == {0, 1, 2}
    await checked(filters, [(entry.total, entry.narrowing) for entry in found.entries])
    assert found.known + found.unknown == await filters.count(
        received_from=SINCE, received_to=until_inclusive(UNTIL), duplicate=False
    )


async def test_clusters_and_what_they_have_in_common(filters: Filters) -> None:
    narrowed = await filters.compiled(filters.own)
    page = await cluster_views.page(
        filters.database, narrowed, cluster_views.ClusterOrder.SIZE_DESC, None, 10
    )
    months = await cluster_views.trend(filters.database, CLUSTERS, narrowed, ZONE.key)
    sizes = {each.id: each.size for each in page}
    for one in CLUSTERS:
        size = await filters.count(clusters=(one,), duplicate=False)
        assert sizes[one] == size == sum(n for _, n in months[one]) > 0
    named = {
        DriverKind.PRODUCT: "products", DriverKind.BRANCH: "branches", DriverKind.TYPE: "types",
        DriverKind.CHANNEL: "channels", DriverKind.ROOT_CAUSE: "root_causes",
    }  # fmt: skip
    found = await driver_counts(filters.database, CLUSTERS, narrowed, ZONE.key)
    for each in found["K0"]:
        if each.kind in named:
            value = {named[each.kind]: (each.value,), "duplicate": False}
            inside = await filters.count(clusters=("K0",), **value)
            assert each.inside == inside, each
            assert each.outside == await filters.count(**value) - inside, each


async def test_remediations(bank: Database) -> None:
    filters = Filters(bank, ComplaintFilter())
    done = datetime(2025, 9, 1, tzinfo=UTC)
    for cause in ("R0", "R01", "R011"):
        plan = Plan(title=cause, cause=cause, completed_at=done, started_at=done)
        made = Remediation(cause, plan, 1, done, "test", (cause,))
        found = (await effects(bank, [made], days=180, delay=0, now=NOW))[cause]
        for (since, until), own, others in (
            (found.spans.before, found.effect.own_before, found.effect.others_before),
            (found.spans.after, found.effect.own_after, found.effect.others_after),
        ):
            period = {
                "received_from": since, "received_to": until_inclusive(until), "duplicate": False,
            }  # fmt: skip
            assert await filters.count(root_causes=(cause,), **period) == own
            every = tuple(entry.code for entry in TREES[R])
            assert await filters.count(root_causes=every, **period) == own + others


# Last: it moves an entry.
async def test_after_a_move_figures_use_the_tree_as_it_is_now(bank: Database) -> None:
    places = ((B, "B00", "B1"), (P, "P11", "P0"))
    moved = [CatalogueEntry(kind, code, code, wider=wider) for kind, code, wider in places]
    await ensure_catalogue(bank, moved)
    rows = await bank.read("MATCH (n {code: 'B00'})-[:PART_OF]->(w) RETURN collect(w.code) AS w")
    assert rows[0]["w"] == ["B1"]
    filters = Filters(bank, ComplaintFilter())
    await checked(filters, await trends(filters))
    await checked(filters, await spots(filters))
    found = await branch_comparison(bank, await filters.cohort(), 1, "CNY", 50)
    await checked(filters, [(each.total, each.narrowing) for each in found])
