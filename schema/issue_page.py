"""Gather what the page of a systemic issue tells."""

import asyncio
from collections.abc import Sequence

from graph.domain.enums import CatalogueKind, Language, OutcomeKind
from graph.domain.issues import SystemicIssue
from graph.domain.vocabulary import Label, label_of
from graph.insight.wording import alert_sentence
from graph.queries.issues import MOST_SHOWN, IssueFacts
from schema.effect_summary import summary
from schema.escalation import alert_subject
from schema.issue_summary import PageFacts, page
from schema.request import Info

_NAMED = tuple(
    kind.name for kind in (CatalogueKind.BRANCH, CatalogueKind.PRODUCT, CatalogueKind.ROOT_CAUSE)
)
#: Days compared before and after a remediation, and until it takes hold.
_DAYS, _DELAY = 180, 21


async def issue_page_text(info: Info, issue: SystemicIssue, language: Language) -> str:
    """The page of an issue: figures and sentences of figures alone."""
    loaders = info.context.loaders
    facts = await loaders.issue_facts().load(issue.id)
    evidence = await loaders.issue_evidence().load(issue.id)
    examples = await loaders.issue_complaints(MOST_SHOWN).load(issue.id)
    page_facts = PageFacts(
        issue=issue,
        facts=facts,
        labels=await _labels(info, issue, facts),
        alerts=await _alerts(info, evidence.alerts, language),
        remediations=await _remediations(info, evidence.remediations, language),
        examples=[complaint.reference for complaint in examples],
        zone=info.context.uses.zone,
    )
    return page(page_facts, language)


async def _labels(
    info: Info, issue: SystemicIssue, facts: IssueFacts
) -> dict[tuple[str, str], Label]:
    entry_keys = {(kind, code) for kind in _NAMED for code, _ in facts.of(kind)[:MOST_SHOWN]}
    entry_keys |= {(CatalogueKind.ROOT_CAUSE.name, code) for code in issue.statement.causes}
    keys = tuple((CatalogueKind[kind], code) for kind, code in sorted(entry_keys))
    results = await info.context.loaders.names().load(keys)
    labels = {(kind.name, code): label for (kind, code), label in results.items()}
    outcomes = {("OUTCOME", code): label_of(OutcomeKind(code)) for code, _ in facts.of("OUTCOME")}
    return labels | outcomes


async def _alerts(info: Info, ids: Sequence[str], language: Language) -> list[str]:
    results = await info.context.loaders.alert().load_many(list(ids) or [None])
    alerts = [alert for alert in results if alert is not None]
    # Asked for at once, so that they are read together.
    subjects = await asyncio.gather(*(alert_subject(info, alert) for alert in alerts))
    sentences = [
        alert_sentence(alert.kind, about, alert.evidence, language)
        for alert, about in zip(alerts, subjects, strict=True)
    ]
    return [sentence for sentence in sentences if sentence is not None]


async def _remediations(info: Info, ids: Sequence[str], language: Language) -> list[str]:
    loaders = info.context.loaders
    entry_keys: list[str | None] = [*ids] or [None]
    results = await loaders.remediation().load_many(entry_keys)
    effects = await loaders.remediation_effect(_DAYS, _DELAY).load_many(entry_keys)
    return [
        each.plan.title if effect is None else f"{each.plan.title} — {summary(effect, language)}"
        for each, effect in zip(results, effects, strict=True)
        if each is not None
    ]
