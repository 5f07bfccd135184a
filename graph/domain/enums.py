"""The closed sets of the domain; business codes are strings, see ``vocabulary``."""

from enum import StrEnum


class Channel(StrEnum):
    PHONE = "PHONE"
    EMAIL = "EMAIL"
    WEB = "WEB"
    APP = "APP"
    BRANCH = "BRANCH"
    LETTER = "LETTER"
    SOCIAL = "SOCIAL"
    REGULATOR = "REGULATOR"
    OTHER = "OTHER"


class CaseStatus(StrEnum):
    REGISTERED = "REGISTERED"
    CLASSIFIED = "CLASSIFIED"
    DISPATCHED = "DISPATCHED"
    INVESTIGATING = "INVESTIGATING"
    REMEDY_PROPOSED = "REMEDY_PROPOSED"
    AGREED = "AGREED"
    REFUSED = "REFUSED"
    ANSWERED = "ANSWERED"
    FEEDBACK = "FEEDBACK"
    CLOSED = "CLOSED"
    WITHDRAWN = "WITHDRAWN"
    REOPENED = "REOPENED"
    REVIEW_REQUESTED = "REVIEW_REQUESTED"
    REVIEWED = "REVIEWED"


#: The customer still waits for an answer: deadlines run, a second filing is a duplicate.
OPEN_STATUSES = frozenset(
    {
        CaseStatus.REGISTERED,
        CaseStatus.CLASSIFIED,
        CaseStatus.DISPATCHED,
        CaseStatus.INVESTIGATING,
        CaseStatus.REMEDY_PROPOSED,
        CaseStatus.AGREED,
        CaseStatus.REFUSED,
        CaseStatus.REOPENED,
        CaseStatus.REVIEW_REQUESTED,
    }
)


class OutcomeKind(StrEnum):
    UPHELD = "UPHELD"
    PARTLY_UPHELD = "PARTLY_UPHELD"
    NOT_UPHELD = "NOT_UPHELD"
    EXPLAINED = "EXPLAINED"
    WITHDRAWN = "WITHDRAWN"


class RemedyKind(StrEnum):
    MONETARY = "MONETARY"
    NON_MONETARY = "NON_MONETARY"
    APOLOGY = "APOLOGY"
    CORRECTION = "CORRECTION"
    EXPLANATION = "EXPLANATION"
    NONE = "NONE"


class Nature(StrEnum):
    """What a filing is: only a complaint says that something is wrong."""

    COMPLAINT = "COMPLAINT"
    ENQUIRY = "ENQUIRY"
    SUGGESTION = "SUGGESTION"
    PRAISE = "PRAISE"


class RegistrationFate(StrEnum):
    """What became of a complaint that was sent."""

    CREATED = "CREATED"
    UPDATED = "UPDATED"
    UNCHANGED = "UNCHANGED"


class Severity(StrEnum):
    MINOR = "MINOR"
    MODERATE = "MODERATE"
    SEVERE = "SEVERE"


class Urgency(StrEnum):
    LOW = "LOW"
    NORMAL = "NORMAL"
    HIGH = "HIGH"
    IMMEDIATE = "IMMEDIATE"


class Level(StrEnum):
    """How far a case is escalated."""

    GREEN = "GREEN"
    YELLOW = "YELLOW"
    RED = "RED"


class Timeliness(StrEnum):
    """How long after it happened the customer complained."""

    IMMEDIATE = "IMMEDIATE"
    DELAYED = "DELAYED"
    LONG_STANDING = "LONG_STANDING"


class AmountBand(StrEnum):
    SMALL = "SMALL"
    MEDIUM = "MEDIUM"
    LARGE = "LARGE"


class TimePrecision(StrEnum):
    """``DAY``: only the date was given; the time of day is midnight in the business zone."""

    DAY = "DAY"
    SECOND = "SECOND"


class IdentifierKind(StrEnum):
    ID_NUMBER = "ID_NUMBER"
    MOBILE = "MOBILE"
    ACCOUNT = "ACCOUNT"
    SOURCE_ID = "SOURCE_ID"


class DepartmentRole(StrEnum):
    LEAD = "LEAD"
    ASSISTING = "ASSISTING"


class AttributionSource(StrEnum):
    """Who says that a root cause caused a complaint."""

    IMPORTED = "IMPORTED"
    CONFIRMED = "CONFIRMED"
    SUGGESTED = "SUGGESTED"


class BranchLevel(StrEnum):
    HEAD_OFFICE = "HEAD_OFFICE"
    PROVINCE = "PROVINCE"
    BRANCH = "BRANCH"
    SUB_BRANCH = "SUB_BRANCH"
    OUTLET = "OUTLET"


class CatalogueKind(StrEnum):
    """The coded trees around a complaint; the value is the node's label in the graph."""

    PRODUCT = "Product"
    BRANCH = "Branch"
    DEPARTMENT = "Department"
    ROOT_CAUSE = "RootCause"


class CaseRelation(StrEnum):
    """Whether complaints are one case; ``DERIVED``: as the service finds by itself."""

    SAME_CASE = "SAME_CASE"
    OTHER_CASE = "OTHER_CASE"
    DERIVED = "DERIVED"


class EventKind(StrEnum):
    """What can happen to a case; those of its steps are in ``lifecycle``."""

    REGISTERED = "REGISTERED"
    UPDATED = "UPDATED"
    DECIDED = "DECIDED"
    CUSTOMER_MERGED = "CUSTOMER_MERGED"
    CUSTOMER_DIVIDED = "CUSTOMER_DIVIDED"
    # What a person does.
    CLASSIFIED = "CLASSIFIED"
    CLASSIFICATION_CORRECTED = "CLASSIFICATION_CORRECTED"
    DISPATCHED = "DISPATCHED"
    TRANSFERRED = "TRANSFERRED"
    ASSIGNED = "ASSIGNED"
    INVESTIGATION_STARTED = "INVESTIGATION_STARTED"
    REMEDY_PROPOSED = "REMEDY_PROPOSED"
    REMEDY_AGREED = "REMEDY_AGREED"
    REMEDY_REFUSED = "REMEDY_REFUSED"
    ANSWERED = "ANSWERED"
    FEEDBACK_RECORDED = "FEEDBACK_RECORDED"
    CLOSED = "CLOSED"
    WITHDRAWN = "WITHDRAWN"
    REOPENED = "REOPENED"
    REVIEW_REQUESTED = "REVIEW_REQUESTED"
    REVIEWED = "REVIEWED"
    CAUSES_ATTRIBUTED = "CAUSES_ATTRIBUTED"
    DEADLINE_EXTENDED = "DEADLINE_EXTENDED"
    DEADLINE_PAUSED = "DEADLINE_PAUSED"
    DEADLINE_RESUMED = "DEADLINE_RESUMED"
    LEVEL_SET = "LEVEL_SET"
    REDACTED = "REDACTED"
    # A newer version of masking has read the texts again.
    REMASKED = "REMASKED"
    CUSTOMERS_JOINED = "CUSTOMERS_JOINED"
    CUSTOMERS_SEPARATED = "CUSTOMERS_SEPARATED"
    CASES_RELATED = "CASES_RELATED"
    GROUP_CORRECTED = "GROUP_CORRECTED"
    NOTED = "NOTED"
    # Somebody beyond whose reach the case lies has looked into it, and said why.
    OPENED = "OPENED"
    OPENING_ENDED = "OPENING_ENDED"
    ERASED = "ERASED"
    HOLD_SET = "HOLD_SET"
    HOLD_LIFTED = "HOLD_LIFTED"
    # What the system finds; the version that people see stays.
    LEVEL_RAISED = "LEVEL_RAISED"
    # The rules say more of a case whose own level stays: it was answered, or a person set it.
    RULE_LEVEL_RAISED = "RULE_LEVEL_RAISED"
    ALERTS_WITHDRAWN = "ALERTS_WITHDRAWN"
    DUE_SOON = "DUE_SOON"
    OVERDUE = "OVERDUE"
    DEADLINE_RECOMPUTED = "DEADLINE_RECOMPUTED"


class Chain(StrEnum):
    """Who answers for an escalated case, from the lowest."""

    SPECIALIST = "SPECIALIST"
    DEPARTMENT_HEAD = "DEPARTMENT_HEAD"
    BRANCH = "BRANCH"
    PROVINCE = "PROVINCE"


class RuleKind(StrEnum):
    """What a rule of escalation looks at."""

    AMOUNT = "AMOUNT"
    GROUP_EVENT = "GROUP_EVENT"
    REGULATOR = "REGULATOR"
    THREAT = "THREAT"
    SELF_HARM = "SELF_HARM"
    VULNERABLE = "VULNERABLE"
    OVERDUE = "OVERDUE"
    REPEAT = "REPEAT"
    SEVERITY = "SEVERITY"
    SURGE = "SURGE"
    GROWING_CAUSE = "GROWING_CAUSE"
    NEW_TOPIC = "NEW_TOPIC"


#: Rules about many complaints together; the others each look at one.
WATCHED = frozenset(
    {RuleKind.GROUP_EVENT, RuleKind.SURGE, RuleKind.GROWING_CAUSE, RuleKind.NEW_TOPIC}
)


class AlertState(StrEnum):
    """What people have made of an alert about many complaints."""

    OPEN = "OPEN"
    ACKNOWLEDGED = "ACKNOWLEDGED"
    DISMISSED = "DISMISSED"
    IN_ISSUE = "IN_ISSUE"


class DismissalReason(StrEnum):
    """Why an alert calls for nothing."""

    CHANCE = "CHANCE"
    KNOWN = "KNOWN"
    EXPECTED = "EXPECTED"
    DATA_ERROR = "DATA_ERROR"
    OTHER = "OTHER"


class Language(StrEnum):
    """A language in which texts are shown to people."""

    ZH = "ZH"
    EN = "EN"


class FactKind(StrEnum):
    """What two complaints can have in common beside their texts."""

    PRODUCT = "PRODUCT"
    BRANCH = "BRANCH"
    TYPE = "TYPE"
    AMOUNT_BAND = "AMOUNT_BAND"
    ROOT_CAUSE = "ROOT_CAUSE"
    CHANNEL = "CHANNEL"
    DEPARTMENT = "DEPARTMENT"
    CUSTOMER = "CUSTOMER"


class AnswerElement(StrEnum):
    """What a part of an answer to a customer is for, in the order of an answer."""

    GREETING = "GREETING"
    FOUND = "FOUND"
    DECIDED = "DECIDED"
    REMEDY = "REMEDY"
    REVIEW = "REVIEW"
    BY_WHEN = "BY_WHEN"
    CLOSING = "CLOSING"


class AnswerSourceKind(StrEnum):
    """What a sentence of an answer rests on."""

    CASE = "CASE"
    PROPOSAL = "PROPOSAL"
    PROCEDURE = "PROCEDURE"
    PRECEDENT = "PRECEDENT"
    SETTING = "SETTING"


class AnswerProblemKind(StrEnum):
    """What is wrong with an answer."""

    AMOUNT = "AMOUNT"
    DATE = "DATE"
    PROMISE = "PROMISE"
    MISSING = "MISSING"


class Rephrasing(StrEnum):
    """What became of a draft's rephrasing by a language model."""

    OFF = "OFF"
    DONE = "DONE"
    REFUSED = "REFUSED"
    FAILED = "FAILED"
