"""Webhooks: receivers elsewhere that are told what happens."""

import asyncio
import getpass
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Annotated, TypeVar

import typer
from rich.table import Table

from api.installation_key import keyring
from api.services import open_database, settings_of
from api.settings import Settings
from api.webhooks.addresses import checked
from api.webhooks.messages import TOPICS, secret_of
from graph.commands import webhooks as commands
from graph.database import Database
from graph.domain.identity import Keyring
from graph.domain.webhooks import Webhook
from graph.errors import InvalidInputError, NotFoundError
from graph.queries.webhooks import webhooks
from graph.validation import nearest
from scripts.console import err, out, progress, result

HELP = "Webhooks: receivers elsewhere that are told what happens."

app = typer.Typer(help=HELP, no_args_is_help=True)

Demo = Annotated[bool, typer.Option("--demo", help="On the demo bank's own data folder.")]
Json = Annotated[bool, typer.Option("--json", help="One JSON object on standard output.")]
Id = Annotated[str, typer.Argument(help="As `list` shows it.")]
T = TypeVar("T")


@app.command()
def add(
    url: Annotated[str, typer.Argument(help="Where messages are sent.")],
    topic: Annotated[
        list[str] | None,
        typer.Option(help="Of what it is told, such as complaint.answered; may be repeated."),
    ] = None,
    after: Annotated[
        int | None,
        typer.Option(min=0, help="Everything after this position, too; 0: since the beginning."),
    ] = None,
    demo: Demo = False,
    json: Json = False,
) -> None:
    """Tell a receiver what happens from now on; shows its signing key."""
    settings = settings_of(demo=demo)
    checked(url, settings.webhooks)
    topics = tuple(dict.fromkeys(topic or ()))
    for each in topics:
        if each not in TOPICS:
            near = nearest(each, TOPICS) or "; docs/webhooks.md names all."
            raise InvalidInputError(f"There is no topic {each}{near}")

    async def work(database: Database, keys: Keyring) -> tuple[str, str]:
        now, by = datetime.now(UTC), getpass.getuser()
        identity = await commands.add_webhook(database, url, topics, after=after, by=by, now=now)
        return identity, secret_of(keys, await _one(database, identity), 1)

    identity, secret = _with(settings, work)
    if json:
        result({"id": identity, "secret": secret}, as_json=True)
        return
    err.print(f"Webhook {identity}. Its receiver proves each message by this key:")
    out.print(secret)


@app.command("list")
def list_(demo: Demo = False, json: Json = False) -> None:
    """Show all of them, and how they are."""
    settings = settings_of(demo=demo)
    known = _with(settings, lambda database, _: webhooks(database.read))
    if json:
        result({"webhooks": [_facts(each) for each in known]}, as_json=True)
        return
    if not known:
        out.print("There is no webhook: `complaint-graph webhooks add` makes one.")
        return
    table = Table("id", "url", "topics", "position", "state")
    for each in known:
        topics = ", ".join(each.topics) or "all"
        table.add_row(each.id, each.url, topics, str(each.position), _state(each))
    out.print(table)


@app.command()
def secret(webhook: Id, demo: Demo = False, json: Json = False) -> None:
    """Show the signing keys: the newest first, and the one before for a day after a rotation."""

    async def work(database: Database, keys: Keyring) -> list[str]:
        one = await _one(database, webhook)
        return [secret_of(keys, one, number) for number in one.keys(datetime.now(UTC))]

    secrets = _with(settings_of(demo=demo), work)
    if json:
        result({"secrets": secrets}, as_json=True)
        return
    for each in secrets:
        out.print(each)


@app.command()
def rotate(webhook: Id, demo: Demo = False) -> None:
    """Sign with a new key; for a day with the old one, too."""
    _with(
        settings_of(demo=demo),
        lambda database, _: commands.rotate_key(database, webhook, datetime.now(UTC)),
    )
    err.print("Messages are signed with both keys for a day: see `webhooks secret`.")


@app.command()
def pause(webhook: Id, demo: Demo = False) -> None:
    """Send nothing until `resume`; nothing is lost."""
    _with(settings_of(demo=demo), lambda own, _: commands.pause_webhook(own, webhook, paused=True))


@app.command()
def resume(webhook: Id, demo: Demo = False) -> None:
    """Go on, at once, also after failures."""
    _with(settings_of(demo=demo), lambda own, _: commands.pause_webhook(own, webhook, paused=False))


@app.command()
def replay(
    webhook: Id,
    after: Annotated[int, typer.Option(min=0, help="Everything after this position.")],
    demo: Demo = False,
) -> None:
    """Tell it everything after a position again, under the same message ids."""
    _with(settings_of(demo=demo), lambda database, _: commands.replay(database, webhook, after))


@app.command()
def remove(webhook: Id, demo: Demo = False) -> None:
    """Tell it nothing any more."""
    _with(settings_of(demo=demo), lambda database, _: commands.remove_webhook(database, webhook))


def _with(settings: Settings, work: Callable[[Database, Keyring], Awaitable[T]]) -> T:
    async def run() -> T:
        with progress() as shown:
            async with open_database(settings, shown) as database:
                return await work(database, keyring(settings))

    return asyncio.run(run())


async def _one(database: Database, identity: str) -> Webhook:
    for each in await webhooks(database.read):
        if each.id == identity:
            return each
    raise NotFoundError("There is no webhook of this id: see `complaint-graph webhooks list`.")


def _state(webhook: Webhook) -> str:
    failing = f"{webhook.failures} failures, the last: {webhook.error}" if webhook.failures else ""
    if webhook.paused:
        return f"paused; {failing}" if failing else "paused"
    return failing or "well"


def _facts(webhook: Webhook) -> dict[str, object]:
    return {
        "id": webhook.id,
        "url": webhook.url,
        "topics": list(webhook.topics),
        "position": str(webhook.position),
        "paused": webhook.paused,
        "failures": webhook.failures,
        "error": webhook.error,
    }
