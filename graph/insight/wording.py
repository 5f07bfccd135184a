"""Findings in one sentence, in Chinese and English, from their figures alone. Pure."""

from collections.abc import Sequence

from graph.domain.enums import Language
from graph.domain.vocabulary import Label
from graph.insight.excess import Excess


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
