"""Systemic issues: what many complaints at several branches have in common, and who mends it."""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from graph.domain.enums import Level
from graph.errors import InvalidInputError

LONGEST_TITLE = 300
LONGEST_NAME = 200
MOST = 50


class IssueStatus(StrEnum):
    """``PROPOSED`` by the data or a person, until a person confirms or rejects it."""

    PROPOSED = "PROPOSED"
    CONFIRMED = "CONFIRMED"
    REJECTED = "REJECTED"
    RESOLVED = "RESOLVED"


_NEXT = {
    IssueStatus.PROPOSED: frozenset({IssueStatus.CONFIRMED, IssueStatus.REJECTED}),
    IssueStatus.CONFIRMED: frozenset({IssueStatus.RESOLVED, IssueStatus.REJECTED}),
    IssueStatus.REJECTED: frozenset({IssueStatus.PROPOSED, IssueStatus.CONFIRMED}),
    IssueStatus.RESOLVED: frozenset({IssueStatus.CONFIRMED}),
}


@dataclass(frozen=True, slots=True)
class Statement:
    """What is said of an issue; titles are masked. ``causes``: codes of root causes."""

    title_zh: str
    title_en: str
    level: Level
    owner: str | None = None
    causes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SystemicIssue:
    """``version``: 1 when proposed; grows with every change. ``covers``: how many complaints."""

    id: str
    statement: Statement
    status: IssueStatus
    version: int
    created_at: datetime
    created_by: str
    covers: int
    key: str


def checked(statement: Statement) -> Statement:
    """The statement with trimmed texts, and every cause once.

    Raises:
        InvalidInputError: something is empty or too long.
    """
    title_zh, title_en = statement.title_zh.strip(), statement.title_en.strip()
    owner = (statement.owner or "").strip() or None
    if not (title_zh or title_en):
        raise InvalidInputError("Say in a few words what the problem is.", path=["title"])
    if max(len(title_zh), len(title_en)) > LONGEST_TITLE:
        raise InvalidInputError(f"At most {LONGEST_TITLE} characters are taken.", path=["title"])
    if owner is not None and len(owner) > LONGEST_NAME:
        raise InvalidInputError(f"At most {LONGEST_NAME} characters are taken.", path=["owner"])
    causes = tuple(dict.fromkeys(statement.causes))
    if len(causes) > MOST:
        raise InvalidInputError(f"At most {MOST} causes are taken.", path=["rootCauses"])
    return replace(
        statement,
        title_zh=title_zh or title_en,
        title_en=title_en or title_zh,
        owner=owner,
        causes=causes,
    )


def check_step(before: IssueStatus, after: IssueStatus) -> None:
    """Raises InvalidInputError when an issue cannot come from one status to the other."""
    if after is not before and after not in _NEXT[before]:
        possible = ", ".join(sorted(_NEXT[before]))
        raise InvalidInputError(
            f"From {before} an issue can become {possible}, not {after}.", path=["status"]
        )
