"""`complaint-graph neo4j`: the embedded engine."""

from typing import Annotated

import typer

from api.services import demo_settings
from api.settings import Settings
from graph import embedded
from graph.embedded import EngineOptions
from scripts.console import out, progress, result

app = typer.Typer(help="The embedded Neo4j of a data folder.", no_args_is_help=True)

Demo = Annotated[bool, typer.Option("--demo", help="The demo bank's own data folder.")]
Json = Annotated[bool, typer.Option("--json", help="One JSON object.")]


def _options(demo: bool) -> EngineOptions:
    settings = Settings.load()
    return (demo_settings(settings) if demo else settings).engine


@app.command()
def start(demo: Demo = False) -> None:
    """Start it and keep it until `neo4j stop`, whoever else comes and goes."""
    with progress() as shown:
        connection = embedded.hold(_options(demo), shown)
    out.print(f"Neo4j serves at {connection.uri}.")


@app.command()
def stop(demo: Demo = False) -> None:
    """End it, unless somebody still uses it."""
    ended = embedded.stop(_options(demo))
    out.print("Neo4j has ended." if ended else "Neo4j was not running.")


@app.command()
def status(demo: Demo = False, json: Json = False) -> None:
    """Whether it runs, for whom, and where its log is."""
    match = embedded.status(_options(demo))
    facts = {
        "running": match.running,
        "uri": match.uri,
        "version": match.version,
        "users": [user.pid for user in match.users],
        "home": str(match.home),
        "log": str(match.log),
    }
    result(facts, as_json=json)


@app.command()
def path(demo: Demo = False) -> None:
    """The folder that it keeps its data in."""
    out.print(str(embedded.status(_options(demo)).home))
