"""Words and parts of speech of a Chinese text, from jieba's dictionary and hidden Markov model."""

from dataclasses import dataclass
from functools import cache
from itertools import accumulate
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rjieba import Jieba

_CHUNK = 4_000  # characters at a time, so that no step depends on the length of the text


@dataclass(frozen=True, slots=True)
class Words:
    """Word ``i`` is ``texts[i]`` at ``starts[i]:starts[i + 1]``; people are tagged ``nr...``."""

    texts: tuple[str, ...]
    tags: tuple[str, ...]
    starts: tuple[int, ...]


@cache
def _jieba() -> "Jieba":
    from rjieba import Jieba  # with a dictionary that many commands do without

    # An instance of its own: words that others add to the shared one would change what is found.
    return Jieba()


def segment(folded: str) -> Words:
    """All words of a folded text (one without lone surrogates), blanks and signs included."""
    pairs = [
        pair
        for start in range(0, len(folded), _CHUNK)
        for pair in _jieba().tag(folded[start : start + _CHUNK])
    ]
    texts, tags = zip(*pairs, strict=True) if pairs else ((), ())
    return Words(texts, tags, tuple(accumulate(map(len, texts), initial=0)))


def is_known(word: str) -> bool:
    """Whether the dictionary has the word; a name that it has not is the more surely one."""
    return bool(_jieba().has_word(word))
