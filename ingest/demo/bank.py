"""The invented bank: its places, products, departments and root causes (``bank.toml``)."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from itertools import accumulate
from random import Random
from typing import Any

from graph.domain.catalogue import CatalogueEntry
from graph.domain.enums import BranchLevel, CatalogueKind
from ingest.demo.data import toml
from ingest.record import Chain

_CATALOGUE = (
    ("products", CatalogueKind.PRODUCT),
    ("departments", CatalogueKind.DEPARTMENT),
    ("causes", CatalogueKind.ROOT_CAUSE),
)


@dataclass(frozen=True, slots=True)
class Outlet:
    """Where customers come; ``branch`` and ``city`` are of the branch above it."""

    code: str
    branch: str
    name_zh: str
    name_en: str
    city_zh: str
    city_en: str
    customers: int


@dataclass(frozen=True, slots=True)
class Bank:
    name_zh: str
    name_en: str
    entries: tuple[CatalogueEntry, ...]
    outlets: tuple[Outlet, ...]
    by_code: Mapping[tuple[CatalogueKind, str], CatalogueEntry]

    @property
    def branches(self) -> tuple[str, ...]:
        """Codes of the branches, in the file's order."""
        return tuple(dict.fromkeys(outlet.branch for outlet in self.outlets))

    def share(self, branch: str) -> float:
        """The share of the bank's customers that a branch has, 0..1."""
        mine = sum(outlet.customers for outlet in self.outlets if outlet.branch == branch)
        return mine / sum(outlet.customers for outlet in self.outlets)

    def chain(self, kind: CatalogueKind, code: str) -> Chain:
        """An entry with all that it is part of, the widest first."""
        entry = self.by_code[kind, code]
        return (*(self.chain(kind, entry.wider) if entry.wider else ()), entry)


class OutletDraw:
    """Outlets drawn in proportion to their customers, of the bank or of one branch."""

    def __init__(self, outlets: tuple[Outlet, ...]) -> None:
        self._outlets = outlets
        self._weights = tuple(accumulate(outlet.customers for outlet in outlets))

    def __call__(self, random: Random) -> Outlet:
        return random.choices(self._outlets, cum_weights=self._weights)[0]


@lru_cache(maxsize=1)
def bank() -> Bank:
    data = toml("bank")
    outlets = tuple(outlet for row in data["branch"] for outlet in _outlets_of(row))
    entries = (*_places(data, outlets), *_trees(data["catalogue"]))
    return Bank(
        data["name"]["zh"],
        data["name"]["en"],
        entries,
        outlets,
        {(entry.kind, entry.code): entry for entry in entries},
    )


def _trees(data: Mapping[str, Any]) -> Iterator[CatalogueEntry]:
    for table, kind in _CATALOGUE:
        for code, wider, english, chinese in data[table]:
            yield CatalogueEntry(kind, code, english, chinese, wider or None)


def _outlets_of(branch: Mapping[str, Any]) -> Iterator[Outlet]:
    places = [(branch["code"], branch["outlets"])]
    places += [
        (f"{branch['code']}-{sub['code']}", sub["outlets"]) for sub in branch["sub_branches"]
    ]
    for wider, outlets in places:
        for code, english, chinese, customers in outlets:
            yield Outlet(
                f"{wider}-{code}",
                branch["code"],
                chinese,
                english,
                branch["zh"],
                branch["en"],
                customers,
            )


def _places(data: Mapping[str, Any], outlets: tuple[Outlet, ...]) -> Iterator[CatalogueEntry]:
    """All places, the wider ones first; a wider place has the sums of its outlets."""
    wider = {row["code"]: row["wider"] for row in data["place"]}
    rows = [
        (row["code"], row["wider"], row["level"], row["en"], row["zh"]) for row in data["place"]
    ]
    for branch in data["branch"]:
        code = branch["code"]
        wider[code] = branch["wider"]
        rows.append((code, wider[code], "BRANCH", f"{branch['en']} Branch", f"{branch['zh']}分行"))
        for sub in branch["sub_branches"]:
            wider[f"{code}-{sub['code']}"] = code
            rows.append((f"{code}-{sub['code']}", code, "SUB_BRANCH", sub["en"], sub["zh"]))
    for outlet in outlets:
        wider[outlet.code] = outlet.code.rpartition("-")[0]
        rows.append((outlet.code, wider[outlet.code], "OUTLET", outlet.name_en, outlet.name_zh))
    count, customers = dict.fromkeys(wider, 0), dict.fromkeys(wider, 0)
    for outlet in outlets:
        at = outlet.code
        while at:
            count[at] += 1
            customers[at] += outlet.customers
            at = wider[at]
    for code, above, level, english, chinese in rows:
        yield CatalogueEntry(
            CatalogueKind.BRANCH,
            code,
            english,
            chinese,
            above or None,
            BranchLevel(level),
            count[code],
            customers[code],
        )
