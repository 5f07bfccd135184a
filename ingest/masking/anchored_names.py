"""Names that stand where only a person can: behind a word for one, at the beginning or as the
signature of a text. What was named once is a name wherever it occurs.
"""

import re
from collections.abc import Iterator
from itertools import islice

from graph.domain.placeholders import MaskKind
from ingest.masking.no_names_en import NO_NAMES as NO_NAMES_EN
from ingest.masking.no_names_en import WELL_KNOWN
from ingest.masking.person_words_zh import NO_NAMES
from ingest.masking.reading import Reading, Span
from ingest.masking.segmenter import is_known
from ingest.masking.surnames import COMPOUND, GIVEN, SURNAMES
from ingest.masking.vocabulary import characters, words

_HAN = r"\u3400-\u9fff"
_ANCHORS = "|".join(sorted(map(re.escape, words("anchors_zh")), key=len, reverse=True))
#: What may follow a name.
_FOLLOWED = (
    r"(?=[\s，。,;；:、!！?？()/|\"”」》\d]|$|先生|女士|小姐|[在的说是把被拿有来给和与要去于欠打对借不他她我未已因骗后收都]"
    r"|电话|手机|银行|身份|名下|担保|自称|告诉|态度|没有|咨询)"
)
_ANCHORED = re.compile(
    rf"(?:{_ANCHORS})(?:为|是|叫|应该是|[\s:(“\"①②③]){{0,4}}"
    rf"(?P<name>[{_HAN}](?: ?[{_HAN}]){{1,3}}?){_FOLLOWED}"
)
#: A label before a name: whatever stands behind it is one.
_LABEL = re.compile(
    rf"(?:{'|'.join(words('anchors_label_zh'))})(?:为|是|叫|应该是|[\s:(“\"]){{0,4}}$"
)
_LONGEST_LABEL = 16
#: A name of other peoples: parts joined by a middle dot.
_DOTTED = re.compile(
    rf"(?P<name>[A-Za-z{_HAN}]{{1,12}}(?:[·•‧・][A-Za-z{_HAN}]{{1,12}}){{1,3}}?)"
    rf"(?=[^{_HAN}·•]|$|[，。的在，是])"
)
_DOT = re.compile("[·•‧・]")
#: The last words of a text, before a number at most.
_SIGNATURE = re.compile(
    rf"(?:^|[。！!?？…\n，,；;\s①②③④⑤]|敬上|此致)(?P<name>[{_HAN}](?: ?[{_HAN}]){{1,3}})"
    r"(?=\s{0,4}[，,:：]?\s{0,2}(?:电话|手机)?\s{0,2}(?:\+?\d[\d -]{6,24}\d)?\s{0,2}[。.]?\s{0,9}$"
    r"|\s{0,2}[，,]?\s{0,2}\d{11,18}|[，,]\s{0,2}\d[\d -]{6,24}\d)"
)
_BEGINNING = re.compile(
    rf"^\s{{0,9}}(?P<name>[{_HAN}]{{2,3}})(?=来电|\d{{15}}|先生|女士|[，,]\s?(?:男|女|身份证|电话))"
)
_SPACED = re.compile(rf"(?<![{_HAN}])(?P<name>[{_HAN}](?: [{_HAN}]){{1,3}})(?![{_HAN}] )")
_NUMBER_BEHIND = re.compile(r"\W{0,9}\d{7}")
#: 金钥匙·安心得利90天: the name of a product goes on with a number or a word for one.
_PRODUCT = re.compile(r"\s{0,4}\d|.{0,4}(?:计划|产品|基金|理财|卡|贷|号|期|款|版|套餐)")

#: One syllable in Pinyin.
_PINYIN = (
    r"(?:zh|ch|sh|[bpmfdtnlgkhjqxrzcsyw])?(?:iang|iong|uang|ueng|ang|eng|ing|ong|ian|iao|uai|uan"
    r"|ai|ei|ao|ou|an|en|in|un|ia|ie|iu|ua|uo|ui|ue|ve|a|o|e|i|u|v)r?"
)
_PINYIN_NAME = re.compile(rf"(?:{_PINYIN}){{1,3}}", re.IGNORECASE)
_LATIN_SURNAMES = frozenset(words("surnames_latin"))
_CAPITALISED = r"(?:[A-ZÀ-ÖØ-ÞĀ-Ž][\w'’-]{1,30}\w)"
_PART = rf"(?:{_CAPITALISED}|[A-Z]\.(?!\w))"
_SMALL = r"(?:(?:de|da|dos|van|der|den|von|bin|binti|al|Ní|y|&) ){0,2}"
_NAME_EN = rf"{_PART}(?:(?: |, ){_SMALL}(?:\([A-Z]\w{{1,30}}\) )?{_PART}){{0,4}}"
_ANCHORS_EN = "|".join(sorted(map(re.escape, words("anchors_en")), key=len, reverse=True))
_ANCHORED_EN = re.compile(
    rf"(?<![A-Za-z])(?:(?i:{_ANCHORS_EN})|I,)[\s:,\"“(]{{1,3}}(?P<name>{_NAME_EN})"
)
_SIGNATURE_EN = re.compile(
    rf"(?:^|[.!?\n]\s{{0,4}}|[-–—]\s{{0,4}})(?P<name>{_NAME_EN})"
    r"(?=\s{0,4}(?:[,|/-]\s{0,4}(?:\+?[\d(][\d ()/.-]{6,24}\d|\d{1,6}\w? ))?[^A-Za-z\n]{0,24}$)"
)
_BEGINNING_EN = re.compile(
    rf"^[\s\"“]{{0,9}}(?P<name>{_CAPITALISED}(?: {_CAPITALISED}){{1,2}})"
    r"(?= (?:called|is how|/|said|came|rang|phoned|states))"
)
_ROMANISED = re.compile(
    r"(?<![A-Za-z])(?P<name>[A-Z][A-Za-z]{1,8}(?: [A-Z][A-Za-z]{1,8}){1,3})(?![A-Za-z])"
)
#: A line of its own that says that it is a name, in whatever letters.
_LINE_EN = re.compile(
    r"^[ \t]{0,4}(?:(?:caller|customer|contact|full|user)(?:'s)? )?name[ \t]{0,2}[-–:=][ \t]{0,2}"
    r"(?P<name>[^\W\d_][\w'’.-]{0,30}(?: [^\W\d_][\w'’.-]{0,30}){1,3})[ \t]{0,4}$",
    re.IGNORECASE | re.MULTILINE,
)
#: Primary:NT is the label of something.
_LABEL_BEHIND = re.compile(r":\S")
_ANY_WORD = re.compile(r"[^\W\d_]{2,60}")
#: Words that somebody signs; of a title there are fewer before a dash.
_FEWEST_SIGNED = 8
_LONG_WORD = 3
_FIRST_NAMES = frozenset(words("first_names_en"))
_LABEL_EN = re.compile(r"(?:NAME|HOLDER|CUSTOMER|PAYEE)\s{0,3}:?\s{0,3}$")
_NO_LATIN = frozenset(words("no_latin_names"))
#: Crossed out already.
_REDACTED = re.compile(r"XX|\*\*")
_NO_GIVEN = characters("no_given_zh")
_ANCHORED_SURNAMES = SURNAMES | characters("surnames_anchored")
_MOST = 64
_AROUND = 60


def find(reading: Reading) -> Iterator[Span]:
    """Chinese names in Chinese texts, names in Latin letters in all."""
    text = reading.folded
    results = set(_latin(text, has_chinese=reading.has_chinese))
    if reading.has_chinese:
        results |= set(_chinese(text))
    for start, end in sorted(results):
        yield Span(start, end, MaskKind.NAME)
    names = dict.fromkeys(text[start:end] for start, end in sorted(results))
    for name in islice(names, _MOST):
        plain = _DOT.sub("", name.replace(" ", "")) if _DOT.search(name) else name
        for form in {name, plain}:
            if len(form) > 2 or (len(form) == 2 and not form.isascii() and not is_known(form)):
                for match in re.finditer(_bounded(form), text):
                    yield Span(match.start(), match.end(), MaskKind.NAME)


def _bounded(name: str) -> str:
    word = re.escape(name)
    return rf"(?<![A-Za-z]){word}(?![A-Za-z])" if name.isascii() else word


def _chinese(text: str) -> Iterator[tuple[int, int]]:
    for match in _ANCHORED.finditer(text):
        name, start = match["name"], match.start("name")
        is_label = _LABEL.search(text, max(0, start - _LONGEST_LABEL), start) is not None
        if not is_label and (is_known(name) or name in NO_NAMES):
            continue
        if _is_name(name, anchored=True):
            yield match.span("name")
    for pattern in (_SIGNATURE, _BEGINNING, _SPACED):
        for match in pattern.finditer(text):
            name, end = match["name"], match.end("name")
            numbered = _NUMBER_BEHIND.match(text, end) is not None
            sure = " " in name or numbered or not (is_known(name) or name in NO_NAMES)
            if sure and _is_name(name, anchored=numbered):
                yield match.span("name")
    for match in _DOTTED.finditer(text):
        parts = _DOT.split(match["name"])
        is_person = all(len(part) > 1 or part.isascii() for part in parts)
        if is_person and not _PRODUCT.match(text, match.end()):
            yield match.span("name")


def _is_name(name: str, *, anchored: bool = False) -> bool:
    """Whether it begins with a surname and goes on like a given name; behind an anchor, with any
    character that can stand in one.
    """
    plain = name.replace(" ", "")
    if not 2 <= len(plain) <= 4:
        return False
    is_compound = plain[:2] in COMPOUND and len(plain) > 2
    given = plain[2:] if is_compound else plain[1:]
    if anchored:
        known = is_compound or plain[0] in _ANCHORED_SURNAMES
        return known and len(given) <= 2 and not _NO_GIVEN.intersection(given)
    return is_compound or (
        plain[0] in SURNAMES and len(given) <= 2 and all(c in GIVEN for c in given)
    )


def _latin(text: str, *, has_chinese: bool) -> Iterator[tuple[int, int]]:
    for match in _ROMANISED.finditer(text):
        if _is_romanised(match["name"]) and (has_chinese or match["name"].isupper()):
            yield match.span("name")
    is_title = _is_title(text)
    for match in _ANCHORED_EN.finditer(text):
        span = _trimmed(text, *match.span("name"))
        if span is None or _LABEL_BEHIND.match(text, span[1]):
            continue
        if not is_title or _is_usual(text[slice(*span)]):
            yield span
    for match in _LINE_EN.finditer(text):
        if not any(word.capitalize() in NO_NAMES_EN for word in match["name"].split()):
            yield match.span("name")
    for match in _SIGNATURE_EN.finditer(text):
        span = _trimmed(text, *match.span("name"))
        if span and _signs(text, match, span):
            yield span
    for match in _BEGINNING_EN.finditer(text):
        if span := _trimmed(text, *match.span("name")):
            yield span


def _signs(text: str, match: re.Match[str], span: tuple[int, int]) -> bool:
    """Whether a signature is one: a single word may be any word, what is the whole text is a
    title, unless a number is beside it, and what follows a few words is the rest of one, unless it
    is called like people.
    """
    name, before = text[slice(*span)].strip(), text[: match.start("name")]
    if " " not in name or not any(map(str.isalnum, before + text[match.end("name") :])):
        return False
    number_behind = any(map(str.isdigit, text[match.end("name") :]))
    signed = len(_ANY_WORD.findall(before)) >= _FEWEST_SIGNED
    return signed or number_behind or not before.strip() or _is_usual(name)


def _is_usual(name: str) -> bool:
    """Whether one of its words is a usual first name or a Chinese surname in Latin letters."""
    words_ = (word.strip("(),.") for word in name.split())
    return any(w.capitalize() in _FIRST_NAMES or w.lower() in _LATIN_SURNAMES for w in words_)


def _is_title(text: str) -> bool:
    """Whether all words begin with a capital, so that capitals tell nothing."""
    long = [word for word in _ANY_WORD.findall(text) if len(word) > _LONG_WORD]
    return len(long) > 1 and all(word[0].isupper() for word in long)


def _is_romanised(name: str) -> bool:
    """Whether it is a Chinese name in Latin letters: a surname first or last, syllables beside."""
    parts = name.lower().split()
    if parts[0] not in _LATIN_SURNAMES and parts[-1] not in _LATIN_SURNAMES:
        return False
    return all(
        part in _LATIN_SURNAMES or len(part) <= 4 or _PINYIN_NAME.fullmatch(part) for part in parts
    )


def _trimmed(text: str, start: int, end: int) -> tuple[int, int] | None:
    """Up to the first word that is no part of a name; None where nothing is left."""
    last = start
    for match in re.finditer(r"\S+", text[start:end]):
        word = match[0].strip("(),.")
        if word.capitalize() in NO_NAMES_EN or word.lower() in _NO_LATIN or _REDACTED.search(word):
            break
        last = start + match.end()
    name = text[start:last].rstrip(".,")
    parts = name.split(" ")
    if name.isupper() and not _is_labelled(text, start) and _is_shouted(text, start, end):
        return None
    if len(name) < 2 or " ".join((parts[0], parts[-1])) in WELL_KNOWN:
        return None
    return start, start + len(name)


def _is_labelled(text: str, start: int) -> bool:
    return _LABEL_EN.search(text, max(0, start - _LONGEST_LABEL), start) is not None


def _is_shouted(text: str, start: int, end: int) -> bool:
    """Whether the words around it are in capitals, too: then these tell nothing."""
    around = re.findall(
        r"[A-Za-z]{3,}", text[max(0, start - _AROUND) : start] + text[end : end + _AROUND]
    )
    return len(around) > 2 and 2 * sum(word.isupper() for word in around) > len(around)
