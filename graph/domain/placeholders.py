"""What is masked, and the placeholders that stand in its place."""

import re
from enum import StrEnum

from graph.domain.enums import Language


class MaskKind(StrEnum):
    """A kind of personal data; the order is the precedence where two findings overlap."""

    SECRET = "SECRET"  # noqa: S105
    EMAIL = "EMAIL"
    ID_NUMBER = "ID_NUMBER"
    BANK_CARD = "BANK_CARD"
    SOCIAL_SECURITY = "SOCIAL_SECURITY"
    PASSPORT = "PASSPORT"
    MOBILE = "MOBILE"
    LANDLINE = "LANDLINE"
    PHONE = "PHONE"
    SOCIAL_ACCOUNT = "SOCIAL_ACCOUNT"
    ACCOUNT = "ACCOUNT"
    PLATE = "PLATE"
    BIRTH_DATE = "BIRTH_DATE"
    ADDRESS = "ADDRESS"
    NAME = "NAME"


_ZH = {
    MaskKind.SECRET: "认证信息",
    MaskKind.EMAIL: "邮箱",
    MaskKind.ID_NUMBER: "身份证号",
    MaskKind.BANK_CARD: "银行卡号",
    MaskKind.SOCIAL_SECURITY: "社会保障号",
    MaskKind.PASSPORT: "护照号",
    MaskKind.MOBILE: "手机号",
    MaskKind.LANDLINE: "座机号",
    MaskKind.PHONE: "电话号码",
    MaskKind.SOCIAL_ACCOUNT: "社交账号",
    MaskKind.ACCOUNT: "账号",
    MaskKind.PLATE: "车牌号",
    MaskKind.BIRTH_DATE: "出生日期",
    MaskKind.ADDRESS: "地址",
    MaskKind.NAME: "姓名",
}
_EN = {
    MaskKind.SECRET: "secret",
    MaskKind.EMAIL: "e-mail",
    MaskKind.ID_NUMBER: "ID number",
    MaskKind.BANK_CARD: "bank card",
    MaskKind.SOCIAL_SECURITY: "social security number",
    MaskKind.PASSPORT: "passport",
    MaskKind.MOBILE: "mobile",
    MaskKind.LANDLINE: "landline",
    MaskKind.PHONE: "phone",
    MaskKind.SOCIAL_ACCOUNT: "social account",
    MaskKind.ACCOUNT: "account number",
    MaskKind.PLATE: "vehicle plate",
    MaskKind.BIRTH_DATE: "birth date",
    MaskKind.ADDRESS: "address",
    MaskKind.NAME: "name",
}
_KINDS = {f"[{word}]": kind for words in (_ZH, _EN) for kind, word in words.items()}

#: Any placeholder, in either language.
PLACEHOLDER = re.compile("|".join(re.escape(text) for text in _KINDS))
PRECEDENCE = {kind: rank for rank, kind in enumerate(MaskKind)}


def placeholder(kind: MaskKind, language: Language = Language.ZH) -> str:
    """``[手机号]`` in a Chinese text, ``[mobile]`` in an English one."""
    words = _ZH if language is Language.ZH else _EN
    return f"[{words[kind]}]"


def placeholder_kind(text: str) -> MaskKind | None:
    """The kind that a placeholder stands for; None when ``text`` is none of ours."""
    return _KINDS.get(text)
