"""The desk's address as a filter: what is chosen stands in the address, so that it can be kept."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias
from urllib.parse import urlencode

from graphql import GraphQLInputType

from api.console import filters
from api.console.filters import ALSO, Filters
from api.console.pages import N_
from graph.domain.enums import OPEN_STATUSES, CaseStatus, Level
from graph.queries.complaints import Order

#: Rows of a page, as many again when it goes on in place, and the most that it grows to.
PAGE, MOST = 50, 500
#: Whose cases.
MINE, NOBODY, EVERYBODY = "mine", "nobody", "all"
#: Among the statuses: whatever it is.
ANY = "any"
#: Fields of the filter for which the address has names of its own.
_OWN = frozenset({"statuses", "levels", "assignee", "unassigned"})
#: What the fields are called.
FILTER_NAMES = {
    "products": N_("Product"),
    "branches": N_("Branch"),
    "departments": N_("Department"),
    "types": N_("Type"),
    "riskTypes": N_("Risk type"),
    "rootCauses": N_("Root cause"),
    "clusters": N_("Cluster"),
    "groupEvents": N_("Group event"),
    "issues": N_("Systemic issue"),
    "sourceSystems": N_("Source system"),
    "channels": N_("Channel"),
    "natures": N_("Nature"),
    "severities": N_("Severity"),
    "urgencies": N_("Urgency"),
    "outcomes": N_("Outcome"),
    "segments": N_("Segment"),
    "receivedFrom": N_("Received from"),
    "receivedTo": N_("Received until"),
    "dueFrom": N_("Due from"),
    "dueTo": N_("Due until"),
    "decidedFrom": N_("Decided from"),
    "decidedTo": N_("Decided until"),
    "recordedFrom": N_("Recorded from"),
    "recordedTo": N_("Recorded until"),
    "amountFrom": N_("Amount from"),
    "amountTo": N_("Amount up to"),
    "currency": N_("Currency"),
    "customer": N_("Customer"),
    "vulnerable": N_("Vulnerable"),
    "overdue": N_("Overdue"),
    "duplicate": N_("Filed again"),
}
Known: TypeAlias = Mapping[str, GraphQLInputType]


@dataclass(frozen=True, slots=True)
class Listing:
    """What somebody wants to see of the cases; unknown values of an address are left out.

    ``any_status``: not the open ones alone; ``more``: further fields of the API's filter;
    ``rows``: of the page at most; ``shown``: rows of the page that this continues in place.
    """

    whose: str = EVERYBODY
    statuses: tuple[str, ...] = ()
    levels: tuple[str, ...] = ()
    order: str = Order.DUE_ASC.name
    after: str | None = None
    before: str | None = None
    any_status: bool = False
    more: Filters = ()
    rows: int = PAGE
    shown: int = 0

    @classmethod
    def of(cls, sent: Sequence[tuple[str, str]], known: Known) -> "Listing":
        """Of an address's parameters, each of which may come several times.

        ``known``: the fields of the API's filter.
        """
        last = dict(sent)
        order = last.get("order")
        whose = last.get("whose")
        return cls(
            whose=whose if whose in (MINE, NOBODY) else EVERYBODY,
            statuses=tuple(v for k, v in sent if k == "status" and v in set(CaseStatus)),
            levels=tuple(v for k, v in sent if k == "level" and v in set(Level)),
            order=order if order and order in Order.__members__ else Order.DUE_ASC.name,
            after=last.get("after") or None,
            before=last.get("before") or None,
            any_status=("status", ANY) in sent,
            more=filters.read(_further(known), sent),
            rows=max(_number(last.get("rows")), PAGE),
            shown=_number(last.get("shown")) if last.get("after") else 0,
        )

    def variables(self, actor: str, known: Known) -> dict[str, Any]:
        """Of the document ``desk``. Without a status the open cases are meant."""
        asked = filters.variables(_further(known), self.more)
        if self.statuses or not self.any_status:
            open_ = sorted(status.value for status in OPEN_STATUSES)
            asked["statuses"] = list(self.statuses) or open_
        if self.levels:
            asked["levels"] = list(self.levels)
        if self.whose == MINE:
            asked["assignee"] = actor
        elif self.whose == NOBODY:
            asked["unassigned"] = True
        size = "last" if self.before else "first"
        return {
            "filter": asked,
            "order": self.order,
            size: self.rows,
            "after": self.after,
            "before": self.before,
        }

    def address(self, **changes: Any) -> str:
        """The same list with changes; a change of what is listed begins at its first page."""
        values: Mapping[str, Any] = {
            "whose": self.whose,
            "status": self.statuses or ((ANY,) if self.any_status else ()),
            "level": self.levels,
            "order": self.order,
            "rows": self.rows,
            **dict(self.more),
            **changes,
        }
        plain = {name: value for name, value in values.items() if value}
        if plain.get("whose") == EVERYBODY:
            del plain["whose"]
        if plain.get("order") == Order.DUE_ASC.name:
            del plain["order"]
        if plain.get("rows") == PAGE:
            del plain["rows"]
        return "/desk" + (f"?{urlencode(plain, doseq=True)}" if plain else "")

    def toggled(self, name: str, value: str) -> str:
        """The address with a status or level chosen, or not chosen any more."""
        present = self.statuses if name == "status" else self.levels
        rest = [each for each in present if each != value]
        return self.address(**{name: rest if value in present else [*present, value]})

    def grown(self, listed: int) -> str | None:
        """The address of this list with a page's rows more; None: it goes on as another page.

        ``listed``: rows of this answer.
        """
        whole = not self.before and (self.shown or not self.after)
        rows = self.shown + listed + PAGE
        return self.address(rows=rows) if whole and rows <= MOST else None

    def without(self, name: str) -> str:
        """The address with a further field left out."""
        return self.address(**{name: None})


def opening(narrowing: Mapping[str, Any] | None, beside: Filters = ()) -> str | None:
    """The list of exactly the complaints that a figure stands on; None: it is hidden.

    ``narrowing``: as the API gives it; ``beside``: what the analysis was narrowed to.
    """
    if narrowing is None:
        return None
    known = {name: value for name, value in narrowing.items() if value is not None}
    values = {name: _texts(value) for name, value in known.items() if name != "levels"}
    taken = {f"{ALSO}{name}" if name in values else name: each for name, each in beside}
    return Listing(
        levels=tuple(known.get("levels", ())),
        any_status=True,
        more=(*values.items(), *taken.items()),
    ).address()


def _number(text: str | None) -> int:
    """A number of rows; 0 for what is none."""
    return min(int(text), MOST) if text and text.isdecimal() and len(text) < 5 else 0


def _texts(value: Any) -> tuple[str, ...]:
    if isinstance(value, list):
        return tuple(map(str, value))
    return (str(value).lower() if isinstance(value, bool) else str(value),)


def _further(known: Known) -> Known:
    return {name: kind for name, kind in known.items() if name not in _OWN}
