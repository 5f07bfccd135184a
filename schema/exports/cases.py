"""Cases as rows, page by page, however many there are."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from graph.domain.enums import Language
from schema.exports.asking import Asking
from schema.exports.documents import EXPORTS, PERSONAL, What
from schema.exports.files import growing
from schema.exports.rows import Row, table

_TOTAL = """query ($filter: ComplaintFilter) {
  complaints(filter: $filter, first: 1) { totalCount } }"""


@dataclass(frozen=True, slots=True)
class Wanted:
    """``personal``: what is told of people, and masked texts, too; ``language``: of labels."""

    personal: bool = False
    language: Language | None = None


async def write_cases(
    asking: Asking,
    file: Path,
    arguments: Mapping[str, Any],
    wanted: Wanted,
    *,
    force: bool = False,
    private: bool = False,
    progress: Callable[[int], None] = lambda rows: None,
) -> tuple[int, int]:
    """How many rows and columns were written; each page is one record in the access log.

    ``private``: only its owner can read the file; ``progress`` takes the rows so far.
    """
    export = PERSONAL if wanted.personal else EXPORTS[What.COMPLAINTS]
    columns = table(export, [], {}, wanted.language).columns
    total = 0
    name = What.COMPLAINTS.value
    opened = growing(columns, file, name=name, force=force, private=private)
    async with AsyncExitStack() as stack:
        # In threads: a sheet is packed when it is closed.
        add = await asyncio.to_thread(opened.__enter__)
        stack.push_async_exit(
            lambda kind, error, place: asyncio.to_thread(opened.__exit__, kind, error, place)
        )
        async for page in asking.pages(export, arguments):
            rows = table(export, [page], {}, wanted.language).rows
            await asyncio.to_thread(_add, add, rows)
            total += len(rows)
            progress(total)
    return total, len(columns)


def _add(add: Callable[[Row], None], rows: Sequence[Row]) -> None:
    for row in rows:
        add(row)


async def count_cases(asking: Asking, arguments: Mapping[str, Any]) -> int | None:
    """How many rows there will be; None where they could not be counted."""
    data = await asking.answer(_TOTAL, {"filter": arguments.get("filter")})
    total: int | None = data["complaints"]["totalCount"]
    return total
