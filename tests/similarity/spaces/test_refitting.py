"""Clusters exist without anybody running a command: when, and by one process of many."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from graph.commands.leases import lease, turn
from graph.database import Database
from graph.domain.spaces import EmbeddingSpace
from graph.queries.clusters import FitState, fit_state, memberships
from similarity import refitting
from similarity.clusters import refit
from similarity.refitting import LEASE, RefitPolicy, refit_if_due
from tests.support.escalation import alike
from tests.support.graph import case, put, with_vector

ZONE = ZoneInfo("Asia/Shanghai")
POLICY = RefitPolicy(ZONE, first=20, share=0.1, count=50, quiet_from=22, hours=6, every=0.0)
NOON = datetime(2026, 6, 1, 4, 0, tzinfo=UTC)
NIGHT = datetime(2026, 6, 1, 15, 0, tzinfo=UTC)
EARLY = datetime(2026, 6, 1, 19, 59, tzinfo=UTC)


@pytest.mark.parametrize(
    ("last", "texts", "now", "due"),
    [
        (None, 19, NIGHT, False),
        (None, 20, NOON, True),
        (100, 100, NIGHT, False),
        (100, 109, NIGHT, False),
        (100, 110, NIGHT, True),
        (100, 110, NOON, False),
        (100, 90, EARLY, True),
        (100, 110, EARLY + timedelta(minutes=1), False),
        (1_000, 1_050, NIGHT, True),
        (1_000, 1_049, NIGHT, False),
        (100, 200, NOON, True),
        (0, 19, NIGHT, False),
        (0, 20, NOON, True),
        (0, 0, NIGHT, False),
    ],
)
def test_when_a_fit_is_due(last: int | None, texts: int, now: datetime, due: bool) -> None:
    policy = replace(POLICY, first=20)
    state = None if last is None else FitState(NOON, last, "tiny")
    assert policy.due(state, texts, "tiny", now) is due


def test_a_fit_of_another_space_is_none() -> None:
    assert POLICY.due(FitState(NOON, 100, "old"), 100, "tiny", NOON)


@pytest.mark.graph
async def test_the_first_fit_comes_when_there_are_texts_and_then_none_without_change(
    database: Database, tiny: EmbeddingSpace
) -> None:
    assert await refit_if_due(database, POLICY, NOON) is None
    await _put(database, range(12), seed=1)
    assert await refit_if_due(database, POLICY, NOON) is None
    assert await fit_state(database) is None
    await _put(database, range(12, 24), seed=2)
    made = await refit_if_due(database, POLICY, NOON)
    assert made is not None
    assert len(made.fit.clusters) == 2
    assert await refit_if_due(database, POLICY, NIGHT) is None
    await _put(database, range(24, 30), seed=3)
    assert await refit_if_due(database, POLICY, NOON) is None
    again = await refit_if_due(database, POLICY, NIGHT)
    assert again is not None
    assert len(again.fit.clusters) == 3
    assert len(await memberships(database)) == 30


@pytest.mark.graph
async def test_of_many_processes_one_fits(
    database: Database, tiny: EmbeddingSpace, monkeypatch: pytest.MonkeyPatch
) -> None:
    fits = []

    async def counted(*args: object) -> object:
        fits.append(args)
        return await refit(*args)  # type: ignore[arg-type]

    monkeypatch.setattr(refitting, "refit", counted)
    await _put(database, range(24), seed=1)
    found = await asyncio.gather(*(refit_if_due(database, POLICY, NOON) for _ in range(6)))
    assert sum(each is not None for each in found) == len(fits) == 1


@pytest.mark.graph
async def test_nobody_fits_while_the_lease_is_held_and_a_dead_holder_loses_it(
    database: Database, tiny: EmbeddingSpace
) -> None:
    await _put(database, range(24), seed=1)
    async with lease(database, LEASE) as held:
        assert held
        async with lease(database, LEASE) as other:
            assert not other
        assert await refit_if_due(database, POLICY, NOON) is None
    async with lease(database, LEASE, seconds=3.0) as held:
        assert held
        first = await _ends(database)
        # Renewed while it lasts.
        for _ in range(1_000):
            if await _ends(database) > first:
                break
            await asyncio.sleep(0.1)
        else:
            raise AssertionError("never renewed")
    assert await _ends(database) is None
    # Killed: nobody released it, and nobody renews it.
    await database.run(
        "MATCH (l:Lease) SET l.owner = 'dead', l.expiresAt = datetime() - duration('PT1S')"
    )
    assert await refit_if_due(database, POLICY, NOON) is not None


@pytest.mark.graph
async def test_turns_are_taken_by_one_of_all(database: Database) -> None:
    assert sorted(await asyncio.gather(*(turn(database, "x", seconds=60.0) for _ in range(5)))) == [
        *[False] * 4,
        True,
    ]
    await database.run("MATCH (l:Lease {name: 'x'}) SET l.nextAt = datetime()")
    assert await turn(database, "x", seconds=60.0)


async def _put(database: Database, numbers: Sequence[int], seed: int) -> None:
    """Complaints of one matter."""
    vectors = alike(len(numbers), seed)
    await put(database, [with_vector(case(n), v) for n, v in zip(numbers, vectors, strict=True)])


async def _ends(database: Database) -> Any:
    """When the lease ends unless it is renewed."""
    return (await database.read("MATCH (l:Lease) RETURN l.expiresAt AS at"))[0]["at"]
