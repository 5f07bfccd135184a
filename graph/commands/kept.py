"""What stays of a stored complaint when its source sends other content."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from graph.commands.rows import ComplaintRow
from graph.database import Row
from graph.domain.copies import copied
from graph.domain.enums import Level
from graph.domain.escalation import kept_level
from graph.domain.record import REDACTED, WORKED, staying
from graph.queries.escalation import levels_of


def with_kept(row: ComplaintRow, before: Row) -> ComplaintRow:
    """The row to write; ``before``: properties and relations as they stand.

    What the people at the desk have decided stays theirs, whatever the source sends later, and so
    do texts out of which something was taken. What was derived after the registration stays until
    it is derived again.
    """
    old = before["properties"]
    if row.own["dueAt"] != old.get("dueAt"):
        old = {**old, "dueNotice": None}  # it was of another date
    level = kept_level(levels_of(old), Level(row.own["level"]))
    row = replace(row, own={**row.own, "level": level, **staying(old)})
    if old.get(REDACTED):
        row = _with_texts(row, before["decisions"])
    if old.get(WORKED):
        return _with_relations(row, before)
    related = replace(row.related, clusters=old["clusterIds"], duplicate=old["duplicate"])
    return replace(row, related=related)


def _with_relations(row: ComplaintRow, before: Row) -> ComplaintRow:
    """Who filed it is the source's to say, whoever works on it."""
    old = before["properties"]
    return replace(
        row,
        related=replace(copied(old), customer=row.related.customer),
        product=old.get("productCode"),
        branch=old.get("branchCode"),
        handling=before["handling"],
        causes=before["causes"],
        decisions=before["decisions"],
    )


def _with_texts(row: ComplaintRow, decisions: list[Mapping[str, Any]]) -> ComplaintRow:
    """The vectors on the node are those of the texts that stay; so are the answers."""
    summaries = {decision["id"]: decision.get("summary") for decision in decisions}
    kept = [{**each, "summary": summaries.get(each["id"])} for each in row.decisions]
    return replace(row, vectors={}, decisions=kept)
