"""How long each analysis takes, and how that grows: `python -m benchmarks analyses`.

Banks of several sizes, each in a data folder and on an engine of its own. Their vectors come from
a pool (``benchmarks.pooled``), they are stored by the service's own pipeline and not linked.
"""

import asyncio
import json as json_format
import logging
import os
import shutil
import statistics
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated, Any
from uuid import NAMESPACE_URL, uuid5

import structlog
import typer

from api.services import Services, open_services
from api.settings import Settings
from benchmarks.pooled import load_pooled, middle
from benchmarks.resident import Peak
from graph import embedded
from graph.progress import Progress
from ingest.demo import DemoOptions, DemoSource, catalogue
from ingest.sources import cfpb
from schema.build import Schema, build_schema
from schema.execution import context_for
from scripts.console import out, progress

#: Calls that count, after some that do not: java compiles what it runs often.
ROUNDS, WARM = 10, 5
_READY = "complete"

_FIGURE = "{ value low high count }"
_OPENED = """narrowing { products branches departments types rootCauses channels levels
  receivedFrom receivedTo duplicate }"""
_TREND = f"""trend(%s) {{ series {{ key {{ code label }} total compared
  points {{ start count complete perThousandOutlets perTenMillionCustomers {_OPENED} }}
  againstBefore {{ expected ratio low high probability verdict }}
  againstYearBefore {{ verdict }} }} }}"""
_HOTSPOTS = f"""hotspots(%s) {{ reason key {{ dimension code label }} count expected excess ratio
  low high corrected {_OPENED} }}"""
_BOTTLENECKS = f"""bottlenecks(%s) {{ key {{ code label }} steps {{ status ended waiting
  medianDays {_FIGURE} p90Days {_FIGURE} overdue {_FIGURE} }} }}"""
_PLACE = "count value expected innerLow innerHigh outerLow outerHigh verdict"
_SHOWN = """id label terms size cohesion exemplars(first: 3) { reference }
  outcomes { outcome count share } satisfaction { mean count } causes { rootCause { label } share }
  trend { month count } cameFrom { label kind members at }"""

#: Everything that the documentation says can be asked, with all figures.
ANALYSES: Mapping[str, str] = {
    "measures": f"""{{ measures {{ total waiting unsettled
      handlingDays {{ median {_FIGURE} mean {_FIGURE} p90 {_FIGURE} }}
      repeatRate {_FIGURE} firstTimeRight {_FIGURE} }} }}""",
    "trend, all, by day": f"{{ {_TREND % 'interval: DAY'} }}",
    "trend, branches, by month": f"{{ {_TREND % 'groupBy: BRANCH, interval: MONTH'} }}",
    "trend, causes, by week": f"{{ {_TREND % 'groupBy: ROOT_CAUSE, depth: 1, interval: WEEK'} }}",
    "trend, departments, by quarter": f"{{ {_TREND % 'groupBy: DEPARTMENT, interval: QUARTER'} }}",
    "trend, outcomes, by year": f"{{ {_TREND % 'groupBy: OUTCOME, interval: YEAR'} }}",
    "hotspots, the usual four": (
        f"{{ {_HOTSPOTS % 'dimensions: [PRODUCT, ROOT_CAUSE, BRANCH, MONTH]'} }}"
    ),
    "hotspots, four others": (
        f"{{ {_HOTSPOTS % 'dimensions: [TYPE, DEPARTMENT, CHANNEL, MONTH]'} }}"
    ),
    "branchComparison": f"""{{ branchComparison {{ key {{ label }} total
      handlingDays {{ {_PLACE} }} escalation {{ {_PLACE} }} repeats {{ {_PLACE} }}
      compensated {{ {_PLACE} }}
      compensation {{ count value {{ value currency }} verdict }} }} }}""",
    "bottlenecks, departments": f"{{ {_BOTTLENECKS % 'groupBy: DEPARTMENT'} }}",
    "bottlenecks, branches": f"{{ {_BOTTLENECKS % 'groupBy: BRANCH, depth: 1'} }}",
    "effect of five remediations": """{ remediations(first: 5) { nodes { title effect {
      verdict countBefore countAfter expected ratio low high trend summary } } } }""",
    "rootCauseTree": f"""{{ rootCauseTree {{ known unknown entries {{
      key {{ code label }} depth direct total share {_FIGURE} }} }} }}""",
    "alerts": """{ alerts(first: 20) { totalCount nodes { kind at until summary
      subject { ... on Branch { name } ... on RootCause { label } ... on Cluster { label } }
      issue { title } handling { state } evidence {
        ... on RiseEvidence { figures { count total } }
        ... on TopicEvidence { figures { size } } ... on GroupEvidence { figures { size } }
      } } } }""",
    "systemic issues with their pages": """{ systemicIssues(first: 5) { nodes {
      title complaintCount summary figures { complaints
        shares(by: BRANCH) { key { label } count share } } } } }""",
    "clusters": f"{{ clusters(first: 10) {{ totalCount nodes {{ {_SHOWN} }} }} }}",
    "cluster with drivers": f"""query ($cluster: ID!) {{ cluster(id: $cluster) {{ {_SHOWN}
      drivers {{ kind value share restShare lift low high p }} }} }}""",
}
#: Not asked by a document: it runs every hour.
WATCH = "watch (an hourly job)"
_LARGEST = """{ clusters(first: 1) { nodes { id } } }"""
_CAUSES = """{ trend(groupBy: ROOT_CAUSE, depth: 0, first: 6) { series { key { code } } } }"""
_PLAN = """mutation ($input: PlanRemediationInput!) { planRemediation(input: $input) {
  errors { message } } }"""


@dataclass(frozen=True, slots=True)
class Timed:
    """One analysis on one bank: the median of some calls, and the statements it sent."""

    milliseconds: float
    statements: int


@dataclass(frozen=True, slots=True)
class Fitted:
    """A refit as the command does it, in a process of its own."""

    seconds: float
    python_mb: int | None
    java_mb: int | None
    facts: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Bank:
    """What one bank showed; ``python_mb``: the highest resident memory while it was asked."""

    complaints: int
    refits: Sequence[Fitted]
    python_mb: int | None
    java_mb: int | None
    analyses: Mapping[str, Timed]


def main(
    sizes: Annotated[str, typer.Option(help="Demo banks of so many complaints.")] = "10000,100000",
    cfpb_file: Annotated[Path | None, typer.Option(help="A CFPB file as one more bank.")] = None,
    home: Annotated[Path | None, typer.Option(help="Keep the banks here, or take them.")] = None,
    only: Annotated[str, typer.Option(help="Analyses whose name contains this.")] = "",
    refits: Annotated[bool, typer.Option(help="Whether to time refits, too.")] = True,
    json: Annotated[bool, typer.Option("--json", help="One JSON object.")] = False,
) -> None:
    """Time every analysis; loading 100,000 takes some minutes."""
    # A line of log for each call would take part of the time, and hide the table.
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    names: list[str | Path] = [*sizes.split(",")]
    names += [cfpb_file] if cfpb_file else []
    with TemporaryDirectory(prefix="complaint-graph-analyses-") as folder, progress() as shown:
        place = home or Path(folder)
        place.mkdir(parents=True, exist_ok=True)
        results = {
            Path(name).name: asyncio.run(_bank(place, name, only, refits, shown)) for name in names
        }
    if json:
        plain = {name: asdict(bank) for name, bank in results.items()}
        sys.stdout.write(json_format.dumps(plain, ensure_ascii=False, default=str) + "\n")
    else:
        _show(results)


async def _bank(place: Path, name: str | Path, only: str, refits: bool, shown: Progress) -> Bank:
    """Load it if need be, refit its clusters, and ask everything."""
    folder = place / Path(name).name
    settings = Settings.load().model_copy(update={"home": folder})
    if folder.exists() and not (folder / _READY).exists():
        shutil.rmtree(folder)  # an earlier run was interrupted in the middle of loading it
    async with open_services(settings, shown) as services:
        schema = build_schema(development=True)
        if not (folder / _READY).exists():
            await _load(services, schema, name, place / "pool.npz", shown)
            (folder / _READY).touch()
        total = (await _ask(services, schema, "{ measures { total } }"))["measures"]["total"]
        java = embedded.status(settings.engine).java_pid
        fits = []
        if refits:
            # The first finds no cluster in a fresh bank; the second starts from the first's.
            fits = [await asyncio.to_thread(_refit, folder, java) for _ in range(2)]
        with Peak(os.getpid()) as python, Peak(java) as engine:
            timed = await _timed(services, schema, only)
    await asyncio.to_thread(embedded.stop, settings.engine)
    return Bank(total, fits, python.megabytes, engine.megabytes, timed)


async def _load(
    services: Services, schema: Schema, name: str | Path, pool: Path, shown: Progress
) -> None:
    if isinstance(name, Path):
        source = cfpb(name, services.settings.intake.zone, datetime.now(UTC))
        await load_pooled(services, source, (), pool, shown)
    else:
        options = DemoOptions(size=int(name))
        await load_pooled(services, DemoSource(options), catalogue(options), pool, shown)
    done = await middle(services)
    causes = (await _ask(services, schema, _CAUSES))["trend"]["series"]
    for cause in (each["key"]["code"] for each in causes if each["key"]["code"] is not None):
        planned = {
            "rootCause": cause,
            "title": "measured",
            "completedAt": done.isoformat(),
            "idempotencyKey": str(uuid5(NAMESPACE_URL, cause)),
        }
        await _ask(services, schema, _PLAN, input=planned)


async def _timed(services: Services, schema: Schema, only: str) -> Mapping[str, Timed]:
    nodes = (await _ask(services, schema, _LARGEST))["clusters"]["nodes"]
    results = {}
    if only in WATCH:
        results[WATCH] = await _watched(services)
    for name, document in ANALYSES.items():
        if only not in name or ("$cluster" in document and not nodes):
            continue
        variables = {"cluster": nodes[0]["id"]} if "$cluster" in document else {}
        times, statements = [], 0
        for number in range(WARM + ROUNDS):
            started = time.perf_counter()
            answer = await schema.execute(
                document, variable_values=variables, context_value=context_for(services)
            )
            if number >= WARM:
                times.append(time.perf_counter() - started)
            assert answer.errors is None, (name, answer.errors)
            assert answer.extensions is not None
            statements = answer.extensions["graph"]["queries"]
        results[name] = Timed(round(statistics.median(times) * 1000, 1), statements)
    return results


async def _watched(services: Services) -> Timed:
    """The early warning's own work, which is no answer to anybody; the first look also writes."""
    times = []
    for _ in range(WARM + ROUNDS):
        started = time.perf_counter()
        await services.watcher.update()
        times.append(time.perf_counter() - started)
    return Timed(round(statistics.median(times[WARM:]) * 1000, 1), 0)


async def _ask(
    services: Services, schema: Schema, document: str, **variables: object
) -> dict[str, Any]:
    answer = await schema.execute(
        document, variable_values=variables, context_value=context_for(services)
    )
    assert answer.errors is None, answer.errors
    assert answer.data is not None
    return answer.data


def _refit(home: Path, java: int | None) -> Fitted:
    """The command as anybody runs it, watched from outside."""
    started = time.perf_counter()
    with subprocess.Popen(
        [sys.executable, "-m", "scripts", "cluster", "--json"],
        env={**os.environ, "COMPLAINT_GRAPH_HOME": str(home)},
        stdout=subprocess.PIPE,
        text=True,
    ) as command:
        with Peak(command.pid) as python, Peak(java) as engine:
            output, _ = command.communicate()
    assert command.returncode == 0
    seconds = round(time.perf_counter() - started, 1)
    return Fitted(seconds, python.megabytes, engine.megabytes, json_format.loads(output))


def _show(results: Mapping[str, Bank]) -> None:
    """A table with a column for each bank; the ratio is that of the second to the first."""
    names = list(results)
    load = ", ".join(f"{value:.1f}" for value in os.getloadavg())
    out.print(f"load of the machine {load}; milliseconds, the median of {ROUNDS} calls")
    out.print(f"{'':34}" + "".join(f"{name[:18]:>20}" for name in names) + "   ratio  statements")
    for analysis in next(iter(results.values())).analyses:
        timed = [bank.analyses[analysis] for bank in results.values() if analysis in bank.analyses]
        ratio = timed[1].milliseconds / timed[0].milliseconds if len(timed) > 1 else 1.0
        statements = "/".join(str(each.statements) for each in timed)
        cells = "".join(f"{each.milliseconds:>20,.0f}" for each in timed)
        out.print(f"{analysis:34}{cells}{ratio:>8.1f}  {statements}")
    for name, bank in results.items():
        out.print(
            f"{name}: {bank.complaints:,} complaints; peak while asked: python "
            f"{bank.python_mb} MB, java {bank.java_mb} MB"
        )
        for fit in bank.refits:
            out.print(
                f"  refit {fit.seconds} s, python {fit.python_mb} MB, java {fit.java_mb} MB: "
                f"{json_format.dumps(dict(fit.facts))}"
            )
