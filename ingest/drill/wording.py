"""Why something is right of a case, as a sentence."""

from graph.domain.catalogue import CatalogueEntry
from graph.domain.drills import DrillDimension
from graph.domain.enums import Language
from graph.domain.vocabulary import RISK_TYPES, TYPES, Label, label_of
from ingest.demo import ExamFiling
from ingest.drill.making import DrillCase


def label_of_entry(entry: CatalogueEntry) -> Label:
    """What an entry of the simulated bank is called."""
    return Label(entry.name_zh or entry.name, entry.name)


def about(filing: ExamFiling, language: Language) -> str:
    """What a filing is about: its product, and what caused it."""
    parts = (label_of_entry(each).text(language) for each in (filing.product, filing.cause))
    return " · ".join(parts)


def why(case: DrillCase, dimension: DrillDimension, language: Language) -> str:
    """One sentence, or what the bank wrote to the customer."""
    chinese, named = language is Language.ZH, about(case.filing, language)
    match dimension:
        case DrillDimension.TYPE:
            label = TYPES[case.truth.type].text(language)
            return (
                f"事项为“{named}”，归类为{label}。"
                if chinese
                else f"It is about “{named}”: {label}."
            )
        case DrillDimension.RISK_TYPES:
            return _risks(case, language)
        case DrillDimension.LEVEL:
            return _level(case, language)
        case DrillDimension.PRECEDENT:
            number = case.truth.precedent
            if chinese:
                return f"先例{number}属同一事项：{named}。"
            return f"Precedent {number} is about the same: {named}."
        case DrillDimension.OUTCOME:
            return _outcome(case, language)
        case DrillDimension.REMEDY:
            return case.decision.summary or ""
        case DrillDimension.COMPENSATION:
            return _paid(case, language)


def _paid(case: DrillCase, language: Language) -> str:
    """The simulated bank pays in yuan."""
    paid = case.decision.compensation
    if paid is None:
        return "未作经济补偿。" if language is Language.ZH else "Nothing was paid."
    if language is Language.ZH:
        return f"实际补偿 {paid.value:,} 元。"
    return f"{paid.value:,} yuan were paid."


def _risks(case: DrillCase, language: Language) -> str:
    chinese = language is Language.ZH
    own = [RISK_TYPES[each].text(language) for each in case.filing.theme.risks]
    added = [label.text(language) for label in case.risk_rules]
    if chinese:
        more = f"；另有规则：{'、'.join(added)}" if added else ""
        return f"该事项涉及{'、'.join(own)}{more}。"
    more = f"; rules add to it: {', '.join(added)}" if added else ""
    return f"It bears {', '.join(own)}{more}."


def _level(case: DrillCase, language: Language) -> str:
    """The rules that fire, with the sentences that they rest on."""
    chinese = language is Language.ZH
    said = []
    for fired in case.verdict.fired:
        text = getattr(case.case, fired.evidence.text) if fired.evidence.text else None
        span = fired.evidence.span
        words = f"“{text[span.start : span.end].strip(' 。.')}”" if text and span else ""
        said.append(
            f"{fired.rule.label.text(language)}{words if chinese else f' {words}'.rstrip()}"
        )
    if not said:
        return "没有规则触发。" if chinese else "No rule fires."
    return f"触发规则：{'；'.join(said)}。" if chinese else f"Rules fire: {'; '.join(said)}."


def _outcome(case: DrillCase, language: Language) -> str:
    """How cases of its kind end, the most frequent first."""
    shares = sorted(case.filing.outcomes.items(), key=lambda each: -each[1])
    said = [f"{label_of(kind).text(language)} {share:.0%}" for kind, share in shares]
    if language is Language.ZH:
        return f"同类投诉的处理结果：{'，'.join(said)}。"
    return f"Cases of this kind end: {', '.join(said)}."
