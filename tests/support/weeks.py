"""A bank told week by week: how many complaints of each branch, level and cause."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from graph.domain.case import Attribution, Case
from graph.domain.catalogue import CatalogueEntry
from graph.domain.enums import AttributionSource, BranchLevel, CatalogueKind, Level
from graph.domain.moments import Moment
from tests.support.graph import case

WEEKS = 110
#: A Monday in the zone of the tests' bank, Asia/Shanghai.
BEGIN = datetime(2024, 1, 1, 4, 0, tzinfo=UTC)
END = BEGIN + timedelta(weeks=WEEKS)
CAUSES = ("SLOW", "WRONG", "TOLD")
BRANCHES = ("N", "S", "W")

CATALOGUE = [
    CatalogueEntry(
        CatalogueKind.BRANCH, "HO", "Head office", "总行", level=BranchLevel.HEAD_OFFICE
    ),
    *(
        CatalogueEntry(
            CatalogueKind.BRANCH, code, f"{code} branch", f"{code}分行", "HO", BranchLevel.BRANCH
        )
        for code in BRANCHES
    ),
    *(CatalogueEntry(CatalogueKind.ROOT_CAUSE, code, code.title(), f"{code}因") for code in CAUSES),
    CatalogueEntry(CatalogueKind.ROOT_CAUSE, "TOLD-SMS", "Told by SMS", "短信因", wider="TOLD"),
    *(
        CatalogueEntry(CatalogueKind.ROOT_CAUSE, code, code.title(), f"{code}因")
        for code in ("APART", "DELAY", "FEES", "NEW")
    ),
    CatalogueEntry(CatalogueKind.PRODUCT, "CARD", "Card", "卡"),
]


def quiet_bank() -> Iterator[Case]:
    """Nine complaints a week, evenly: no branch, level or cause ever stands out."""
    number = 0
    for week in range(WEEKS):
        for place, branch in enumerate(BRANCHES):
            for nth in range(3):
                escalated = (week + place + nth) % 10 == 0
                yield told(
                    number,
                    week,
                    branch=branch,
                    level=Level.YELLOW if escalated else Level.GREEN,
                    cause=CAUSES[(week + place + nth) % 3],
                )
                number += 1


def rising_bank() -> list[Case]:
    """The quiet bank with a surge at one branch and a cause that grows at all; one has a text."""
    surge = extra(5_000, range(WEEKS - 9, WEEKS), 3, branch="S", level=Level.YELLOW, cause="SLOW")
    growth = extra(
        8_000, range(WEEKS - 20, WEEKS), 6, branch=lambda week: "NSW"[week % 3], cause="TOLD"
    )
    cases = [*quiet_bank(), *surge, *growth]
    cases[-1] = replace(cases[-1], narrative="短信费没有提前告知")
    return cases


def told(number: int, week: int, *, cause: str | None = None, **changes: Any) -> Case:
    """A complaint of a week, counted from the first; ``number`` tells it from all others."""
    causes = (Attribution(cause, AttributionSource.CONFIRMED),) if cause else ()
    received = BEGIN + timedelta(weeks=week, hours=number % 160)
    changes = {"product": "CARD", "narrative": None, **changes}
    return case(number, received=Moment(received), causes=causes, **changes)


def extra(first: int, weeks: range, each: int, **changes: Any) -> Iterator[Case]:
    """``each`` more complaints in each of the weeks; numbers count from ``first``."""
    numbers = iter(range(first, first + len(weeks) * each))
    for week in weeks:
        for _ in range(each):
            yield told(next(numbers), week, **_of(changes, week))


def _of(changes: Mapping[str, Any], week: int) -> dict[str, Any]:
    return {name: each(week) if callable(each) else each for name, each in changes.items()}
