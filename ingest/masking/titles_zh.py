"""Chinese names with a title behind them: 王经理, 李晓明女士, 欧阳主任."""

import re
from collections.abc import Iterator, Mapping

from ingest.masking.person_words_zh import NO_NAMES
from ingest.masking.segmenter import Words, is_known
from ingest.masking.surnames import AMBIGUOUS, BEFORE_NAMES, COMPOUND, GIVEN, SURNAMES

_PERSONAL = "先生|女士|小姐|太太|夫人|同志"
#: What may stand between surname and title: 王副行长, 李大堂经理.
_KIND = (
    "副|客户|大堂|理财|支行|分行|业务|总|柜面|信贷|贷款|项目|部门|值班|网点|大队|中队|前台|财务"
    "|人事|代理"
)
_OFFICE = (
    "经理|主任|主管|行长|总监|董事长|老板|老师|师傅|律师|医生|大夫|护士|警官|警察|法官|检察官|书记|"
    "[省市县镇乡区村局处科所队院校部会站组厅股班]长(?![江沙春安城宁乐征途期大度短线远久辈龙葛白])|秘书|会计(?!师)|阿姨|大爷|大妈|大姐|大哥|叔叔|伯伯|奶奶|爷爷|"
    "柜员|客服(?!务)|专员|顾问|教授|博士|主席|干事|记者|房东|支书|庭长|店长|船长|姑娘|老太|大娘|婆婆"
)
#: One character only, so what follows must not make another word of it (总是, 总行).
_SHORT = "(?:总|姐|哥|嫂|叔|姨|董)(?=[，,。;；:、!！?？\\s说讲告答表承要让叫你您的回联在]|$)"
TITLE = re.compile(f"(?P<personal>{_PERSONAL})|(?:{_KIND})?(?:{_OFFICE})|(?P<short>{_SHORT})")
#: With these characters a title ends.
_LAST = frozenset(
    "生士姐太人志理任管长监板师傅医夫护官察记书计姨爷妈哥叔伯奶员服问授席事者东支娘婆总嫂董"
)
_LONGEST_TITLE = 6
#: 老王, 小李: only before a word that makes a person of it.
_FAMILIAR = re.compile(
    r"[小老](?P<name>[\u4e00-\u9fff])(?=说|讲|告诉|告知|表示|回复|答复|承诺|联系|推荐|打电话|让我|叫我)"
)
_CALLED = re.compile(r"(?<![百字])姓(?P<name>[\u4e00-\u9fff])(?=[的，,。;；、先女\s]|$)")
#: Characters with which another word ends in what would be a surname: 对方律师, 由于经理.
_WORDS_BEFORE = {
    "于": "由对关属基位至处在等鉴出用便利大小高低归限善勇终过急",
    "任": "责主信担现原",
    "关": "有相机海",
    "司": "公",
    "史": "历",
    "商": "协",
    "安": "公保治西",
    "席": "主出",
    "常": "经非日",
    "文": "公发",
    "方": "对双我一多各官警校院甲乙地军后前买卖厂东西南北远平立大",
    "明": "说证声表文",
    "白": "明",
    "程": "工流",
    "管": "主",
    "金": "现基资",
    "高": "提最很较",
}
#: Surnames that alone are nearly always another word.
_NEVER_ALONE = frozenset("和向时成应连从全解查师单边计党平言关项商管房水宗植代储年强东")
_LONGEST_GIVEN = 2


def find(folded: str, words: Words) -> Iterator[tuple[int, int]]:
    """Positions of the name alone; the title stays, it tells whom the complaint is about."""
    titles = list(_titles(folded, words))
    tags = dict(zip(words.starts, words.tags, strict=False)) if titles else {}
    for title in titles:
        start = _name_start(folded, title, tags)
        if start is not None:
            yield start, title.start()
    for pattern in (_FAMILIAR, _CALLED):
        for match in pattern.finditer(folded):
            if match["name"] in SURNAMES and match["name"] not in _NEVER_ALONE:
                yield match.span("name")


def _titles(folded: str, words: Words) -> Iterator[re.Match[str]]:
    """Titles, looked for only where a word ends like one: reading on every character is slow."""
    done = 0
    for index, word in enumerate(words.texts):
        if word[-1] in _LAST:
            end = words.starts[index + 1]
            # One character more: what follows may make another word of it.
            title = TITLE.search(folded, max(done, end - _LONGEST_TITLE), end + 1)
            if title and title.end() <= end:
                done = title.end()
                yield title


def _name_start(folded: str, title: re.Match[str], tags: Mapping[int, str]) -> int | None:
    end = title.start()
    for given in range(_LONGEST_GIVEN, -1, -1):
        for surname in (2, 1):
            start = end - given - surname
            # Only where a word begins; one that the dictionary knows as another word is no name.
            tag = tags.get(start)
            begins = tag is not None or folded[max(0, start - 1) : start] in BEFORE_NAMES
            other = folded[start:end] in NO_NAMES or (
                given and not (tag or "").startswith("nr") and is_known(folded[start:end])
            )
            if begins and not other and _is_name(folded, start, surname, given, title):
                return start
    return None


def _is_name(folded: str, start: int, surname: int, given: int, title: re.Match[str]) -> bool:
    family = folded[start : start + surname]
    own = folded[start + surname : start + surname + given]
    if surname == 2:
        return family in COMPOUND and all(char in GIVEN for char in own)
    if family not in SURNAMES or not all(char in GIVEN for char in own):
        return False
    before = folded[start - 1 : start]
    if not given:
        return _stands_alone(family, before, title)
    if family in AMBIGUOUS and own[0] in SURNAMES and own[0] not in AMBIGUOUS:
        return False  # 向王经理反映: the surname is 王
    return not before or before not in _WORDS_BEFORE.get(family, "")


def _stands_alone(family: str, before: str, title: re.Match[str]) -> bool:
    if title["short"] and family in AMBIGUOUS:
        return False
    if before and before in _WORDS_BEFORE.get(family, ""):
        return False
    # 全经理, 和律师: only Mr. or Ms. make a person of them, at the beginning of a phrase.
    alone = before == "的" or (bool(title["personal"]) and not before.isalnum())
    return family not in _NEVER_ALONE or alone
