"""Findings in one sentence, in Chinese and English, from their figures alone. Pure."""

from collections.abc import Sequence

from graph.domain.enums import Language, RuleKind
from graph.domain.evidence import Evidence, GroupEvidence, RiseEvidence, TopicEvidence
from graph.domain.vocabulary import Label
from graph.statistics.excess import Excess


def hotspot_sentence(labels: Sequence[Label], result: Excess, language: Language) -> str:
    """Why a combination stands out."""
    chance = f"{result.probability:.1g}"
    if language is Language.ZH:
        names = "、".join(label.zh for label in labels)
        return (
            f"{names}：{result.count} 件，预期最多 {result.expected:.1f} 件，"
            f"多出约 {result.excess:.0f} 件"
            f"（{result.shrunk:.1f} 倍，95% 区间 {result.low:.1f} 至 {result.high:.1f}）；"
            f"纯属偶然的概率为 {chance}。"
        )
    names = ", ".join(label.en for label in labels)
    return (
        f"{names}: {result.count} complaints where at most {result.expected:.1f} are expected, "
        f"about {result.excess:.0f} too many ({result.shrunk:.1f} times, 95 % interval "
        f"{result.low:.1f} to {result.high:.1f}); by chance alone with probability {chance}."
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
        sentence = _topic_zh(evidence.topic) if chinese else _topic_en(evidence.topic)
    elif evidence.rise is None:
        return None
    elif kind is RuleKind.SURGE:
        sentence = _surge_zh(evidence.rise) if chinese else _surge_en(evidence.rise)
    else:
        sentence = _growth_zh(evidence.rise) if chinese else _growth_en(evidence.rise)
    return f"{name}：{sentence}" if chinese else f"{name}: {sentence}"


def _group_zh(result: GroupEvidence) -> str:
    who = [f"{result.known} 名客户"] if result.known else []
    if result.unknown:
        who.append(f"{result.unknown} 件客户不详的投诉")
    verb = "涉及同一事项" if result.unknown else "就同一事项投诉"
    return (
        f"{result.days} 天内有 {'及 '.join(who)}{verb}，"
        f"涉及 {result.branches} 家机构，按此前情况预期 {result.expected:.1f}；"
        f"纯属偶然的概率为 {result.probability:.1g}。"
    )


def _group_en(result: GroupEvidence) -> str:
    who = [f"{result.known} customers"] if result.known else []
    if result.unknown:
        who.append(f"{result.unknown} complaints of unknown customers")
    return (
        f"{' and '.join(who)} with one subject within {result.days} days, at "
        f"{result.branches} branches, where the past leads to expect {result.expected:.1f}; by "
        f"chance alone with probability {result.probability:.1g}."
    )


def _surge_zh(result: RiseEvidence) -> str:
    return (
        f"{result.since} 至 {result.until} 收到的 {result.total} 件投诉中有 {result.own} 件升级"
        f"（{_share(result.own, result.total)}），"
        f"此前为 {_share(result.past_own, result.past_total)}，按此预期 {result.expected:.1f} 件；"
        f"纯属偶然的概率为 {result.probability:.1g}。"
    )


def _surge_en(result: RiseEvidence) -> str:
    return (
        f"of {result.total} complaints received from {result.since} to {result.until}, "
        f"{result.own} were escalated ({_share(result.own, result.total)}); before, it was "
        f"{_share(result.past_own, result.past_total)}, which leads to expect "
        f"{result.expected:.1f}; by chance alone with probability {result.probability:.1g}."
    )


def _growth_zh(result: RiseEvidence) -> str:
    return (
        f"{result.since} 至 {result.until} 有 {result.own} 件，占已认定根因投诉的 "
        f"{_share(result.own, result.total)}，此前占 {_share(result.past_own, result.past_total)}，"
        f"按此预期 {result.expected:.1f} 件；"
        f"纯属偶然的概率为 {result.probability:.1g}。"
    )


def _growth_en(result: RiseEvidence) -> str:
    return (
        f"{result.own} complaints from {result.since} to {result.until}, "
        f"{_share(result.own, result.total)} of those with a known cause; before, it was "
        f"{_share(result.past_own, result.past_total)}, which leads to expect "
        f"{result.expected:.1f}; by chance alone with probability {result.probability:.1g}."
    )


def _topic_zh(result: TopicEvidence) -> str:
    return (
        f"{result.size} 件投诉中有 {result.recent} 件在 {result.since} 及以后收到，"
        f"若与其他投诉同步预期 {result.expected:.1f} 件；"
        f"纯属偶然的概率为 {result.probability:.1g}。"
    )


def _topic_en(result: TopicEvidence) -> str:
    return (
        f"{result.recent} of {result.size} complaints came on {result.since} or later, where "
        f"{result.expected:.1f} are expected if they came as all others do; by chance alone with "
        f"probability {result.probability:.1g}."
    )


def _share(part: int, whole: int) -> str:
    return f"{100 * part / whole:.1f}%" if whole else "–"
