"""Passages of texts that have changed, and texts of one wording."""

from hypothesis import given
from hypothesis import strategies as st

from graph.domain.wording import LONGEST_SENTENCE, Span, one_wording, span_of


def test_a_changed_text_gives_no_sentence() -> None:
    assert Span(0, 3, "0" * 16).cut("another text") is None


@given(st.text(max_size=300), st.text(max_size=300))
def test_the_sentence_holds_its_words(before: str, after: str) -> None:
    text = f"{before}起诉{after}"
    span = span_of(text, len(before), len(before) + 2)
    assert 0 <= span.start <= len(before)
    assert len(before) + 2 <= span.end <= len(text)
    assert span.end - span.start <= LONGEST_SENTENCE + 4
    assert "起诉" in (span.cut(text) or "")


def test_templates_are_told_by_their_wording() -> None:
    template = (
        "本人系贵行信用卡用户，现就多收利息一事要求全额退还息费共{}元，并赔偿损失，限三日内答复。"
    )
    texts = [template.format(n * 137) for n in range(5)]
    assert one_wording(texts)
    assert not one_wording(
        ["手机银行转账失败两次", "扣了我的年费没有通知", "排队两小时没人管", "理财到期没有兑付"]
    )
    assert not one_wording(texts[:1])
