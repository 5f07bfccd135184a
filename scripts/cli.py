"""The command line: one typer application."""

import typer

from scripts import (
    audit,
    backup,
    clusters,
    demo,
    importing,
    keys,
    maintenance,
    neo4j,
    person,
    rules,
    training,
    webhooks,
)
from scripts.console import run
from scripts.export import command as exporting
from scripts.serving.command import serve

app = typer.Typer(
    name="complaint-graph",
    help="Complaints, their precedents and their root causes as a graph.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)
app.command("serve")(serve)
app.add_typer(importing.app, name="import")
app.command("demo")(demo.demo)
app.command("link")(maintenance.link)
app.command("reembed")(maintenance.reembed)
app.command("remask")(maintenance.remask)
app.command("sweep")(maintenance.sweep)
app.command("watch")(maintenance.watch)
app.command("cluster")(clusters.cluster)
app.command("export", help=exporting.HELP)(exporting.export)
app.add_typer(training.app, name="train")
app.command("retention")(maintenance.retention)
app.command("check")(maintenance.check)
app.command("migrate")(maintenance.migrate)
app.command("backup")(backup.backup)
app.command("restore")(backup.restore)
app.command("export-schema")(maintenance.export_schema)
app.add_typer(person.app, name="person")
app.add_typer(keys.app, name="keys")
app.add_typer(audit.app, name="audit")
app.add_typer(webhooks.app, name="webhooks")
app.add_typer(rules.app, name="rules")
app.add_typer(neo4j.app, name="neo4j")


def main() -> None:
    run(app)
