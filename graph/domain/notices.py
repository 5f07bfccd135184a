"""When a case is next to be noticed because of its deadline. Pure."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from graph.domain.copies import received_key
from graph.domain.enums import OPEN_STATUSES, CaseStatus, EventKind
from graph.domain.moments import milliseconds


def next_notice(own: Mapping[str, Any]) -> tuple[EventKind, datetime] | None:
    """What comes next of a case, and when; None if nothing does.

    ``own``: properties of its node (status, duplicate, dueAt, dueSoonAt, dueNotice).
    """
    due_at, soon = own.get("dueAt"), own.get("dueSoonAt")
    if due_at is None or soon is None or own.get("duplicate"):
        return None
    if CaseStatus(own["status"]) not in OPEN_STATUSES:
        return None
    noticed = own.get("dueNotice")
    if noticed is None:
        return EventKind.DUE_SOON, soon
    return (EventKind.OVERDUE, due_at) if noticed == EventKind.DUE_SOON else None


def notice_now(own: Mapping[str, Any], now: datetime) -> tuple[EventKind, datetime] | None:
    """What is to be noticed now: a case that is overdue is not told to be due soon."""
    following = next_notice(own)
    if following is None or milliseconds(following[1]) > milliseconds(now):
        return None
    due_at = own["dueAt"]
    late = milliseconds(due_at) <= milliseconds(now)
    return (EventKind.OVERDUE, due_at) if late else following


def notice_key(own: Mapping[str, Any]) -> str | None:
    """The mark of a case that will be noticed: a sort key by the time of the next notice."""
    following = next_notice(own)
    return None if following is None else received_key(following[1], own["id"])


def overdue_key(own: Mapping[str, Any]) -> str | None:
    """The mark of a case that was noticed as overdue, for the rules about overdue ones."""
    if own.get("dueNotice") != EventKind.OVERDUE or own.get("dueAt") is None:
        return None
    return received_key(own["dueAt"], own["id"])
