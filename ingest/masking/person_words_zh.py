"""Words beside a Chinese name that tell a person from a place, a firm or another word."""

from ingest.masking.vocabulary import words

#: Behind these a name may follow directly.
ROLES = words("roles_zh")
ROLE_TAILS = frozenset(role[-2:] for role in ROLES)
#: What may stand between a role and the name, once.
BETWEEN = ("分别是", "分别为", "名叫", "是", "为", "叫", ":", "(", "“", '"')
#: What a person does or has.
AFTER_PERSON = words("after_person_zh")
#: Endings and followers that make a place, a firm or a thing of what begins like a name.
PLACE_ENDS = frozenset(
    "村镇乡路桥湾塘岭冲溪河坪庙园苑城府庭街巷屯庄店坝滩洲岛港堂馆站"
    "院局组垸坡墩区县市省州楼寺矿厂家墅郡台"
)
AFTER_PLACE = words("after_place_zh")
#: Words that begin with a surname, which the segmenter takes for people.
NO_NAMES = frozenset(words("no_names_zh"))
