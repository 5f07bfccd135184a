"""What stays of a stored complaint when its source sends other content."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from graph.commands.rows import DESK_KEYS, ComplaintRow
from graph.database import Row
from graph.domain.enums import Level
from graph.domain.escalation import kept_level
from graph.queries.escalation import standing

#: What the people at the desk have decided stays theirs, whatever the source sends later.
_OF_THE_DESK = (
    "status", "level", "type", "severity", "urgency", "riskTypes", "amountMinor", "currency",
    "amountBand", "dueAt", "assignee", *DESK_KEYS,
)  # fmt: skip


def with_kept(row: ComplaintRow, before: Row) -> ComplaintRow:
    """The row to write; ``before``: properties and relations as they stand."""
    return _derived(_beside_the_desk(row, before), before["properties"])


def _beside_the_desk(row: ComplaintRow, before: Row) -> ComplaintRow:
    """The row with what the service has found out since, which no source knows.

    Of a case that people have worked on the source's new content changes only the facts.
    """
    old = before["properties"]
    found = {key: old[key] for key in DESK_KEYS if key in old and key not in row.own}
    if row.own["dueAt"] != old.get("dueAt"):
        found.pop("dueNotice", None)  # it was of another date
    if not old.get("worked"):
        return replace(row, own={**row.own, **found})
    related = replace(
        row.related,
        products=old["productCodes"],
        branches=old["branchCodes"],
        departments=old["departmentCodes"],
        root_causes=old["rootCauseCodes"],
        decided=old["decided"],
        decided_at=old.get("decidedAt"),
    )
    return replace(
        row,
        own={**row.own, **found, **{key: old.get(key) for key in _OF_THE_DESK}},
        related=related,
        product=old.get("productCode"),
        branch=old.get("branchCode"),
        handling=before["handling"],
        causes=before["causes"],
        decisions=before["decisions"],
    )


def _derived(row: ComplaintRow, old: Mapping[str, Any]) -> ComplaintRow:
    """What was derived after the registration stays until it is derived again.

    So does a level that a person set, or that the rules have raised.
    """
    kept = replace(row.related, clusters=old["clusterIds"], duplicate=old["duplicate"])
    level = kept_level(standing(old), Level(row.own["level"]))
    return replace(row, own={**row.own, "level": level}, related=kept)
