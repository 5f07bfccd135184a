"""The service's state as gauges: what waits, what is late, and whether its parts are well.

The graph is asked every few seconds and the answer kept: however often metrics are read, it costs
the graph the same.
"""

import asyncio
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

import structlog
from opentelemetry.metrics import CallbackOptions, Observation

from api.health import backlog, readiness
from api.services import Services
from graph.errors import ComplaintGraphError
from graph.queries.operation import Figures, figures
from graph.telemetry import METER

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Observed:
    """``parts``: whether each can do its work; ``waiting``: complaints by work, to a bound."""

    figures: Figures = field(default_factory=Figures)
    parts: dict[str, bool] = field(default_factory=dict)
    waiting: dict[str, int] = field(default_factory=dict)


class Observer:
    """The gauges of one process; ``run`` keeps them current while ``services`` are open."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self.observed = Observed()
        gauges: dict[str, tuple[str, Callable[[], Iterable[Observation]]]] = {
            "complaints": ("Complaints in the graph.", self._complaints),
            "overdue": ("Open cases past their date, up to 10,000.", self._overdue),
            "backlog": ("Complaints that wait for work, up to 10,000 of each.", self._backlog),
            "ready": ("Whether a part of the service can do its work: 1 or 0.", self._ready),
            "encoder.waiting": ("Calls that wait for the encoder.", self._encoder),
            "follower.lag": ("Positions that subscribers are behind.", self._lag),
        }
        for name, (description, observe) in gauges.items():
            METER.create_observable_gauge(
                f"complaint_graph.{name}", [_called(observe)], description=description
            )

    async def run(self) -> None:
        """Ask for ever; ends by being cancelled. What is away for a while is told as not ready."""
        while True:
            await self.observe()
            await asyncio.sleep(self._services.settings.telemetry.figures_seconds)

    async def observe(self) -> None:
        """Ask once."""
        problems = await readiness(self._services)
        parts = {name: problem is None for name, problem in problems.items()}
        # The last figures stay where nobody knows others.
        counted, waiting = self.observed.figures, self.observed.waiting
        if parts["graph"]:
            try:
                counted = await figures(self._services.database)
                waiting = await backlog(self._services)
            except ComplaintGraphError as error:
                # Whoever keeps this running would make the gauges a second time.
                log.warning("the graph's figures could not be read", code=error.code)
                parts["graph"] = False
        self.observed = Observed(counted, parts, waiting)

    def _complaints(self) -> Iterable[Observation]:
        yield Observation(self.observed.figures.complaints)

    def _overdue(self) -> Iterable[Observation]:
        yield Observation(self.observed.figures.overdue)

    def _backlog(self) -> Iterable[Observation]:
        for work, waiting in self.observed.waiting.items():
            yield Observation(waiting, {"work": work})

    def _ready(self) -> Iterable[Observation]:
        for part, able in self.observed.parts.items():
            yield Observation(int(able), {"part": part})

    def _encoder(self) -> Iterable[Observation]:
        for kind, waiting in self._services.encoder.waiting.items():
            yield Observation(waiting, {"kind": kind})

    def _lag(self) -> Iterable[Observation]:
        reached = self._services.follower.position
        behind = 0 if reached is None else self.observed.figures.position - reached
        yield Observation(max(0, behind))


def _called(
    observe: Callable[[], Iterable[Observation]],
) -> Callable[[CallbackOptions], Iterable[Observation]]:
    return lambda _: observe()


async def observe(services: Services) -> None:
    """Keep the gauges current, until cancelled; costs nothing where nobody reads them."""
    if services.settings.telemetry.exported:
        await Observer(services).run()
    await asyncio.Event().wait()
