"""Labels carry the names of wider entries where a name stands for several."""

import pytest

from graph.commands.catalogue import ensure_catalogue
from graph.database import Database
from graph.domain.catalogue import CatalogueEntry
from graph.domain.enums import CatalogueKind
from graph.domain.vocabulary import Label
from graph.queries.catalogue import Asked, by_codes, children, page
from graph.queries.names import names

pytestmark = pytest.mark.graph

B = CatalogueKind.BRANCH
ENTRIES = [
    CatalogueEntry(B, "HO", "Head office", "总行"),
    *(CatalogueEntry(B, bank, bank, f"{bank}行", "HO") for bank in ("Alpha", "Beta", "Gamma")),
    *(CatalogueEntry(B, f"{bank}-CA", "CA", None, bank) for bank in ("Alpha", "Beta", "Gamma")),
    # The same below the same name: only the whole path tells them apart.
    *(CatalogueEntry(B, f"{bank}-W", "West", None, bank) for bank in ("Alpha", "Beta")),
    *(CatalogueEntry(B, f"{bank}-W-1", "Desk", "柜台", f"{bank}-W") for bank in ("Alpha", "Beta")),
    CatalogueEntry(B, "Gamma-1", "Lobby", "柜台", "Gamma"),
    CatalogueEntry(B, "Gamma-2", "Vault", "金库", "Gamma"),
]
EXPECTED = {
    "HO": Label("总行", "Head office"),
    "Alpha": Label("Alpha行", "Alpha"),
    "Alpha-CA": Label("Alpha行 > CA", "Alpha > CA"),
    "Beta-CA": Label("Beta行 > CA", "Beta > CA"),
    "Alpha-W": Label("Alpha行 > West", "Alpha > West"),
    "Beta-W-1": Label("总行 > Beta行 > West > 柜台", "Head office > Beta > West > Desk"),
    "Gamma-1": Label("Gamma行 > 柜台", "Gamma > Lobby"),
    "Gamma-2": Label("金库", "Vault"),
}


async def test_every_way_to_an_entry_gives_the_same_label(database: Database) -> None:
    await ensure_catalogue(database, ENTRIES)
    found = await names(database, [(B, code) for code in [*EXPECTED, "UNKNOWN"]])
    assert {code: label for (_, code), label in found.items()} == EXPECTED
    entries = await by_codes(database, B, list(EXPECTED))
    assert {code: entry.label for code, entry in entries.items()} == EXPECTED
    listed = (await page(database, Asked(B), after=None, first=50)).entries
    labels = {entry.code: entry.label for entry in listed}
    assert EXPECTED.items() <= labels.items()
    # No two entries are called alike, in either language.
    assert len({label.zh for label in labels.values()}) == len(ENTRIES)
    assert len({label.en for label in labels.values()}) == len(ENTRIES)
    under = (await children(database, B, ["Gamma"], limit=9))["Gamma"]
    assert [entry.label for entry in under] == [labels[entry.code] for entry in under]
