"""What coded entries are called, of every kind at once: one helper for all labels."""

from collections.abc import Iterable, Mapping
from typing import TypeAlias

from graph.database import Database
from graph.domain.catalogue import tree_label
from graph.domain.enums import CatalogueKind
from graph.domain.vocabulary import Label
from graph.queries.codes import DEEPEST

#: A code and the tree that it belongs to.
Coded: TypeAlias = tuple[CatalogueKind, str]


def wider_names(kind: CatalogueKind) -> str:
    """An expression for an entry ``n``: the names of the wider ones that its label carries.

    None where its name stands once. Else that of the nearest one; all up to the top where even
    both together stand elsewhere.
    """
    label = kind.value
    return f"""
      CASE WHEN EXISTS {{
          MATCH (m:{label}) WHERE m.name = n.name AND m.code <> n.code }}
        OR EXISTS {{ MATCH (m:{label}) WHERE m.nameZh = n.nameZh AND m.code <> n.code }}
      THEN COLLECT {{
        MATCH path = (n)-[:PART_OF*1..{DEEPEST}]->(w:{label})
        WHERE length(path) = 1 OR EXISTS {{
          MATCH (n)-[:PART_OF]->(p:{label}), (m:{label})-[:PART_OF]->(q:{label})
          WHERE m.name = n.name AND m.code <> n.code AND q.name = p.name AND q.code <> p.code }}
        RETURN [w.nameZh, w.name] AS named ORDER BY length(path), w.code
      }} ELSE [] END
    """


_NAMES = "CYPHER 25\n" + "\nUNION ALL\n".join(
    f"MATCH (n:{kind.value}) WHERE n.code IN ${kind.name.lower()} "
    f"RETURN '{kind.value}' AS kind, n.code AS code, n.name AS name, n.nameZh AS nameZh, "
    f"{wider_names(kind)} AS wider"
    for kind in CatalogueKind
)


async def names(database: Database, coded: Iterable[Coded]) -> Mapping[Coded, Label]:
    """The labels of the entries that exist, with one statement; a name stands in for a missing
    Chinese one.
    """
    codes: dict[str, list[str]] = {kind.name.lower(): [] for kind in CatalogueKind}
    for kind, code in coded:
        codes[kind.name.lower()].append(code)
    rows = await database.read(_NAMES, **codes)
    return {
        (CatalogueKind(row["kind"]), row["code"]): tree_label(
            row["name"], row["nameZh"], row["wider"]
        )
        for row in rows
    }
