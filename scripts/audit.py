"""The access log for auditors: held to account, and exported to a SIEM."""

import asyncio
import json as jsonlib
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from api.installation_key import keyring
from api.services import access_sealer, open_database, settings_of
from graph.consistency.access_log import Verified
from graph.consistency.access_log import verify as verify_log
from graph.domain.access_log import Head, Outcome, RecordKind, moment
from graph.errors import InvalidInputError
from graph.queries.access_export import Exported, Position, exported
from schema.ids import NodeKind, global_id
from scripts.console import DISAGREEMENTS, out, progress, result

HELP = "The access log: who looked at which case."

app = typer.Typer(help=HELP, no_args_is_help=True)

Demo = Annotated[bool, typer.Option("--demo", help="On the demo bank's own data folder.")]
Json = Annotated[bool, typer.Option("--json", help="One JSON object on standard output.")]


@app.command()
def verify(
    known: Annotated[
        Path | None,
        typer.Option(help="What an earlier run wrote with --json; its heads must still be there."),
    ] = None,
    demo: Demo = False,
    json: Json = False,
) -> None:
    """Prove that no record was changed, removed, moved or put in; exit code 4 if one was."""
    settings, before = settings_of(demo=demo), _known(known)

    async def work() -> Verified:
        with progress(quiet=json) as shown:
            async with open_database(settings, shown) as database:
                return await verify_log(database, access_sealer(keyring(settings)), before)

    verified = asyncio.run(work())
    if json:
        result(_facts(verified), as_json=True)
    else:
        for found in verified.breaks:
            out.print(str(found))
        count = len(verified.heads)
        out.print(
            f"{verified.records:,} records in {count:,} whole segments, "
            f"{len(verified.breaks)} breaks."
        )
    if not verified.holds:
        raise typer.Exit(DISAGREEMENTS)


@app.command()
def export(
    since: Annotated[
        str | None, typer.Option(help="From then on: 2026-06-01 or 2026-06-01T09:30:00+08:00.")
    ] = None,
    until: Annotated[str | None, typer.Option(help="Before then.")] = None,
    after: Annotated[
        str | None, typer.Option(help="The `position` of the last line that you have.")
    ] = None,
    demo: Demo = False,
) -> None:
    """Write the log as JSON lines, in names of the Elastic Common Schema."""
    settings = settings_of(demo=demo)
    position = Position() if after is None else Position.parse(after)
    begin, end = _time(since, "since"), _time(until, "until")

    async def work() -> None:
        with progress(quiet=True) as shown:
            async with open_database(settings, shown) as database:
                async for each in exported(
                    database,
                    position,
                    now=datetime.now(UTC),
                    since=begin,
                    until=end,
                ):
                    sys.stdout.write(jsonlib.dumps(line(each), ensure_ascii=False) + "\n")

    asyncio.run(work())


def line(each: Exported) -> dict[str, Any]:
    """A record in the names of ECS; what it has no name for stands under `complaint_graph`."""
    record = each.record
    access = record["kind"] == RecordKind.ACCESS
    place = {name: record[name] for name in ("kind", "segment", "number", "previous", "hash")}
    facts = {name: record[name] for name in _FACTS if name in record}
    event = {
        "kind": "event",
        "category": ["database" if access else "process"],
        "type": ["access" if access else "info"],
        "action": record["operation"] if access else record["kind"].lower(),
        "outcome": "failure" if record.get("outcome") == Outcome.REFUSED else "success",
        "id": f"{record['segment']}-{record['number']}",
        "sequence": record["number"],
        "hash": record["hash"],
    }
    told: dict[str, Any] = {
        "@timestamp": moment(record["at"]),
        "event": event,
        "service": {"name": "complaint-graph", "node": {"name": each.segment["process"]}},
        "host": {"name": each.segment["host"]},
    }
    if access:
        told["user"] = {"id": record["actor"], "roles": record["roles"]}
        facts["complaints"] = _ids(record["cases"])
        if record.get("opened"):
            facts["opened"] = _ids(record["opened"])
    return {**told, "complaint_graph": {**place, **facts}, "position": str(each.position)}


def _ids(keys: Sequence[str]) -> list[str]:
    return [global_id(NodeKind.COMPLAINT, key) for key in keys]


_FACTS = ("method", "outcome", "shown", "purpose", "heads", "read")


def _facts(verified: Verified) -> dict[str, object]:
    return {
        "holds": verified.holds,
        "records": verified.records,
        "breaks": [
            {"segment": each.segment, "number": each.number, "what": each.what.en}
            for each in verified.breaks
        ],
        "heads": [str(head) for head in verified.heads],
    }


def _known(path: Path | None) -> list[Head]:
    if path is None:
        return []
    try:
        return [Head.parse(str(text)) for text in jsonlib.loads(path.read_text("utf-8"))["heads"]]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise InvalidInputError(
            f"{path} is not what `audit verify --json` wrote: give such a file."
        ) from error


def _time(text: str | None, name: str) -> datetime | None:
    """Without an offset it is UTC, as in what is exported."""
    if text is None:
        return None
    try:
        at = datetime.fromisoformat(text)
    except ValueError as error:
        raise InvalidInputError(
            f"--{name} takes a time such as 2026-06-01 or 2026-06-01T09:30:00+08:00."
        ) from error
    return at if at.tzinfo else at.replace(tzinfo=UTC)
