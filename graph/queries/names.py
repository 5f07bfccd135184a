"""Names of coded entries of every kind at once."""

from collections.abc import Iterable, Mapping
from typing import TypeAlias

from graph.database import Database
from graph.domain.enums import CatalogueKind
from graph.domain.vocabulary import Label

#: A code and the tree that it belongs to.
Coded: TypeAlias = tuple[CatalogueKind, str]

_NAMES = "CYPHER 25\n" + "\nUNION ALL\n".join(
    f"MATCH (n:{kind.value}) WHERE n.code IN ${kind.name.lower()} "
    f"RETURN '{kind.value}' AS kind, n.code AS code, n.name AS name, n.nameZh AS nameZh"
    for kind in CatalogueKind
)


async def names(database: Database, wanted: Iterable[Coded]) -> Mapping[Coded, Label]:
    """The names of the entries that exist, with one statement; a name stands in for a missing
    Chinese one.
    """
    codes: dict[str, list[str]] = {kind.name.lower(): [] for kind in CatalogueKind}
    for kind, code in wanted:
        codes[kind.name.lower()].append(code)
    rows = await database.read(_NAMES, **codes)
    return {
        (CatalogueKind(row["kind"]), row["code"]): Label(row["nameZh"] or row["name"], row["name"])
        for row in rows
    }
