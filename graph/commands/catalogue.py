"""Write the coded trees: products, branches, departments, root causes."""

import time
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

from graph.commands.locks import Kind, taken
from graph.commands.moves import COPIED_TREES, KEEP_SECONDS, moved
from graph.database import Database, Row, Transaction
from graph.domain.catalogue import CatalogueEntry
from graph.domain.enums import CatalogueKind
from graph.domain.texts import named
from graph.errors import InvalidInputError
from graph.queries.codes import DEEPEST

# What an import does not know (null) leaves what is there.
_ON_RECORD = {
    kind: f"""
    MATCH (n:{kind.value}) WHERE n.code IN $codes.{kind.value}
    RETURN '{kind.value}' AS kind, n.code AS code, properties(n) AS properties, COLLECT {{
      MATCH path = (n)-[:PART_OF*0..{DEEPEST}]->(wider)
      WITH wider.code AS code, min(length(path)) AS distance ORDER BY distance
      RETURN code
    }} AS lineage
    """
    for kind in CatalogueKind
}
# It locks in the order of the entries, those that stay as they are too.
_COMPLETE = {
    kind: f"""
    CYPHER 25
    UNWIND $entries AS entry
    MERGE (n:{kind.value} {{code: entry.code}}) ON CREATE SET n.new = true
    SET n += entry.known, n.lock = true
    WITH n, n.new AS new
    REMOVE n.lock, n.new
    RETURN n.code AS code, new IS NOT NULL AS new
    """
    for kind in CatalogueKind
}


def _moved_unless_new(kind: CatalogueKind) -> str:
    if kind not in COPIED_TREES:
        return ""
    return f"WITH n, entry WHERE NOT entry.new {moved('n')}"


# An entry stands under one wider one: where it moves, it leaves the one before, and the complaints
# that may already be below it follow.
_PART_OF = {
    kind: f"""
    CYPHER 25
    UNWIND $entries AS entry
    MATCH (n:{kind.value} {{code: entry.code}}), (wider:{kind.value} {{code: entry.wider}})
    WHERE NOT EXISTS {{ (n)-[:PART_OF]->(wider) }}
    OPTIONAL MATCH (n)-[before:PART_OF]->()
    DELETE before
    WITH DISTINCT n, wider, entry
    CREATE (n)-[:PART_OF]->(wider)
    {_moved_unless_new(kind)}
    """
    for kind in CatalogueKind
}
_IN_CIRCLE = {
    kind: f"""
    CYPHER 25
    MATCH (n:{kind.value}) WHERE n.code IN $codes
      AND EXISTS {{ (n)-[:PART_OF*1..{DEEPEST}]->(n) }}
    RETURN n.code AS code ORDER BY code LIMIT 1
    """
    for kind in CatalogueKind
}


async def ensure_catalogue(
    database: Database, entries: Iterable[CatalogueEntry]
) -> dict[CatalogueKind, dict[str, tuple[str, ...]]]:
    """Create or complete entries; each code with the wider ones, nearest first.

    An entry's wider one must be among them or exist. Most are there already, as they are: nothing
    is written for these.

    Raises:
        InvalidInputError: an entry would stand below itself; nothing is written.
    """
    by_kind: dict[CatalogueKind, dict[str, dict[str, Any]]] = {kind: {} for kind in CatalogueKind}
    for entry in entries:
        by_kind[entry.kind][entry.code] = _row(entry)
    known = await _on_record(database, by_kind)
    missing = {
        kind: [row for code, row in sorted(rows.items()) if not _says(known[kind].get(code), row)]
        for kind, rows in by_kind.items()
    }

    async def work(transaction: Transaction) -> None:
        for kind, rows in missing.items():
            await _write(transaction, kind, rows)

    if any(missing.values()):
        await database.write(work)
        known = await _on_record(database, by_kind)
    return {
        kind: {code: tuple(row["lineage"]) for code, row in rows.items()}
        for kind, rows in known.items()
    }


async def places_on_record(
    database: Database, codes: Mapping[CatalogueKind, Collection[str]]
) -> set[tuple[CatalogueKind, str, str]]:
    """Each of these entries, and those above it, under its wider one: (kind, code, wider code)."""
    known = await _on_record(database, codes)
    return {
        (kind, code, wider)
        for kind, rows in known.items()
        for row in rows.values()
        for code, wider in pairwise(row["lineage"])
    }


async def _on_record(
    database: Database, codes: Mapping[CatalogueKind, Collection[str]]
) -> dict[CatalogueKind, dict[str, Row]]:
    """What the graph says of these codes; one statement, whose text depends on the kinds alone."""
    known: dict[CatalogueKind, dict[str, Row]] = {kind: {} for kind in CatalogueKind}
    asked = {kind: list(codes[kind]) for kind in CatalogueKind if codes[kind]}
    if asked:
        statement = "CYPHER 25\n" + "UNION ALL".join(_ON_RECORD[kind] for kind in asked)
        for row in await database.read(statement, codes=asked):
            known[CatalogueKind(row["kind"])][row["code"]] = row
    return known


def _says(known: Row | None, row: Mapping[str, Any]) -> bool:
    """Whether the graph says all that an entry does."""
    if known is None:
        return False
    placed = row["wider"] is None or row["wider"] in known["lineage"][1:2]
    return placed and bool(row["known"].items() <= known["properties"].items())


async def _write(
    transaction: Transaction, kind: CatalogueKind, rows: Sequence[Mapping[str, Any]]
) -> None:
    if not rows:
        return
    placed = [row for row in rows if row["wider"]]
    known: dict[str, Mapping[str, Any]] = {row["wider"]: {} for row in placed}
    known |= {row["code"]: row["known"] for row in rows}
    taken(transaction, Kind[kind.name], known)
    entries = [{"code": code, "known": known[code]} for code in sorted(known)]
    written = await transaction.run(_COMPLETE[kind], entries=entries)
    if placed:
        new = {row["code"] for row in written if row["new"]}
        places = [{**row, "new": row["code"] in new} for row in placed]
        await transaction.run(_PART_OF[kind], entries=places)
        await _check_circles(transaction, kind, [row["code"] for row in placed])


async def _check_circles(
    transaction: Transaction, kind: CatalogueKind, codes: Sequence[str]
) -> None:
    rows = await transaction.run(_IN_CIRCLE[kind], codes=codes)
    if rows:
        raise InvalidInputError(
            f"{kind.value} {named(rows[0]['code'])} would stand below itself: name its wider "
            "entries in the same order everywhere."
        )


def _row(entry: CatalogueEntry) -> dict[str, Any]:
    known = {
        "name": entry.name,
        "nameZh": entry.name_zh,
        "level": entry.level,
        "outlets": entry.outlets,
        "customers": entry.customers,
    }
    return {
        "code": entry.code,
        # Where two levels have one code, they are one entry.
        "wider": entry.wider if entry.wider != entry.code else None,
        "known": {key: value for key, value in known.items() if value is not None},
    }


@dataclass(slots=True)
class KnownCodes:
    """The codes that one import or registration has made sure of, with the wider ones of each.

    Never shared by two of them. Bounded by the catalogue, not by the file. Kept for a minute: an
    entry may move meanwhile.
    """

    since: float = field(default_factory=time.monotonic)
    wider: dict[CatalogueKind, dict[str, tuple[str, ...]]] = field(
        default_factory=lambda: {kind: {} for kind in CatalogueKind}
    )

    async def ensure(self, database: Database, entries: Sequence[CatalogueEntry]) -> None:
        """Write the entries not seen before, or seen without a wider one, and learn these."""
        now = time.monotonic()
        if now - self.since > KEEP_SECONDS:
            self.since = now
            self.wider = {kind: {} for kind in CatalogueKind}
        fresh = [entry for entry in entries if not self._knows(entry)]
        for kind, lineages in (await ensure_catalogue(database, fresh)).items():
            self.wider[kind].update(lineages)

    def _knows(self, entry: CatalogueEntry) -> bool:
        lineage = self.wider[entry.kind].get(entry.code)
        if lineage is None:
            return False
        return len(lineage) > 1 or entry.wider in {None, entry.code}
