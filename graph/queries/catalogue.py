"""Products, branches, departments and root causes, by code and as trees."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from graph.database import Database, Row
from graph.domain.catalogue import CatalogueEntry
from graph.domain.enums import BranchLevel, CatalogueKind
from graph.queries.names import wider_names

_ROW = {
    kind: "n {.code, .name, .nameZh, .level, .outlets, .customers, wider: wider.code, "
    f"widerNames: {wider_names(kind)}}}"
    for kind in CatalogueKind
}
_BY_CODES = {
    kind: f"""
    CYPHER 25
    MATCH (n:{kind.value}) WHERE n.code IN $codes
    OPTIONAL MATCH (n)-[:PART_OF]->(wider:{kind.value})
    RETURN {_ROW[kind]} AS entry
    """
    for kind in CatalogueKind
}
# One trip, of whichever trees codes are asked.
_OF_TREES = (
    "CYPHER 25 CALL () {"
    + " UNION ALL ".join(
        f"""
    MATCH (n:{kind.value}) WHERE n.code IN $codes.{kind.name}
    OPTIONAL MATCH (n)-[:PART_OF]->(wider:{kind.value})
    RETURN '{kind.name}' AS tree, {_ROW[kind]} AS entry
    """
        for kind in CatalogueKind
    )
    + "} RETURN tree, entry"
)
# Those directly under an entry, those that a text names, or all of them.
_ASKED = {
    kind: f"""($under IS NULL OR EXISTS {{ (n)-[:PART_OF]->(:{kind.value} {{code: $under}}) }})
      AND ($matching IS NULL OR toLower(n.code) STARTS WITH $matching
        OR toLower(n.name) CONTAINS $matching OR toLower(n.nameZh) CONTAINS $matching)"""
    for kind in CatalogueKind
}
# In order of their codes.
_PAGE = {
    kind: f"""
    CYPHER 25
    MATCH (n:{kind.value})
    WHERE n.code > $after AND {_ASKED[kind]}
    WITH n ORDER BY n.code LIMIT $limit
    OPTIONAL MATCH (n)-[:PART_OF]->(wider:{kind.value})
    RETURN {_ROW[kind]} AS entry ORDER BY n.code
    """
    for kind in CatalogueKind
}
_COUNT = {
    kind: f"""
    CYPHER 25
    MATCH (n:{kind.value}) WHERE {_ASKED[kind]}
    RETURN count(*) AS total
    """
    for kind in CatalogueKind
}
_CHILDREN = {
    kind: f"""
    CYPHER 25
    UNWIND $codes AS code
    MATCH (wide:{kind.value} {{code: code}})
    CALL (wide) {{
      MATCH (wide)<-[:PART_OF]-(n:{kind.value})
      WITH n, wide AS wider ORDER BY n.code LIMIT $limit
      RETURN collect({_ROW[kind]}) AS entries
    }}
    RETURN code, entries
    """
    for kind in CatalogueKind
}


@dataclass(frozen=True, slots=True)
class Asked:
    """Which entries: directly under one, and named by a text; None does not narrow."""

    kind: CatalogueKind
    under: str | None = None
    matching: str | None = None

    @property
    def parameters(self) -> dict[str, str | None]:
        text = (self.matching or "").strip().lower()
        return {"under": self.under, "matching": text or None}


@dataclass(frozen=True, slots=True)
class CataloguePage:
    entries: tuple[CatalogueEntry, ...]
    more: bool


async def by_codes(
    database: Database, kind: CatalogueKind, codes: Sequence[str]
) -> Mapping[str, CatalogueEntry]:
    rows = await database.read(_BY_CODES[kind], codes=list(codes))
    return {row["entry"]["code"]: _entry(kind, row["entry"]) for row in rows}


async def of_trees(
    database: Database, wanted: Collection[tuple[CatalogueKind, str]]
) -> Mapping[tuple[CatalogueKind, str], CatalogueEntry]:
    """Entries of any of the trees, by tree and code; one statement."""
    codes = {kind.name: [code for own, code in wanted if own is kind] for kind in CatalogueKind}
    rows = await database.read(_OF_TREES, codes=codes)
    entries = (_entry(CatalogueKind[row["tree"]], row["entry"]) for row in rows)
    return {(entry.kind, entry.code): entry for entry in entries}


async def page(database: Database, asked: Asked, *, after: str | None, first: int) -> CataloguePage:
    """Entries in order of their codes."""
    rows = await database.read(
        _PAGE[asked.kind], **asked.parameters, after=after or "", limit=first + 1
    )
    entries = tuple(_entry(asked.kind, row["entry"]) for row in rows[:first])
    return CataloguePage(entries, len(rows) > first)


async def count(database: Database, asked: Asked) -> int:
    return int((await database.read(_COUNT[asked.kind], **asked.parameters))[0]["total"])


async def children(
    database: Database, kind: CatalogueKind, codes: Sequence[str], *, limit: int
) -> Mapping[str, tuple[CatalogueEntry, ...]]:
    """The entries directly under each of these."""
    rows = await database.read(_CHILDREN[kind], codes=list(codes), limit=limit)
    return {row["code"]: tuple(_entry(kind, entry) for entry in row["entries"]) for row in rows}


def _entry(kind: CatalogueKind, row: Row) -> CatalogueEntry:
    level = row["level"]
    return CatalogueEntry(
        kind=kind,
        code=row["code"],
        name=row["name"],
        name_zh=row["nameZh"],
        wider=row["wider"],
        level=None if level is None else BranchLevel(level),
        outlets=row["outlets"],
        customers=row["customers"],
        wider_names=tuple((zh, own) for zh, own in row["widerNames"]),
    )
