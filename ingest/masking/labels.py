"""The words beside a number that tell what it is: a card, a phone, an order, an amount."""

import re
from dataclasses import dataclass
from enum import StrEnum

from ingest.masking.vocabulary import words

_REACH = 64  # characters before a number in which its label is looked for
_STEPS = 8  # words between a label and its number that may be passed over


class Label(StrEnum):
    """What the words before a number say that it is."""

    ID = "ID"
    PASSPORT = "PASSPORT"
    SOCIAL_SECURITY = "SOCIAL_SECURITY"
    PHONE = "PHONE"
    CARD = "CARD"
    ACCOUNT = "ACCOUNT"
    AMOUNT = "AMOUNT"
    ORDER = "ORDER"


@dataclass(frozen=True, slots=True)
class Labelled:
    """A label found before a number.

    ``firm``: it says "number" (订单号, order no., 合同：), so that what follows is one whatever its
    form; a bare 订单 or "order" may only happen to stand there.
    """

    label: Label
    firm: bool


_WORDS = {word: label for label in Label for word in words(f"label_{label.lower()}")}
#: "order 123" names its number in English; 订单 needs a 号.
_CODES = frozenset({Label.ORDER, Label.CARD})
_LENGTHS = sorted({len(word) for word in _WORDS}, reverse=True)
#: What may stand between a label and its number.
_FILLERS = sorted(words("label_fillers"), key=len, reverse=True)
_PUNCTUATION = " \n\r:=#'\"“”‘’「」『』<>()[]【】-*_→~·"
_FIRM = re.compile(r"[号码:=#]|\b(?:no|nr|num|numbers?|nos|id|code)\b")
#: A value of the same list stands before: ``订单号 123、456``.
_LIST_SIGNS = ("、", "/", "和", "与", "及", " and ", " & ")
_LISTED = re.compile(r"([0-9A-Za-z-]{4,32})(?:[、/和与及]| and | & )$")
_DIGITS = re.compile(r"\d+")
_CODE_CHARACTERS = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_/")
_AFTER_ORDER = re.compile(r"\s?号(?:的)?(?:订单|合同|保单|工单|投诉|单据|案件|文件|流水|协议|凭证)")
_AFTER_AMOUNT = re.compile(
    r"(?:\.\d{1,2})? ?(?:元(?![旦宵月])|块|圆"
    r"|[万亿](?=[元块多余左以的美港日欧，。,、；;!?)\s]|人民币|$)|美元|美金|港币|港元|日元|欧元|英镑|韩元|[%％]|积分|份|股|dollars?\b|usd\b|rmb\b|cny\b|yuan\b|points\b)",
    re.IGNORECASE,
)
_CURRENCIES = frozenset("¥$€£")
_CENTS = re.compile(r"\.\d{2}(?!\d)(?!\s?[分点时号日天月年秒周小])")


def label_before(folded: str, start: int) -> Labelled | None:
    """The nearest label before ``start``; also before a code that the number is the end of."""
    head = _lowered(folded[max(0, start - _REACH) : start])
    result = _label_at_end(head)
    if result is None and head and head[-1] in _CODE_CHARACTERS:
        code_start = len(head)
        while code_start and head[code_start - 1] in _CODE_CHARACTERS:
            code_start -= 1
        result = _label_at_end(head[:code_start])
        # Letters in front make it a code; of a phone or a card they tell nothing.
        if result is not None and result.label is not Label.ORDER:
            result = None
    if result is None and head.endswith(_LIST_SIGNS) and (listed := _LISTED.search(head)):
        # 订单号 12345678和13812345678: only a number of the same length goes on with the list.
        number = _DIGITS.match(folded, start)
        if number and len(number[0]) == sum(map(str.isdigit, listed[1])):
            result = label_before(head, listed.start(1))
    return result


def is_order(folded: str, start: int, end: int, labelled: Labelled | None) -> bool:
    """Whether a number of order, contract, serial ... stands at ``start:end``."""
    if labelled is not None and labelled.label is Label.ORDER:
        return True
    return labelled is None and _AFTER_ORDER.match(folded, end) is not None


def is_amount(folded: str, start: int, end: int, labelled: Labelled | None) -> bool:
    """Whether the number at ``start:end`` counts money or things."""
    if labelled is not None:
        return labelled.label is Label.AMOUNT
    if start >= 2 and folded[start - 2 : start] == "0.":
        return True  # decimals; after another digit it is rather the number of a list
    if folded[start - 1 : start] in _CURRENCIES and start:
        return True
    return bool(_AFTER_AMOUNT.match(folded, end) or _CENTS.match(folded, end))


def _label_at_end(head: str) -> Labelled | None:
    rest = head
    for _ in range(_STEPS):
        rest = rest.rstrip(_PUNCTUATION)
        word = _longest_label(rest)
        if word:
            gap = head[len(rest) :]
            label = _WORDS[word]
            firm = _FIRM.search(word + gap) is not None or (word.isascii() and label in _CODES)
            across_lines = "\n" in gap and ":" not in gap
            return None if across_lines and label is Label.ORDER else Labelled(label, firm)
        filler = next((f for f in _FILLERS if _ends_with(rest, f)), None)
        if filler is None:
            return None
        rest = rest[: -len(filler)]
    return None


def _longest_label(head: str) -> str | None:
    for length in _LENGTHS:
        word = head[-length:]
        if len(word) == length and word in _WORDS and _ends_with(head, word):
            return word
    return None


def _ends_with(head: str, word: str) -> bool:
    """Whether ``head`` ends with ``word`` as a word of its own."""
    if not head.endswith(word):
        return False
    before = head[-len(word) - 1 : -len(word)]
    inside = before.isascii() and before.isalpha() and word[0].isascii() and word[0].isalpha()
    return not inside


def _lowered(text: str) -> str:
    lowered = text.lower()
    return lowered if len(lowered) == len(text) else text
