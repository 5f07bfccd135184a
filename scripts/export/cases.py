"""Cases as rows, page by page, however many there are."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from api.services import Services
from graph.domain.access import LOCAL, Identity, Reach
from graph.domain.enums import CatalogueKind, Language
from graph.errors import UnknownCodeError
from graph.queries import catalogue
from scripts.export.asking import pages
from scripts.export.documents import EXPORTS, PERSONAL, What
from scripts.export.files import growing
from scripts.export.rows import table


@dataclass(frozen=True, slots=True)
class Wanted:
    """``branch``: only what somebody of this branch sees; ``personal``: what is told of people,
    and masked texts, too.
    """

    branch: str | None = None
    personal: bool = False
    language: Language | None = None


async def write_cases(
    services: Services, file: Path, arguments: Mapping[str, Any], wanted: Wanted, *, force: bool
) -> tuple[int, int]:
    """How many rows and columns were written; each page is one record in the access log.

    Raises:
        UnknownCodeError: no branch has the code.
    """
    identity = await _somebody(services, wanted.branch)
    export = PERSONAL if wanted.personal else EXPORTS[What.COMPLAINTS]
    columns = table(export, [], {}, wanted.language).columns
    total = 0
    with growing(columns, file, name=What.COMPLAINTS.value, force=force) as add:
        async for page in pages(services, export, arguments, identity):
            rows = table(export, [page], {}, wanted.language).rows
            for row in rows:
                add(row)
            total += len(rows)
    return total, len(columns)


async def _somebody(services: Services, branch: str | None) -> Identity:
    if branch is None:
        return LOCAL
    known = await catalogue.by_codes(services.database, CatalogueKind.BRANCH, [branch])
    if branch not in known:
        raise UnknownCodeError("There is no branch with this code.", path=["branch"])
    return replace(LOCAL, reach=Reach(branches=(branch,)))
