"""Entries that move in their trees: what is copied on complaints follows, whatever happens."""

import asyncio

import pytest

from graph.commands import moves
from graph.commands.catalogue import KnownCodes, ensure_catalogue
from graph.commands.moves import follow_moves
from graph.commands.rows import Prepared
from graph.commands.store import store
from graph.consistency import check
from graph.database import Database, metered
from graph.domain.case import Attribution, Case
from graph.domain.catalogue import CatalogueEntry
from graph.domain.enums import AttributionSource, CatalogueKind
from graph.domain.tokens import TokenField, token
from graph.errors import InvalidInputError
from graph.migrations.steps import STEPS
from tests.support.graph import ACT, case, put, snapshot

pytestmark = pytest.mark.graph

P, B, R = CatalogueKind.PRODUCT, CatalogueKind.BRANCH, CatalogueKind.ROOT_CAUSE
#: Two wide entries, a middle one under the first, and a narrow one under that.
NARROW = {P: "card", B: "outlet", R: "late"}


def tree(kind: CatalogueKind) -> list[CatalogueEntry]:
    places = (("west", None), ("east", None), ("city", "west"), (NARROW[kind], "city"))
    return [CatalogueEntry(kind, code, name=code, wider=wider) for code, wider in places]


TREES = [entry for kind in (P, B, R) for entry in tree(kind)]


def to(kind: CatalogueKind, code: str, wider: str) -> CatalogueEntry:
    return CatalogueEntry(kind, code, name=code, wider=wider)


def placed(number: int, **codes: str) -> Case:
    cause = codes.get("cause", NARROW[R])
    return case(
        number,
        product=codes.get("product", NARROW[P]),
        branch=codes.get("branch", NARROW[B]),
        causes=(Attribution(cause, AttributionSource.IMPORTED),),
    )


async def copied(database: Database, number: int) -> tuple[list[str], list[str], list[str]]:
    rows = await database.read(
        """
        MATCH (c:Complaint {sourceId: $id})
        RETURN c.productCodes AS p, c.branchCodes AS b, c.rootCauseCodes AS r, c.filterTokens AS w
        """,
        id=str(number),
    )
    row = rows[0]
    words = row["w"].split(" ")
    for field, codes in ((TokenField.BRANCH, row["b"]), (TokenField.ROOT_CAUSE, row["r"])):
        assert {token(field, code) for code in codes} <= set(words)
    return row["p"], row["b"], row["r"]


@pytest.mark.parametrize("kind", [P, B, R])
async def test_copies_follow_an_entry_and_all_below_it(
    database: Database, kind: CatalogueKind
) -> None:
    await put(database, [placed(n) for n in range(3)] + [case(3)], TREES)
    assert await follow_moves(database) == 0
    place = (P, B, R).index(kind)
    assert set((await copied(database, 0))[place]) == {NARROW[kind], "city", "west"}
    await ensure_catalogue(database, [to(kind, "city", "east")])
    assert not (await check(database)).clean
    assert await follow_moves(database) == 3
    for number in range(3):
        assert set((await copied(database, number))[place]) == {NARROW[kind], "city", "east"}
        others = [
            set(codes) for i, codes in enumerate(await copied(database, number)) if i != place
        ]
        assert all({"city", "west"} < codes for codes in others)
    assert (await check(database)).clean  # replay of events equals the state, too
    assert await copied(database, 3) == ([], [], [])


async def test_an_entry_that_gets_its_first_parent_moves_too(database: Database) -> None:
    await put(database, [placed(0)], TREES)
    await ensure_catalogue(
        database, [CatalogueEntry(B, "bank", name="bank"), to(B, "west", "bank")]
    )
    assert await follow_moves(database) == 1
    assert (await copied(database, 0))[1] == ["outlet", "city", "west", "bank"]


async def test_new_entries_and_the_same_ones_again_cost_nothing(database: Database) -> None:
    await put(database, [placed(0)], TREES)
    await ensure_catalogue(database, TREES)
    await ensure_catalogue(database, [to(B, "new", "city")])
    with metered() as meter:
        assert await follow_moves(database) == 0
    assert meter.statements == 1


@pytest.mark.parametrize(
    "entries",
    [
        [to(B, "west", "outlet")],
        [to(B, "a", "b"), to(B, "b", "a")],
        [to(B, "a", "b"), to(B, "b", "c"), to(B, "c", "a")],
    ],
)
async def test_no_entry_stands_below_itself(
    database: Database, entries: list[CatalogueEntry]
) -> None:
    await put(database, [], TREES)
    before = await snapshot(database)
    with pytest.raises(InvalidInputError, match=r"Branch .* below itself"):
        await ensure_catalogue(database, entries)
    assert await snapshot(database) == before


async def test_two_levels_of_one_code_are_one_entry(database: Database) -> None:
    places = [CatalogueEntry(B, "head", name="head"), to(B, "head", "head")]
    lineages = await ensure_catalogue(database, places)
    assert lineages[B] == {"head": ("head",)}


async def test_an_interrupted_pass_is_done_again(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(moves, "_PAGE", 2)
    await put(database, [placed(n) for n in range(5)], TREES)
    await ensure_catalogue(database, [to(B, "city", "east")])
    rewrite, pages = moves.rewrite_copies, iter(range(2))

    async def killed(*arguments: object) -> int:
        if next(pages) == 1:
            raise asyncio.CancelledError
        return await rewrite(*arguments)  # type: ignore[arg-type]

    with monkeypatch.context() as patch:
        patch.setattr(moves, "rewrite_copies", killed)
        with pytest.raises(asyncio.CancelledError):
            await follow_moves(database)
    assert await follow_moves(database) == 3  # two were rewritten before
    assert (await check(database)).clean


async def test_a_writer_that_read_the_tree_before_the_move_is_followed(database: Database) -> None:
    late = KnownCodes()
    await late.ensure(database, TREES)
    await ensure_catalogue(database, [to(B, "city", "east")])
    assert await follow_moves(database) == 0
    await store(database, [Prepared(placed(1))], late.wider, ACT)
    assert (await copied(database, 1))[1][-1] == "west"
    assert await follow_moves(database) == 0  # not due again yet
    await database.run(
        "MATCH (n {code: 'city'}) SET n.movedAt = 0, n.copiesDue = $settled",
        settled=1000 * moves.SETTLED_SECONDS,
    )
    assert await follow_moves(database) == 1
    assert (await copied(database, 1))[1][-1] == "east"
    left = "MATCH (n) WHERE n.movedAt IS NOT NULL OR n.copiesDue IS NOT NULL RETURN n"
    assert await database.read(left) == []


async def test_an_entry_that_moves_while_its_copies_are_written_stays_due(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    await put(database, [placed(0)], TREES)
    await ensure_catalogue(database, [to(B, "city", "east")])
    rewrite = moves.rewrite_copies

    async def moved_meanwhile(*arguments: object) -> int:
        done = await rewrite(*arguments)  # type: ignore[arg-type]
        await ensure_catalogue(database, [to(B, "city", "west")])
        return done

    with monkeypatch.context() as patch:
        patch.setattr(moves, "rewrite_copies", moved_meanwhile)
        await follow_moves(database)
    assert await follow_moves(database) == 1
    assert (await copied(database, 0))[1] == ["outlet", "city", "west"]


async def test_many_processes_may_follow_at_once(database: Database) -> None:
    await put(database, [placed(n) for n in range(20)], TREES)
    await ensure_catalogue(database, [to(kind, "city", "east") for kind in (P, B, R)])
    done = await asyncio.gather(*(follow_moves(database) for _ in range(4)))
    assert sum(done) == 20
    assert (await check(database)).clean


async def test_what_an_import_knows_of_the_trees_is_not_kept_for_long(database: Database) -> None:
    codes = KnownCodes()
    await codes.ensure(database, TREES)
    await ensure_catalogue(database, [to(B, "city", "east")])
    await codes.ensure(database, TREES[:0])
    assert codes.wider[B]["outlet"][-1] == "west"
    codes.since -= moves.KEEP_SECONDS + 1
    await codes.ensure(database, [entry for entry in TREES if entry.code == "outlet"])
    assert codes.wider[B]["outlet"][-1] == "east"


async def test_events_of_older_versions_name_the_causes_alone(database: Database) -> None:
    """A step of the migrations: they had named the wider causes of the day too."""
    await put(database, [placed(0)], TREES)
    await database.run(
        """
        MATCH (c:Complaint {sourceId: '0'})-[:HAS_EVENT]->(e)
        SET c.causeCodes = null, e.before = '{"rootCauseCodes":["east"],"status":"CLOSED"}',
          e.after = replace(e.after, '"causeCodes":["late"]', $older)
        """,
        older='"rootCauseCodes":["city","late","west"]',
    )
    assert not (await check(database)).clean
    (step,) = (step for step in STEPS if step.name == "0018-causes-named")
    for statement in step.statements:
        await database.run(statement)
    rows = await database.read("MATCH (e:CaseEvent) RETURN e.before AS before, e.after AS after")
    assert rows[0]["before"] == '{"causeCodes":["east"],"status":"CLOSED"}'
    assert '"causeCodes":["late"]' in rows[0]["after"]
    assert (await check(database)).clean
