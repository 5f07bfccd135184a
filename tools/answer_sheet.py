"""Drafts of the demo bank's decided cases, and a sheet of ten to be judged by eye.

`python -m tools.answer_sheet` writes the sheet; it needs no engine and no model.
"""

from collections.abc import Iterator
from datetime import date, datetime
from functools import cache
from itertools import cycle
from pathlib import Path

from graph.domain.answers import AnswerDraft, AnswerFacts, AnswerTerms
from graph.domain.desk import Proposal
from graph.domain.enums import Language, OutcomeKind
from graph.domain.vocabulary import Vocabulary, label_of
from ingest.demo import DemoOptions, complaints
from ingest.drafting import load_templates
from ingest.drafting.drafter import procedure_facts
from ingest.drafting.validator import problems_of
from ingest.guidance import Procedures, load_procedures
from ingest.masking import Masker
from ingest.record import IncomingComplaint, IncomingDecision

PAGE = Path(__file__).parent.parent / "docs" / "answers-sheet.md"
HEAD = """# Ten drafts, to be judged by eye

Made by `python -m tools.answer_sheet` of decided cases of the demo bank; nothing was edited. Each
is of another type and outcome, Chinese and English in turn, with what each sentence rests on.
Without an engine there are no precedents, so no draft here speaks of any. See
[answers.md](answers.md).
"""
_SHEET = 10
#: As a bank may have set them: nothing of it is a fact of the demo bank.
TERMS = AnswerTerms(request_days=30, telephone="95XXX")


def drafted(size: int = 1_500, seed: int = 1) -> Iterator[tuple[AnswerFacts, AnswerDraft]]:
    """A draft for every decision of a demo bank, Chinese and English in turn."""
    templates = load_templates(None, Vocabulary())
    languages = cycle(Language)
    masker = Masker()
    for complaint in complaints(DemoOptions(size, seed)):
        for decision in complaint.decisions:
            if decision.outcome is OutcomeKind.WITHDRAWN:
                continue
            facts = facts_of(complaint, decision, masker)
            yield facts, templates.draft(facts, next(languages))


def facts_of(
    complaint: IncomingComplaint, decision: IncomingDecision, masker: Masker
) -> AnswerFacts:
    """What an answer with a decision of the demo bank may rest on."""
    product = complaint.product[-1] if complaint.product else None
    codes = [each.code for each in complaint.product]
    cause = max(complaint.causes, key=lambda each: each.share or 0.0, default=None)
    text = "\n".join(filter(None, (complaint.subject, complaint.narrative)))
    procedures = _procedures().for_case(complaint.type, codes)
    return AnswerFacts(
        reference=f"DEMO-{complaint.source_id}",
        received=_day(complaint.received_at),
        occurred=None if complaint.occurred_at is None else _day(complaint.occurred_at),
        today=_day(decision.at or complaint.received_at),
        proposal=Proposal(decision.outcome, decision.remedy, decision.compensation),
        terms=TERMS,
        type=complaint.type,
        product=None if product is None else product.label,
        cause=None if cause is None else cause.chain[-1].label,
        amount=complaint.amount,
        text=masker.mask(text).text,
        procedure=procedure_facts(procedures),
    )


@cache
def _procedures() -> Procedures:
    return load_procedures(None, Vocabulary())


def _day(at: datetime | date) -> date:
    return at.date() if isinstance(at, datetime) else at


def sheet() -> str:
    """The page."""
    parts = [HEAD]
    seen: set[tuple[str | None, OutcomeKind]] = set()
    for facts, draft in drafted():
        key = (facts.type, facts.proposal.outcome)
        of_type = sum(facts.type == type_ for type_, _ in seen)
        if key in seen or of_type > 1 or len(parts) % 2 == (draft.language is Language.ZH):
            continue
        seen.add(key)
        parts.append(_entry(len(parts), facts, draft))
        if len(parts) > _SHEET:
            break
    return "\n".join(parts)


def _entry(number: int, facts: AnswerFacts, draft: AnswerDraft) -> str:
    problems = problems_of(draft.text, facts)
    lines = [
        f"## {number}. {draft.template}",
        "",
        *(f"> {line}  " for line in draft.text.splitlines()),
        "",
        f"Problems found: {len(problems)}.",
        "",
        "| sentence | for | rests on |",
        "|---|---|---|",
    ]
    for each in draft.sentences:
        rests = "; ".join(
            f"{label_of(source.kind).en}: {source.label.en}"
            + (f" ({source.value})" if source.value else "")
            for source in each.sources
        )
        lines.append(f"| {each.text} | {label_of(each.element).en} | {rests} |")
    return "\n".join([*lines, ""])


if __name__ == "__main__":
    PAGE.write_text(sheet(), encoding="utf-8")
