"""How drafts of answers are used: how much of each template is edited before it is sent."""

from dataclasses import dataclass
from datetime import datetime

from graph.database import Database
from graph.domain.scope import Scope
from graph.queries.conditions import within

_USE = """
CYPHER 25
MATCH (c:Complaint)-[:RESOLVED_BY]->(r:Resolution)
WHERE r.template IS NOT NULL AND {within}
  AND ($since IS NULL OR r.decidedAt >= $since) AND ($until IS NULL OR r.decidedAt < $until)
RETURN r.template AS template, count(r) AS count,
  sum(CASE WHEN r.edited = 0 THEN 1 ELSE 0 END) AS unchanged,
  sum(CASE WHEN size(coalesce(r.insisted, [])) > 0 THEN 1 ELSE 0 END) AS insisted,
  percentileCont(r.edited, 0.5) AS median, percentileCont(r.edited, 0.9) AS high
ORDER BY count DESC, template
"""


@dataclass(frozen=True, slots=True)
class TemplateUse:
    """``insisted``: answers that were sent although something was wrong; ``median`` and ``high``
    (of nine in ten): the part of a draft that was edited, 0 to 1.
    """

    template: str
    count: int
    unchanged: int
    insisted: int
    median: float
    high: float


async def template_uses(
    database: Database, scope: Scope, since: datetime | None, until: datetime | None
) -> list[TemplateUse]:
    """Of answers given in a time, the templates most used first; one statement."""
    bounds = within(scope)
    rows = await database.read(
        _USE.format(within=bounds.predicate), since=since, until=until, **bounds.parameters
    )
    return [TemplateUse(**row) for row in rows]
