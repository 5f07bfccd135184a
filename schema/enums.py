"""The closed sets of the API: the domain's enums, with a description for every value."""

from collections.abc import Mapping
from enum import Enum, StrEnum
from types import MappingProxyType
from typing import Any

import strawberry

from graph.domain.access import Method, Role
from graph.domain.access_log import Outcome
from graph.domain.changes import CaseField
from graph.domain.clusters import DescentKind
from graph.domain.drills import CompensationBand, DrillDimension
from graph.domain.enums import (
    AlertState,
    AmountBand,
    AnswerElement,
    AnswerProblemKind,
    AnswerSourceKind,
    AttributionSource,
    BranchLevel,
    CaseRelation,
    CaseStatus,
    Chain,
    Channel,
    DepartmentRole,
    DismissalReason,
    EventKind,
    FactKind,
    Language,
    Level,
    Nature,
    OutcomeKind,
    RegistrationFate,
    RemedyKind,
    Rephrasing,
    RuleKind,
    Severity,
    Timeliness,
    TimePrecision,
    Urgency,
)
from graph.domain.issues import IssueStatus
from graph.domain.jobs import ExportFormat, JobKind, JobPhase, JobState
from graph.domain.lifecycle import Step
from graph.domain.periods import Interval
from graph.domain.progress import Stage
from graph.domain.remediations import RemediationStatus
from graph.domain.scope import CaseReach
from graph.domain.spaces import CalibrationSource
from graph.domain.suggestions import Dimension, MissingFact, SuggestionSource
from graph.domain.vocabulary import Label, label_of, labelled
from graph.insight.hotspots import HotspotDimension
from graph.queries.cluster_views import ClusterOrder
from graph.queries.complaints import Order
from graph.queries.trees import Facet
from graph.statistics.changes import ChangeVerdict
from graph.statistics.drivers import DriverKind
from graph.statistics.effect import EffectVerdict
from graph.statistics.funnel import FunnelVerdict
from ingest.person import MatchedBy
from similarity.finder import SearchMode
from similarity.outcomes import OutcomeVerdict

#: Every enum of the schema, by its name there.
ENUMS: dict[str, type[Enum]] = {}
#: Labels of what is no part of the domain: orders, facets, modes.
_LABELS: dict[type[Enum], Mapping[Any, Label]] = {}


def labels_of(kind: type[Enum]) -> Mapping[str, Label] | None:
    """The label of each value by its name; None for an enum without labels, which nobody chooses
    from (tested). A KeyError is a value without one.
    """
    own = _LABELS.get(kind)
    if own is not None:
        return {member.name: own[member] for member in kind}
    if labelled(kind):
        return {m.name: label_of(m) for m in kind if isinstance(m, StrEnum)}
    return None


def _explained(
    kind: Any,
    description: str,
    values: Mapping[Any, str],
    name: str | None = None,
    labels: Mapping[Any, Label] | None = None,
) -> None:
    """Make the enum a GraphQL one; a value without a description is a KeyError at import.

    ``labels``: what its values are called, where the domain does not say so.
    """
    strawberry.enum(kind, name=name, description=description)
    ENUMS[name or kind.__name__] = kind
    if labels is not None:
        _LABELS[kind] = labels
    for value in kind.__strawberry_definition__.values:
        value.description = values[kind[value.name]]


def _labelled(
    kind: type[StrEnum],
    description: str,
    name: str | None = None,
    labels: Mapping[Any, Label] | None = None,
    more: Mapping[Any, str] = MappingProxyType({}),
) -> None:
    """An enum whose values are described by their labels; ``more``: what is to be said of some."""
    known = labels or {member: label_of(member) for member in kind}
    values = {m: f"{known[m].zh} ({known[m].en}{more.get(m, '')})" for m in kind}
    _explained(kind, description, values, name, labels)


CaseStep = Step
ProgressStage = Stage


_labelled(Channel, "How a complaint came in.")
_labelled(CaseStatus, "Where a case stands.")
_labelled(OutcomeKind, "What was found.")
_labelled(RemedyKind, "What was done for the customer.")
_explained(
    RegistrationFate,
    "What became of a complaint that was registered.",
    {
        RegistrationFate.CREATED: "It was not known, and is stored.",
        RegistrationFate.UPDATED: "It was known with other facts, which are replaced.",
        RegistrationFate.UNCHANGED: "It was known as it is, and nothing was written.",
    },
)
_labelled(Nature, "What a filing is: a complaint, or something else that came in beside them.")
_labelled(Severity, "How far a complaint reaches, and how strong its emotion is.")
_labelled(Urgency, "How fast it must be answered.")
_labelled(Level, "How far a case is escalated.")
_labelled(Timeliness, "How long after it happened the customer complained.")
_labelled(AmountBand, "How much money is disputed; the bounds are the bank's settings.")
_labelled(
    CompensationBand, "How much is paid to a customer; the bounds are those of amounts in dispute."
)
_labelled(DrillDimension, "What is asked of each case of a drill.")
_explained(
    CalibrationSource,
    "Whose random pairs of texts a likeness is compared with.",
    {
        CalibrationSource.OWN: "This bank's own texts of one language, of different customers.",
        CalibrationSource.SHIPPED: "Texts that ship with the product: while the bank has too few "
        "of its own, and across languages.",
    },
)
_explained(
    CaseReach,
    "How much of a case somebody sees.",
    {
        CaseReach.FULL: "All of it: it is within the person's reach.",
        CaseReach.PRECEDENT: "Its masked text, what it was about and how it was decided: nothing "
        "that tells which case it is, whose, or where.",
    },
)
_labelled(FactKind, "What two complaints can have in common beside their texts.")
_explained(
    TimePrecision,
    "How exactly a time is known.",
    {
        TimePrecision.DAY: "Only the date was given; the time is midnight in the business zone.",
        TimePrecision.SECOND: "The time was given.",
    },
)
_explained(
    DepartmentRole,
    "What a department does in a case.",
    {
        DepartmentRole.LEAD: "It answers for the case.",
        DepartmentRole.ASSISTING: "It helps.",
    },
)
_explained(
    AttributionSource,
    "Who says that a root cause caused a complaint.",
    {
        AttributionSource.IMPORTED: "The source system said so.",
        AttributionSource.CONFIRMED: "A person confirmed it.",
        AttributionSource.SUGGESTED: "The service suggests it; nobody has confirmed it.",
    },
)
_labelled(BranchLevel, "Where a branch stands in the bank.")
_labelled(EventKind, "What happened to a case.")
_labelled(CaseField, "What can change of a case.")
_explained(
    CaseRelation,
    "Whether complaints are one case.",
    {
        CaseRelation.SAME_CASE: "They are one, whatever they look like.",
        CaseRelation.OTHER_CASE: "They are not, whatever they look like.",
        CaseRelation.DERIVED: "As the service finds by itself.",
    },
)
_explained(
    MatchedBy,
    "What a text turned out to be.",
    {
        MatchedBy.REFERENCE: "References of cases.",
        MatchedBy.CUSTOMER_NUMBER: "A number under which a customer has filed.",
        MatchedBy.PART_OF_REFERENCE: "A part of references.",
        MatchedBy.WORDS: "Words: the cases are alike it.",
    },
)
_labelled(Step, "What a person can do with a case.", "CaseStep")
_explained(
    OutcomeVerdict,
    "How a proposed decision compares with those of alike cases.",
    {
        OutcomeVerdict.INCONCLUSIVE: "Too few alike cases were decided.",
        OutcomeVerdict.AS_USUAL: "Alike cases were decided like this.",
        OutcomeVerdict.OUTCOME_UNUSUAL: "Fewer than one in ten alike cases had this outcome.",
        OutcomeVerdict.COMPENSATION_LOW: "Alike cases of this amount were paid clearly more.",
        OutcomeVerdict.COMPENSATION_HIGH: "Alike cases of this amount were paid clearly less.",
    },
)
_labelled(AnswerElement, "What a sentence of an answer is for.")
_labelled(AnswerSourceKind, "What a sentence of an answer rests on.")
_labelled(AnswerProblemKind, "What is wrong with an answer.")
_labelled(Rephrasing, "What became of a draft's rephrasing by a language model.")
_labelled(Stage, "How far a complaint has come, as its customer is told.", "ProgressStage")
_labelled(Chain, "Who answers for an escalated case, from the lowest.")
_labelled(RuleKind, "What a rule of escalation looks at.")
_explained(
    AlertState,
    "What people have made of an alert about many complaints.",
    {
        AlertState.OPEN: "Nobody has looked at it yet, or it was opened again.",
        AlertState.ACKNOWLEDGED: "Somebody looks after it.",
        AlertState.DISMISSED: "It calls for nothing; the reason is on record.",
        AlertState.IN_ISSUE: "It belongs to a systemic issue.",
    },
)
_explained(
    DismissalReason,
    "Why an alert calls for nothing.",
    {
        DismissalReason.CHANCE: "Nothing lies behind it.",
        DismissalReason.KNOWN: "It is known, and looked after elsewhere.",
        DismissalReason.EXPECTED: "It was to be expected: a campaign, a season, a new product.",
        DismissalReason.DATA_ERROR: "The data were wrong.",
        DismissalReason.OTHER: "Something else, which the note tells.",
    },
)
_explained(
    IssueStatus,
    "Where a systemic issue stands.",
    {
        IssueStatus.PROPOSED: "The data or a person proposes it; nobody has confirmed it.",
        IssueStatus.CONFIRMED: "A person has confirmed it.",
        IssueStatus.REJECTED: "A person has found that it is none.",
        IssueStatus.RESOLVED: "It is mended.",
    },
)
_labelled(MissingFact, "What a handler has to ask for.")
_labelled(Dimension, "What is told of a complaint.", "ClassificationDimension")
_explained(
    SuggestionSource,
    "Where a suggested value comes from.",
    {
        SuggestionSource.MODEL: "A model of the confirmed complaints.",
        SuggestionSource.GENERAL_MODEL: (
            "A model of texts that ship with the product, until the bank's own suffice."
        ),
        SuggestionSource.RULE: "A rule, or words that speak for it.",
        SuggestionSource.NEIGHBOURS: "The vote of alike complaints, until enough has been learnt.",
    },
)
_explained(
    Language,
    "A language of labels and explanations.",
    {Language.ZH: "中文 (Chinese)", Language.EN: "English"},
)
_explained(
    SearchMode,
    "How complaints are searched for.",
    {
        SearchMode.VECTOR: "By meaning.",
        SearchMode.LEXICAL: "By words.",
        SearchMode.HYBRID: "By both, fused by their ranks.",
    },
    labels={
        SearchMode.VECTOR: Label("按语义", "by meaning"),
        SearchMode.LEXICAL: Label("按字词", "by words"),
        SearchMode.HYBRID: Label("语义与字词", "by both"),
    },
)
_explained(
    Order,
    "Orders of a list of complaints; what has no such date or amount counts as least.",
    {
        Order.RECEIVED_DESC: "Newest receipt first.",
        Order.RECEIVED_ASC: "Oldest receipt first.",
        Order.DUE_DESC: "Latest deadline first.",
        Order.DUE_ASC: "Next deadline first.",
        Order.AMOUNT_DESC: "Largest disputed amount first.",
        Order.AMOUNT_ASC: "Smallest disputed amount first.",
        Order.LEVEL_DESC: "Most escalated first, then newest.",
        Order.LEVEL_ASC: "Least escalated first, then oldest.",
    },
    "ComplaintOrder",
    {
        Order.RECEIVED_DESC: Label("最新接收在前", "newest first"),
        Order.RECEIVED_ASC: Label("最早接收在前", "oldest first"),
        Order.DUE_DESC: Label("最晚到期在前", "latest deadline first"),
        Order.DUE_ASC: Label("最早到期在前", "next deadline first"),
        Order.AMOUNT_DESC: Label("金额由高到低", "largest amount first"),
        Order.AMOUNT_ASC: Label("金额由低到高", "smallest amount first"),
        Order.LEVEL_DESC: Label("等级由高到低", "most escalated first"),
        Order.LEVEL_ASC: Label("等级由低到高", "least escalated first"),
    },
)
_labelled(
    Interval,
    "The length of a trend's buckets, in the business zone.",
    more={Interval.WEEK: ", from Monday"},
)
_IN_TREE = ", of one depth of the tree as it is now"
_labelled(
    Facet,
    "What complaints are grouped by.",
    labels={
        Facet.PRODUCT: Label("产品", "product"),
        Facet.BRANCH: Label("机构", "branch"),
        Facet.DEPARTMENT: Label("部门", "department"),
        Facet.TYPE: Label("类型", "type"),
        Facet.CHANNEL: Label("渠道", "channel"),
        Facet.ROOT_CAUSE: Label("根因", "root cause"),
        Facet.LEVEL: Label("升级等级", "level"),
        Facet.OUTCOME: Label("处理结果", "outcome"),
    },
    more={
        Facet.PRODUCT: _IN_TREE,
        Facet.BRANCH: _IN_TREE,
        Facet.DEPARTMENT: "; a complaint counts under each that handles it",
        Facet.ROOT_CAUSE: f"{_IN_TREE}; a complaint counts under each",
        Facet.OUTCOME: " of the latest round",
    },
)
_explained(
    FunnelVerdict,
    "Where a branch lies among branches of its size where nothing but chance is at work.",
    {
        FunnelVerdict.WITHIN: "Within the 95 % limits.",
        FunnelVerdict.HIGH: "Above the 95 % limits, as one branch in forty is by chance.",
        FunnelVerdict.LOW: "Below the 95 % limits, as one branch in forty is by chance.",
        FunnelVerdict.VERY_HIGH: "Above the 99.8 % limits.",
        FunnelVerdict.VERY_LOW: "Below the 99.8 % limits.",
        FunnelVerdict.TOO_LITTLE: "Fewer than ten cases.",
    },
)
_labelled(
    HotspotDimension,
    "What a hotspot can be found by. Product, type, cause and department say what a complaint is "
    "about, the "
    "others where, how and when.",
    labels={
        HotspotDimension.PRODUCT: Label("产品", "product"),
        HotspotDimension.TYPE: Label("类型", "type"),
        HotspotDimension.ROOT_CAUSE: Label("根因", "root cause"),
        HotspotDimension.DEPARTMENT: Label("部门", "department"),
        HotspotDimension.BRANCH: Label("机构", "branch"),
        HotspotDimension.CHANNEL: Label("渠道", "channel"),
        HotspotDimension.MONTH: Label("月份", "month"),
    },
    more={
        HotspotDimension.BRANCH: "; narrower ones count under it",
        HotspotDimension.MONTH: " of receipt",
    },
)
_explained(
    ChangeVerdict,
    "Whether a count has changed beyond what the calendar and chance explain.",
    {
        ChangeVerdict.ROSE: "It rose.",
        ChangeVerdict.FELL: "It fell.",
        ChangeVerdict.NO_EVIDENCE: "Chance explains the difference.",
        ChangeVerdict.TOO_LITTLE: "Too few complaints to tell.",
    },
)

_explained(
    RemediationStatus,
    "Where a remediation stands.",
    {
        RemediationStatus.PLANNED: "The work has not begun.",
        RemediationStatus.RUNNING: "The work has begun.",
        RemediationStatus.COMPLETED: "It is done.",
    },
)
_explained(
    EffectVerdict,
    "Whether a fix worked.",
    {
        EffectVerdict.FELL: "Complaints fell: the whole 95 % interval lies below no change.",
        EffectVerdict.NO_EVIDENCE: "The figures are what chance alone would give.",
        EffectVerdict.ROSE: "Complaints rose: the whole interval lies above no change.",
        EffectVerdict.TOO_EARLY: "Not even the absence of all complaints would be evidence yet.",
    },
)
_explained(
    ClusterOrder,
    "In which order clusters are listed.",
    {
        ClusterOrder.SIZE_DESC: "Largest first.",
        ClusterOrder.SIZE_ASC: "Smallest first.",
        ClusterOrder.COHESION_DESC: "Closest texts first.",
    },
    labels={
        ClusterOrder.SIZE_DESC: Label("规模由大到小", "largest first"),
        ClusterOrder.SIZE_ASC: Label("规模由小到大", "smallest first"),
        ClusterOrder.COHESION_DESC: Label("文本最相近在前", "closest texts first"),
    },
)
_explained(
    DescentKind,
    "What became of a cluster whose complaints came into another one.",
    {
        DescentKind.SPLIT: "It goes on without them.",
        DescentKind.MERGE: "It ended.",
    },
)
_explained(
    DriverKind,
    "What complaints of a group are compared by.",
    {
        DriverKind.PRODUCT: "Their product.",
        DriverKind.BRANCH: "The branch where they arose, or a wider one.",
        DriverKind.CHANNEL: "How they came in.",
        DriverKind.TYPE: "Their type.",
        DriverKind.MONTH: "The month of receipt.",
        DriverKind.DAY_OF_MONTH: "The day of the month of receipt.",
        DriverKind.AMOUNT_BAND: "How much money is disputed.",
        DriverKind.SEGMENT: "The customer's segment.",
        DriverKind.ROOT_CAUSE: "The root cause, or a wider one.",
    },
)

_explained(
    Role,
    "What somebody is at the bank.",
    {
        Role.HANDLER: "Works on cases.",
        Role.SUPERVISOR: "Answers for the cases of others.",
        Role.ANALYST: "Looks for what is behind many complaints.",
        Role.AUDITOR: "Reads what was done and who saw what.",
        Role.ADMINISTRATOR: "Keeps the service.",
        Role.SERVICE: "A program: imports, webhooks.",
        Role.CUSTOMER: "Follows a complaint of the person's own.",
    },
)
_explained(
    Method,
    "How it was shown who asks.",
    {
        Method.LOCAL: "Not at all: whoever is at this machine, in development.",
        Method.TOKEN: "By a token of the bank's sign-in.",
        Method.KEY: "By an API key.",
        Method.SESSION: "By signing in with a browser.",
    },
    name="IdentityMethod",
)

IdentityMethod = Method

_explained(
    Outcome,
    "What became of an operation that is in the access log.",
    {
        Outcome.ANSWERED: "It was answered.",
        Outcome.PARTLY: "It was answered, with errors beside.",
        Outcome.REFUSED: "Whoever asked may not; no case was shown.",
    },
    name="AccessOutcome",
)
AccessOutcome = Outcome
_explained(
    JobKind,
    "What a job does.",
    {
        JobKind.IMPORT: "Brings the complaints of a file into the graph.",
        JobKind.EXPORT: "Writes cases as a table.",
        JobKind.REFIT: "Divides all complaints into clusters anew.",
    },
)
_explained(
    JobState,
    "How a job stands.",
    {
        JobState.RUNNING: "It goes on, or waits for its turn.",
        JobState.DONE: "It has come to its end.",
        JobState.FAILED: "It ended before: `error` says what to do.",
        JobState.CANCELLED: "Somebody has stopped it; what it had stored stays.",
        JobState.INTERRUPTED: "Its process has ended; what it had stored stays.",
    },
)
_labelled(JobPhase, "What a job is at.")
_labelled(ExportFormat, "What an export is written as.")

__all__ = [
    "AccessOutcome",
    "AlertState",
    "AmountBand",
    "AnswerElement",
    "AnswerProblemKind",
    "AnswerSourceKind",
    "AttributionSource",
    "BranchLevel",
    "CalibrationSource",
    "CaseField",
    "CaseRelation",
    "CaseStatus",
    "CaseStep",
    "Chain",
    "ChangeVerdict",
    "Channel",
    "ClusterOrder",
    "CompensationBand",
    "DepartmentRole",
    "DescentKind",
    "Dimension",
    "DismissalReason",
    "DrillDimension",
    "DriverKind",
    "EffectVerdict",
    "EventKind",
    "ExportFormat",
    "Facet",
    "FactKind",
    "FunnelVerdict",
    "HotspotDimension",
    "IdentityMethod",
    "Interval",
    "IssueStatus",
    "JobKind",
    "JobPhase",
    "JobState",
    "Language",
    "Level",
    "MatchedBy",
    "MissingFact",
    "Nature",
    "Order",
    "OutcomeKind",
    "OutcomeVerdict",
    "ProgressStage",
    "RegistrationFate",
    "RemediationStatus",
    "RemedyKind",
    "Rephrasing",
    "Role",
    "RuleKind",
    "SearchMode",
    "Severity",
    "SuggestionSource",
    "TimePrecision",
    "Timeliness",
    "Urgency",
]
