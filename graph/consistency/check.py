"""Go through the whole graph, page by page, and repair what can be derived anew."""

from collections.abc import Awaitable, Callable

from graph.commands.clusters import finish_fit
from graph.consistency import (
    clusters,
    copied_codes,
    customers,
    escalation,
    events,
    links,
    vectors,
)
from graph.consistency.findings import Finding, Report
from graph.database import Database
from graph.progress import Progress, silent
from graph.queries.spaces import active_space

PAGE = 500
#: Texts whose links are compared exactly; fewer in a large graph, so that a check ends in seconds.
SAMPLE = 200
COMPARISONS = 4_000_000

_COUNT = "CYPHER 25 MATCH (c:Complaint) RETURN count(*) AS total"
_RELINK = """
CYPHER 25
MATCH (c:Complaint)
WHERE $all AND (c.narrative IS NOT NULL OR c.customerId IS NOT NULL) OR c.id IN $ids
SET c.linkPending = true
"""


async def check(
    database: Database,
    *,
    repair: bool = False,
    finish: Callable[[], Awaitable[None]] | None = None,
    progress: Progress = silent,
) -> Report:
    """Compare everything; with ``repair``, mend what can be derived.

    ``finish`` encodes missing vectors and links what is marked: it needs the model, which this
    layer does not know.
    """
    report = Report()
    total = int((await database.read(_COUNT))[0]["total"])
    report.checked["complaints"] = total
    await _clusters(database, report, repair=repair)
    await _copies(database, report, total, repair=repair, progress=progress)
    await _events(database, report, total, progress)
    report.add(await customers.disagreements(database))
    report.add(await escalation.disagreements(database))
    found = await vectors.disagreements(database, repair=repair)
    active = await active_space(database)
    if active is not None:
        found += await links.disagreements(
            database, active, sample=max(10, min(SAMPLE, COMPARISONS // max(1, total)))
        )
    report.add(found)
    if repair and found:
        await _relink(database, found)
        if finish is not None:
            await finish()
        report.repaired += sum(finding.repairable for finding in found)
    return report


async def _clusters(database: Database, report: Report, *, repair: bool) -> None:
    found = await clusters.disagreements(database)
    report.add(found)
    if repair and any(finding.repairable for finding in found):
        await finish_fit(database, always=True)
        report.repaired += sum(finding.repairable for finding in found)


async def _copies(
    database: Database, report: Report, total: int, *, repair: bool, progress: Progress
) -> None:
    done, after = 0, ""
    while rows := await copied_codes.page(database, after, PAGE):
        findings, repairs = copied_codes.disagreements(rows)
        report.add(findings)
        if repair and repairs:
            await copied_codes.repair(database, repairs)
            report.repaired += len(repairs)
        done, after = done + len(rows), rows[-1]["own"]["receivedKey"]
        progress("copies", done, total)


async def _events(database: Database, report: Report, total: int, progress: Progress) -> None:
    report.add(await events.order(database))
    done, after = 0, ""
    while rows := await events.page(database, after, PAGE):
        report.add(events.disagreements(rows))
        done, after = done + len(rows), rows[-1]["key"]
        progress("events", done, total)


async def _relink(database: Database, found: list[Finding]) -> None:
    wrong = [finding.subject for finding in found if finding.kind == "links"]
    if wrong:
        await database.run(_RELINK, ids=wrong, all="all" in wrong)
