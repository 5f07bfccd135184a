"""What analyses are narrowed to: a period, a branch and a product, as their address says."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from urllib.parse import urlencode

from api.console.filters import Filters


@dataclass(frozen=True, slots=True)
class Scope:
    """``since`` and ``until``: the first and the last day; what an address says amiss is left out.

    ``rest``: choices of one page, each with its value.
    """

    since: date | None = None
    until: date | None = None
    branch: str | None = None
    product: str | None = None
    rest: tuple[tuple[str, str], ...] = ()

    @classmethod
    def of(cls, sent: Iterable[tuple[str, str]], **rest: Iterable[str]) -> "Scope":
        """Of an address; ``rest``: values by choice, the first of which is the usual one."""
        last = dict(sent)
        chosen = {
            name: last[name] if last.get(name) in (known := list(values)) else known[0]
            for name, values in rest.items()
        }
        return cls(
            since=_day(last.get("from")),
            until=_day(last.get("to")),
            branch=last.get("branch", "").strip() or None,
            product=last.get("product", "").strip() or None,
            rest=tuple(chosen.items()),
        )

    def __getitem__(self, choice: str) -> str:
        return dict(self.rest)[choice]

    @property
    def filters(self) -> Filters:
        """As fields of the API's filter."""
        both = (("branches", self.branch), ("products", self.product))
        return tuple((name, (code,)) for name, code in both if code)

    @property
    def variables(self) -> dict[str, Any]:
        """The arguments that all analyses have; ``to`` is the first day that does not count."""
        return {
            "filter": {name: list(codes) for name, codes in self.filters},
            "from": self.since.isoformat() if self.since else None,
            "to": (self.until + timedelta(days=1)).isoformat() if self.until else None,
        }

    def address(self, path: str, **changes: str | None) -> str:
        """A page with the same scope; ``changes``: of its choices, and what is downloaded."""
        values = {
            "from": self.since.isoformat() if self.since else None,
            "to": self.until.isoformat() if self.until else None,
            "branch": self.branch,
            "product": self.product,
            **dict(self.rest),
            **changes,
        }
        plain = {name: value for name, value in values.items() if value}
        return path + (f"?{urlencode(plain)}" if plain else "")

    def at(self, path: str) -> str:
        """Another page with the same period, branch and product."""
        return self.address(path, **dict.fromkeys(dict(self.rest)))


def _day(text: str | None) -> date | None:
    try:
        day = date.fromisoformat(text) if text else None
    except ValueError:
        return None
    # The day after must be one, too.
    return day if day is not None and day < date.max else None
