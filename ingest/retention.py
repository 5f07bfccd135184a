"""What closed cases say of people is erased when the time for which they are kept is over.

The same as when a person asks for it (``graph.commands.person``): codes, times, amounts and
decisions stay, so every figure stays as it was; each case says in its events when it was done.
"""

from datetime import UTC, datetime

import structlog

from graph.commands.corrections import Correction
from graph.database import Database
from graph.domain.access import SYSTEM_ACTOR
from graph.domain.enums import CatalogueKind
from graph.domain.retention import RetentionTerms
from graph.errors import ConfigurationError, ConflictError
from graph.progress import Progress, silent
from graph.queries.catalogue import by_codes
from graph.queries.retention import due
from ingest.person import People

log = structlog.get_logger(__name__)
NOTE = "保存期限已满，个人信息已删除。The time for which this case is kept is over."
TASK = "erase"
#: Cases of one transaction.
BATCH = 20


async def check_products(database: Database, terms: RetentionTerms) -> None:
    """Raises ConfigurationError: the graph has no product of one of the codes."""
    codes = sorted(terms.of_products)
    known = await by_codes(database, CatalogueKind.PRODUCT, codes)
    if unknown := [code for code in codes if code not in known]:
        raise ConfigurationError(
            f"COMPLAINT_GRAPH_PRIVACY__RETENTION_BY_PRODUCT names {', '.join(unknown)}, which is "
            "no product's code; nothing is erased until that is mended."
        )


async def end_retention(
    database: Database, people: People, terms: RetentionTerms, progress: Progress = silent
) -> int:
    """Erase what is due; how many cases that was. Killed, it goes on with the next call.

    Raises:
        ConfigurationError: a product of the terms is none. Nothing is erased then: the days of what
            was meant may be longer than those that would count.
    """
    await check_products(database, terms)
    done = 0
    while ids := await due(database, terms, now := datetime.now(UTC), most=BATCH):
        try:
            done += await people.erase(ids, Correction(SYSTEM_ACTOR, now, NOTE), closed=True)
        except ConflictError as error:
            # One has just been held or opened again; the others are due at the next call, too.
            log.info("a case whose time is over is kept", code=error.code)
            break
        progress(TASK, done, None)
    return done
