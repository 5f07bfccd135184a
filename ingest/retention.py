"""What closed cases say of people is erased when the time for which they are kept is over.

The same as when a person asks for it (``graph.commands.person``): codes, times, amounts and
decisions stay, so every figure stays as it was; each case says in its events when it was done.
"""

from datetime import UTC, datetime

import structlog

from graph.commands.corrections import Correction
from graph.database import Database
from graph.domain.access import SYSTEM_ACTOR
from graph.domain.retention import RetentionTerms
from graph.errors import ConflictError
from graph.progress import Progress, silent
from graph.queries.retention import due
from ingest.person import People

log = structlog.get_logger(__name__)
NOTE = "保存期限已满，个人信息已删除。The time for which this case is kept is over."
TASK = "erase"
#: Cases of one transaction.
BATCH = 20


async def end_retention(
    database: Database, people: People, terms: RetentionTerms, progress: Progress = silent
) -> int:
    """Erase what is due; how many cases that was. Killed, it goes on with the next call."""
    done = 0
    while ids := await due(database, terms, now := datetime.now(UTC), most=BATCH):
        try:
            done += await people.erase(ids, Correction(SYSTEM_ACTOR, now, NOTE), closed=True)
        except ConflictError as error:
            # One has just been held or opened again, and is not due any more.
            log.info("a case whose time is over is kept", code=error.code)
        progress(TASK, done, None)
    return done
