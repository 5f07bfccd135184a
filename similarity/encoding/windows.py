"""Long texts cut into windows that a model can take, and windows put together into batches."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

#: No tokenizer at hand puts more characters into one token on average, white space apart.
_CHARACTERS_PER_TOKEN = 16


@dataclass(frozen=True)
class Window:
    """A part of the text number ``text``, ``tokens`` long (without prompt and special tokens)."""

    text: int
    content: str
    tokens: int


def head(text: str, tokens: int) -> str:
    """The part of ``text`` that can fill ``tokens``, so that nobody tokenizes megabytes."""
    return text[: tokens * _CHARACTERS_PER_TOKEN]


def spans(tokens: int, room: int, most: int) -> list[tuple[int, int]]:
    """Token ranges that cover the first ``room * most`` of ``tokens`` tokens.

    As few as will do, of nearly equal length (a short rest would weigh as much as a full window
    and is no cheaper), in order, without overlap.
    """
    covered = min(tokens, room * most)
    count = max(1, -(-covered // room))
    edges = [covered * number // count for number in range(count + 1)]
    return list(pairwise(edges))


def batches(tokens: Sequence[int], budget: int, overhead: int, most: int) -> Iterator[list[int]]:
    """Numbers of windows of like length together: at most ``budget`` tokens, padding included.

    ``most``: so many windows at most.

    ``tokens`` of each window, to which ``overhead`` comes. A window that is too long stands alone.
    Longest first, so that a lack of memory shows at once.
    """
    batch: list[int] = []
    for number in sorted(range(len(tokens)), key=lambda each: tokens[each], reverse=True):
        padded = (len(batch) + 1) * (tokens[batch[0]] + overhead) if batch else 0
        if padded > budget or len(batch) == most:
            yield batch
            batch = []
        batch.append(number)
    if batch:
        yield batch
