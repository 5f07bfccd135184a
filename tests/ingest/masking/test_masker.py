"""What is masked, what is left, and what holds for any text at all."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.seeded import seeded_texts
from graph.domain.enums import Language
from ingest.masking import (
    PLACEHOLDER,
    Masker,
    MaskingOptions,
    MaskKind,
    placeholder,
    placeholder_kind,
)

MASKER = Masker()

CHINESE = [
    ("身份证11010119900307775X，", "身份证[身份证号]，"),
    ("身份证：110101 19900307 7758", "身份证：[身份证号]"),
    ("身份证：１１０１０１１９９００３０７７７５８", "身份证：[身份证号]"),
    ("证件11010519491231002x。", "证件[身份证号]。"),
    ("11010519491231002X", "[身份证号]"),
    ("身份证号110101199003077759（末位打错）", "身份证号[身份证号]（末位打错）"),
    ("旧证110101900307775", "旧证[身份证号]"),
    ("手机13812345678", "手机[手机号]"),
    ("请打138 1234 5678找我", "请打[手机号]找我"),
    ("138-1234-5678", "[手机号]"),
    ("+86 138-1234-5678", "[手机号]"),
    ("(+86)13812345678", "[手机号]"),
    ("008613812345678", "[手机号]"),
    ("13812345678/13912345678", "[手机号]/[手机号]"),
    ("幺三八一二三四五六七八", "[手机号]"),
    ("13812345678元旦前打", "[手机号]元旦前打"),
    ("座机010-88886666转801", "座机[座机号]"),
    ("（0755）2688 1234", "[座机号]"),
    ("电话88886666", "电话[座机号]"),
    ("卡号6222021234567890128", "卡号[银行卡号]"),
    ("6222 0212 3456 7890 128", "[银行卡号]"),
    ("6222-0212-3456-7890-128被冻结", "[银行卡号]被冻结"),
    ("卡号：6222021234567890127", "卡号：[银行卡号]"),
    ("账号12345678901", "账号[账号]"),
    ("邮箱zhang.wei＠１６３．com", "邮箱[邮箱]"),
    ("发到zhangwei(at)qq.com。", "发到[邮箱]。"),
    ("护照E12345678", "护照[护照号]"),
    ("车牌京A·12345，沪AD12345", "车牌[车牌号]，[车牌号]"),
    ("粤B1234警", "[车牌号]"),
    ("微信号：zhang_2020，QQ 12345678", "微信号：[社交账号]，QQ [社交账号]"),
    ("住北京市朝阳区建国路88号院3号楼2单元1201室", "住北京市朝阳区[地址]"),
    ("家住幸福小区3栋2单元501，", "家住[地址]，"),
    ("王经理和李晓燕女士", "[姓名]经理和[姓名]女士"),
    ("我叫张伟。", "我叫[姓名]。"),
    ("联系人：阿依古丽·买买提", "联系人：[姓名]"),
    ("客户经理王丽娟说不行", "客户经理[姓名]说不行"),
    ("一位姓李的柜员", "一位姓[姓名]的柜员"),
]

ENGLISH = [
    ("Call me at (212) 555-1234.", "Call me at [phone]."),
    ("My number is 212-555-1234", "My number is [phone]"),
    ("+44 20 7946 0958 is mine", "[landline] is mine"),
    ("My SSN is 123-45-6789.", "My SSN is [social security number]."),
    ("card 4111 1111 1111 1111 exp 12/26", "card [bank card] exp 12/26"),
    ("my account number is 123456789", "my account number is [account number]"),
    ("IBAN DE89 3704 0044 0532 0130 00 was used", "IBAN [account number] was used"),
    ("mail john.smith@example.com.", "mail [e-mail]."),
    ("write to john at gmail dot com", "write to [e-mail]"),
    ("I live at 12 Main Street, Apt 4, here", "I live at [address], here"),
    ("P.O. Box 123 in Ohio", "[address] in Ohio"),
    ("My name is Ann Lee.", "My name is [name]."),
    ("I spoke with Ms. Johnson.", "I spoke with Ms. [name]."),
    ("Mrs. McDonald and Mary O'Brien", "Mrs. [name] and [name]"),
    ("passport number X1234567 lost", "passport number [passport] lost"),
    ("license plate ABC 1234 towed", "license plate [vehicle plate] towed"),
]

UNTOUCHED = """\
订单号：6222021234567890128，合同号4111111111111111
订单号 4111 1111 1111 1111
贷款合同编号：HT-2024-6222021234567890128
流水号13812345678，工单20240315138123456
订单编号DD13812345678901
统一社会信用代码91110108MA01ABCD2X
2024-03-15 13:45:12，20240315134512，1710489600000
1,234.56元、100万、1234567890元、13812345678元、￥4111111111111111
利率3.65%，0.13812345678
客服95588、400-888-8888、4008888888、12378、021-95588
尾号1234，后四位5678
张某、李某某、王**、138****5678、6222********1234
对方律师、由于经理不在、总经理、客户经理、老师说、高峰时段、谢谢您
12月15号、3号线、5号窗口、银监发〔2016〕25号
微信支付50000元，QQ群，微信2024年
order no. 4111111111111111, ref: 5500005555555559, case #13812345678
XXXX XXXX charged me {$500.00} on XX/XX/XXXX, account XXXX
15 U.S.C. 1681, 1-800-555-1234, score 720, 29.99%, $13,812,345,678
My loan with Wells Fargo, Mr. Cooper and Charles Schwab
I am Very upset. The Attorney General of New York""".splitlines()


@pytest.mark.parametrize(("text", "masked"), CHINESE + ENGLISH)
def test_personal_data_gives_way_to_its_placeholder(text: str, masked: str) -> None:
    assert MASKER.mask(text).text == masked


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        # What is the whole text is a title, however it is written.
        ("Infrastructure Application", "Infrastructure Application"),
        ("Ripristino Servizio TMS", "Ripristino Servizio TMS"),
        ('"Lost Luggage"', '"Lost Luggage"'),
        ("My card was charged twice. Mary Jones", "My card was charged twice. [name]"),
        ("My card was charged twice\nMary Jones", "My card was charged twice\n[name]"),
        ("Mary Jones, 07700 900123", "[name], [phone]"),
    ],
)
def test_a_signature_stands_beside_something(text: str, masked: str) -> None:
    assert MASKER.mask(text).text == masked


@pytest.mark.parametrize("text", UNTOUCHED)
def test_what_is_nobodys_stays(text: str) -> None:
    assert MASKER.mask(text).text == text


def test_findings_are_counted_by_kind() -> None:
    counts = MASKER.mask("手机13812345678或13912345678，我叫张伟").counts
    assert counts == {MaskKind.MOBILE: 2, MaskKind.NAME: 1}


def test_a_number_inside_an_address_of_another_kind_is_masked_once() -> None:
    masked = MASKER.mask("13812345678@139.com")
    assert masked.counts == {MaskKind.EMAIL: 1}


@pytest.mark.parametrize("kind", MaskKind)
@pytest.mark.parametrize("language", Language)
def test_placeholders_tell_their_kind(kind: MaskKind, language: Language) -> None:
    text = placeholder(kind, language)
    assert placeholder_kind(text) is kind
    assert PLACEHOLDER.fullmatch(text)
    assert MASKER.mask(f"手机{text} {text}张经理").counts == {MaskKind.NAME: 1}


def test_only_the_wanted_kinds_are_masked() -> None:
    masker = Masker(MaskingOptions(kinds=frozenset({MaskKind.MOBILE})))
    assert masker.mask("张经理13812345678").text == "张经理[手机号]"


def test_a_banks_own_numbers_stay_however_they_are_written() -> None:
    masker = Masker(MaskingOptions(public_numbers=frozenset({"010-88886666"})))
    assert masker.mask("(010) 8888 6666，010-88886667").text == "(010) 8888 6666，[座机号]"


FRAGMENTS = st.sampled_from(
    (
        *(
            "身份证号",
            "手机",
            "电话",
            "卡号",
            "账号",
            "订单号",
            "合同",
            "我叫",
            "姓名：",
            "客户经理",
        ),
        *(
            "女士",
            "王",
            "张伟",
            "经理",
            "说",
            "的",
            "，",
            "。",
            "[手机号]",
            "[姓名]",
            "[",
            "]",
            "(",
            ")",
        ),
        *(
            ":",
            "：",
            "13812345678",
            "6222021234567890128",
            "110101199003077758",
            "1",
            "2",
            "12",
            "2024",
        ),
        *(
            " ",
            "-",
            ".",
            "+",
            "@",
            "qq.com",
            "a",
            "X",
            "*",
            "路",
            "88号",
            "3栋",
            "501室",
            "市",
            "区",
        ),
        *(
            "京A",
            "12345",
            "my name is ",
            "John Smith",
            "Mr. ",
            "微信",
            "\n",
            "\t",
            "\u200b",
            "\x00",
        ),
        *("\ud800", "😀", "元", "万"),
    )
)


@given(st.lists(FRAGMENTS | st.text(max_size=5), max_size=25).map("".join))
def test_masking_a_masked_text_changes_nothing(text: str) -> None:
    once = MASKER.mask(text).text
    assert MASKER.mask(once).text == once


@given(st.text())
def test_any_text_can_be_masked_and_keeps_what_is_not_replaced(text: str) -> None:
    masked = MASKER.mask(text)
    if not masked.counts:
        assert masked.text == text


@given(st.lists(FRAGMENTS, max_size=25).map("".join))
def test_findings_lie_in_the_text_and_apart(text: str) -> None:
    spans = MASKER.find(text)
    edges = [edge for span in spans for edge in (span.start, span.end)]
    assert edges == sorted(edges)
    assert all(0 <= span.start < span.end <= len(text) for span in spans)


def test_masking_seeded_texts_again_changes_nothing() -> None:
    for text in seeded_texts(3, 200):
        once = MASKER.mask(text.text, text.names).text
        assert MASKER.mask(once, text.names).text == once


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("Call me at 139 1611 6114 please", "Call me at [mobile] please"),
        ("I was at 163 when it rang", "I was at 163 when it rang"),
        ("people at live events", "people at live events"),
        ("mail john at 163 dot com", "mail [e-mail]"),
        ("write to anna at gmail", "write to [e-mail]"),
        ("邮箱zhang艾特163", "[邮箱]"),
    ],
)
def test_a_mailbox_in_words_has_a_host(text: str, masked: str) -> None:
    assert MASKER.mask(text).text == masked


@pytest.mark.parametrize(
    "text",
    [
        "VoIP - Telephone Repair",
        "Customer Returned DDI Equipment",
        "ITM 6.1 Agent Primary:VMW-DWGEN02:NT appears to be down",
        "IDX Application Error - Not printing Receipts. Multiple Computers.",
        "cannot open files in MS Word on her machine",
        "E703 - DISPLAY INVALIDOU TRANSAÇÃO ASSINADA",
        "ReportXpress - Protocol Driver Error",
        "Online Payment - Screen Frozen",
        "Mein Rechner startet nicht mehr und ich brauche ihn heute noch dringend. Vielen Dank",
        "See https://example.com/install-libudunits2-dev-on-amazon-linux-2 for the fix",
        "PINOUTS-M1036",
    ],
)
def test_titles_of_problems_and_names_of_machines_stay(text: str) -> None:
    assert Masker().mask(text).text == text


@pytest.mark.parametrize(
    "text",
    [
        "My card was blocked and nobody called me back in a week - Zofia Nowakowska",
        "Nobody ever called me back.\nZofia Nowakowska\n0412 345 678",
        "Name - zofia nowakowska\nwants a call",
        "Customer name: Zofia Nowakowska",
        "订单显示收货人为李晓明，需核实",
    ],
)
def test_who_signs_or_is_named_in_a_line_goes(text: str) -> None:
    masked = Masker().mask(text).text
    assert "owakowska" not in masked
    assert "李晓明" not in masked
