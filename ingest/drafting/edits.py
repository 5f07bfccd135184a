"""How much of a draft was changed before it was sent."""

from difflib import SequenceMatcher


def edited_share(draft: str, sent: str) -> float:
    """0 for as drafted, 1 for another text: what is not in common, of both by characters.

    By difflib's longest common runs, with breaks of lines and blanks counted as one.
    """
    before, after = " ".join(draft.split()), " ".join(sent.split())
    return round(1 - SequenceMatcher(None, before, after, autojunk=False).ratio(), 4)
