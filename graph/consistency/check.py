"""Go through the whole graph, page by page, and repair what can be derived anew."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from graph.commands.clusters import finish_fit
from graph.commands.copied import rewrite_copies
from graph.commands.locks import Kind, lock
from graph.commands.spaces import relink_all
from graph.commands.waiting import Work, marked
from graph.consistency import (
    clusters,
    copied_codes,
    customers,
    deadlines,
    escalation,
    events,
    kept,
    links,
    vectors,
)
from graph.consistency.findings import Finding, Report
from graph.consistency.paging import Rule, disagreements
from graph.database import Database, Transaction
from graph.domain.deadlines import TimeLimits
from graph.domain.enums import OPEN_STATUSES
from graph.domain.spaces import EmbeddingSpace
from graph.progress import Progress, silent
from graph.queries.spaces import active_space

PAGE = 500
#: Texts whose links are compared exactly; fewer in a large graph, so that a check ends in minutes.
SAMPLE = 200
COMPARISONS = 4_000_000

_COUNT = "CYPHER 25 MATCH (c:Complaint) RETURN count(*) AS total"
_RELINK = f"""
CYPHER 25
UNWIND $ids AS id
MATCH (c:Complaint {{id: id}})
{marked("c", Work.LINK)}
"""


async def check(
    database: Database,
    *,
    repair: bool = False,
    finish: Callable[[], Awaitable[None]] | None = None,
    limits: TimeLimits | None = None,
    progress: Progress = silent,
) -> Report:
    """Compare everything; with ``repair``, mend what can be derived.

    Nothing is read in one piece: memory and the time of each statement are bounded whatever the
    graph's size. ``finish`` encodes missing vectors and links what is marked: it needs the model,
    which this layer does not know. ``limits``: those that open deadlines must rest on.
    """
    report = Report()
    total = int((await database.read(_COUNT))[0]["total"])
    report.checked["complaints"] = total
    await _clusters(database, report, repair=repair)
    await _copies(database, report, total, repair=repair, progress=progress)
    await _events(database, report, total, progress)
    if limits is not None:
        report.add(await deadlines.disagreements(database, limits, datetime.now(UTC)))
    await _rules(database, report, (customers.IDENTIFIERS, customers.CUSTOMERS))
    await _rules(database, report, _LEVELS, {"open": sorted(OPEN_STATUSES)})
    # A second more: other processes' clocks are not ours.
    now = datetime.now(UTC) + timedelta(seconds=1)
    await _rules(database, report, (kept.OPENINGS, kept.SITTINGS), {"now": now})
    report.add(await kept.views(database))
    results = await vectors.disagreements(database, repair=repair)
    report.add(results)
    derived = sum(finding.repairable for finding in results)
    active = await active_space(database)
    if active is not None:
        derived += await _links(database, report, active, total, repair=repair)
    if repair and derived:
        if finish is not None:
            await finish()
        report.repaired += derived
    return report


_LEVELS = (escalation.WITHOUT_ALERT, escalation.BELOW_ALERTS, escalation.ABOUT_NOTHING)
Mend = Callable[[Sequence[Finding]], Awaitable[None]]


async def _rules(
    database: Database,
    report: Report,
    rules: Sequence[Rule],
    parameters: Mapping[str, Any] | None = None,
    mend: Mend | None = None,
) -> int:
    """Check rules, and ``mend`` what breaks them page by page; how many can be repaired."""
    repairable = 0
    for rule in rules:
        async for results in disagreements(database, rule, **(parameters or {})):
            report.add(results)
            derived = [finding for finding in results if finding.repairable]
            repairable += len(derived)
            if derived and mend is not None:
                await mend(derived)
    return repairable


async def _clusters(database: Database, report: Report, *, repair: bool) -> None:
    unfinished = await clusters.unfinished(database)
    report.add(unfinished)
    wrong = len(unfinished)
    if not unfinished:
        wrong = await _rules(database, report, (clusters.MEMBERS, clusters.SIZES))
    if repair and wrong:
        await finish_fit(database, always=True)
        report.repaired += wrong


async def _links(
    database: Database, report: Report, space: EmbeddingSpace, total: int, *, repair: bool
) -> int:
    async def mend(results: Sequence[Finding]) -> None:
        ids = [finding.subject for finding in results]

        async def work(transaction: Transaction) -> None:
            await lock(transaction, Kind.COMPLAINT, ids)
            await transaction.run(_RELINK, ids=ids)

        await database.write(work)

    waiting = await _rules(database, report, (links.WAITING,))
    rule, parameters = links.as_defined(space), links.parameters(space)
    wrong = await _rules(database, report, (rule,), parameters, mend if repair else None)
    sample = max(10, min(SAMPLE, COMPARISONS // max(1, total)))
    missing = await links.completeness(database, space, sample=sample)
    report.add(missing)
    if missing and repair:
        await relink_all(database)
    return waiting + wrong + len(missing)


async def _copies(
    database: Database, report: Report, total: int, *, repair: bool, progress: Progress
) -> None:
    done, after = 0, ""
    while rows := await copied_codes.page(database, after, PAGE):
        findings = copied_codes.disagreements(rows)
        report.add(findings)
        wrong = [finding.subject for finding in findings if finding.repairable]
        if repair and wrong:
            await rewrite_copies(database, wrong)
            report.repaired += len(wrong)
        done, after = done + len(rows), rows[-1]["own"]["receivedKey"]
        progress("copies", done, total)


async def _events(database: Database, report: Report, total: int, progress: Progress) -> None:
    report.add(await events.order(database))
    done, after = 0, ""
    while rows := await events.page(database, after, PAGE):
        report.add(events.disagreements(rows))
        done, after = done + len(rows), rows[-1]["key"]
        progress("events", done, total)
