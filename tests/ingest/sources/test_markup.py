"""What web systems export with their markup becomes the text that people saw."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.sources.markup import plain

PARAGRAPHS = "<p>I was charged <b>twice</b>.</p>\n<p>Nobody&nbsp;answers.</p>"


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        (PARAGRAPHS, "I was charged twice.\n\nNobody answers."),
        ("年费<br>没有告知<br/>要求退还<BR />谢谢", "年费\n没有告知\n要求退还\n谢谢"),
        ("<div style='color:red'>利息多收</div><div>要求核对</div>", "利息多收\n\n要求核对"),
        ("<ul><li>first</li><li>second</li></ul>", "first\n\nsecond"),
        ("Fees &amp; charges &lt; 5 &quot;yuan&quot;", 'Fees & charges < 5 "yuan"'),
        ("It&#39;s &#x4F60;&#22909;", "It's 你好"),
        ("<style>p {color: red}</style><script>alert(1)</script>text<br>", "text"),
        ('<a href="https://bank.example/?a=1&b=2">the page</a> fails', "the page fails"),
        ("<span>a < b and c > d</span>", "a < b and c > d"),
        ("<p>from <redacted> to <me></p>", "from <redacted> to <me>"),
        ("<table><tr><td>fee</td><td>20</td></tr></table>", "fee 20"),
        ("<p>not closed", "not closed"),
        ("<!DOCTYPE html><html><head><title>Fee</title></head><body>text</body></html>", "text"),
        ("<p>seen</p><!--[if gte mso 9]><xml>junk</xml><![endif]-->", "seen"),
        (
            "<p>a</p> <style>is never closed, and I was charged",
            "a\n<style>is never closed, and I was charged",
        ),
        (
            "The <b>page</b> shows <title> and then 88 yuan",
            "The page shows <title> and then 88 yuan",
        ),
        ('<p>sent <address street="H 5"></address></p>', 'sent <address street="H 5">'),
        (
            '<p><?xml version="1.0"?><code code="A-17"/><personName>x</personName></p>',
            '<?xml version="1.0"?><code code="A-17"/><personName>x</personName>',
        ),
        ("<p>if <b 88 yuan> were mine</p>", "if <b 88 yuan> were mine"),
        ("<a title='a > b' href=x>to</a>", "to"),
    ],
)
def test_markup_becomes_lines(cell: str, text: str) -> None:
    assert plain(cell) == text


@pytest.mark.parametrize(
    "text",
    [
        "利率 < 5% 且 > 3%",
        "wrote to <redacted> & <name>, R&D; AT&T;",
        "  two  spaces stay,\n\n\n\nand lines",
        "x<y and y>z, a<b>c only once".replace("<b>", "<bb>"),
        "mail <lan@bank.example>",
        "",
    ],
)
def test_a_text_without_markup_stays_as_it_is(text: str) -> None:
    assert plain(text) == text


def test_what_never_ends_takes_no_longer_than_it_is() -> None:
    for text in ("<a " + "class " * 20_000, "<p>" + "<style>" * 20_000, "<p>" + "<!--" * 20_000):
        assert plain(text)


@given(st.lists(st.sampled_from(["<p>", "</p>", "<br>", "<b>", "</b>", "字", "a", " ", "\n"])))
def test_words_stay_in_order_and_tags_go(pieces: list[str]) -> None:
    words = "".join(piece for piece in pieces if piece in "字a")
    text = plain("".join(["<div>", *pieces, "</div>"]))
    assert "".join(text.split()) == words
