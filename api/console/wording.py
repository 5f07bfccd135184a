"""What pages say, in the visitor's language: sentences of the catalogue, times, amounts."""

import io
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from functools import cache
from importlib.resources import files
from typing import Any
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_datetime
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.numbers import format_currency, format_decimal, format_percent
from babel.support import NullTranslations, Translations
from markupsafe import Markup, escape

from graph.domain.calendars import Calendar
from graph.domain.enums import Language

_LOCALES = {Language.ZH: "zh_Hans_CN", Language.EN: "en_GB"}
_MOMENTS = {"zh_Hans_CN": "yyyy-MM-dd HH:mm", "en_GB": "d MMM yyyy, HH:mm"}
#: What stands between values, by its name in templates.
PUNCTUATION: Mapping[Language, Mapping[str, str]] = {
    Language.ZH: {"colon": "：", "comma": "、", "semicolon": "；"},
    Language.EN: {"colon": ": ", "comma": ", ", "semicolon": "; "},
}


@cache
def translations(language: Language) -> NullTranslations:
    """The sentences of a language; English ones stand in the templates."""
    if language is Language.EN:
        return NullTranslations()
    source = files("api.console").joinpath("locale", "zh.po")
    with source.open("rb") as text:
        catalogue = read_po(text, locale="zh", abort_invalid=True)
    compiled = io.BytesIO()
    write_mo(compiled, catalogue)
    compiled.seek(0)
    return Translations(compiled)


class Wording:
    """Filters of one language, in the bank's zone and by its calendar of working days."""

    def __init__(self, language: Language, zone: ZoneInfo, calendar: Calendar) -> None:
        self.locale = _LOCALES[language]
        self.zone = zone
        self.calendar = calendar
        self._ = translations(language).gettext
        self._n = translations(language).ngettext

    def moment(self, at: str | datetime | None) -> str:
        """A time of day in the bank's zone; such times stand below each other in lists."""
        if at is None:
            return ""
        return format_datetime(self._local(at), _MOMENTS[self.locale], locale=self.locale)

    def day(self, at: str | datetime | None) -> str:
        return "" if at is None else format_date(self._local(at), "medium", locale=self.locale)

    def money(self, value: Mapping[str, Any] | None) -> str:
        """An amount as the API gives it (``value``, ``currency``)."""
        if value is None:
            return ""
        return format_currency(Decimal(value["value"]), value["currency"], locale=self.locale)

    def percent(self, share: float) -> str:
        return format_percent(share, "0%", locale=self.locale)

    def share(self, share: float) -> str:
        """A percentage with one place."""
        return format_percent(share, "0.0%", locale=self.locale)

    def number(self, value: Any, places: int) -> str:
        """With as many decimal places."""
        shape = "#,##0" + (f".{'0' * places}" if places else "")
        return format_decimal(value, shape, locale=self.locale)

    def due(self, at: str | datetime | None, now: datetime) -> str:
        """How long is left to a deadline, in working days; within one day in hours."""
        if at is None:
            return ""
        due = self._local(at)
        late = due < now
        first, last = (due, now) if late else (now, due)
        time = self.calendar.between(first, last)
        days = int(time / self.calendar.hours)
        if days >= 1:
            text = self._n("%(days)d working day", "%(days)d working days", days) % {"days": days}
        else:
            hours = max(round((last - first) / timedelta(hours=1)), 1)
            text = self._n("%(hours)d hour", "%(hours)d hours", hours) % {"hours": hours}
        if late:
            return self._("overdue by %(time)s") % {"time": text}
        return self._("due in %(time)s") % {"time": text}

    def left(self, received: str, due: str | None, now: datetime) -> float | None:
        """The part of the time to a deadline that is used up, 0 to 1; None without one."""
        if due is None:
            return None
        begin, end = self._local(received), self._local(due)
        whole = max(end - begin, timedelta(seconds=1))
        return min(max((now - begin) / whole, 0.0), 1.0)

    def past(self, at: str | datetime, now: datetime) -> bool:
        return self._local(at) <= now

    def _local(self, at: str | datetime) -> datetime:
        moment = datetime.fromisoformat(at) if isinstance(at, str) else at
        return moment.astimezone(self.zone)


def marked(text: str | None, pieces: Sequence[str]) -> Markup:
    """A text with these pieces of it marked; where two overlap, the longer one is."""
    if not text:
        return Markup()
    spans: list[tuple[int, int]] = []
    for piece in sorted({piece for piece in pieces if piece}, key=len, reverse=True):
        start = text.find(piece)
        while start >= 0:
            end = start + len(piece)
            if all(end <= low or start >= high for low, high in spans):
                spans.append((start, end))
            start = text.find(piece, end)
    made, place = Markup(), 0
    for start, end in sorted(spans):
        made += escape(text[place:start]) + Markup("<mark>{}</mark>").format(text[start:end])
        place = end
    return made + escape(text[place:])
