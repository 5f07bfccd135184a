"""The desk's address as a filter: what is chosen stands in the address, so that it can be kept."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from graph.domain.enums import OPEN_STATUSES, CaseStatus, Level
from graph.queries.complaints import Order

PAGE = 50
#: Whose cases.
MINE, NOBODY, EVERYBODY = "mine", "nobody", "all"


@dataclass(frozen=True, slots=True)
class Listing:
    """What somebody wants to see of the cases; unknown values of an address are left out."""

    whose: str = EVERYBODY
    statuses: tuple[str, ...] = ()
    levels: tuple[str, ...] = ()
    order: str = Order.DUE_ASC.name
    after: str | None = None
    before: str | None = None

    @classmethod
    def of(cls, sent: Sequence[tuple[str, str]]) -> "Listing":
        """Of an address's parameters, each of which may come several times."""
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
        )

    def variables(self, actor: str) -> dict[str, Any]:
        """Of the document ``desk``. Without a status the open cases are meant."""
        filters: dict[str, Any] = {
            "statuses": list(self.statuses) or sorted(status.value for status in OPEN_STATUSES)
        }
        if self.levels:
            filters["levels"] = list(self.levels)
        if self.whose == MINE:
            filters["assignee"] = actor
        elif self.whose == NOBODY:
            filters["unassigned"] = True
        size = "last" if self.before else "first"
        return {
            "filter": filters,
            "order": self.order,
            size: PAGE,
            "after": self.after,
            "before": self.before,
        }

    def address(self, **changes: Any) -> str:
        """The same list with changes; a change of what is listed begins at its first page."""
        values: Mapping[str, Any] = {
            "whose": self.whose,
            "status": self.statuses,
            "level": self.levels,
            "order": self.order,
            **changes,
        }
        plain = {name: value for name, value in values.items() if value}
        if plain.get("whose") == EVERYBODY:
            del plain["whose"]
        if plain.get("order") == Order.DUE_ASC.name:
            del plain["order"]
        return "/desk" + (f"?{urlencode(plain, doseq=True)}" if plain else "")

    def toggled(self, name: str, value: str) -> str:
        """The address with a status or level chosen, or not chosen any more."""
        present = self.statuses if name == "status" else self.levels
        rest = [each for each in present if each != value]
        return self.address(**{name: rest if value in present else [*present, value]})
