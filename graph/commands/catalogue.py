"""Write the coded trees: products, branches, departments, root causes."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from graph.database import Database, Transaction
from graph.domain.catalogue import CatalogueEntry
from graph.domain.enums import CatalogueKind
from graph.queries.codes import lineage

# What an import does not know (null) leaves what is there.
_MERGE = {
    kind: f"""
    CYPHER 25
    UNWIND $entries AS entry
    MERGE (n:{kind.value} {{code: entry.code}})
    SET n += entry.known
    """
    for kind in CatalogueKind
}
# An entry stands under one wider one: where it moves, it leaves the one before.
_PART_OF = {
    kind: f"""
    CYPHER 25
    UNWIND $entries AS entry
    MATCH (n:{kind.value} {{code: entry.code}}), (wider:{kind.value} {{code: entry.wider}})
    OPTIONAL MATCH (n)-[before:PART_OF]->(other) WHERE other <> wider
    DELETE before
    WITH DISTINCT n, wider
    MERGE (n)-[:PART_OF]->(wider)
    """
    for kind in CatalogueKind
}


async def ensure_catalogue(database: Database, entries: Iterable[CatalogueEntry]) -> None:
    """Create or complete entries; an entry's wider one must be among them or exist."""
    by_kind: dict[CatalogueKind, dict[str, CatalogueEntry]] = {}
    for entry in entries:
        by_kind.setdefault(entry.kind, {})[entry.code] = entry

    async def work(transaction: Transaction) -> None:
        for kind in sorted(by_kind):
            # In the order of their codes, so that two importers cannot wait for each other.
            rows = [_row(by_kind[kind][code]) for code in sorted(by_kind[kind])]
            await transaction.run(_MERGE[kind], entries=rows)
            await transaction.run(_PART_OF[kind], entries=[row for row in rows if row["wider"]])

    if by_kind:
        await database.write(work)


def _row(entry: CatalogueEntry) -> dict[str, object]:
    known = {
        "name": entry.name,
        "nameZh": entry.name_zh,
        "level": entry.level,
        "outlets": entry.outlets,
        "customers": entry.customers,
    }
    return {
        "code": entry.code,
        "wider": entry.wider,
        "known": {key: value for key, value in known.items() if value is not None},
    }


@dataclass(slots=True)
class KnownCodes:
    """The codes that one importer has made sure of, with the wider ones of each.

    Bounded by the catalogue, not by the file.
    """

    wider: dict[CatalogueKind, dict[str, tuple[str, ...]]] = field(
        default_factory=lambda: {kind: {} for kind in CatalogueKind}
    )

    async def ensure(self, database: Database, entries: Sequence[CatalogueEntry]) -> None:
        """Write the entries not seen before and learn their wider ones."""
        fresh = [entry for entry in entries if entry.code not in self.wider[entry.kind]]
        await ensure_catalogue(database, fresh)
        by_kind: dict[CatalogueKind, set[str]] = {}
        for entry in fresh:
            by_kind.setdefault(entry.kind, set()).add(entry.code)
        for kind, codes in by_kind.items():
            self.wider[kind].update(await lineage(database.read, kind, sorted(codes)))
