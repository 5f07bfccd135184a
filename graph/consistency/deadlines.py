"""Whether open deadlines rest on the time limits and the calendar of this process."""

from datetime import datetime

from graph.commands.terms import terms_on_record
from graph.consistency.findings import Finding
from graph.database import Database
from graph.domain.deadlines import TimeLimits


async def disagreements(database: Database, limits: TimeLimits, now: datetime) -> list[Finding]:
    known = await terms_on_record(database)
    if known is None or not limits.terms(now).differs(known):
        return []
    return [Finding("deadlines", "all", "computed under other time limits or another calendar")]
