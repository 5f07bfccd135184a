"""The tree of root causes against pandas, and its order by properties."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graph.commands.catalogue import ensure_catalogue
from graph.database import Database, metered
from graph.domain.case import Attribution, Case
from graph.domain.catalogue import CatalogueEntry
from graph.domain.enums import AttributionSource, CatalogueKind
from graph.domain.filters import ComplaintFilter
from graph.domain.scope import WHOLE_BANK
from graph.errors import InvalidInputError
from graph.insight import causes
from graph.insight.causes import CauseCount, CauseTree, in_tree_order, root_cause_tree
from graph.insight.cohort import Cohort
from graph.queries.conditions import EVERY_COMPLAINT, Covered, compile_filter
from tests.graph.insight.world import CAUSES, NOW, World, catalogue
from tests.support.graph import case, put

SINCE, UNTIL = datetime(2025, 2, 1, tzinfo=UTC), datetime(2025, 11, 1, tzinfo=UTC)
CODES = "ABCDEFGH"


def shown(tree: CauseTree) -> list[tuple[str, str | None, int, int, int]]:
    return [(e.code, e.parent, e.depth, e.direct, e.total) for e in tree.entries]


@pytest.mark.graph
async def test_it_is_that_of_an_independent_computation(world: World) -> None:
    found = await root_cause_tree(world.database, Cohort(EVERY_COMPLAINT, since=SINCE, until=UNTIL))
    table = world.counted
    table = table[(table.received >= SINCE) & (table.received < UNTIL)]
    own = table[["number", "causes"]].explode("causes").dropna()
    rolled = own.assign(code=own.causes.map(CAUSES)).explode("code")
    totals = rolled.drop_duplicates(["number", "code"]).code.value_counts()
    direct = own.causes.value_counts()

    assert found.known == own.number.nunique()
    assert found.unknown == int((table.causes.map(len) == 0).sum()) > 0
    assert {e.code: e.total for e in found.entries} == totals.to_dict()
    assert {e.code: e.direct for e in found.entries if e.direct} == direct.to_dict()
    for entry in found.entries:
        assert entry.share is not None
        assert entry.share.count == found.known
        assert entry.share.value == pytest.approx(entry.total / found.known, abs=1e-12)
    # Some complaints have both narrow causes of PROCESS; they count once for it.
    process, slow, wrong = (totals[code] for code in ("PROCESS", "SLOW", "WRONG"))
    assert process < slow + wrong


@pytest.mark.graph
async def test_a_total_opens_to_its_complaints(world: World) -> None:
    found = await root_cause_tree(world.database, Cohort(EVERY_COMPLAINT, since=SINCE, until=UNTIL))
    assert len(found.entries) == 5
    for entry in found.entries:
        opened = entry.narrowing
        assert opened is not None
        wanted = ComplaintFilter(
            root_causes=opened.root_causes,
            received_from=opened.received_from,
            received_to=opened.received_to,
            duplicate=opened.duplicate,
        )
        narrowed = compile_filter(wanted, Covered(), WHOLE_BANK, now=NOW)
        rows = await world.database.read(
            f"MATCH (c:Complaint) WHERE {narrowed.predicate} RETURN count(*) AS n",
            **narrowed.parameters,
        )
        assert rows[0]["n"] == entry.total


@pytest.mark.graph
async def test_a_future_period_has_none(world: World) -> None:
    cohort = Cohort(EVERY_COMPLAINT, since=datetime(2031, 1, 1, tzinfo=UTC))
    assert await root_cause_tree(world.database, cohort) == CauseTree(0, 0, ())
    every = await root_cause_tree(world.database, cohort, empty=True)
    assert len(every.entries) == 5
    assert {(e.total, e.share) for e in every.entries} == {(0, None)}


@pytest.mark.graph
async def test_it_costs_two_statements(world: World) -> None:
    costs = set()
    for cohort in (
        Cohort(EVERY_COMPLAINT),
        Cohort(EVERY_COMPLAINT, since=datetime(2031, 1, 1, tzinfo=UTC)),
    ):
        with metered() as meter:
            await root_cause_tree(world.database, cohort)
        costs.add(meter.statements)
    assert costs == {2}


@pytest.mark.graph
async def test_a_tree_that_nobody_reads_is_refused(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(causes, "MOST_ENTRIES", 4)
    with pytest.raises(InvalidInputError, match="depth"):
        await root_cause_tree(world.database, Cohort(EVERY_COMPLAINT))
    assert (
        len((await root_cause_tree(world.database, Cohort(EVERY_COMPLAINT), depth=0)).entries) == 2
    )


@pytest.mark.graph
async def test_causes_of_every_depth_on_one_complaint(database: Database) -> None:
    def with_causes(number: int, *codes: str) -> Case:
        some = tuple(Attribution(code, AttributionSource.CONFIRMED) for code in codes)
        return replace(case(number), causes=some)

    extra = CatalogueEntry(CatalogueKind.ROOT_CAUSE, "QUEUE", "queue", wider="SLOW")
    some = [
        with_causes(1, "PROCESS", "QUEUE", "WRONG"),
        with_causes(2, "QUEUE"),
        with_causes(3, "PROCESS"),
        with_causes(4, "WRONG"),
        with_causes(5),
    ]
    await put(database, some, [*catalogue(), extra])
    found = await root_cause_tree(database, Cohort(EVERY_COMPLAINT))
    assert (found.known, found.unknown) == (4, 1)
    assert shown(found) == [
        ("PROCESS", None, 0, 2, 4),
        ("SLOW", "PROCESS", 1, 0, 2),
        ("QUEUE", "SLOW", 2, 2, 2),
        ("WRONG", "PROCESS", 1, 2, 2),
    ]
    top = await root_cause_tree(database, Cohort(EVERY_COMPLAINT), depth=0, empty=True)
    assert shown(top) == [("PROCESS", None, 0, 2, 4), ("STAFF", None, 0, 0, 0)]
    every = await root_cause_tree(database, Cohort(EVERY_COMPLAINT), empty=True)
    assert shown(every)[-2:] == [("STAFF", None, 0, 0, 0), ("TOLD", "STAFF", 1, 0, 0)]
    assert len(every.entries) == 6


@pytest.mark.graph
async def test_a_duplicate_counts_nowhere(database: Database) -> None:
    slow = (Attribution("SLOW", AttributionSource.CONFIRMED),)
    await put(database, [replace(case(n), causes=slow) for n in (1, 2)], catalogue())
    await database.run("MATCH (c:Complaint {reference: 'TEST-2'}) SET c.duplicate = true")
    found = await root_cause_tree(database, Cohort(EVERY_COMPLAINT))
    assert shown(found) == [("PROCESS", None, 0, 0, 1), ("SLOW", "PROCESS", 1, 1, 1)]


@pytest.mark.graph
async def test_a_circle_of_causes_is_read_all_the_same(database: Database) -> None:
    await ensure_catalogue(database, catalogue())
    await database.run(
        "MATCH (w:RootCause {code: 'PROCESS'}), (n:RootCause {code: 'SLOW'}) "
        "MERGE (w)-[:PART_OF]->(n)"
    )
    found = await root_cause_tree(database, Cohort(EVERY_COMPLAINT), empty=True)
    assert sorted(e.code for e in found.entries) == ["PROCESS", "SLOW", "STAFF", "TOLD", "WRONG"]


@st.composite
def filed(draw: st.DrawFn) -> tuple[dict[str, str | None], list[set[str]]]:
    """A forest, and the causes of some complaints."""
    parents: dict[str, str | None] = {}
    for code in CODES:
        parents[code] = draw(st.sampled_from([None, *parents]))
    some = st.sets(st.sampled_from(CODES), max_size=3)
    return parents, draw(st.lists(some, max_size=30))


def lineage(code: str, parents: dict[str, str | None]) -> set[str]:
    wider = parents[code]
    return {code} | (lineage(wider, parents) if wider else set())


@given(filed())
def test_the_tree_holds_together(some: tuple[dict[str, str | None], list[set[str]]]) -> None:
    parents, complaints = some
    rolled = [{w for code in own for w in lineage(code, parents)} for own in complaints]
    counts = [
        CauseCount(
            code,
            parents[code],
            sum(code in own for own in complaints),
            sum(code in all_ for all_ in rolled),
        )
        for code in CODES
    ]
    found = list(in_tree_order(counts))
    assert sorted(count.code for _, count in found) == sorted(CODES)
    at = {count.code: (place, depth) for place, (depth, count) in enumerate(found)}
    total = {count.code: count.total for count in counts}
    for depth, count in found:
        assert depth == len(lineage(count.code, parents)) - 1
        narrow = [each for each in counts if each.parent == count.code]
        assert count.total >= max([count.direct, *(each.total for each in narrow)])
        assert count.total <= count.direct + sum(each.total for each in narrow)
        # What stands under it follows at once, up to the next one that is not narrower.
        below = {code for code in CODES if count.code in lineage(code, parents)}
        place = at[count.code][0]
        assert {each.code for _, each in found[place : place + len(below)]} == below
        beside = [c for _, c in found if c.parent == count.parent]
        assert [(-total[c.code], c.code) for c in beside] == sorted(
            (-total[c.code], c.code) for c in beside
        )
    assert sum(count.direct for count in counts) >= sum(1 for own in complaints if own)


@given(st.lists(st.tuples(st.sampled_from(CODES), st.sampled_from(CODES)), max_size=8))
def test_circles_and_missing_wider_ones_lose_nothing(pairs: list[tuple[str, str]]) -> None:
    counts = [CauseCount(code, wider, 0, 0) for code, wider in dict(pairs).items()]
    found = list(in_tree_order(counts))
    assert sorted(c.code for _, c in found) == sorted(c.code for c in counts)
