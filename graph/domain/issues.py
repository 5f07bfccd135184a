"""Systemic issues: what many complaints at several branches have in common, and who mends it."""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from graph.domain.enums import Level
from graph.domain.patch import UNSET, Edit, Unset, patched
from graph.domain.texts import LONGEST_TITLE, short_text
from graph.errors import InvalidInputError

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


@dataclass(frozen=True, slots=True)
class IssueEdit:
    """What a person changes of an issue; titles are masked.

    An English title that is cleared, or that nobody ever wrote, is the other one.
    """

    status: Edit[IssueStatus] = UNSET
    title_zh: Edit[str] = UNSET
    title_en: Edit[str | None] = UNSET
    level: Edit[Level] = UNSET
    owner: Edit[str | None] = UNSET
    causes: Edit[tuple[str, ...]] = UNSET

    def over(self, before: Statement) -> Statement:
        """What is said from now on; only what is new is checked, as ``checked`` does."""
        title = before.title_zh if isinstance(self.title_zh, Unset) else _title(self.title_zh)
        # Where nobody wrote an English title, it follows the other one.
        english = before.title_en if before.title_en != before.title_zh else title
        if not isinstance(self.title_en, Unset):
            english = title if self.title_en is None else _title(self.title_en, "titleEn")
        return Statement(
            title_zh=title,
            title_en=english,
            level=patched(self.level, before.level),
            owner=before.owner if isinstance(self.owner, Unset) else _owner(self.owner),
            causes=before.causes if isinstance(self.causes, Unset) else _causes(self.causes),
        )


def checked(statement: Statement) -> Statement:
    """The statement with trimmed texts, and every cause once; without an English title the other.

    Raises:
        InvalidInputError: something is blank or too long.
    """
    title = _title(statement.title_zh)
    return replace(
        statement,
        title_zh=title,
        title_en=_title(statement.title_en, "titleEn") if statement.title_en else title,
        owner=_owner(statement.owner),
        causes=_causes(statement.causes),
    )


def _title(text: str, name: str = "title") -> str:
    return short_text(text, name, LONGEST_TITLE)


def _owner(name: str | None) -> str | None:
    return None if name is None else short_text(name, "owner")


def _causes(codes: tuple[str, ...]) -> tuple[str, ...]:
    if len(set(codes)) > MOST:
        raise InvalidInputError(f"At most {MOST} causes are taken.", path=["rootCauses"])
    return tuple(dict.fromkeys(codes))


def check_step(before: IssueStatus, after: IssueStatus) -> None:
    """Raises InvalidInputError when an issue cannot come from one status to the other."""
    if after is not before and after not in _NEXT[before]:
        possible = ", ".join(sorted(_NEXT[before]))
        raise InvalidInputError(
            f"From {before} an issue can become {possible}, not {after}.", path=["status"]
        )
