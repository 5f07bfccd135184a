"""What hangs on complaints, read together: one statement for all that is asked of the same ones.

The parts are a closed set (``cases``, ``escalation``), so there are few statements to plan.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from graph.database import Database

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Part(Generic[T]):
    """Something of a complaint; two of one name with the same arguments are the same.

    ``arguments``: parameters that are its own; ``shared``: those that mean the same in all parts.
    """

    name: str
    #: Cypher of the complaint ``own``: one value.
    expression: str = field(compare=False, repr=False)
    #: What that value is, of the complaint with this id.
    read: Callable[[str, Any], T] = field(compare=False, repr=False)
    arguments: tuple[tuple[str, int], ...] = ()
    shared: Mapping[str, Any] = field(default_factory=dict, compare=False, repr=False)


async def read_parts(
    database: Database, parts: Iterable[Part[Any]], ids: Sequence[str]
) -> dict[Part[Any], dict[str, Any]]:
    """Each part of each of the complaints, by id; those that do not exist are left out.

    The ids are those of complaints that were read within a scope.
    """
    chosen = sorted(set(parts), key=lambda part: (part.name, part.arguments))
    parameters: dict[str, Any] = {}
    columns = []
    for number, part in enumerate(chosen):
        expression = part.expression
        for name, value in part.arguments:
            # Two of one name may be asked for at once, with different arguments.
            parameters[f"{name}{number}"] = value
            expression = re.sub(rf"\${name}\b", f"${name}{number}", expression)
        parameters |= part.shared
        columns.append(f"{expression} AS part{number}")
    statement = f"""
    CYPHER 25
    UNWIND $ids AS id
    MATCH (own:Complaint {{id: id}})
    RETURN id, {", ".join(columns)}
    """
    rows = await database.read(statement, ids=list(ids), **parameters)
    return {
        part: {row["id"]: part.read(row["id"], row[f"part{number}"]) for row in rows}
        for number, part in enumerate(chosen)
    }


async def read_part(database: Database, part: Part[T], ids: Sequence[str]) -> dict[str, T]:
    """One part alone."""
    return (await read_parts(database, [part], ids))[part]
