"""Taking passages out of texts. Pure."""

import re
from collections.abc import Sequence

#: What stands in the place of a passage that was taken out.
TAKEN_OUT = "[已脱敏]"
_SPACE = r"[\s\u200b-\u200d\u2060\ufeff]*"


def passages_in(passages: Sequence[str]) -> re.Pattern[str]:
    """Finds passages however their white space and capitals are spelt, the longest first.

    One passage may be part of another. None of them is blank.
    """
    longest = sorted(("".join(passage.split()) for passage in passages), key=len, reverse=True)
    spelt = (_SPACE.join(re.escape(character) for character in each) for each in longest)
    return re.compile("|".join(spelt), re.IGNORECASE)
