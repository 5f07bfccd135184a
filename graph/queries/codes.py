"""What codes stand for: the narrower ones a filter covers, the wider ones a complaint carries."""

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from graph.database import Database, Row
from graph.domain.enums import CatalogueKind
from graph.domain.filters import ComplaintFilter
from graph.domain.vocabulary import Vocabulary
from graph.errors import UnknownCodeError
from graph.queries.conditions import Covered
from graph.queries.sources import source_systems


class Reader(Protocol):
    """A database or a transaction: whatever runs a statement."""

    async def __call__(self, statement: str, /, **parameters: Any) -> list[Row]: ...


#: Trees deeper than this are refused by nothing, but read no further.
DEEPEST = 10

_COVERED = f"""
CYPHER 25
UNWIND $products AS code
OPTIONAL MATCH (n:Product {{code: code}})
RETURN 'products' AS field, code, n IS NOT NULL AS known,
       COLLECT {{ MATCH (d:Product)-[:PART_OF*0..{DEEPEST}]->(n) RETURN DISTINCT d.code }} AS codes
UNION ALL
UNWIND $branches AS code
OPTIONAL MATCH (n:Branch {{code: code}})
RETURN 'branches' AS field, code, n IS NOT NULL AS known,
       COLLECT {{ MATCH (d:Branch)-[:PART_OF*0..{DEEPEST}]->(n) RETURN DISTINCT d.code }} AS codes
UNION ALL
UNWIND $departments AS code
OPTIONAL MATCH (n:Department {{code: code}})
RETURN 'departments' AS field, code, n IS NOT NULL AS known, [] AS codes
UNION ALL
UNWIND $rootCauses AS code
OPTIONAL MATCH (n:RootCause {{code: code}})
RETURN 'root_causes' AS field, code, n IS NOT NULL AS known, [] AS codes
UNION ALL
UNWIND $clusters AS code
OPTIONAL MATCH (n:Cluster {{id: code}})
RETURN 'clusters' AS field, code, n IS NOT NULL AS known, [] AS codes
UNION ALL
UNWIND $sourceSystems AS code
RETURN 'source_systems' AS field, code,
       EXISTS {{ MATCH (c:Complaint) WHERE c.sourceSystem = code }} AS known, [] AS codes
UNION ALL
UNWIND $customers AS code
OPTIONAL MATCH (:Identifier {{customerKey: code}})-[:IDENTIFIES]->(u:Customer)
RETURN 'customers' AS field, code, true AS known, [coalesce(u.id, code)] AS codes
"""


async def cover(database: Database, filters: ComplaintFilter, vocabulary: Vocabulary) -> Covered:
    """Look up a filter's codes, with one statement, or none if it names no codes.

    Raises:
        UnknownCodeError: a product, branch, department, root cause, cluster or business code
            that does not exist.
    """
    _check_vocabulary(filters, vocabulary)
    asked = {
        "products": _all(filters, "products"),
        "branches": _all(filters, "branches"),
        "departments": _all(filters, "departments"),
        "rootCauses": _all(filters, "root_causes"),
        "clusters": _all(filters, "clusters"),
        "sourceSystems": _all(filters, "source_systems"),
        "customers": sorted({part.customer for part in filters.chain() if part.customer}),
    }
    if not any(asked.values()):
        return Covered()
    results: dict[str, dict[str, Sequence[str]]] = {}
    for row in await database.read(_COVERED, **asked):
        if not row["known"]:
            systems = await source_systems(database) if row["field"] == "source_systems" else ()
            raise _unknown(row["field"], systems)
        results.setdefault(row["field"], {})[row["code"]] = row["codes"]
    customers = {old: new[0] for old, new in results.get("customers", {}).items()}
    return Covered(results.get("products", {}), results.get("branches", {}), customers)


def _all(filters: ComplaintFilter, name: str) -> list[str]:
    return sorted({code for part in filters.chain() for code in getattr(part, name) or ()})


def _check_vocabulary(filters: ComplaintFilter, vocabulary: Vocabulary) -> None:
    for name, known in (("types", vocabulary.types), ("risk_types", vocabulary.risk_types)):
        if set(_all(filters, name)) - set(known):
            raise _unknown(name, sorted(known))


def _unknown(field: str, known: Sequence[str] = ()) -> UnknownCodeError:
    """Never says the code: somebody may have put a person's number in its place."""
    name = "".join(p.title() if i else p for i, p in enumerate(field.split("_")))
    hint = f"use some of {', '.join(known)}" if known else f"the query `{name}` lists those in use"
    return UnknownCodeError(
        f"filter.{name} has a code that does not exist: {hint}.", path=("filter", field)
    )


_LINEAGE = {
    kind: f"""
    CYPHER 25
    MATCH (n:{kind.value}) WHERE n.code IN $codes
    MATCH path = (n)-[:PART_OF*0..{DEEPEST}]->(wider)
    WITH n.code AS code, wider.code AS wider, length(path) AS distance ORDER BY distance
    RETURN code, collect(wider) AS codes
    """
    for kind in CatalogueKind
}


async def lineage(
    run: Reader, kind: CatalogueKind, codes: Sequence[str]
) -> Mapping[str, tuple[str, ...]]:
    """For each existing code itself and the wider ones, nearest first."""
    rows = await run(_LINEAGE[kind], codes=list(codes))
    return {row["code"]: tuple(row["codes"]) for row in rows}
