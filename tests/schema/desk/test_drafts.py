"""Drafts of answers by the API: what they rest on, what is wrong, and how they were edited."""

from dataclasses import replace
from typing import Any

import pytest

from graph.consistency import check
from graph.domain.access import Identity, Reach, Role
from tests.schema.desk.test_steps import registered, taken
from tests.support.bank import Bank
from tests.support.graphql import ask, execute, refused

pytestmark = pytest.mark.graph

DRAFT = """
query ($c: ID!, $p: ProposedOutcomeInput, $l: Language) {
  answerDraft(complaint: $c, proposed: $p, language: $l) {
    template language text rephrasing problems { kind }
    sentences { element text sources { kind name value label(language: EN) complaints { id } } }
  }
}
"""
PROBLEMS = """
query ($c: ID!, $t: String!, $p: ProposedOutcomeInput) {
  answerProblems(complaint: $c, text: $t, proposed: $p) {
    kind element start end message(language: EN)
  }
}
"""
USES = """
{ templateUses { template label(language: EN) count unchanged median high } }
"""
PAID = {"outcome": "UPHELD", "remedy": "MONETARY", "compensation": {"value": "300"}}


async def at_answer(bank: Bank, **proposed: Any) -> tuple[str, int]:
    """A fee dispute that waits for its answer, and its version."""
    complaint = await registered(bank)
    steps = [
        ("classifyComplaint", {"type": "FEE_DISPUTE", "amount": {"value": "500"}}),
        ("dispatchComplaint", {"lead": "CARDS"}),
        ("startInvestigation", {}),
    ]
    if proposed:
        steps += [("proposeRemedy", proposed), ("recordAgreement", {})]
    for version, (mutation, data) in enumerate(steps, start=1):
        await taken(bank, mutation, complaint=complaint, version=version, **data)
    return complaint, len(steps) + 1


async def test_a_draft_is_made_of_the_proposal(bank: Bank) -> None:
    complaint, _ = await at_answer(bank, **PAID)
    draft = (await ask(bank.services, DRAFT, c=complaint, l="ZH"))["answerDraft"]
    assert draft["template"] == "FEE_DISPUTE.UPHELD.ZH"
    assert (draft["rephrasing"], draft["problems"]) == ("OFF", [])
    assert "我行将向您退还300元。" in draft["text"]
    assert "500元" in draft["text"]
    assert all(each["sources"] for each in draft["sentences"])
    sources = {source["name"]: source for each in draft["sentences"] for source in each["sources"]}
    assert sources["proposal.compensation"]["value"] == "300元"
    assert sources["procedure.title"]["value"] == "收费争议"
    assert sources["bank.review_days"]["kind"] == "SETTING"
    english = (await ask(bank.services, DRAFT, c=complaint, l="EN"))["answerDraft"]
    assert "We will refund you CNY 300." in english["text"]


async def test_another_decision_makes_another_draft(bank: Bank) -> None:
    complaint, _ = await at_answer(bank, **PAID)
    other = {"outcome": "NOT_UPHELD", "remedy": "NONE"}
    draft = (await ask(bank.services, DRAFT, c=complaint, p=other, l="EN"))["answerDraft"]
    assert draft["template"] == "FEE_DISPUTE.NOT_UPHELD.EN"
    assert "300" not in draft["text"]


async def test_nothing_is_drafted_of_no_decision(bank: Bank) -> None:
    complaint, _ = await at_answer(bank)
    error = await refused(bank.services, DRAFT, c=complaint)
    assert error["extensions"]["code"] == "INVALID_INPUT"
    drafted = await ask(bank.services, DRAFT, c=complaint, p={"outcome": "EXPLAINED"})
    assert drafted["answerDraft"]["template"] == "FEE_DISPUTE.EXPLAINED.ZH"


async def test_what_is_wrong_with_a_text_is_told(bank: Bank) -> None:
    complaint, _ = await at_answer(bank, **PAID)
    text = "经核查属实，我行决定退还您800元，5日内到账，保证不再发生。"
    told = (await ask(bank.services, PROBLEMS, c=complaint, t=text))["answerProblems"]
    said = {(each["kind"], text[each["start"] : each["end"]]) for each in told[:3]}
    assert {("AMOUNT", "800元"), ("DATE", "5日"), ("PROMISE", "保证")} == said
    assert {each["element"] for each in told if each["kind"] == "MISSING"} >= {"REVIEW", "BY_WHEN"}
    assert "800元" in next(each["message"] for each in told if each["kind"] == "AMOUNT")
    error = await refused(bank.services, PROBLEMS, c=complaint, t="x" * 10_001)
    assert error["extensions"]["code"] == "INVALID_INPUT"


async def test_what_was_noted_with_the_proposal_is_a_fact(bank: Bank) -> None:
    text = "经核查属实，我行决定退还您300元，5日内到账。"
    bare, _ = await at_answer(bank, **PAID)
    noted, _ = await at_answer(bank, **PAID, note="5日内退还")
    kinds = []
    for complaint in (bare, noted):
        told = (await ask(bank.services, PROBLEMS, c=complaint, t=text))["answerProblems"]
        kinds.append([each["kind"] for each in told if each["kind"] != "MISSING"])
    assert kinds == [["DATE"], []]


async def test_a_case_beyond_reach_has_no_draft(bank: Bank) -> None:
    complaint, _ = await at_answer(bank, **PAID)
    stranger = Identity("s", roles=frozenset({Role.HANDLER}), reach=Reach(branches=("NOWHERE",)))
    for document, more in ((DRAFT, {}), (PROBLEMS, {"t": "x"})):
        result = await execute(bank.services, document, identity=stranger, c=complaint, **more)
        assert result.errors
        assert (result.errors[0].extensions or {})["code"] == "NOT_FOUND"
    analyst = replace(stranger, roles=frozenset({Role.ANALYST}), reach=Reach(everything=True))
    result = await execute(bank.services, DRAFT, identity=analyst, c=complaint)
    assert result.errors
    assert (result.errors[0].extensions or {})["code"] == "FORBIDDEN"


async def test_how_much_was_edited_is_kept_by_template(bank: Bank) -> None:
    before = {u["template"]: u for u in (await ask(bank.services, USES))["templateUses"]}
    edits = ("{}", "{}感谢您的来信，祝您生活愉快。")
    for edit in edits:
        complaint, version = await at_answer(bank, **PAID)
        draft = (await ask(bank.services, DRAFT, c=complaint, l="ZH"))["answerDraft"]
        used = {"template": draft["template"], "text": draft["text"]}
        await taken(
            bank, "answerComplaint", complaint=complaint, version=version,
            summary=edit.format(draft["text"]), draft=used,
        )  # fmt: skip
    uses = {u["template"]: u for u in (await ask(bank.services, USES))["templateUses"]}
    now, was = uses["FEE_DISPUTE.UPHELD.ZH"], before.get("FEE_DISPUTE.UPHELD.ZH")
    assert now["count"] - (was["count"] if was else 0) == 2
    assert now["unchanged"] - (was["unchanged"] if was else 0) == 1
    assert now["label"] == "fee dispute · upheld · Chinese"
    assert 0 < now["high"] < 0.2
    assert (await check(bank.services.database)).examples == []


async def test_a_template_that_is_none_is_refused(bank: Bank) -> None:
    complaint, version = await at_answer(bank, **PAID)
    document = """mutation ($i: AnswerComplaintInput!) { answerComplaint(input: $i) {
      errors { code path } } }"""
    data = {
        "complaint": complaint, "version": version, "summary": "x",
        "draft": {"template": "free text", "text": "x"},
    }  # fmt: skip
    payload = (await ask(bank.services, document, i=data))["answerComplaint"]
    assert payload["errors"] == [{"code": "INVALID_INPUT", "path": ["input", "draft", "template"]}]
