"""The three measures that banks report: handling time, repeat rate, first-time-right rate.

All three are about one cohort: the complaints received in the period.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from graph.database import Database
from graph.domain.enums import OPEN_STATUSES
from graph.insight.cohort import Cohort, Narrowing, until_inclusive
from graph.statistics.figures import Figure, mean, quantile, quantile_places, share

#: A case answered later than so long ago may still come back: its answer is not settled.
OUTCOME_PERIOD = timedelta(days=30)

#: A decision was given, and the customer did not take the complaint back before it.
ANSWERED = "(c.decided = true AND NOT (c.status = 'WITHDRAWN' AND coalesce(c.round, 1) = 1))"
#: Milliseconds from receipt to the first decision, null without one. A date alone counts as
#: midnight, so it can lie before the receipt: then this is negative, and counts as nothing.
SPENT = "(c.decidedAt.epochMillis - c.receivedAt.epochMillis)"
#: Answered in the first round, and neither reopened nor found wrong by a review. Whether it was
#: filed again is asked apart: few were, and looking for it at each complaint takes longest.
RIGHT_AT_FIRST = f"""
  ({ANSWERED} AND coalesce(c.round, 1) = 1 AND c.status <> 'REOPENED'
   AND coalesce(c.reviewConfirmed, true))
"""


@dataclass(frozen=True, slots=True)
class HandlingDays:
    """Days from receipt to the first answer, of those answered whose date is known."""

    median: Figure
    mean: Figure
    p90: Figure


@dataclass(frozen=True, slots=True)
class Measures:
    """``waiting``: open and not answered yet.

    Whether a case came back is only known of a known customer, so both rates are about these.
    ``unsettled``: answered less than 30 days ago, so that they may still come back. Figures are
    None where there is nothing to tell.
    """

    total: int
    waiting: int
    unsettled: int
    handling: HandlingDays | None
    repeat_rate: Figure | None
    first_time_right: Figure | None
    narrowing: Narrowing


async def measures(database: Database, cohort: Cohort, now: datetime) -> Measures:
    """The measures of a cohort, with two statements."""
    statement = f"""
    CYPHER 25
    CALL () {{
      {cohort.match}
      RETURN count(*) AS total,
        count(CASE WHEN c.decided = false AND c.status IN $open THEN 1 END) AS waiting,
        count(CASE WHEN {ANSWERED} AND c.decidedAt IS NOT NULL THEN 1 END) AS timed,
        count(CASE WHEN {ANSWERED} AND c.decidedAt > $settled THEN 1 END) AS unsettled,
        count(c.customerId) AS known,
        count(CASE WHEN c.customerId IS NOT NULL AND {ANSWERED} THEN 1 END) AS followed,
        count(CASE WHEN c.customerId IS NOT NULL AND {RIGHT_AT_FIRST} THEN 1 END) AS right
    }}
    CALL () {{
      MATCH (c:Complaint)-[:REPEATS]->() WHERE {cohort.condition} AND c.customerId IS NOT NULL
      RETURN count(DISTINCT c) AS repeats
    }}
    CALL () {{
      MATCH (c:Complaint)<-[:REPEATS]-()
      WHERE {cohort.condition} AND c.customerId IS NOT NULL AND {RIGHT_AT_FIRST}
      RETURN count(DISTINCT c) AS returned
    }}
    RETURN *
    """
    parameters = {
        **cohort.parameters,
        "settled": now - OUTCOME_PERIOD,
        "open": sorted(OPEN_STATUSES),
    }
    row = (await database.read(statement, **parameters))[0]
    return Measures(
        total=row["total"],
        waiting=row["waiting"],
        unsettled=row["unsettled"],
        handling=await _handling(database, cohort, row["timed"]),
        repeat_rate=share(row["repeats"], row["known"]),
        first_time_right=share(row["right"] - row["returned"], row["followed"]),
        narrowing=Narrowing(received_from=cohort.since, received_to=until_inclusive(cohort.until)),
    )


async def _handling(database: Database, cohort: Cohort, count: int) -> HandlingDays | None:
    """The sorted days stay in the database: only the few that the quantiles need come out."""
    middle, late = quantile_places(max(count, 1), 0.5), quantile_places(max(count, 1), 0.9)
    statement = f"""
    CYPHER 25
    {cohort.match} AND {ANSWERED} AND c.decidedAt IS NOT NULL
    WITH {SPENT} AS spent
    WITH CASE WHEN spent < 0 THEN 0.0 ELSE spent / 86400000.0 END AS days ORDER BY days
    WITH collect(days) AS sorted, avg(days) AS mean, stDev(days) AS deviation
    RETURN size(sorted) AS size, mean, deviation,
      [place IN $middle | coalesce(sorted[place], sorted[-1])] AS middle,
      [place IN $late | coalesce(sorted[place], sorted[-1])] AS late
    """
    places = {"middle": middle.needed, "late": late.needed}
    row = (await database.read(statement, **cohort.parameters, **places))[0]
    if not count or not row["size"]:
        return None
    return HandlingDays(
        median=quantile(middle, row["middle"], count),
        mean=mean(row["mean"], row["deviation"], count),
        p90=quantile(late, row["late"], count),
    )
