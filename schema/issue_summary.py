"""A systemic issue on one page, in Chinese or English: headings, figures and names; nothing else
is said.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from graph.domain.enums import Language, Level
from graph.domain.issues import SystemicIssue
from graph.domain.vocabulary import Label, label_of
from graph.queries.issues import MOST_SHOWN, IssueFacts

_HEADINGS = {
    "BRANCH": Label("涉及机构", "Branches"),
    "PRODUCT": Label("涉及产品", "Products"),
    "ROOT_CAUSE": Label("已认定根因", "Root causes on record"),
    "OUTCOME": Label("处理结论", "Outcomes"),
}
_NONE = Label("无", "none")


@dataclass(frozen=True, slots=True)
class PageFacts:
    """All that a page tells.

    ``labels``: of (kind, code) in ``facts`` and of the issue's causes; ``alerts`` and
    ``remediations``: a sentence each; ``examples``: references of complaints.
    """

    issue: SystemicIssue
    facts: IssueFacts
    labels: Mapping[tuple[str, str], Label]
    alerts: Sequence[str]
    remediations: Sequence[str]
    examples: Sequence[str]
    zone: ZoneInfo


def page(content: PageFacts, language: Language) -> str:
    """The page as Markdown."""

    def text(zh: str, en: str) -> str:
        return zh if language is Language.ZH else en

    issue, facts = content.issue, content.facts
    title = text(issue.statement.title_zh, issue.statement.title_en)
    lines = [f"# {title}", "", _standing(issue, language), ""]
    lines += [text("## 规模", "## Extent"), "", *_extent(content, text), ""]
    for kind, heading in _HEADINGS.items():
        rows = facts.of(kind)
        if rows:
            lines += [f"## {heading.text(language)}", "", *_shares(content, kind, language), ""]
    causes = [
        content.labels.get(("ROOT_CAUSE", code), Label(code, code)).text(language)
        for code in issue.statement.causes
    ]
    lines += [text("## 归因", "## Rooted in"), "", *_list(causes, language), ""]
    lines += [text("## 依据", "## Evidence"), "", *_list(content.alerts, language), ""]
    lines += [text("## 整改与效果", "## Remediation and effect"), ""]
    lines += [*_list(content.remediations, language), ""]
    lines += [text("## 案例", "## Examples"), "", *_list(content.examples, language)]
    return "\n".join(lines) + "\n"


def _standing(issue: SystemicIssue, language: Language) -> str:
    level = label_of(Level(issue.statement.level)).text(language)
    status = label_of(issue.status).text(language)
    owner = issue.statement.owner
    if language is Language.ZH:
        return f"状态：{status}；等级：{level}；责任人：{owner or '未指定'}"
    return f"Status: {status}; level: {level}; owner: {owner or 'nobody yet'}"


def _extent(page_facts: PageFacts, text: Callable[[str, str], str]) -> list[str]:
    facts, zone = page_facts.facts, page_facts.zone
    if not facts.complaints or facts.first is None or facts.last is None:
        return [text("- 尚无投诉", "- no complaint yet")]
    first, last = _day(facts.first, zone), _day(facts.last, zone)
    branches = len(facts.of("BRANCH"))
    lines = [
        text(
            f"- 投诉 {facts.complaints} 件，{_customers_zh(facts)}涉及机构 {branches} 家",
            f"- {facts.complaints} complaints{_customers_en(facts)} at {branches} branches",
        ),
        text(f"- 收到时间：{first} 至 {last}", f"- received from {first} to {last}"),
        text(
            f"- 已升级 {facts.escalated} 件，尚未答复 {facts.undecided} 件",
            f"- {facts.escalated} escalated, {facts.undecided} not decided yet",
        ),
    ]
    if facts.days is not None:
        lines.append(
            text(
                f"- 处理时长中位数 {facts.days:.1f} 天",
                f"- decided after {facts.days:.1f} days (median)",
            )
        )
    for paid in facts.compensation:
        amount = f"{paid.value:,}"
        unit = "元" if paid.currency == "CNY" else paid.currency
        lines.append(
            text(f"- 补偿合计 {amount} {unit}", f"- {amount} {paid.currency} paid in compensation")
        )
    if facts.satisfaction is not None:
        lines.append(
            text(
                f"- 满意度 {facts.satisfaction:.1f}（{facts.rated} 名客户评价，满分 5）",
                f"- satisfaction {facts.satisfaction:.1f} of 5 ({facts.rated} answers)",
            )
        )
    return lines


def _customers_zh(facts: IssueFacts) -> str:
    """Nothing where no customer is known."""
    if not facts.customers:
        return ""
    known = f"客户 {facts.customers} 名，"
    return f"{known}另有 {facts.unknown} 件客户不详，" if facts.unknown else known


def _customers_en(facts: IssueFacts) -> str:
    if not facts.customers:
        return ""
    known = f" of {facts.customers} customers"
    return f"{known} ({facts.unknown} of unknown ones)" if facts.unknown else known


def _shares(page_facts: PageFacts, kind: str, language: Language) -> list[str]:
    rows = page_facts.facts.of(kind)
    lines = []
    for code, n in rows[:MOST_SHOWN]:
        name = page_facts.labels.get((kind, code), Label(code, code)).text(language)
        share = f"{100 * n / page_facts.facts.complaints:.0f}%"
        lines.append(
            f"- {name}：{n} 件（{share}）"
            if language is Language.ZH
            else f"- {name}: {n} ({share})"
        )
    rest = len(rows) - MOST_SHOWN
    if rest > 0:
        lines.append(f"- 其余 {rest} 项" if language is Language.ZH else f"- {rest} more")
    return lines


def _list(entries: Sequence[str], language: Language) -> list[str]:
    return [f"- {entry}" for entry in entries] or [f"- {_NONE.text(language)}"]


def _day(at: datetime, zone: ZoneInfo) -> str:
    return at.astimezone(zone).date().isoformat()
