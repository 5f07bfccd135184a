"""Chinese addresses from the road, estate or village down; province, city and district stay.

Where a case arose is worth knowing; which door the customer lives behind is not.
"""

import re
from collections.abc import Iterator

from graph.domain.placeholders import MaskKind
from ingest.masking.reading import Reading, Span

_NUMERALS = "一二三四五六七八九十百"
_NUMBER = rf"(?:[0-9]{{1,5}}[A-Za-z]?|[A-Za-z][0-9]{{0,4}}|[{_NUMERALS}〇零]{{1,5}})"
_GAP = r"[\s,，\-]{0,2}"
_BUILDING = rf"{_NUMBER}(?:号楼|号院|栋|幢|座(?![机谈位]))"
_UNIT = rf"{_NUMBER}(?:单元|梯|门)"
_FLOOR = rf"{_NUMBER}(?:层|楼(?![盘栋市梯]))"
_ROOM = (
    rf"(?:{_NUMBER}(?:室|房(?![产屋东贷价子间地源租管号])|房号|号房|户(?![型口籍主名外]))"
    # A bare number of three or four digits, unless it counts something.
    r"|[0-9]{3,4}(?:号(?![楼院文令]))?(?!\.?[0-9]|[%元万年月日天个人名户平㎡多余]))"
)
_DASHED = r"[0-9]{1,3}(?:-[0-9]{1,4}){1,3}[室号房]?"
#: The number of a house; 3号 after a road may also be a day, a line or an exit.
_NO_HOUSE = (
    "(?!线|文|令|开始|起|之前|以前|前|到|至|上午|下午|晚|凌晨|中午|早上|左右|站|出口|地铁|窗口|柜)"
)
_HOUSE = (
    rf"(?<=[路街道巷弄里胡同段坊村庄屯湾坪塘冲])(?:[东南西北中]?[{_NUMERALS}]{{0,2}}段)?"
    rf"(?:[0-9]{{1,5}}|[{_NUMERALS}]{{1,5}})(?:-[0-9]{{1,3}})?[号弄]{_NO_HOUSE}"
    # The name of an estate may stand between the road and its building.
    rf"(?:[\u4e00-\u9fff]{{2,10}}?(?={_BUILDING}|[0-9]{{1,3}}-[0-9]))?"
    rf"(?:{_GAP}(?:{_BUILDING}|{_UNIT}|{_FLOOR}|{_ROOM}|附[0-9]{{1,3}}号|内?[0-9]{{1,4}}号)){{0,5}}"
    rf"(?:{_DASHED})?"
)
_CORE = re.compile(
    "|".join(
        (
            _HOUSE,
            rf"{_BUILDING}{_GAP}(?:(?:{_UNIT}|{_FLOOR}){_GAP}){{0,2}}(?:{_ROOM}|{_DASHED})",
            rf"{_BUILDING}{_GAP}{_UNIT}",
            rf"{_UNIT}{_GAP}(?:{_FLOOR}{_GAP})?{_ROOM}",
            r"(?<=[区园苑寓厦府城庭居湾郡墅期里村])[0-9]{1,3}(?:-[0-9A-Za-z]{1,4}){1,3}[室号房]?(?![0-9元年月])",
            r"(?<=[苑园区寓庄厦邨里城])[0-9]{1,3}(?:幢|栋|楼|座)(?:[甲乙丙丁0-9]{1,2}单元)?[0-9]{3,4}(?![0-9元])",
            r"(?<=[邨楼座厦])[0-9]{1,4}室|第?[0-9]{1,2}座[0-9]{1,2}楼[A-Z]?",
            rf"(?<=村)(?:委会)?{_NUMBER}[组社队]{_GAP}[0-9]{{1,4}}号",
        )
    )
)
#: A branch is named after its street; where it is, is no secret.
_BRANCH = re.compile(
    r"\s?(?:[\u4e00-\u9fff]{0,4}(?:支行|分行|分理处|营业厅|营业部|网点|储蓄所|ATM))"
)
_LIKELY = re.compile(rf"[0-9A-Za-z{_NUMERALS}][号弄栋幢座楼单室房组]|\d-\d")
#: 地址：... up to the last thing that looks like a part of an address.
_LABELLED = re.compile(
    r"(?:(?:地址|住址|户籍地|住所)[为是在]?[:\s]{0,2}[为是]?"
    r"|家住|现住|住在|居住在|居住于|租住在|寄到|邮寄到|邮寄至|寄至|快递到|送到)"
    r"(?P<address>[\u4e00-\u9fffA-Za-z0-9\- #·]{4,60})"
)
_PLACE = re.compile(rf"\d\s?(?:号|室|栋|幢|座|单元|组|弄|楼)|[{_NUMERALS}]\s?(?:号|栋|单元|组)")
_REGION = re.compile(
    r"(?:[\u4e00-\u9fff]{2,7}?(?:省|自治区))?(?:[\u4e00-\u9fffA-Za-z0-9]{1,7}?(?:市|自治州|地区|盟))?"
    r"(?:[\u4e00-\u9fffA-Za-z0-9]{1,7}?(?:(?<![小社街园校厂辖景])区|县|旗|市))?"
    r"(?:[\u4e00-\u9fff]{1,6}?(?:街道|镇|乡))?"
)
_HAN = re.compile(r"[\u4e00-\u9fff]")
_LONGEST_NAME = 10
#: Where the name of a road or estate cannot go on to the left.
_BREAKS = frozenset(
    "址省市县镇乡旗州请求查闭住在于到至从往位是的和与及我你他她它了去来给由经过找为有无将把叫称"
)
_PART_OF_ESTATE = frozenset("小社街园校厂辖景新院片")


def find(reading: Reading) -> Iterator[Span]:
    """House, building, unit and room, with the name of the road, estate or village before."""
    folded = reading.folded
    if not reading.has_chinese or not _LIKELY.search(folded):
        return
    for match in _CORE.finditer(folded):
        if _BRANCH.match(folded, match.end()):
            continue
        if not reading.is_order(match.start(), match.end()):
            yield Span(_name_start(folded, match.start()), match.end(), MaskKind.ADDRESS)
    for match in _LABELLED.finditer(folded):
        address = match["address"]
        end = max((place.end() for place in _PLACE.finditer(address)), default=0)
        if end:
            region = _REGION.match(address)
            kept = region.end() if region and region.end() < end else 0
            start = match.start("address")
            yield Span(start + kept, start + end, MaskKind.ADDRESS)


def _name_start(folded: str, start: int) -> int:
    begin = start
    while begin > max(0, start - _LONGEST_NAME):
        char = folded[begin - 1]
        district = char == "区" and folded[begin - 2 : begin - 1] not in _PART_OF_ESTATE
        street_office = folded[begin - 2 : begin] == "街道" and begin < start
        if char in _BREAKS or district or street_office or not _HAN.match(char):
            break
        begin -= 1
    return begin
