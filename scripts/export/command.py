"""The command: check what was asked for, ask the API, write the file."""

import asyncio
import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from api.services import Services, demo_settings, open_services
from api.settings import Settings
from graph.domain.access import LOCAL, Identity, Reach
from graph.domain.enums import CatalogueKind, Language, OutcomeKind
from graph.domain.periods import Interval
from graph.errors import InvalidInputError, UnknownCodeError
from graph.insight.hotspots import USUAL
from graph.queries import catalogue
from schema.exports.asking import MOST
from schema.exports.cases import Wanted, write_cases
from schema.exports.documents import EXPORTS, Export, What
from schema.exports.files import check_target, write
from schema.exports.rows import table
from scripts.console import err, progress, result
from scripts.export.asking import ask, asking, chosen, read_filter

HELP = """Write an analysis as a table: a .csv (UTF-8, as Excel opens it) or an .xlsx.

The figures are those of the API, each with its interval and with the filter that opens its
complaints; codes have labels in both languages.

\b
complaint-graph export measures measures.csv --from 2026-01-01 --to 2026-07-01
complaint-graph export trend trend.xlsx --by BRANCH --depth 2 --interval MONTH
complaint-graph export hotspots hotspots.xlsx --by PRODUCT --by BRANCH --by MONTH
complaint-graph export branches branches.csv --filter '{"products": ["CARD"]}'
complaint-graph export bottlenecks steps.xlsx --by DEPARTMENT --language zh
complaint-graph export causes causes.csv --depth 1
complaint-graph export clusters clusters.xlsx --first 50
complaint-graph export alerts alerts.xlsx --language zh
complaint-graph export complaints cases.csv --filter '{"levels": ["RED"]}' --branch BJ
"""


class By(StrEnum):
    """What groups and hotspots are told apart by."""

    PRODUCT = "PRODUCT"
    BRANCH = "BRANCH"
    DEPARTMENT = "DEPARTMENT"
    TYPE = "TYPE"
    CHANNEL = "CHANNEL"
    ROOT_CAUSE = "ROOT_CAUSE"
    LEVEL = "LEVEL"
    OUTCOME = "OUTCOME"
    MONTH = "MONTH"


def export(
    what: Annotated[What, typer.Argument(help="The analysis.", show_default=False)],
    file: Annotated[Path, typer.Argument(help="Where to; its ending tells the format.")],
    since: Annotated[
        str | None, typer.Option("--from", help="Received then or later: 2026-01-01.")
    ] = None,
    until: Annotated[str | None, typer.Option("--to", help="Received before then.")] = None,
    by: Annotated[
        list[By] | None,
        typer.Option(
            case_sensitive=False,
            help="trend, bottlenecks: the groups; hotspots: two to four, one --by each.",
        ),
    ] = None,
    interval: Annotated[
        Interval | None,
        typer.Option(case_sensitive=False, help="trend: the length of a bucket; default: MONTH."),
    ] = None,
    depth: Annotated[
        int | None, typer.Option(help="Of products, branches, causes: 0 is the widest.")
    ] = None,
    first: Annotated[
        int | None,
        typer.Option(
            min=1,
            help=f"So many groups at most; default: {MOST}; of clusters, repeats, alerts, issues, "
            "remediations and complaints all.",
        ),
    ] = None,
    language: Annotated[
        Language | None,
        typer.Option(case_sensitive=False, help="Labels in this language alone; default: both."),
    ] = None,
    filters: Annotated[
        str | None,
        typer.Option("--filter", help="The API's ComplaintFilter as JSON."),
    ] = None,
    branch: Annotated[
        str | None,
        typer.Option(help="complaints: only those that somebody of this branch sees."),
    ] = None,
    personal: Annotated[
        bool,
        typer.Option(
            "--personal",
            help="complaints: also customers' pseudonyms, who works on it, and masked texts.",
        ),
    ] = False,
    force: Annotated[bool, typer.Option("--force", help="Replace the file.")] = False,
    demo: Annotated[bool, typer.Option("--demo", help="Of the demo bank.")] = False,
    json: Annotated[bool, typer.Option("--json", help="One JSON object.")] = False,
) -> None:
    chosen_export = EXPORTS[what]
    check_target(file, force=force)
    options = {
        "from": since,
        "to": until,
        "by": _sides(what, by),
        "interval": interval,
        "depth": depth,
        "first": first,
        "filter": read_filter(filters),
    }
    arguments = chosen(what, options)
    started = time.perf_counter()
    if what is What.COMPLAINTS:
        wanted = Wanted(personal, language)
        rows, columns = asyncio.run(
            _cases(file, arguments, wanted, branch, force=force, demo=demo, quiet=json)
        )
        seconds = round(time.perf_counter() - started, 2)
        written = {"rows": rows, "columns": columns, "file": str(file), "seconds": seconds}
        result(written, as_json=json)
        return
    if branch is not None or personal:
        raise InvalidInputError(f"{what} has no --branch and no --personal.", path=["branch"])
    answers = asyncio.run(_answers(chosen_export, arguments, demo=demo, quiet=json))
    match = table(chosen_export, answers, _keys(chosen_export, arguments), language)
    write(match, file, name=what.value, force=force)
    cut = not chosen_export.paged and _groups(answers) == arguments.get("first", MOST)
    period = _period(answers)
    facts = {
        "rows": len(match.rows),
        "columns": len(match.columns),
        "file": str(file),
        "seconds": round(time.perf_counter() - started, 2),
        "cut": cut,
        **period,
    }
    result(facts, as_json=json)
    if cut:
        err.print(f"There may be more groups than these {_groups(answers)}: narrow with --filter.")
    if period.get("older"):
        err.print(f"Complaints received before {period['from']} are left out: --from shows them.")


async def _cases(
    file: Path,
    arguments: Mapping[str, Any],
    wanted: Wanted,
    branch: str | None,
    *,
    force: bool,
    demo: bool,
    quiet: bool,
) -> tuple[int, int]:
    settings = Settings.load()
    with progress(quiet=quiet) as shown:
        async with open_services(demo_settings(settings) if demo else settings, shown) as services:
            identity = await somebody(services, branch)
            asked = asking(services, identity)
            return await write_cases(asked, file, arguments, wanted, force=force)


async def somebody(services: Services, branch: str | None) -> Identity:
    """Whoever sees what somebody of this branch does; without one, everything.

    Raises:
        UnknownCodeError: no branch has the code.
    """
    if branch is None:
        return LOCAL
    known = await catalogue.by_codes(services.database, CatalogueKind.BRANCH, [branch])
    if branch not in known:
        raise UnknownCodeError("There is no branch with this code.", path=["branch"])
    return replace(LOCAL, reach=Reach(branches=(branch,)))


async def _answers(
    export: Export, arguments: Mapping[str, Any], *, demo: bool, quiet: bool
) -> list[Any]:
    settings = Settings.load()
    with progress(quiet=quiet) as shown:
        async with open_services(demo_settings(settings) if demo else settings, shown) as services:
            return await ask(services, export, arguments)


def _sides(what: What, by: Sequence[By] | None) -> Any:
    """One facet, or the dimensions of hotspots."""
    if what is What.HOTSPOTS:
        return [str(each) for each in by or USUAL]
    if by and len(by) > 1:
        raise InvalidInputError(f"{what} takes one --by.", path=["by"])
    return by[0].value if by else None


def _keys(export: Export, arguments: Mapping[str, Any]) -> Mapping[str, Sequence[str]]:
    """What stands side by side: the dimensions asked for, all outcomes."""
    known = {"dimension": arguments.get("by", ()), "outcome": list(OutcomeKind)}
    return {name: known[kind] for name, kind in export.keyed.items()}


def _groups(answers: Sequence[Any]) -> int | None:
    answer = answers[0]
    groups = answer.get("series") if isinstance(answer, dict) else answer
    return len(groups) if isinstance(groups, list) else None


def _period(answers: Sequence[Any]) -> Mapping[str, Any]:
    """The period that an analysis has chosen itself, and whether it leaves out older complaints."""
    answer = answers[0]
    if not isinstance(answer, dict) or "older" not in answer:
        return {}
    return {name: answer[name] for name in ("from", "to", "older")}
