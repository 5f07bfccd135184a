"""Phrases are found where they are meant, in their sentence."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graph.domain.rules import ThreatRule
from ingest.escalation.rulebook import default_rules

RULES = default_rules().by_code


def found(code: str, text: str) -> str | None:
    rule = RULES[code]
    assert isinstance(rule, ThreatRule)
    span = rule.words.find(text)
    return None if span is None else span.cut(text)


@pytest.mark.parametrize(
    ("code", "text"),
    [
        ("lawsuit", "再不退款，我就去法院起诉你们。"),
        ("lawsuit", "我不会放弃，不行就法院见！"),
        ("lawsuit", "不解决就起诉"),
        ("lawsuit", "如果你们不想我起诉，三天内答复"),
        ("lawsuit", "I will sue the bank if this is not refunded."),
        ("lawsuit", "If you do not answer, I will take you to court."),
        ("media", "三天内不答复，我就找媒体曝光"),
        ("media", "My next step is the press."),
        ("regulator-threat", "我已拨打12378，看你们怎么回复监管。"),
        ("self-harm", "这样逼我，我真的不想活了。"),
        ("self-harm", "Some days I want to kill myself."),
        ("strong-emotion", "真把我逼急了，我什么事都做得出来"),
    ],
)
def test_a_threat_is_found(code: str, text: str) -> None:
    assert found(code, text) is not None


@pytest.mark.parametrize(
    ("code", "text"),
    [
        ("lawsuit", "我不会起诉，只想要一个答复。"),
        ("lawsuit", "我并不想去法院打官司"),
        ("lawsuit", "没有要走法律途径的意思"),
        ("lawsuit", "催收人员说要起诉我，还发了传票照片"),
        ("lawsuit", "I do not want to sue anybody."),
        ("lawsuit", "I am not going to take you to court, I only want an answer."),
        ("lawsuit", "The collector threatened to sue me."),
        ("lawsuit", "朋友都劝我去起诉"),
        ("lawsuit", "到底打不打官司，我还没想好"),
        ("regulator-threat", "I haven't decided whether to write to the ombudsman."),
        ("regulator-threat", "My neighbour advised me to complain to the FCA."),
        ("lawsuit", "issued a suede wallet with the card"),
        ("media", "我不想找媒体"),
        ("regulator-threat", "按监管部门规定，应当退还"),
        ("self-harm", "我没有想过自杀，请不要误会"),
        ("self-harm", "商场跳楼价"),
    ],
)
def test_what_is_denied_or_said_by_others_is_no_threat(code: str, text: str) -> None:
    assert found(code, text) is None


@pytest.mark.parametrize(
    ("code", "text"),
    [
        ("lawsuit", "上个月我起诉了你们，现在已经撤诉，双方谈妥了"),
        ("lawsuit", "说要告你们是气话，别往心里去"),
        ("lawsuit", "I filed a lawsuit against you in May. It has been settled."),
        ("media", "微博我发了又删了，不追究了。"),
        ("media", "I posted a review online, but I have taken it down."),
        ("regulator-threat", "我向12378投诉过，今天已经撤回。"),
        ("regulator-threat", "I have withdrawn my complaint with the ombudsman."),
        ("self-harm", "那年我也想自杀，如今都熬过来了"),
        ("self-harm", "I tried to kill myself once. I am well now."),
    ],
)
def test_what_is_taken_back_or_overcome_is_no_threat(code: str, text: str) -> None:
    assert found(code, text) is None


@pytest.mark.parametrize(
    ("code", "text"),
    [
        ("lawsuit", "我已经起诉你们了，你们休想让我撤诉"),
        ("lawsuit", "我要起诉，钱到账我就撤诉"),
        ("lawsuit", "I am suing you and I will not drop the case."),
        ("regulator-threat", "你们骗我撤回了投诉，我再次向12378投诉。"),
        ("self-harm", "我熬不过来了，真想自杀"),
        ("self-harm", "去年自杀过，熬过来了，现在你们又逼我，我不想活了"),
        ("self-harm", "I withdrew my complaint, I just want to kill myself."),
    ],
)
def test_what_may_be_taken_back_is_a_threat(code: str, text: str) -> None:
    assert found(code, text) is not None


@pytest.mark.parametrize(
    ("code", "text", "meant"),
    [
        ("lawsuit", "客户表示他会起诉我行", True),
        ("lawsuit", "客户称催收说要起诉他", False),
        ("lawsuit", "我公司将起诉贵行", True),
        ("media", "我侄子是记者，他说周末就曝光你们", True),
        ("media", "柜员说他会找记者曝光", False),
        ("lawsuit", "Caller said she will sue the bank.", True),
        ("lawsuit", "Caller said they will sue him.", False),
    ],
)
def test_in_a_note_a_pronoun_is_the_customer(code: str, text: str, meant: bool) -> None:
    assert (found(code, text) is not None) is meant


def test_the_evidence_is_the_sentence() -> None:
    text = "多收了我50元。再不退，我就起诉！谢谢。"
    assert found("lawsuit", text) == "再不退，我就起诉！"


@given(st.text(max_size=400))
def test_every_rule_reads_any_text(text: str) -> None:
    for code, rule in RULES.items():
        if isinstance(rule, ThreatRule):
            found(code, text)
