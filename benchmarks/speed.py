"""`make bench`: performance as ratios within one run, on the demo bank in a temporary folder.

Ratios hold on any machine; the seconds beside them are of this one.
"""

import asyncio
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from uuid import uuid4

from api.services import Services, open_services
from api.settings import Settings
from benchmarks.bare_writes import Copy, copy_of, taken_out, wipe, write_at_once, write_bare
from benchmarks.rewritten import textless
from graph.domain.filters import ComplaintFilter
from graph.domain.scope import WHOLE_BANK
from graph.queries import complaints as complaint_queries
from graph.queries.complaints import Order, Window
from ingest.demo import DemoOptions, DemoSource, complaints
from ingest.importer import BATCH
from ingest.record import RowSource
from ingest.sources import cfpb
from scripts.console import out, progress
from scripts.demo import load_demo
from similarity.encoding import EncoderOptions, load_plain

ROUNDS = 15
#: Complaints registered one after another, after some that do not count.
REGISTERED = 100
WARM = 20
PAGE = 20

CONTEXT = """
query ($first: Int) { complaints(first: $first) { nodes { reference
  customerHistory { reference } duplicates { reference } repeats { reference }
  similar(first: 5) { score complaint { reference } explanation { summary } }
  precedents(first: 3) { score resolution { outcome } complaint { reference } }
  rootCauseCandidates { confidence rootCause { code } }
  branchRecent(first: 3) { reference }
} } }
"""


REGISTER = """
mutation ($input: RegisterComplaintInput!) { registerComplaint(input: $input) {
  complaint { reference } errors { message }
} }
"""


async def median(work: Callable[[], Awaitable[Any]]) -> float:
    """Seconds of one call, the median of some after two that do not count."""
    times = []
    for number in range(ROUNDS + 2):
        started = time.perf_counter()
        await work()
        if number >= 2:
            times.append(time.perf_counter() - started)
    return statistics.median(times)


def show(name: str, seconds: float, against: str, base: float) -> None:
    out.print(
        f"{name:<44} {seconds * 1000:9.1f} ms   {against:<28} {base * 1000:9.1f} ms   "
        f"ratio {seconds / base:5.2f}"
    )


async def bench_import(settings: Settings, size: int) -> None:
    """Importing texts against a plain encode of the same distinct texts."""
    texts = sorted({c.narrative for c in complaints(DemoOptions(size=size)) if c.narrative})
    plain = await asyncio.to_thread(_plain_seconds, texts)
    with progress() as shown:
        async with open_services(settings, shown) as services:
            started = time.perf_counter()
            await services.importer.run(DemoSource(DemoOptions(size=size)), progress=shown)
            show("import with texts", time.perf_counter() - started, "plain encode", plain)


def _plain_seconds(texts: list[str]) -> float:
    """What sentence-transformers itself takes for the texts, with its default settings."""
    model = load_plain(EncoderOptions())
    model.encode(texts[:8])
    started = time.perf_counter()
    model.encode(texts)
    return time.perf_counter() - started


async def bench_rows(settings: Settings, source: Callable[[], RowSource]) -> None:
    """Rows without text: the import's rate against bare writes of the same nodes and relations.

    Both twice in turn; the second of each counts, when the server's code is warm. Leaves the
    graph filled, and measures paging on it.
    """
    taken: Copy | None = None
    imported = bare = 0.0
    with progress() as shown:
        for _ in range(2):
            async with open_services(settings) as services:
                await wipe(services.database)
                started = time.perf_counter()
                await services.importer.run(source(), progress=shown, link=False)
                imported = time.perf_counter() - started
                taken = taken or await copy_of(services.database)
                await wipe(services.database)
                bare = await write_bare(services.database, taken, BATCH)
    assert taken is not None
    rows = taken.complaints
    out.print(
        f"{rows:,} rows without text: import {rows / imported:,.0f}/s, bare writes "
        f"{rows / bare:,.0f}/s   ratio of the rates {bare / imported:5.2f}"
    )
    async with open_services(settings) as services:
        await bench_pages(services)
        await wipe(services.database)


async def bench_search(services: Services) -> None:
    """Filtered against unfiltered neighbours, one filter leaving exactly as many as asked for."""
    finder = services.finder
    page = await complaint_queries.page(
        services.database, await finder.compile(None, WHOLE_BANK), Order.RECEIVED_DESC, Window(1)
    )
    chosen = page.complaints[0]
    plain = await median(
        lambda: finder.similar([chosen.id], filters=None, scope=WHOLE_BANK, first=10)
    )
    few = await finder.similar([chosen.id], filters=None, scope=WHOLE_BANK, first=100)
    moments = sorted(alike.complaint.received_at for alike in few[chosen.id])
    for name, requested in (
        ("similar, ten left", await _leaving(services, chosen.id, moments[0], 10)),
        ("similar, one branch", ComplaintFilter(branches=(chosen.branches[-1],))),
        ("similar, not its type", ComplaintFilter(excluded=ComplaintFilter(types=("FRAUD",)))),
        ("similar, one customer", ComplaintFilter(customer=chosen.customer)),
    ):
        seconds = await median(
            lambda w=requested: finder.similar(  # type: ignore[misc]
                [chosen.id], filters=w, scope=WHOLE_BANK, first=10
            )
        )
        show(name, seconds, "similar, no filter", plain)


async def _leaving(
    services: Services, identity: str, since: datetime, many: int
) -> ComplaintFilter:
    """A filter by date of receipt that leaves exactly ``many`` others with a text."""
    rows = await services.database.read(
        """
        CYPHER 25
        MATCH (c:Complaint)
        WHERE c.receivedAt >= $since AND c.narrative IS NOT NULL AND c.duplicate = false
          AND c.id <> $id
        RETURN c.receivedAt AS at ORDER BY at LIMIT $many
        """,
        since=since,
        id=identity,
        many=many,
    )
    return ComplaintFilter(received_from=rows[0]["at"], received_to=rows[-1]["at"])


async def bench_pages(services: Services) -> None:
    narrowed = await services.finder.compile(None, WHOLE_BANK)

    async def page(after: str | None) -> str | None:
        window = Window(PAGE, after=after)
        result = await complaint_queries.page(
            services.database, narrowed, Order.RECEIVED_DESC, window
        )
        return result.complaints[-1].received_key if result.more else None

    cursor: str | None = None
    last, number = None, 1
    while (cursor := await page(cursor)) is not None and number < 299:
        last, number = cursor, number + 1
    first = await median(lambda: page(None))
    show(f"page {number + 1} of {PAGE}", await median(lambda: page(last)), "page 1", first)


async def bench_register(services: Services) -> None:
    """Registering a complaint, with everything that follows, against what cannot be left out.

    That is: encoding one text, and writing the same nodes and relations bare in one transaction.
    """
    from schema.build import build_schema
    from schema.execution import context_for

    schema = build_schema(development=True)
    bank = complaints(DemoOptions(size=4 * REGISTERED, seed=2))
    texts = sorted({c.narrative for c in bank if c.narrative})[: 2 * (REGISTERED + WARM)]
    registering, encoding, ids = [], [], []
    # Neighbours in the alphabet are much alike: one is registered, the other only encoded.
    for number, (text, other) in enumerate(zip(texts[::2], texts[1::2], strict=True)):
        values = {
            "narrative": text,
            "customer": {"sourceId": f"bench-{number}"},
            "idempotencyKey": str(uuid4()),
        }
        started = time.perf_counter()
        await services.encoder.encode([other])
        encoded = time.perf_counter()
        answer = await schema.execute(
            REGISTER, variable_values={"input": values}, context_value=context_for(services)
        )
        registering.append(time.perf_counter() - encoded)
        encoding.append(encoded - started)
        assert answer.data is not None, answer.errors
        ids.append(answer.data["registerComplaint"]["complaint"]["reference"])
        if number == WARM:
            assert answer.extensions is not None
            out.print(f"statements for registering: {answer.extensions['graph']['queries']}")
    bare = [await _bare(services, reference) for reference in ids]
    encode = statistics.median(encoding[WARM:])
    write = statistics.median(bare[WARM:])
    out.print(f"encoding one text {encode * 1000:.1f} ms, its bare writes {write * 1000:.1f} ms")
    register = statistics.median(registering[WARM:])
    show("registering a complaint", register, "encode and bare writes", encode + write)


async def _bare(services: Services, reference: str) -> float:
    known = await complaint_queries.by_references(services.database, [reference], WHOLE_BANK)
    copy = await taken_out(services.database, known[reference].id)
    return await write_at_once(services.database, copy)


async def bench_context(services: Services) -> None:
    from schema.build import build_schema
    from schema.execution import context_for

    schema = build_schema(development=True)

    async def ask(first: int) -> int:
        answer = await schema.execute(
            CONTEXT, variable_values={"first": first}, context_value=context_for(services)
        )
        assert answer.errors is None, answer.errors
        assert answer.extensions is not None
        return int(answer.extensions["graph"]["queries"])

    out.print(f"statements for context: 1 complaint {await ask(1)}, 50 complaints {await ask(50)}")
    one = await median(lambda: ask(1))
    show("context of 50 complaints", await median(lambda: ask(50)), "context of one", one)


def bench_starts(home: Path) -> None:
    """A command's start with the engine stopped, and with it running."""
    command = [sys.executable, "-m", "scripts", "migrate"]
    environment = {**os.environ, "COMPLAINT_GRAPH_HOME": str(home)}

    def start() -> float:
        started = time.perf_counter()
        subprocess.run(command, check=True, env=environment, capture_output=True)  # noqa: S603
        return time.perf_counter() - started

    time.sleep(8)  # the engine lingers a little after its last user
    cold = start()
    show("start, engine stopped", cold, "start, engine running", start())


def main(size: int = 2000, rows: int = 7000, cfpb_file: Path | None = None) -> None:
    """Run everything; about ten minutes. ``--cfpb-file``: rows without text from a real file."""
    with TemporaryDirectory(prefix="complaint-graph-bench-") as folder:
        settings = Settings.load().model_copy(update={"home": Path(folder)})

        def source() -> RowSource:
            if cfpb_file is None:
                return textless(DemoSource(DemoOptions(size=rows)))
            return textless(cfpb(cfpb_file, settings.intake.zone, datetime.now(UTC)))

        asyncio.run(_main(settings, size, source))
        bench_starts(Path(folder))


async def _main(settings: Settings, size: int, rows: Callable[[], RowSource]) -> None:
    await bench_rows(settings, rows)
    await bench_import(settings, size)
    async with open_services(settings) as services:
        await load_demo(services)
        await bench_search(services)
        await bench_context(services)
        await bench_register(services)
