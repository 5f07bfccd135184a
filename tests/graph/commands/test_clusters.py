"""A fit is written as a whole, whatever happens in between; new complaints join at registration."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import timedelta
from typing import Any

import pytest

from graph.commands import cluster_fits, clusters
from graph.commands.cluster_fits import write_fit
from graph.commands.clusters import add_cluster, finish_fit
from graph.commands.linking import link_pending
from graph.consistency import check
from graph.database import Database, Transaction
from graph.domain.clusters import Fit, FittedCluster
from graph.domain.spaces import EmbeddingSpace
from graph.errors import ConflictError
from graph.queries.clusters import ids_ever, memberships
from similarity.clusters import refit
from tests.support import fits
from tests.support.escalation import alike
from tests.support.graph import NOW, case, put, with_vector

pytestmark = pytest.mark.graph


def fit_of(groups: Sequence[Sequence[int]], old: Mapping[str, str] = {}, days: int = 0) -> Fit:
    ids = [[case(n).id for n in group] for group in groups]
    return fits.fit_of(ids, old, NOW + timedelta(days=days))


async def state(database: Database) -> dict[str, str]:
    return {one: cluster for one, (cluster, _) in (await memberships(database)).items()}


def wanted(fit: Fit) -> dict[str, str]:
    return {one: cluster for one, (cluster, _) in fit.members.items()}


async def test_a_fit_stands_in_relations_copies_and_words(database: Database) -> None:
    await put(database, [case(n) for n in range(12)])
    fit = fit_of([range(5), range(5, 11)])
    assert await write_fit(database, fit, {}) == 11
    assert await state(database) == wanted(fit)
    assert (await check(database)).clean
    rows = await database.read("MATCH (k:Cluster) RETURN k.label AS label, k.state AS state")
    assert {row["state"] for row in rows} == {"ACTIVE"}
    assert await write_fit(database, fit, await memberships(database)) == 0


async def test_another_fit_moves_retires_and_remembers(database: Database) -> None:
    await put(database, [case(n) for n in range(30)])
    first = fit_of([range(10), range(10, 20)])
    await write_fit(database, first, {})
    second = fit_of([range(20), range(20, 30)], await state(database), days=1)
    await write_fit(database, second, await memberships(database))
    assert await state(database) == wanted(second)
    assert (await check(database)).clean
    rows = await database.read(
        "MATCH (k:Cluster)-[r:CAME_FROM]->(o:Cluster {state: 'RETIRED'}) "
        "RETURN k.id AS id, r.kind AS kind, r.members AS members"
    )
    assert rows == [{"id": second.clusters[0].id, "kind": "MERGE", "members": 10}]
    assert len(await ids_ever(database)) == 3


class _KilledError(Exception):
    pass


@pytest.mark.parametrize("writes", range(9))
async def test_killed_anywhere_the_old_fit_stands_or_the_new_one_is_carried_out(
    database: Database, monkeypatch: pytest.MonkeyPatch, writes: int
) -> None:
    for module in (clusters, cluster_fits):
        monkeypatch.setattr(module, "BATCH", 7)
    await put(database, [case(n) for n in range(40)])
    first = fit_of([range(20), range(20, 40)])
    await write_fit(database, first, {})
    before = await memberships(database)
    second = fit_of([range(5, 40)], await state(database), days=1)
    left, write = [writes], database.write

    async def dying(work: Callable[[Transaction], Awaitable[Any]], **limits: float) -> Any:
        if not left[0]:
            raise _KilledError
        left[0] -= 1
        return await write(work, **limits)

    monkeypatch.setattr(database, "write", dying)
    with pytest.raises(_KilledError):
        await write_fit(database, second, before)
    monkeypatch.setattr(database, "write", write)
    await finish_fit(database)
    assert await state(database) in (wanted(first), wanted(second))
    assert (await check(database)).clean
    await write_fit(database, second, await memberships(database))
    assert await state(database) == wanted(second)
    assert (await check(database)).clean


async def test_of_two_fits_at_once_one_is_written(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    await put(database, [case(n) for n in range(20)])
    first, second = fit_of([range(10)]), fit_of([range(20)])
    stage = cluster_fits._stage
    met: list[bool] = []

    async def interrupted(*args: Any) -> Any:
        if not met:
            met.append(True)
            await write_fit(database, second, {})
        return await stage(*args)

    monkeypatch.setattr(cluster_fits, "_stage", interrupted)
    with pytest.raises(ConflictError):
        await write_fit(database, first, {})
    assert await state(database) == wanted(second)
    assert (await check(database)).clean


async def test_processes_that_finish_one_fit_together_move_each_complaint_once(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in (clusters, cluster_fits):
        monkeypatch.setattr(module, "BATCH", 5)
    await put(database, [case(n) for n in range(60)])
    fit = fit_of([range(30), range(30, 60)])
    finish = cluster_fits.finish_fit
    monkeypatch.setattr(cluster_fits, "finish_fit", nothing)
    await write_fit(database, fit, {})
    monkeypatch.setattr(cluster_fits, "finish_fit", finish)
    moved = await asyncio.gather(*(finish_fit(database) for _ in range(6)))
    assert sum(moved) == 60
    assert await state(database) == wanted(fit)
    assert (await check(database)).clean


async def nothing(*_: Any, **__: Any) -> int:
    return 0


async def test_lost_memberships_are_found(database: Database) -> None:
    await put(database, [case(n) for n in range(20)])
    await write_fit(database, fit_of([range(10), range(10, 20)]), {})
    assert (await check(database)).clean
    await database.run(
        "MATCH (c:Complaint)-[m:MEMBER_OF]->(k) SET c.clusterIds = [], "
        "c.filterTokens = replace(c.filterTokens, ' ' + k.word, '') DELETE m"
    )
    report = await check(database)
    assert {finding.kind for finding in report.examples} == {"clusters"}


async def test_who_joins_a_cluster_while_a_fit_ends_it_leaves_it(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    await put(database, [case(n) for n in range(21)])
    first = fit_of([range(10)])
    await write_fit(database, first, {})
    before = await memberships(database)
    late = case(20).id
    await database.run(
        "MATCH (c:Complaint {id: $id}), (k:Cluster) CREATE (c)-[:MEMBER_OF]->(k) "
        "SET c.clusterIds = [k.id], c.filterTokens = c.filterTokens + ' ' + k.word",
        id=late,
    )
    assert (await check(database)).clean
    await write_fit(database, fit_of([range(10, 20)], days=1), before)
    assert late not in await state(database)
    assert (await check(database)).clean


async def test_new_complaints_join_the_cluster_of_those_they_are_like(
    database: Database, tiny: EmbeddingSpace
) -> None:
    one, other = alike(14, seed=1), alike(14, seed=2)
    old = [with_vector(case(n), v) for n, v in enumerate([*one[:12], *other[:12]])]
    await put(database, old)
    while await link_pending(database, tiny):
        pass
    found = await refit(database, tiny, NOW)
    assert len(found.fit.clusters) == 2
    clusters = await state(database)
    new = [with_vector(case(n), v) for n, v in ((50, one[12]), (51, other[12]))]
    lonely = with_vector(case(52), alike(1, seed=9)[0])
    await put(database, [*new, lonely])
    while await link_pending(database, tiny):
        pass
    after = await state(database)
    assert after[case(50).id] == clusters[case(0).id]
    assert after[case(51).id] == clusters[case(12).id]
    assert case(52).id not in after
    assert (await check(database)).clean
    again = await refit(database, tiny, NOW)
    assert again.fit.lineage.ended == frozenset()
    assert (await check(database)).clean
    assert (await refit(database, tiny, NOW)).moved == 0


def added(numbers: Sequence[int]) -> tuple[FittedCluster, dict[str, float]]:
    members = [case(n).id for n in numbers]
    cluster = FittedCluster("added", "new", ("new",), len(members), 0.9, tuple(members[:3]))
    return cluster, dict.fromkeys(members, 0.8)


async def add(database: Database, numbers: Sequence[int], days: int = 0) -> bool:
    cluster, members = added(numbers)
    at = NOW + timedelta(days=days)
    return await add_cluster(database, cluster, members, space="tiny", at=at)


async def test_a_cluster_is_added_of_complaints_without_a_place(database: Database) -> None:
    await put(database, [case(n) for n in range(30)])
    assert not await add(database, range(20, 25))  # nothing was fitted yet
    fit = fit_of([range(10), range(10, 20)])
    await write_fit(database, fit, {})
    assert not await add(database, range(18, 25))  # two have their place
    assert await state(database) == wanted(fit)
    assert await add(database, range(20, 27), days=1)
    assert not await add(database, range(20, 27), days=1)
    assert await state(database) == wanted(fit) | {case(n).id: "added" for n in range(20, 27)}
    assert (await check(database)).clean


async def test_none_is_added_while_a_fit_is_written(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    await put(database, [case(n) for n in range(30)])
    await write_fit(database, fit_of([range(10), range(10, 20)]), {})
    second = fit_of([range(5, 20)], await state(database), days=1)
    stage, tried = cluster_fits._stage, []

    async def interrupted(*args: Any) -> Any:
        staged = await stage(*args)
        tried.append(await add(database, range(20, 27)))
        return staged

    monkeypatch.setattr(cluster_fits, "_stage", interrupted)
    await write_fit(database, second, await memberships(database))
    assert tried
    assert not any(tried)
    assert await state(database) == wanted(second)
    assert (await check(database)).clean


async def test_a_fit_that_began_before_leaves_what_was_added_meanwhile(
    database: Database,
) -> None:
    await put(database, [case(n) for n in range(30)])
    await write_fit(database, fit_of([range(10), range(10, 20)]), {})
    before = await memberships(database)
    slow = fit_of([range(12), range(12, 21)], await state(database), days=1)
    assert await add(database, range(20, 27), days=2)
    await write_fit(database, slow, before)
    assert (await state(database))[case(25).id] == "added"
    assert (await state(database))[case(20).id] == wanted(slow)[case(20).id]
    assert (await check(database)).clean
    third = fit_of([range(12), range(12, 20)], await state(database), days=3)
    await write_fit(database, third, await memberships(database))
    assert await state(database) == wanted(third)
    assert (await check(database)).clean


async def test_a_graph_without_texts_has_no_clusters(
    database: Database, tiny: EmbeddingSpace
) -> None:
    await put(database, [case(n, narrative=None) for n in range(3)])
    found = await refit(database, tiny, NOW)
    assert found.as_dict()["clusters"] == 0
    assert found.as_dict()["unassignedShare"] is None
