"""Labels in Chinese and English for enums and for the business codes shipped by default."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType

from graph.domain.enums import (
    AmountBand,
    CaseStatus,
    Chain,
    Channel,
    EventKind,
    FactKind,
    Language,
    Level,
    OutcomeKind,
    RemedyKind,
    RuleKind,
    Severity,
    Timeliness,
    Urgency,
)
from graph.domain.lifecycle import Step
from graph.domain.progress import Stage
from graph.domain.suggestions import Dimension, MissingFact, SuggestionSource


@dataclass(frozen=True, slots=True)
class Label:
    zh: str
    en: str

    def text(self, language: Language) -> str:
        return self.zh if language is Language.ZH else self.en


TYPES: Mapping[str, Label] = MappingProxyType(
    {
        "PRODUCT_DISPUTE": Label("产品纠纷", "product dispute"),
        "SERVICE_PROCESS": Label("服务流程", "service process"),
        "FEE_DISPUTE": Label("收费争议", "fee dispute"),
        "POLICY_EXPLANATION": Label("政策解释", "policy explanation"),
        "INACCURATE_INFORMATION": Label("信息不准确或不及时", "inaccurate or late information"),
        "STAFF_ATTITUDE": Label("服务态度", "staff attitude"),
        "FRAUD": Label("欺诈或非本人交易", "fraud or unauthorised transaction"),
        "PRIVACY": Label("个人信息保护", "privacy"),
        "DEBT_COLLECTION": Label("催收", "debt collection"),
        "OTHER": Label("其他", "other"),
    }
)

RISK_TYPES: Mapping[str, Label] = MappingProxyType(
    {
        "OPERATIONAL": Label("操作风险", "operational risk"),
        "COMPLIANCE": Label("合规风险", "compliance risk"),
        "REPUTATIONAL": Label("声誉风险", "reputational risk"),
    }
)

_ENUM_LABELS: tuple[tuple[StrEnum, Label], ...] = (
    (Channel.PHONE, Label("电话", "phone")),
    (Channel.EMAIL, Label("邮件", "e-mail")),
    (Channel.WEB, Label("网站", "web")),
    (Channel.APP, Label("手机银行", "app")),
    (Channel.BRANCH, Label("网点柜面", "branch counter")),
    (Channel.LETTER, Label("信函", "letter")),
    (Channel.SOCIAL, Label("社交媒体", "social media")),
    (Channel.REGULATOR, Label("监管转办", "regulator referral")),
    (Channel.OTHER, Label("其他渠道", "other channel")),
    (CaseStatus.REGISTERED, Label("已登记", "registered")),
    (CaseStatus.CLASSIFIED, Label("已分类", "classified")),
    (CaseStatus.DISPATCHED, Label("已派单", "dispatched")),
    (CaseStatus.INVESTIGATING, Label("调查中", "investigating")),
    (CaseStatus.REMEDY_PROPOSED, Label("已提出方案", "remedy proposed")),
    (CaseStatus.AGREED, Label("客户已同意", "agreed")),
    (CaseStatus.REFUSED, Label("客户未同意", "refused")),
    (CaseStatus.ANSWERED, Label("已答复", "answered")),
    (CaseStatus.FEEDBACK, Label("已回访", "feedback recorded")),
    (CaseStatus.CLOSED, Label("已办结", "closed")),
    (CaseStatus.WITHDRAWN, Label("已撤诉", "withdrawn")),
    (CaseStatus.REOPENED, Label("重新办理", "reopened")),
    (CaseStatus.REVIEW_REQUESTED, Label("申请核查", "review requested")),
    (CaseStatus.REVIEWED, Label("已核查", "reviewed")),
    (OutcomeKind.UPHELD, Label("投诉成立", "upheld")),
    (OutcomeKind.PARTLY_UPHELD, Label("部分成立", "partly upheld")),
    (OutcomeKind.NOT_UPHELD, Label("投诉不成立", "not upheld")),
    (OutcomeKind.EXPLAINED, Label("解释说明", "explained")),
    (OutcomeKind.WITHDRAWN, Label("客户撤诉", "withdrawn")),
    (RemedyKind.MONETARY, Label("经济补偿", "monetary remedy")),
    (RemedyKind.NON_MONETARY, Label("非经济补救", "non-monetary remedy")),
    (RemedyKind.APOLOGY, Label("致歉", "apology")),
    (RemedyKind.CORRECTION, Label("更正", "correction")),
    (RemedyKind.EXPLANATION, Label("解释", "explanation")),
    (RemedyKind.NONE, Label("无", "none")),
    (Severity.MINOR, Label("轻微", "minor")),
    (Severity.MODERATE, Label("一般", "moderate")),
    (Severity.SEVERE, Label("严重", "severe")),
    (Urgency.LOW, Label("低", "low")),
    (Urgency.NORMAL, Label("普通", "normal")),
    (Urgency.HIGH, Label("高", "high")),
    (Urgency.IMMEDIATE, Label("立即", "immediate")),
    (Level.GREEN, Label("绿色", "green")),
    (Level.YELLOW, Label("黄色", "yellow")),
    (Level.RED, Label("红色", "red")),
    (Timeliness.IMMEDIATE, Label("即时", "immediate")),
    (Timeliness.DELAYED, Label("延后", "delayed")),
    (Timeliness.LONG_STANDING, Label("长期", "long-standing")),
    (AmountBand.SMALL, Label("小额", "small amount")),
    (AmountBand.MEDIUM, Label("中额", "medium amount")),
    (AmountBand.LARGE, Label("大额", "large amount")),
    (Step.CLASSIFY, Label("确认分类", "confirm the classification")),
    (Step.CORRECT_CLASSIFICATION, Label("更正分类", "correct the classification")),
    (Step.DISPATCH, Label("派单", "dispatch")),
    (Step.TRANSFER, Label("转办", "transfer")),
    (Step.ASSIGN, Label("指定经办人", "assign")),
    (Step.INVESTIGATE, Label("开始调查", "start the investigation")),
    (Step.PROPOSE, Label("提出处理方案", "propose a remedy")),
    (Step.AGREE, Label("客户同意", "record the agreement")),
    (Step.REFUSE, Label("客户不同意", "record the refusal")),
    (Step.ANSWER, Label("答复客户", "answer")),
    (Step.RECORD_FEEDBACK, Label("记录回访", "record feedback")),
    (Step.CLOSE, Label("办结", "close")),
    (Step.WITHDRAW, Label("撤诉", "withdraw")),
    (Step.REOPEN, Label("重新办理", "reopen")),
    (Step.REQUEST_REVIEW, Label("申请核查", "request a review")),
    (Step.REVIEW, Label("完成核查", "record the review")),
    (Step.ATTRIBUTE_CAUSES, Label("认定根因", "attribute root causes")),
    (Step.EXTEND, Label("延长期限", "extend the time limit")),
    (Step.PAUSE, Label("中止期限", "pause the time limit")),
    (Step.RESUME, Label("恢复期限", "resume the time limit")),
    (Step.SET_LEVEL, Label("调整等级", "set the level")),
    (Stage.RECEIVED, Label("已受理", "received")),
    (Stage.IN_PROGRESS, Label("办理中", "in progress")),
    (Stage.OFFERED, Label("已提出方案", "a remedy was offered")),
    (Stage.ANSWERED, Label("已答复", "answered")),
    (Stage.UNDER_REVIEW, Label("核查中", "being reviewed")),
    (Stage.ENDED, Label("已办结", "ended")),
    (Chain.SPECIALIST, Label("消保专员", "specialist")),
    (Chain.DEPARTMENT_HEAD, Label("部门负责人", "department head")),
    (Chain.BRANCH, Label("分支行负责人", "head of the branch")),
    (Chain.PROVINCE, Label("省级分行负责人", "head of the province")),
    (RuleKind.AMOUNT, Label("金额", "amount in dispute")),
    (RuleKind.GROUP_EVENT, Label("群体性事件", "group event")),
    (RuleKind.REGULATOR, Label("监管转办", "referred by the regulator")),
    (RuleKind.THREAT, Label("情绪激烈或威胁", "strong emotion or threat")),
    (RuleKind.VULNERABLE, Label("特殊群体", "vulnerable customer")),
    (RuleKind.OVERDUE, Label("逾期", "overdue")),
    (RuleKind.REPEAT, Label("重复投诉", "repeat")),
    (RuleKind.SEVERITY, Label("严重程度", "severity")),
    (RuleKind.SURGE, Label("升级率激增", "surge of escalations")),
    (RuleKind.GROWING_CAUSE, Label("根因持续增长", "growing root cause")),
    (RuleKind.NEW_TOPIC, Label("新的投诉主题", "new topic")),
    (EventKind.REGISTERED, Label("登记", "registered")),
    (EventKind.UPDATED, Label("来源更新", "updated by its source")),
    (EventKind.DECIDED, Label("作出处理决定", "decided")),
    (EventKind.CUSTOMER_MERGED, Label("客户合并", "customers merged")),
    (EventKind.CUSTOMER_DIVIDED, Label("客户拆分", "customer divided")),
    (EventKind.CLASSIFIED, Label("确认分类", "classification confirmed")),
    (EventKind.CLASSIFICATION_CORRECTED, Label("更正分类", "classification corrected")),
    (EventKind.DISPATCHED, Label("派单", "dispatched")),
    (EventKind.TRANSFERRED, Label("转办", "transferred")),
    (EventKind.ASSIGNED, Label("指定经办人", "assigned")),
    (EventKind.INVESTIGATION_STARTED, Label("开始调查", "investigation started")),
    (EventKind.REMEDY_PROPOSED, Label("提出处理方案", "remedy proposed")),
    (EventKind.REMEDY_AGREED, Label("客户同意方案", "remedy agreed")),
    (EventKind.REMEDY_REFUSED, Label("客户不同意方案", "remedy refused")),
    (EventKind.ANSWERED, Label("答复客户", "answered")),
    (EventKind.FEEDBACK_RECORDED, Label("记录回访", "feedback recorded")),
    (EventKind.CLOSED, Label("办结", "closed")),
    (EventKind.WITHDRAWN, Label("客户撤诉", "withdrawn")),
    (EventKind.REOPENED, Label("重新办理", "reopened")),
    (EventKind.REVIEW_REQUESTED, Label("客户申请核查", "review requested")),
    (EventKind.REVIEWED, Label("完成核查", "reviewed")),
    (EventKind.CAUSES_ATTRIBUTED, Label("认定根因", "root causes attributed")),
    (EventKind.DEADLINE_EXTENDED, Label("延长期限", "deadline extended")),
    (EventKind.DEADLINE_PAUSED, Label("期限中止", "deadline paused")),
    (EventKind.DEADLINE_RESUMED, Label("期限恢复", "deadline resumed")),
    (EventKind.LEVEL_SET, Label("人工调整等级", "level set by a person")),
    (EventKind.REDACTED, Label("文本脱敏更正", "text redacted")),
    (EventKind.CUSTOMERS_JOINED, Label("人工合并客户", "customers joined by a person")),
    (EventKind.CUSTOMERS_SEPARATED, Label("人工拆分客户", "customers separated by a person")),
    (EventKind.CASES_RELATED, Label("人工更正案件关系", "cases related by a person")),
    (EventKind.GROUP_CORRECTED, Label("人工更正群体事件", "group event corrected by a person")),
    (EventKind.ERASED, Label("个人信息已删除", "personal data erased")),
    (EventKind.HOLD_SET, Label("设置法律保全", "legal hold set")),
    (EventKind.HOLD_LIFTED, Label("解除法律保全", "legal hold lifted")),
    (EventKind.ALERTS_WITHDRAWN, Label("预警撤回", "alerts withdrawn")),
    (EventKind.LEVEL_RAISED, Label("系统升级", "level raised")),
    (EventKind.DUE_SOON, Label("即将到期", "due soon")),
    (EventKind.OVERDUE, Label("已逾期", "overdue")),
    (Dimension.TYPE, Label("投诉类型", "type")),
    (Dimension.PRODUCT, Label("产品", "product")),
    (Dimension.DEPARTMENT, Label("责任部门", "department responsible")),
    (Dimension.SEVERITY, Label("严重程度", "severity")),
    (Dimension.URGENCY, Label("紧急程度", "urgency")),
    (Dimension.RISK_TYPES, Label("风险类型", "risk type")),
    (Dimension.TIMELINESS, Label("时效", "timeliness")),
    (Dimension.AMOUNT_BAND, Label("金额档次", "amount band")),
    (SuggestionSource.MODEL, Label("由已确认的投诉习得", "learnt from confirmed complaints")),
    (SuggestionSource.RULE, Label("规则", "a rule")),
    (SuggestionSource.NEIGHBOURS, Label("相似投诉", "alike complaints")),
    (MissingFact.AMOUNT, Label("缺少争议金额", "no amount in dispute")),
    (MissingFact.OCCURRED_AT, Label("缺少发生时间", "no date of the matter")),
    (MissingFact.ACCOUNT, Label("缺少账号或卡号", "no account or card")),
    (MissingFact.PRODUCT, Label("缺少产品", "no product")),
    (MissingFact.BRANCH, Label("缺少发生机构", "no branch")),
    (MissingFact.CUSTOMER, Label("缺少客户身份", "no customer")),
    (FactKind.PRODUCT, Label("同一产品", "same product")),
    (FactKind.BRANCH, Label("同一机构", "same branch")),
    (FactKind.TYPE, Label("同一类型", "same type")),
    (FactKind.AMOUNT_BAND, Label("金额档次相同", "same amount band")),
    (FactKind.ROOT_CAUSE, Label("同一根因", "same root cause")),
    (FactKind.CHANNEL, Label("同一渠道", "same channel")),
    (FactKind.DEPARTMENT, Label("同一责任部门", "same department")),
    (FactKind.CUSTOMER, Label("同一客户", "same customer")),
)
# StrEnum members of two enums with one value are equal, so the class is part of the key.
_LABELS = {(type(member), member.value): label for member, label in _ENUM_LABELS}


def label_of(member: StrEnum) -> Label:
    """The label of an enum member; a KeyError here is a member without a label (tested)."""
    return _LABELS[type(member), member.value]


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """The business codes in use: ours, and those that a bank has added by its settings."""

    types: Mapping[str, Label] = field(default_factory=lambda: TYPES)
    risk_types: Mapping[str, Label] = field(default_factory=lambda: RISK_TYPES)
