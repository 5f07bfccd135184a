"""Codes as single words for the full-text index.

The CJK analyzer splits a code at its punctuation, so ``BJ-01`` would also find ``BJ-01-03``. A
short hash of (field, code) stays one word. It is no secret, only a name without punctuation.
"""

import hashlib
from enum import StrEnum

#: On every complaint, so that a purely negative clause has something to exclude from.
EVERY = "everycase"


class TokenField(StrEnum):
    PRODUCT = "p"
    BRANCH = "b"
    DEPARTMENT = "d"
    TYPE = "t"
    RISK_TYPE = "r"
    ROOT_CAUSE = "c"
    CLUSTER = "k"
    CHANNEL = "h"
    SOURCE = "o"
    STATUS = "s"
    NATURE = "n"
    SEVERITY = "v"
    URGENCY = "g"
    LEVEL = "l"
    CUSTOMER = "u"
    ASSIGNEE = "a"
    VULNERABLE = "w"
    DECIDED = "e"
    OUTCOME = "f"
    DUPLICATE = "q"
    TEXT = "x"


def token(field: TokenField, code: str) -> str:
    digest = hashlib.blake2b(code.encode("utf-8", "surrogatepass"), digest_size=8).hexdigest()
    return f"{field.value}{digest}"
