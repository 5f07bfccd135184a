"""What a remediation did, in one sentence of its figures."""

from graph.domain.enums import Language
from graph.queries.remediations import EffectFound
from graph.statistics.effect import Effect, EffectVerdict

_VERDICTS = {
    Language.ZH: {
        EffectVerdict.FELL: "整改后该原因的投诉下降",
        EffectVerdict.ROSE: "整改后该原因的投诉上升",
        EffectVerdict.NO_EVIDENCE: "没有证据表明整改使投诉发生变化",
        EffectVerdict.TOO_EARLY: "整改完成时间尚短，暂不能判断效果",
    },
    Language.EN: {
        EffectVerdict.FELL: "Complaints of this cause fell",
        EffectVerdict.ROSE: "Complaints of this cause rose",
        EffectVerdict.NO_EVIDENCE: "There is no evidence of a change",
        EffectVerdict.TOO_EARLY: "It is too early to tell",
    },
}


def summary(result: EffectFound, language: Language) -> str:
    """Nothing but the verdict and its figures."""
    effect, (begins, ends) = result.effect, result.spans.after
    verdict = _VERDICTS[language][effect.verdict]
    days = (ends - begins).days
    if language is Language.EN:
        return (
            f"{verdict}: {effect.own_before} before, {effect.own_after} in the {days} days since "
            f"it took hold{_expected_en(effect)}{_ratio_en(effect)}."
        )
    return (
        f"{verdict}：整改前{effect.own_before}件，生效后{days}天内{effect.own_after}件"
        f"{_expected_zh(effect)}{_ratio_zh(effect)}。"
    )


def _expected_en(effect: Effect) -> str:
    return "" if effect.expected is None else f", where {effect.expected:.0f} were to be expected"


def _expected_zh(effect: Effect) -> str:
    return "" if effect.expected is None else f"，若无变化预计{effect.expected:.0f}件"


def _ratio_en(effect: Effect) -> str:
    if effect.ratio is None:
        return ""
    beside = " beside its earlier trend" if effect.trend else ""
    return f" (ratio{beside} {effect.ratio:.2f}, 95 % interval {_interval(effect)})"


def _ratio_zh(effect: Effect) -> str:
    if effect.ratio is None:
        return ""
    beside = "扣除原有趋势后" if effect.trend else ""
    return f"（{beside}比值{effect.ratio:.2f}，95%置信区间{_interval(effect)}）"


def _interval(effect: Effect) -> str:
    low = "0" if effect.low is None else f"{effect.low:.2f}"
    return f"{low}–{'∞' if effect.high is None else f'{effect.high:.2f}'}"
