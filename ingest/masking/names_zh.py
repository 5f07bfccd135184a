"""Chinese names behind a word for a person, or found by the word segmenter.

张某, 李某某 and 王** name nobody and stay.
"""

import re
from collections.abc import Iterator
from itertools import islice

from graph.domain.placeholders import MaskKind
from ingest.masking import scored_names_zh, titles_zh
from ingest.masking.person_words_zh import NO_NAMES
from ingest.masking.reading import Reading, Span
from ingest.masking.segmenter import segment
from ingest.masking.surnames import COMPOUND, GIVEN, SURNAMES

#: After these and a colon stands a name, whatever it looks like.
_FIELD = re.compile(
    r"(?:姓名|户名|联系人|收款人|付款人|持卡人|投诉人|举报人|申请人|反映人|来电人|客户姓名|开户人|借款人|担保人|投保人|被保险人"
    r"|受益人|经办人|负责人|法人|法定代表人|法人代表|代理人|委托人|当事人|签名|署名|落款|此致敬礼|本人|致电人|被投诉人|被举报人|经办柜员"
    r"|客户经理|理财经理|户主|业主|承办人|接待人|受理人|客户|家属|监护人)(?:姓名)?(?:为|是)?\s?:\s{0,2}(?P<name>[\u4e00-\u9fff·]{2,15})"
)
_LONGEST_FIELD_NAME = 4
_MOST_REPEATED = 64  # names looked for again, so that the time stays linear in the text


def find(reading: Reading) -> Iterator[Span]:
    """Every Chinese name, and again wherever a full name that was found occurs."""
    if not reading.has_chinese:
        return
    folded = reading.folded
    words = segment(folded)
    results = [
        *titles_zh.find(folded, words),
        *_fields(folded),
        *scored_names_zh.find(folded, words),
    ]
    for start, end in results:
        yield Span(start, end, MaskKind.NAME)
    names = dict.fromkeys(folded[start:end] for start, end in results if end - start > 2)
    for name in islice(names, _MOST_REPEATED):
        yield from (Span(start, end, MaskKind.NAME) for start, end in _occurrences(folded, name))


def _fields(folded: str) -> Iterator[tuple[int, int]]:
    for match in _FIELD.finditer(folded):
        name = match["name"]
        start = match.start("name")
        length = len(name)
        if "·" not in name and length > _LONGEST_FIELD_NAME:
            length = _length_of_name(name)
        if (
            length
            and name not in NO_NAMES
            and (name[0] in SURNAMES or "·" in name or name[:2] in COMPOUND)
        ):
            yield start, start + length


def _length_of_name(text: str) -> int:
    """How many characters from the beginning of ``text`` are a name; 0: none."""
    surname = 2 if text[:2] in COMPOUND else 1 if text[:1] in SURNAMES else 0
    given_length = 0
    while surname and given_length < 2 and text[surname + given_length :][:1] in GIVEN:
        given_length += 1
    return surname + given_length if given_length else 0


def _occurrences(folded: str, name: str) -> Iterator[tuple[int, int]]:
    start = folded.find(name)
    while start >= 0:
        yield start, start + len(name)
        start = folded.find(name, start + len(name))
