"""Long and hostile texts: no expression goes back far enough to matter."""

import pytest

from ingest.masking import Masker
from ingest.masking.recognisers import recognisers

MASKER = Masker()
LENGTH = 100_000  # of a narrative, see the limits of the pipeline


@pytest.mark.timeout(60)
@pytest.mark.parametrize(
    "piece",
    [
        *(
            "1",
            "1 ",
            "1-",
            "12 ",
            "6222 ",
            "1,",
            "1/",
            "0755-",
            "+86",
            "(",
            "[",
            "[手机号",
            "@",
            "a@",
            "a.",
        ),
        *(
            "a@b.",
            "A",
            "Aa ",
            "John ",
            "Mr. ",
            "my name is ",
            "12 Main ",
            "DE89",
            "E1",
            "X",
            "XXXX ",
        ),
        *(
            "王",
            "张伟",
            "王经理",
            "路1号",
            "1栋",
            "订单号",
            "订单号1234、",
            "姓名:",
            "住在",
            "地址",
            "京A",
            "微信:",
        ),
        *("一二三", "\x00", "😀", "\ud800", "\u200b", " ", "\n", "-", "."),
    ],
)
def test_a_text_of_one_repeated_piece(piece: str) -> None:
    text = (piece * LENGTH)[:LENGTH]
    assert isinstance(MASKER.mask(text).text, str)


@pytest.mark.timeout(60)
@pytest.mark.parametrize(
    "hint", sorted({hint for each in recognisers() for hint in each.hints[:1] or ("eyJ",)})
)
def test_a_text_of_one_repeated_hint(hint: str) -> None:
    for piece in (f"{hint} ", f"{hint}1", f"a{hint}"):
        assert isinstance(MASKER.mask((piece * LENGTH)[: LENGTH // 10]).text, str)


def test_a_number_at_the_end_of_a_long_text_is_found() -> None:
    text = "客户来电反映问题。" * 100_000
    assert MASKER.mask(f"{text}电话13812345678").text == f"{text}电话[手机号]"


def test_characters_that_cannot_be_encoded_stay() -> None:
    assert MASKER.mask("\ud83d我叫张伟\udc00\x00").text == "\ud83d我叫[姓名]\udc00\x00"
