"""A case as it stood at an earlier time, from its events."""

from datetime import datetime

from graph.database import Database
from graph.domain.replay import as_of
from graph.domain.views import ComplaintRecord

_RECORD = """
CYPHER 25
MATCH (c:Complaint {id: $id})-[:HAS_EVENT]->(e:CaseEvent)
OPTIONAL MATCH (e)-[:HAS_TEXT]->(t:TextVersion)
WITH e, t ORDER BY e.seq
RETURN e.kind AS kind, e.recordedAt AS recordedAt, e.before AS before, e.after AS after,
       e.version AS version, t {.subject, .narrative, .summary} AS text
"""


async def case_as_of(database: Database, identity: str, at: datetime) -> ComplaintRecord | None:
    """A case that was read within a scope, as the bank knew it then; None before it was recorded,
    or if there is none.
    """
    record = await database.read(_RECORD, id=identity)
    return as_of(identity, record, at)
