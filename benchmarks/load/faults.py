"""Processes killed with signal 9 at moments that chance decides, while people work."""

import asyncio
from collections import Counter
from dataclasses import dataclass, field
from random import Random

import psutil

from benchmarks.load.service import Workers
from graph.embedded.control import status
from graph.embedded.options import EngineOptions

#: What is killed: one that answers (of two, each second one also works for all), the one that
#: encodes, the one from which both are forked, Neo4j.
VICTIMS = ("worker", "worker", "encoder", "generation", "neo4j")
#: Whatever is killed is back within so many seconds, on a busy machine, too.
_PATIENCE = 300.0


@dataclass
class Faults:
    """Kills of what a service consists of, each once what was killed before is back."""

    workers: Workers
    processes: int
    engine: EngineOptions
    random: Random
    killed: Counter[str] = field(default_factory=Counter)

    async def kill(self, times: int, seconds: float) -> None:
        """So many kills, spread over about so many seconds."""
        for _ in range(times):
            await asyncio.sleep(self.random.uniform(0, 2 * seconds / times))
            await self._whole()
            kind = self.random.choice(VICTIMS)
            self._victim(kind).kill()
            self.killed[kind] += 1
        await self._whole()

    def _victim(self, kind: str) -> psutil.Process:
        if kind == "generation":
            return self.workers.generation()
        if kind == "neo4j":
            pid = status(self.engine).java_pid
            assert pid is not None
            return psutil.Process(pid)
        encoder, *serving = self.workers.children()
        return encoder if kind == "encoder" else self.random.choice(serving)

    async def _whole(self) -> None:
        async with asyncio.timeout(_PATIENCE):
            await self.workers.until(self._is_whole)

    def _is_whole(self) -> bool:
        try:
            serving = len(self.workers.children()) == self.processes + 1
        except (psutil.NoSuchProcess, ValueError):
            return False
        return serving and status(self.engine).phase == "ready"
