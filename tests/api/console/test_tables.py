"""Cells of tables: as people read them on a page, as they are in a file."""

from zoneinfo import ZoneInfo

import pytest

from api.console.tables import Column, Kind
from api.console.wording import Wording
from graph.domain.calendars import Calendar
from graph.domain.enums import Language

LATE = "2026-03-01T17:00:00+00:00"


@pytest.mark.parametrize(
    ("kind", "language", "shown"),
    [
        (Kind.DAY, Language.EN, "2 Mar 2026"),
        (Kind.DAY, Language.ZH, "2026年3月2日"),
        (Kind.MOMENT, Language.ZH, "2026-03-02 01:00"),
        (Kind.TEXT, Language.EN, LATE),
    ],
)
def test_times_are_shown_in_the_bank_s_zone(kind: Kind, language: Language, shown: str) -> None:
    zone = ZoneInfo("Asia/Shanghai")
    wording = Wording(language, zone, Calendar(zone))
    assert Column("x", kind).text(LATE, wording) == shown
    assert Column("x", kind).text(None, wording) == "–"
