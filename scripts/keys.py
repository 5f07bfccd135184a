"""API keys for programs of the bank: made, listed, revoked."""

import asyncio
import getpass
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Annotated, TypeVar

import typer
from rich.table import Table

from api.access.keys import PREFIX, ApiKeys
from api.installation_key import keyring
from api.services import open_database, settings_of
from api.settings import Settings
from graph.commands.access import revoke_key
from graph.database import Database
from graph.domain.access import Identity, Method, Reach, Role
from graph.domain.filters import ComplaintFilter
from graph.queries.access import ApiKey, keys
from graph.queries.codes import cover
from scripts.console import err, out, progress, result

HELP = "API keys: for programs that ask the service."

app = typer.Typer(help=HELP, no_args_is_help=True)

Demo = Annotated[bool, typer.Option("--demo", help="On the demo bank's own data folder.")]
Json = Annotated[bool, typer.Option("--json", help="One JSON object on standard output.")]
T = TypeVar("T")
_DAYS = 365


@app.command()
def create(
    name: Annotated[str, typer.Argument(help="What the program is; stands in its events.")],
    role: Annotated[
        list[Role], typer.Option(help="What it may do; may be repeated.", case_sensitive=False)
    ],
    branch: Annotated[
        list[str] | None, typer.Option(help="Code of a branch that it reaches; may be repeated.")
    ] = None,
    department: Annotated[
        list[str] | None, typer.Option(help="Code of a department; may be repeated.")
    ] = None,
    everything: Annotated[
        bool, typer.Option("--everything", help="It reaches the whole bank.")
    ] = False,
    days: Annotated[int, typer.Option(min=1, max=3650, help="How long it is valid.")] = _DAYS,
    demo: Demo = False,
    json: Json = False,
) -> None:
    """Make a key; it is shown once."""
    now = datetime.now(UTC)
    reach = Reach(everything, tuple(branch or ()), tuple(department or ()))
    identity = Identity(
        actor=f"key:{name}",
        name=name,
        roles=frozenset(role),
        reach=reach,
        method=Method.KEY,
        expires_at=now + timedelta(days=days),
    )

    vocabulary = Settings.load().intake.vocabulary

    async def work(database: Database, made: ApiKeys) -> str:
        named = ComplaintFilter(
            branches=reach.branches or None, departments=reach.departments or None
        )
        await cover(database, named, vocabulary)
        return await made.create(identity, by=getpass.getuser(), now=now)

    key = _with_keys(demo, work)
    if json:
        result({"key": key, "expiresAt": _text(identity.expires_at)}, as_json=True)
        return
    err.print("Send it as `Authorization: Bearer …`. It cannot be shown again:")
    out.print(key)


@app.command("list")
def list_keys(demo: Demo = False, json: Json = False) -> None:
    """Every key that ever was, without its secret."""

    async def work(database: Database, _: ApiKeys) -> list[ApiKey]:
        return await keys(database)

    known, now = _with_keys(demo, work), datetime.now(UTC)
    if json:
        result({"keys": [_record(key, now) for key in known]}, as_json=True)
        return
    if not known:
        out.print("There is no key: `complaint-graph keys create` makes one.")
        return
    table = Table()
    table.add_column("key", no_wrap=True)  # `revoke` takes it whole
    for title in ("program", "roles", "reach", "state", "expires", "last use"):
        table.add_column(title, overflow="fold")
    for key in known:
        record = _record(key, now)
        table.add_row(*(str(record[name] or "–") for name in _COLUMNS))
    out.print(table)


@app.command()
def revoke(
    key: Annotated[str, typer.Argument(help="The key's visible part, as `keys list` shows it.")],
    demo: Demo = False,
) -> None:
    """End a key at once."""
    visible = key.removeprefix(PREFIX).partition("_")[0]

    async def work(database: Database, _: ApiKeys) -> ApiKey:
        return await revoke_key(database, visible, by=getpass.getuser(), now=datetime.now(UTC))

    revoked = _with_keys(demo, work)
    out.print(f"{PREFIX}{revoked.id} of {revoked.identity.name} opens nothing any more.")


_COLUMNS = ("key", "program", "roles", "reach", "state", "expiresAt", "usedAt")


def _record(key: ApiKey, now: datetime) -> dict[str, object]:
    reach, ends = key.identity.reach, key.identity.expires_at
    expired = ends is not None and ends <= now
    codes = ", ".join((*reach.branches, *reach.departments))
    return {
        "key": f"{PREFIX}{key.id}",
        "program": key.identity.name,
        "roles": ", ".join(sorted(key.identity.roles)),
        "reach": "whole bank" if reach.everything else codes or None,
        "state": "revoked" if key.revoked_at else "expired" if expired else "valid",
        "createdBy": key.created_by,
        "createdAt": _text(key.created_at),
        "expiresAt": _text(ends),
        "revokedAt": _text(key.revoked_at),
        "usedAt": _text(key.used_at),
    }


def _text(at: datetime | None) -> str | None:
    return None if at is None else at.isoformat(timespec="seconds")


def _with_keys(demo: bool, work: Callable[[Database, ApiKeys], Awaitable[T]]) -> T:
    settings = settings_of(demo=demo)

    async def run() -> T:
        with progress() as shown:
            async with open_database(settings, shown) as database:
                return await work(database, ApiKeys.of(database, keyring(settings)))

    return asyncio.run(run())
