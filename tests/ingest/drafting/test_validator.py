"""What an answer states and promises, held against the facts."""

from dataclasses import replace
from datetime import date

import pytest

from graph.domain.answers import AnswerFacts, AnswerTerms, ProcedureFacts
from graph.domain.desk import Proposal
from graph.domain.enums import AnswerElement, AnswerProblemKind, OutcomeKind, RemedyKind
from graph.domain.money import Money
from graph.domain.vocabulary import Label
from ingest.drafting.validator import problems_of
from tests.ingest.drafting.corpus import judge, rows

FACTS = AnswerFacts(
    reference="API-123-45",
    received=date(2026, 3, 2),
    today=date(2026, 3, 14),
    proposal=Proposal(OutcomeKind.UPHELD, RemedyKind.MONETARY, Money(30_000, "CNY")),
    terms=AnswerTerms(request_days=30, telephone="95500"),
    amount=Money(50_000, "CNY"),
    text="2月5日被扣500元年费，等了三天没人理。",
)
NOTHING = replace(FACTS, proposal=Proposal(OutcomeKind.NOT_UPHELD, RemedyKind.NONE))
SOUND = {
    "zh": "尊敬的客户：您于2026年3月2日提出的投诉（编号API-123-45）已办理完毕。"
    "经核查，您2月5日被扣500元年费的情况属实。我行认定您的投诉成立，将退还您300元。"
    "如您有异议，可致电95500申请核查，我行将自收到申请之日起30日内告知结果。",
    "en": "We have answered your complaint of 2 March 2026 (API-123-45). We found that the annual "
    "fee of CNY 500 was not told to you. We uphold your complaint and will refund you CNY 300. If "
    "you disagree, you may ask for a review on 95500; we will tell you the result within 30 days.",
}


def found(text: str, facts: AnswerFacts = FACTS) -> list[tuple[AnswerProblemKind, str]]:
    """What is stated or promised and no fact."""
    return [
        (each.kind, text[each.start : each.end])
        for each in problems_of(text, facts)
        if each.kind is not AnswerProblemKind.MISSING
    ]


@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_sound_answer_has_no_problem(language: str) -> None:
    assert problems_of(SOUND[language], FACTS) == ()


@pytest.mark.parametrize(
    "amount",
    [
        "301元", "３０１元", "三百零一元", "3万元", "1.2万元", "三万五", "五百八十块",
        "壹仟元整", "3至5万元", "几百元",
        "CNY 301", "¥301", "301 yuan", "RMB 1.2k", "three hundred and one yuan", "US$300",
        "30%", "百分之五", "八折", "一半", "5 per cent",
    ],
)  # fmt: skip
def test_an_amount_that_is_no_fact_is_told(amount: str) -> None:
    kinds = [kind for kind, _ in found(f"经核查，决定退还您{amount}。")]
    assert AnswerProblemKind.AMOUNT in kinds


@pytest.mark.parametrize(
    "amount", ["300元", "３００元", "三百元", "叁佰元整", "CNY 300.00", "300 yuan"]
)
def test_what_is_paid_may_be_written_in_any_way(amount: str) -> None:
    assert found(f"经核查，我行决定退还您{amount}。") == []


def test_what_was_disputed_is_no_promise_to_pay_it() -> None:
    assert found("您反映被扣500元年费。我行将退还您300元。") == []
    assert found("我行将退还您500元。") == [(AnswerProblemKind.AMOUNT, "500元")]
    assert (AnswerProblemKind.AMOUNT, "全额") in found("我行将全额退还您300元。")


@pytest.mark.parametrize(
    "day",
    [
        "3月5日", "2026年4月", "二〇二六年四月一日", "2026-04-01", "下周一前", "本月底",
        "5个工作日内", "两周内", "48小时内", "半个月内", "T+2日",
        "on 5 April 2026", "on April 5", "by Friday", "within 7 days", "within a fortnight",
    ],
)  # fmt: skip
def test_a_date_or_period_that_is_no_fact_is_told(day: str) -> None:
    is_english = day.isascii() and " " in day
    text = f"The money will arrive {day}." if is_english else f"款项将于{day}到账。"
    assert AnswerProblemKind.DATE in [kind for kind, _ in found(text)]


def test_the_case_has_dates_and_the_bank_has_time_limits() -> None:
    assert found("您于3月2日投诉，反映2月5日扣费并等了三天。") == []
    assert found("We will tell you the result of the review within thirty (30) days.") == []
    # What the customer waited is no time limit of the bank.
    assert (AnswerProblemKind.DATE, "三天") in found("我行将在三天内退还您300元。")


@pytest.mark.parametrize(
    "promise",
    [
        "我行保证不会再发生此类情况。", "我行将对相关员工进行处分。", "另赠送您5000积分。",
        "我行将为您删除征信逾期记录。", "我行将加强员工培训。", "专人将与您联系。",
        "保险公司将另行赔付您。", "We guarantee that this will not happen again.",
        "The employee will be dismissed.", "We will send you a voucher.",
        "We will improve our training.", "A manager will call you.",
    ],
)  # fmt: skip
def test_a_promise_that_the_decision_does_not_hold_is_told(promise: str) -> None:
    assert AnswerProblemKind.PROMISE in [kind for kind, _ in found(promise)]


@pytest.mark.parametrize(
    "text",
    [
        "我行无法承诺具体时间。", "您要求退还年费并赔偿损失的诉求，我行不予支持。",
        "根据合同约定，提前还款须支付违约金。", "We cannot refund the fee.",
        "You asked us to compensate you.", "Your request for a refund is not upheld.",
    ],
)  # fmt: skip
def test_what_is_denied_or_asked_for_is_no_promise(text: str) -> None:
    assert found(text, NOTHING) == []


def test_a_remedy_holds_its_own_promises_alone() -> None:
    text = "我行将更正您的征信记录。"
    assert found(text, NOTHING)
    corrected = replace(FACTS, proposal=Proposal(OutcomeKind.UPHELD, RemedyKind.CORRECTION))
    assert found(text, corrected) == []
    assert found("我行将退还您年费。", corrected)
    # What was noted with the proposal holds, too.
    noted = replace(corrected, offered="更正记录，5个工作日内退还年费")
    assert found("我行将在5个工作日内退还您年费。", noted) == []
    called = ProcedureFacts(
        "GENERAL", None, Label("答复后五个工作日内回访", "Call within five days")
    )
    assert found("我行将在五个工作日内回访您。", replace(FACTS, procedure=called)) == []


@pytest.mark.parametrize(
    ("cut", "missing"),
    [
        ("经核查，您2月5日被扣500元年费的情况属实。", AnswerElement.FOUND),
        ("我行认定您的投诉成立，将退还您300元。", AnswerElement.DECIDED),
        (
            "如您有异议，可致电95500申请核查，我行将自收到申请之日起30日内告知结果。",
            AnswerElement.REVIEW,
        ),
        ("，我行将自收到申请之日起30日内告知结果", AnswerElement.BY_WHEN),
    ],
)
def test_an_element_that_is_missing_is_told(cut: str, missing: AnswerElement) -> None:
    assert cut in SOUND["zh"]
    text = SOUND["zh"].replace(cut, "")
    told = problems_of(text, FACTS)
    assert missing in [each.element for each in told]
    assert all((each.start, each.end) == (len(text), len(text)) for each in told if each.element)


def test_places_are_those_of_the_text_as_it_was_given() -> None:
    text = "经核查，決定退還您１,２８０元。"
    (first, *_) = problems_of(text, FACTS)
    assert text[first.start : first.end] == "１,２８０元"


@pytest.mark.parametrize(("language", "least"), [("zh", 0.93), ("en", 0.94)])
def test_answers_of_a_stranger(language: str, least: float) -> None:
    """Written without sight of the validator, which was mended after a first run."""
    judged = judge(rows(language))
    assert judged.rate >= least
    assert judged.clean_kept == judged.clean
    # A fault of one kind may be told as another one: a promised date as a date.
    assert judged.told_at_all == 1.0
