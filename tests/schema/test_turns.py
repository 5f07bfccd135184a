"""Analyses beside the work of the desk: how many run at once, and who waits."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from graph.domain.access import LOCAL, Identity
from graph.errors import BusyError
from schema.analyses import TurnOptions, Turns
from tests.support.bank import Bank
from tests.support.graphql import execute

FIFTY = " ".join(f"h{n}: hotspots(first: 1) {{ count }}" for n in range(50))
DESK = "{ complaints(first: 5) { totalCount nodes { reference product { label } } } }"


def analyst(number: int) -> Identity:
    return replace(LOCAL, actor=f"analyst-{number}")


@dataclass
class Held:
    """Analyses that last until they are let go; how many run now, and ever did at once."""

    running: int = 0
    most: int = 0
    begun: int = 0
    full: asyncio.Event = field(default_factory=asyncio.Event)
    go: asyncio.Event = field(default_factory=asyncio.Event)

    async def __call__(self, *_: object) -> Sequence[Any]:
        self.begun += 1
        self.running += 1
        if self.running == 2:
            self.full.set()
        self.most = max(self.most, self.running)
        await self.go.wait()
        # Whoever waits could begin here, if it may.
        await asyncio.sleep(0)
        self.running -= 1
        return []


@pytest.mark.graph
async def test_desk_requests_are_answered_while_fifty_hotspots_wait(
    bank: Bank, monkeypatch: pytest.MonkeyPatch
) -> None:
    held = Held()
    monkeypatch.setattr("schema.insight.queries.hotspots", held)
    services = replace(bank.services, turns=Turns(TurnOptions(most=2)))
    analysts = [
        asyncio.create_task(execute(services, f"{{ {FIFTY} }}", identity=analyst(number)))
        for number in range(4)
    ]
    async with asyncio.timeout(30):
        await held.full.wait()
    # Not one analysis has ended: two run, 198 wait, and each of these is answered.
    for answer in await asyncio.gather(*(execute(services, DESK) for _ in range(20))):
        assert answer.errors is None
    assert (held.running, held.begun) == (2, 2)
    held.go.set()
    for answer in await asyncio.gather(*analysts):
        assert answer.errors is None
        assert answer.data is not None
        assert len(answer.data) == 50
    assert (held.most, held.begun) == (2, 200)


@pytest.mark.graph
async def test_effects_wait_for_their_turn_together(
    bank: Bank, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One read for all of a page, in one turn."""
    turns, read = Turns(TurnOptions(most=1, seconds=0.02)), []

    async def effects(*_: object, **__: object) -> dict[str, Any]:
        read.append(None)
        return {}

    monkeypatch.setattr("schema.loaders.remediations.effects", effects)
    services = replace(bank.services, turns=turns)
    for title in "ab":
        planned = await execute(
            services,
            f"""mutation {{ planRemediation(input: {{title: "{title}", rootCause: "UNTOLD"}}) {{
              errors {{ message }} }} }}""",
        )
        assert planned.data == {"planRemediation": {"errors": []}}
    page = "{ remediations(first: 2) { nodes { effect { verdict } } } }"
    assert (await execute(services, page)).errors is None
    assert len(read) == 1
    async with turns.turn("somebody"):
        told = await execute(services, page)
    assert {(e.extensions or {})["code"] for e in told.errors or ()} == {"BUSY"}
    assert len(read) == 1


async def test_nobody_waits_behind_another_s_fifty() -> None:
    turns, order = Turns(TurnOptions(most=1)), []

    async def analyse(actor: str) -> None:
        async with turns.turn(actor):
            order.append(actor)
            await asyncio.sleep(0)

    await asyncio.gather(*(analyse("anna") for _ in range(50)), analyse("ben"))
    assert order.index("ben") <= 2
    assert len(order) == 51


async def test_who_waits_too_long_is_told_and_holds_nothing() -> None:
    turns = Turns(TurnOptions(most=1, seconds=0.02))
    async with turns.turn("anna"):
        for actor in ("anna", "ben"):
            with pytest.raises(BusyError, match="in a moment"):
                async with turns.turn(actor):
                    pytest.fail("there was no turn")
    for actor in ("anna", "ben"):
        async with turns.turn(actor):
            pass


async def test_an_analysis_that_fails_gives_its_turn_back() -> None:
    turns = Turns(TurnOptions(most=1, seconds=0.02))
    for _ in range(3):
        with pytest.raises(ZeroDivisionError):
            async with turns.turn("anna"):
                raise ZeroDivisionError


@pytest.mark.graph
async def test_one_that_did_not_get_its_turn_leaves_the_others(
    bank: Bank, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def slow(*_: object) -> Sequence[Any]:
        await asyncio.sleep(0.2)
        return []

    monkeypatch.setattr("schema.insight.queries.hotspots", slow)
    services = replace(bank.services, turns=Turns(TurnOptions(most=1, seconds=0.05)))
    answer = await execute(
        services, "{ a: hotspots { count } b: hotspots { count } products { totalCount } }"
    )
    assert answer.data is not None
    assert answer.data["products"]["totalCount"] > 0
    assert sorted(str(answer.data[name]) for name in "ab") == ["None", "[]"]
    assert [(e.extensions or {})["code"] for e in answer.errors or ()] == ["BUSY"]
