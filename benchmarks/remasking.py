"""What `remask` costs, and whether it leaves a graph in which nothing disagrees.

Seeded texts are stored as a masking that does not know plates would leave them, with vectors near
their template's, masked again, and then linked: `python -m benchmarks remasking`.
"""

import asyncio
import time
from collections.abc import AsyncIterator
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated

import numpy as np
import typer

from api.services import Services, open_services
from api.settings import Settings
from benchmarks.seeded import seeded_texts
from graph.commands.catalogue import KnownCodes
from graph.commands.rows import Act, Prepared
from graph.consistency import check
from graph.domain.placeholders import MaskKind
from graph.progress import Progress
from ingest.masking import Masker, MaskingOptions
from ingest.pipeline import Pipeline
from ingest.prepare import Preparer
from ingest.record import IncomingComplaint
from scripts.console import progress, result

#: Different texts; the others differ from one of them by a number.
TEMPLATES = 2_000
BATCH = 500
_NOISE = 0.02
_FIRST = datetime(2013, 1, 1, tzinfo=UTC)
#: Between two complaints: those of one template are too far apart to be a group event, whose
#: detection is measured elsewhere and would take most of the time here.
_APART = timedelta(hours=1)


@dataclass(slots=True)
class Remasking:
    """Seconds of each part; ``disagreements``: what ``check`` found afterwards."""

    complaints: int = 0
    changed: int = 0
    load_seconds: float = 0.0
    remask_seconds: float = 0.0
    link_seconds: float = 0.0
    check_seconds: float = 0.0
    older: int = 0
    disagreements: dict[str, int] = field(default_factory=dict)
    examples: list[str] = field(default_factory=list)


async def measured(services: Services, size: int, seed: int, shown: Progress) -> Remasking:
    """Load, mask again, link, check: what is linked once has been linked after both."""
    known = frozenset(MaskKind) - {MaskKind.PLATE}
    older = Preparer(Masker(MaskingOptions(kinds=known)), services.keyring, services.preparer.rules)
    pipeline = Pipeline(services.database, services.book, older)
    measures, clock = Remasking(), time.monotonic()

    def lap() -> float:
        nonlocal clock
        clock, before = time.monotonic(), clock
        return round(clock - before, 1)

    done = 0
    async for batch in _prepared(services, older, size, seed):
        act = Act("bench", datetime.now(UTC), services.keyring)
        await pipeline.store(batch, [], act, KnownCodes())
        done += len(batch)
        shown("load", done, size)
    measures.load_seconds = lap()
    report = await services.pipeline.remasker.run(shown)
    measures.complaints, measures.changed = report.complaints, report.changed
    measures.remask_seconds = lap()
    await services.pipeline.backlog.drain(shown)
    measures.link_seconds = lap()
    measures.older = await services.pipeline.remasker.older()
    results = await check(services.database, progress=shown)
    measures.check_seconds = lap()
    measures.disagreements = dict(results.counts)
    measures.examples = [f"{e.kind} {e.subject} {e.detail}" for e in results.examples[:5]]
    return measures


async def _prepared(
    services: Services, older: Preparer, size: int, seed: int
) -> AsyncIterator[list[Prepared]]:
    texts = [seeded.text for seeded in seeded_texts(seed, min(size, TEMPLATES))]
    masked = await asyncio.to_thread(lambda: [older.masker.mask(text).text for text in texts])
    vectors = await services.encoder.encode(masked)
    chance = np.random.default_rng(seed)
    key = services.book.active.space.vector_key
    now = datetime.now(UTC)

    def prepare(numbers: range) -> list[Prepared]:
        made = []
        for number in numbers:
            template = number % len(texts)
            incoming = IncomingComplaint(
                "bench",
                str(number),
                _FIRST + number * _APART,
                narrative=f"{texts[template]}（第{number}号）",
            )
            near = vectors[template] + chance.normal(scale=_NOISE, size=vectors.shape[1])
            case = older.prepare(incoming, now=now)
            made.append(Prepared(case, {key: (near / np.linalg.norm(near)).tolist()}))
        return made

    for start in range(0, size, BATCH):
        yield await asyncio.to_thread(prepare, range(start, min(size, start + BATCH)))


def main(
    size: Annotated[int, typer.Option(min=10, help="Complaints.")] = 100_000,
    seed: Annotated[int, typer.Option(help="Another seed makes other texts.")] = 1,
    json: Annotated[bool, typer.Option("--json", help="One JSON object.")] = False,
) -> None:
    """Mask stored texts again that an older version has made, and check the graph."""

    async def work() -> Remasking:
        with TemporaryDirectory(prefix="remasking-") as home, progress(quiet=json) as shown:
            async with open_services(Settings.load(home=Path(home)), shown) as services:
                return await measured(services, size, seed, shown)

    result(asdict(asyncio.run(work())), as_json=json)
