"""What the processes of a service hold in memory while people work."""

import asyncio
import time
from typing import Any

import psutil

from benchmarks.load.service import Workers
from graph.embedded.control import status
from graph.embedded.options import EngineOptions

_SAMPLE_SECONDS = 20.0


class Memory:
    """Megabytes of the service's processes (PSS) and of Neo4j, every few seconds."""

    def __init__(self, workers: Workers, engine: EngineOptions) -> None:
        self._workers = workers
        self._engine = engine
        self.samples: list[tuple[float, int, int]] = []

    async def watch(self) -> None:
        begun = time.perf_counter()
        while True:
            await asyncio.sleep(_SAMPLE_SECONDS)
            sizes = await asyncio.to_thread(self._sizes)
            if sizes is not None:
                self.samples.append((time.perf_counter() - begun, *sizes))

    def _sizes(self) -> tuple[int, int] | None:
        """None while a process ends or begins."""
        try:
            service = sum(each.memory_full_info().pss for each in self._workers.all())
            java = psutil.Process(status(self._engine).java_pid)
            return service >> 20, java.memory_full_info().pss >> 20
        except psutil.Error:
            return None

    def summary(self) -> dict[str, Any]:
        """The mean of each tenth of the time."""
        if not self.samples:
            return {}
        last = self.samples[-1][0]
        parts: list[list[tuple[int, int]]] = [[] for _ in range(10)]
        for at, service, neo4j in self.samples:
            parts[min(9, int(10 * at / last))].append((service, neo4j))
        means = [
            [round(sum(each) / len(part)) for each in zip(*part, strict=True)]
            for part in parts
            if part
        ]
        return {"serviceMb": [mean[0] for mean in means], "neo4jMb": [mean[1] for mean in means]}
