"""Findings in one sentence, in Chinese and English, from their figures alone. Pure."""

from collections.abc import Sequence

from graph.domain.enums import Language, RuleKind
from graph.domain.evidence import Evidence, GroupEvidence, RiseEvidence, TopicEvidence
from graph.domain.vocabulary import Label
from graph.statistics.excess import Excess


def hotspot_sentence(labels: Sequence[Label], found: Excess, language: Language) -> str:
    """Why a combination stands out."""
    chance = f"{found.probability:.1g}"
    if language is Language.ZH:
        told = "、".join(label.zh for label in labels)
        return (
            f"{told}：{found.count} 件，预期最多 {found.expected:.1f} 件，"
            f"多出约 {found.excess:.0f} 件"
            f"（{found.shrunk:.1f} 倍，95% 区间 {found.low:.1f} 至 {found.high:.1f}）；"
            f"纯属偶然的概率为 {chance}。"
        )
    told = ", ".join(label.en for label in labels)
    return (
        f"{told}: {found.count} complaints where at most {found.expected:.1f} are expected, about "
        f"{found.excess:.0f} too many ({found.shrunk:.1f} times, 95 % interval {found.low:.1f} to "
        f"{found.high:.1f}); by chance alone with probability {chance}."
    )


def alert_sentence(
    kind: RuleKind, about: Label | None, evidence: Evidence, language: Language
) -> str | None:
    """What an alert about many complaints says; None where its evidence is of one case."""
    chinese = language is Language.ZH
    if evidence.group is not None:
        return _group_zh(evidence.group) if chinese else _group_en(evidence.group)
    if about is None:
        return None
    name = about.text(language)
    if evidence.topic is not None:
        told = _topic_zh(evidence.topic) if chinese else _topic_en(evidence.topic)
    elif evidence.rise is None:
        return None
    elif kind is RuleKind.SURGE:
        told = _surge_zh(evidence.rise) if chinese else _surge_en(evidence.rise)
    else:
        told = _growth_zh(evidence.rise) if chinese else _growth_en(evidence.rise)
    return f"{name}：{told}" if chinese else f"{name}: {told}"


def _group_zh(found: GroupEvidence) -> str:
    who = [f"{found.known} 名客户"] if found.known else []
    if found.unknown:
        who.append(f"{found.unknown} 件客户不详的投诉")
    verb = "涉及同一事项" if found.unknown else "就同一事项投诉"
    return (
        f"{found.days} 天内有 {'及 '.join(who)}{verb}，"
        f"涉及 {found.branches} 家机构，按此前情况预期 {found.expected:.1f}；"
        f"纯属偶然的概率为 {found.probability:.1g}。"
    )


def _group_en(found: GroupEvidence) -> str:
    who = [f"{found.known} customers"] if found.known else []
    if found.unknown:
        who.append(f"{found.unknown} complaints of unknown customers")
    return (
        f"{' and '.join(who)} with one matter within {found.days} days, at "
        f"{found.branches} branches, where the past leads to expect {found.expected:.1f}; by "
        f"chance alone with probability {found.probability:.1g}."
    )


def _surge_zh(found: RiseEvidence) -> str:
    return (
        f"{found.since} 至 {found.until} 收到的 {found.total} 件投诉中有 {found.own} 件升级"
        f"（{_share(found.own, found.total)}），此前为 {_share(found.past_own, found.past_total)}，"
        f"按此预期 {found.expected:.1f} 件；纯属偶然的概率为 {found.probability:.1g}。"
    )


def _surge_en(found: RiseEvidence) -> str:
    return (
        f"of {found.total} complaints received from {found.since} to {found.until}, {found.own} "
        f"were escalated ({_share(found.own, found.total)}); before, it was "
        f"{_share(found.past_own, found.past_total)}, which leads to expect {found.expected:.1f}; "
        f"by chance alone with probability {found.probability:.1g}."
    )


def _growth_zh(found: RiseEvidence) -> str:
    return (
        f"{found.since} 至 {found.until} 有 {found.own} 件，占已认定根因投诉的 "
        f"{_share(found.own, found.total)}，此前占 {_share(found.past_own, found.past_total)}，"
        f"按此预期 {found.expected:.1f} 件；纯属偶然的概率为 {found.probability:.1g}。"
    )


def _growth_en(found: RiseEvidence) -> str:
    return (
        f"{found.own} complaints from {found.since} to {found.until}, "
        f"{_share(found.own, found.total)} of those with a known cause; before, it was "
        f"{_share(found.past_own, found.past_total)}, which leads to expect {found.expected:.1f}; "
        f"by chance alone with probability {found.probability:.1g}."
    )


def _topic_zh(found: TopicEvidence) -> str:
    return (
        f"{found.size} 件投诉中有 {found.recent} 件在 {found.since} 及以后收到，"
        f"若与其他投诉同步预期 {found.expected:.1f} 件；纯属偶然的概率为 {found.probability:.1g}。"
    )


def _topic_en(found: TopicEvidence) -> str:
    return (
        f"{found.recent} of {found.size} complaints came on {found.since} or later, where "
        f"{found.expected:.1f} are expected if they came as all others do; by chance alone with "
        f"probability {found.probability:.1g}."
    )


def _share(part: int, whole: int) -> str:
    return f"{100 * part / whole:.1f}%" if whole else "–"
