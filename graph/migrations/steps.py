"""The steps, oldest first. A released step is never changed: a correction is a new step."""

from collections.abc import Sequence
from dataclasses import dataclass

from graph.domain.access import SYSTEM_ACTOR
from graph.domain.enums import OPEN_STATUSES, WATCHED, OutcomeKind, Urgency
from graph.domain.tokens import EVERY, TokenField, token


@dataclass(frozen=True, slots=True)
class Step:
    """Statements that may run twice; ``name`` is unique and kept in the graph."""

    name: str
    statements: Sequence[str]


def _unique(label: str, *properties: str) -> str:
    columns = ", ".join(f"n.{name}" for name in properties)
    title = f"{label}_{'_'.join(properties)}".lower()
    return (
        f"CREATE CONSTRAINT {title}_unique IF NOT EXISTS FOR (n:{label}) "
        f"REQUIRE ({columns}) IS UNIQUE"
    )


def _range(label: str, prop: str) -> str:
    return (
        f"CREATE INDEX {label.lower()}_{prop.lower()} IF NOT EXISTS FOR (n:{label}) ON (n.{prop})"
    )


_CONSTRAINTS = tuple(
    _unique(label, *properties)
    for label, properties in (
        ("Complaint", ("id",)),
        ("Complaint", ("reference",)),
        ("Complaint", ("sourceSystem", "sourceId")),
        ("Customer", ("id",)),
        ("Identifier", ("hmac",)),
        ("Identifier", ("customerKey",)),
        ("Product", ("code",)),
        ("Branch", ("code",)),
        ("Department", ("code",)),
        ("RootCause", ("code",)),
        ("Resolution", ("id",)),
        ("CaseEvent", ("id",)),
        ("CaseEvent", ("position",)),
        ("TextVersion", ("id",)),
        ("EmbeddingSpace", ("name",)),
        ("ImportRun", ("id",)),
        ("Request", ("id",)),
        ("Counter", ("name",)),
    )
)

# One key per order offered (unique by the id at its end), and one index per selective filter.
_INDEXES = tuple(
    _range(label, prop)
    for label, prop in (
        ("Complaint", "receivedKey"),
        ("Complaint", "dueKey"),
        ("Complaint", "amountKey"),
        ("Complaint", "levelKey"),
        ("Complaint", "receivedAt"),
        ("Complaint", "dueAt"),
        ("Complaint", "amountMinor"),
        ("Complaint", "customerId"),
        ("Complaint", "assignee"),
        ("Complaint", "productCode"),
        ("Complaint", "branchCode"),
        ("Complaint", "type"),
        ("Complaint", "channel"),
        ("Complaint", "status"),
        ("Complaint", "severity"),
        ("Complaint", "level"),
        ("Complaint", "linkPending"),
        ("Request", "expiresAt"),
    )
)

# 'cjk' gives Chinese bigrams and plain English words; searches see their own transaction's rows.
TEXT_INDEX = "complaint_text"
_TEXT = f"""
CREATE FULLTEXT INDEX {TEXT_INDEX} IF NOT EXISTS
FOR (n:Complaint) ON EACH [n.subject, n.narrative, n.filterTokens]
OPTIONS {{indexConfig: {{
  `fulltext.analyzer`: 'cjk', `fulltext.eventually_consistent`: false
}}}}
"""

_DESK = (
    *(_unique(label, "id") for label in ("Alert", "Suggestion", "Rating")),
    _range("Complaint", "dueSoonAt"),
)

_ESCALATION = (
    _range("Complaint", "escalatePending"),
    _range("Alert", "atKey"),
)

_REMEDIATIONS = (_unique("Remediation", "id"), _range("Remediation", "createdKey"))
_CLUSTERS = (
    _unique("Cluster", "id"),
    _unique("ClusterFit", "name"),
    _range("Complaint", "clusterNext"),
)
_ALERTS = (
    _range("Alert", "rule"),
    _unique("SystemicIssue", "id"),
    _range("SystemicIssue", "createdKey"),
    _unique("Change", "id"),
)
# Marks are sort keys now; what was linked or judged before is found by its key.
_WAITING = (
    *(
        _range("Complaint", prop)
        for prop in (
            "linkKey", "linkClaim", "linkedKey", "escalateKey", "escalateClaim", "escalatedKey",
            "clusterKey",
        )
    ),
    """
    CYPHER 25
    MATCH (c:Complaint)
    WHERE c.linkedKey IS NULL AND c.linkKey IS NULL
      AND (c.narrative IS NOT NULL OR c.customerId IS NOT NULL)
    CALL (c) {
      SET c.linkKey = CASE WHEN c.linkPending THEN c.receivedKey END,
          c.linkedKey = CASE WHEN c.linkPending IS NULL THEN c.receivedKey END,
          c.escalateKey = CASE WHEN c.escalatePending THEN c.receivedKey END,
          c.escalatedKey = CASE WHEN c.escalatePending IS NULL THEN c.receivedKey END
      REMOVE c.linkPending, c.escalatePending
    } IN TRANSACTIONS OF 2000 ROWS
    """,
    """
    CYPHER 25
    MATCH (c:Complaint) WHERE c.clusterNext IS NOT NULL AND c.clusterKey IS NULL
    CALL (c) { SET c.clusterKey = c.receivedKey } IN TRANSACTIONS OF 2000 ROWS
    """,
)  # fmt: skip

# Marks of cases that will be noticed; the sweep sets each right when it comes to it.
_MARKS = f"""
CYPHER 25
MATCH (c:Complaint) WHERE c.dueAt IS NOT NULL AND c.status IN {sorted(map(str, OPEN_STATUSES))}
CALL (c) {{ SET c.noticeKey = '0000000000000:' + c.id }} IN TRANSACTIONS OF 5000 ROWS
"""
_TIME = (
    _range("Complaint", "noticeKey"),
    _range("Complaint", "overdueKey"),
    _unique("Terms", "name"),
    "DROP INDEX complaint_duesoonat IF EXISTS",
    _MARKS,
)

_SOURCES = (_range("Complaint", "sourceSystem"), _unique("Lease", "name"))

# Which texts were redacted is on the case; vectors of what was taken out leave every space.
_REDACTIONS = (
    """
    CYPHER 25
    MATCH (e:CaseEvent {kind: 'REDACTED'})<-[:HAS_EVENT]-(c:Complaint)
    WHERE c.textRedacted IS NULL
    SET c.textRedacted = true
    """,
    """
    CYPHER 25
    MATCH (s:EmbeddingSpace {state: 'RETIRED'}) WHERE s.retiredAt IS NULL
    SET s.retiredAt = datetime()
    WITH s
    MATCH (c:Complaint {textRedacted: true})
    SET c[s.property] = null
    """,
)

#: Whether a name stands for several entries of a tree is asked for every label.
_NAMES = tuple(
    _range(label, name)
    for label in ("Product", "Branch", "Department", "RootCause")
    for name in ("name", "nameZh")
)

# Which complaint was filed under which identifiers was not kept before: all of the customer's, so
# that whoever is one person now stays one.
_PEOPLE = (
    _unique("Person", "id"),
    _range("Person", "customerKey"),
    """
    CYPHER 25
    MATCH (u:Customer)-[:FILED]->(c:Complaint) WHERE NOT EXISTS { (c)-[:FILED_WITH]->() }
    CALL (u, c) {
      MATCH (i:Identifier)-[:IDENTIFIES]->(u)
      MERGE (c)-[:FILED_WITH]->(i)
    } IN TRANSACTIONS OF 1000 ROWS
    """,
)
_REFERENCES = (
    "CREATE TEXT INDEX complaint_referencekey IF NOT EXISTS FOR (n:Complaint) ON (n.referenceKey)",
    """
    CYPHER 25
    MATCH (c:Complaint) WHERE c.referenceKey IS NULL
    CALL (c) {
      SET c.referenceKey = reduce(key = '', sign IN split(c.reference, '') |
        key + CASE WHEN sign =~ '[\\\\p{L}\\\\p{N}]' THEN toUpper(sign) ELSE '' END)
    } IN TRANSACTIONS OF 1000 ROWS
    """,
)

_DUPLICATE_THRESHOLD = """
CYPHER 25
MATCH (s:EmbeddingSpace) WHERE s.matter IS NOT NULL
SET s.duplicateThreshold = s.matter REMOVE s.matter
"""

# Events keep the causes named; before, they kept the wider ones of the day too.
_NARROWEST = """
      COLLECT {
        UNWIND codes AS code
        WITH code WHERE NOT EXISTS {
          MATCH (n:RootCause)-[:PART_OF*1..10]->(:RootCause {code: code}) WHERE n.code IN codes
        }
        RETURN code ORDER BY code
      }
"""
_CAUSES = (
    """
    CYPHER 25
    MATCH (c:Complaint) WHERE c.causeCodes IS NULL
    CALL (c) {
      SET c.causeCodes = COLLECT { MATCH (c)-[:CAUSED_BY]->(r) RETURN r.code ORDER BY r.code }
    } IN TRANSACTIONS OF 1000 ROWS
    """,
    *(
        f"""
    CYPHER 25
    MATCH (e:CaseEvent) WHERE e.{part} CONTAINS '"rootCauseCodes":["'
    CALL (e) {{
      WITH e, split(e.{part}, '"rootCauseCodes":["') AS parts
      WITH e, parts[0] AS head, split(parts[1], '"]') AS rest
      WITH e, head, split(rest[0], '","') AS codes,
        reduce(tail = '', part IN rest[1..] | tail + '"]' + part) AS tail
      WITH e, head, tail, {_NARROWEST} AS narrowest
      SET e.{part} = head + '"causeCodes":["' +
        reduce(list = '', code IN narrowest |
          list + CASE list WHEN '' THEN '' ELSE '","' END + code) + tail
    }} IN TRANSACTIONS OF 1000 ROWS
    """
        for part in ("before", "after")
    ),
)
_MOVES = tuple(_range(label, "copiesDue") for label in ("Product", "Branch", "RootCause"))
_ACCESS = (_unique("ApiKey", "id"), _unique("Session", "id"), _range("Session", "endsAt"))

# An id is one word of the index. What the log writes does not wait for it; who reads it does.
ACCESS_INDEX = "access_record_cases"
_ACCESS_LOG = (
    _unique("AccessLog", "name"),
    _unique("AccessSegment", "id"),
    _unique("AccessRecord", "segment", "number"),
    _range("AccessRecord", "key"),
    "CREATE INDEX accessrecord_actor_key IF NOT EXISTS FOR (n:AccessRecord) ON (n.actor, n.key)",
    f"""
    CREATE FULLTEXT INDEX {ACCESS_INDEX} IF NOT EXISTS FOR (n:AccessRecord) ON EACH [n.cases]
    OPTIONS {{indexConfig: {{
      `fulltext.analyzer`: 'keyword', `fulltext.eventually_consistent`: true
    }}}}
    """,
)
_OPENINGS = (
    _unique("Opening", "id"),
    _range("Opening", "key"),
    "CREATE INDEX opening_person_ends IF NOT EXISTS FOR (n:Opening) ON (n.person, n.endsAt)",
)

# Who changed what, and when.
_ACTIVITY = (
    _range("CaseEvent", "recordedAt"),
    _range("Change", "at"),
    "CREATE INDEX caseevent_actor_recordedat IF NOT EXISTS FOR (n:CaseEvent) "
    "ON (n.actor, n.recordedAt)",
    "CREATE INDEX change_actor_at IF NOT EXISTS FOR (n:Change) ON (n.actor, n.at)",
)

#: Filter words stand in their order, with those of customers, clusters and duplicates behind.
_SET_WORD = """
      WITH c, split(c.filterTokens, ' ')[1..] AS words, '{word}' AS word
      WITH c, word, [w IN words WHERE left(w, 1) IN ['u', 'k', 'q']] AS last,
        [w IN words WHERE NOT left(w, 1) IN ['u', 'k', 'q']] AS front
      SET c.filterTokens = reduce(text = '{every}', w IN
        [w IN front WHERE w < word] + [word] + [w IN front WHERE w > word] + last | text + ' ' + w)
"""


def _word(field: TokenField, prop: str, value: str) -> str:
    """Give the word of a property's value to those complaints that lack it."""
    word = token(field, value)
    return f"""
    CYPHER 25
    MATCH (c:Complaint) WHERE c.{prop} = '{value}' AND NOT c.filterTokens CONTAINS '{word}'
    CALL (c) {{ {_SET_WORD.format(word=word, every=EVERY)} }} IN TRANSACTIONS OF 1000 ROWS
    """


_FILTERS = (
    """
    CYPHER 25
    MATCH (c:Complaint) WHERE c.decided AND c.outcome IS NULL
    CALL (c) {
      SET c.outcome = head(COLLECT {
        MATCH (c)-[:RESOLVED_BY]->(r) RETURN r.outcome ORDER BY r.round DESC
      })
    } IN TRANSACTIONS OF 1000 ROWS
    """,
    *(_word(TokenField.OUTCOME, "outcome", str(value)) for value in OutcomeKind),
    *(_word(TokenField.URGENCY, "urgency", str(value)) for value in Urgency),
    *(_range("Complaint", prop) for prop in ("outcome", "urgency", "decidedAt", "recordedAt")),
    _range("Customer", "segment"),
)

_DRILLS = (
    _unique("Sitting", "id"),
    _range("Sitting", "person"),
    _range("Sitting", "drill"),
)

# Alerts about many complaints are on record as raised only since 0025, and changes have a place in
# the order of all only since then. What is older comes before everything: below 0, where nobody
# who follows looks and no gap is looked for.
_OLD_CHANGES = (
    f"""
    CYPHER 25
    MATCH (a:Alert) WHERE a.kind IN {[kind.value for kind in sorted(WATCHED)]}
      AND NOT EXISTS {{ (a)-[:HAS_CHANGE]->(:Change {{seq: 1}}) }}
    CALL (a) {{
      CREATE (a)-[:HAS_CHANGE]->(:Change {{
        id: a.id + '.1', seq: 1, at: coalesce(a.recordedAt, a.at), actor: '{SYSTEM_ACTOR}',
        before: '{{}}', after: '{{"state": "OPEN"}}'
      }})
    }} IN TRANSACTIONS OF 1000 ROWS
    """,
    """
    CYPHER 25
    OPTIONAL MATCH (known:Change) WHERE known.position < 0
    WITH coalesce(min(known.position), 0) AS base
    MATCH (:Alert|SystemicIssue|Remediation)-[:HAS_CHANGE]->(x:Change) WHERE x.position IS NULL
    WITH base, x ORDER BY x.at DESC, x.seq DESC, x.id DESC
    WITH base, collect(x) AS old
    UNWIND range(1, size(old)) AS place
    WITH old[place - 1] AS x, base - place AS position
    SET x.position = position
    """,
)

_JOBS = (
    _unique("Job", "id"),
    _range("Job", "key"),
    _range("Job", "person"),
    _range("Job", "state"),
)

STEPS: tuple[Step, ...] = (
    Step("0001-constraints", _CONSTRAINTS),
    Step("0002-orders-and-filters", _INDEXES),
    Step("0003-text-index", (_TEXT,)),
    Step("0004-desk", _DESK),
    Step("0005-escalation", _ESCALATION),
    Step("0006-remediations", _REMEDIATIONS),
    Step("0007-clusters", _CLUSTERS),
    Step("0008-alerts", _ALERTS),
    Step("0009-waiting", _WAITING),
    Step("0010-time-marks-of-deadlines", _TIME),
    Step("0011-clusters-sources-and-leases", _SOURCES),
    Step("0012-record-redactions", _REDACTIONS),
    Step("0013-insight-names", _NAMES),
    Step("0014-people-filings", _PEOPLE),
    Step("0015-people-references", _REFERENCES),
    Step("0016-tombstones", (_unique("Tombstone", "id"),)),
    Step("0017-duplicate-threshold", (_DUPLICATE_THRESHOLD,)),
    Step("0018-causes-named", _CAUSES),
    Step("0019-moved-entries", _MOVES),
    Step("0020-access", _ACCESS),
    Step("0021-access-log", _ACCESS_LOG),
    Step("0022-openings", _OPENINGS),
    Step("0023-more-filters", _FILTERS),
    Step("0024-staff", (_unique("Staff", "actor"),)),
    Step("0025-changes-in-order", (_unique("Change", "position"),)),
    Step("0026-activity", _ACTIVITY),
    Step("0027-saved-views", (_unique("SavedView", "person", "name"),)),
    Step("0028-drills", _DRILLS),
    Step("0029-jobs", _JOBS),
    Step("0030-changes-before-their-order", _OLD_CHANGES),
    Step("0031-webhooks", (_unique("Webhook", "id"),)),
)
