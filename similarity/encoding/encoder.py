"""An encoder: texts in, unit vectors out."""

import re
from collections.abc import Generator, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, wait

import numpy as np

from graph.errors import InvalidInputError
from graph.progress import Progress, silent
from similarity.encoding.forward import Model, Vectors
from similarity.encoding.windows import Window, batches, head, spans

TASK = "Encoding texts"
_NOT_TEXT = re.compile("[\x00\ud800-\udfff]")
_TEXTS_AT_ONCE = 128


class Encoder:
    """A model with a prompt, windows for long texts and batches by length.

    ``name``: a slug that no other model, prompt or window rule has; ``dimension`` of the vectors;
    ``max_tokens``: what one window takes, prompt and special tokens included. Several threads may
    use it at once.
    """

    def __init__(
        self,
        model: Model,
        *,
        name: str,
        prompt: str,
        window: int,
        max_windows: int,
    ) -> None:
        self.name = name
        self.max_tokens = window
        self.dimension = model.dimension
        self._model = model
        self._prompt = prompt
        self._max_windows = max_windows
        self._overhead = model.tokens(prompt)
        self._room = max(1, window - self._overhead)

    def encode(self, texts: Sequence[str], progress: Progress = silent) -> Vectors:
        """Encode ``texts`` in order: float32 of shape (len(texts), dimension), rows of length 1.

        A text that is longer than a window is the mean of its first windows; equal texts are
        encoded once.

        Raises:
            InvalidInputError: a text has no content; ``path`` is its number.
        """
        steps = self.steps(texts)
        while True:
            try:
                progress(TASK, next(steps), len(texts))
            except StopIteration as end:
                vectors: Vectors = end.value
                return vectors

    def steps(self, texts: Sequence[str]) -> Generator[int, None, Vectors]:
        """Encode like ``encode``, but stop after every batch and yield how many texts are done.

        At most ``workers`` batches are on their way at any time.
        """
        cleaned = clean_texts(texts)
        numbers = {text: number for number, text in enumerate(dict.fromkeys(cleaned))}
        windows = list(self._windows(list(numbers)))
        vectors = np.zeros((len(windows), self.dimension), dtype=np.float32)
        waiting: dict[Future[Vectors], list[int]] = {}
        done = 0
        sizes = [window.tokens for window in windows]
        for batch in batches(
            sizes, self._model.batch_tokens, self._overhead, self._model.batch_rows
        ):
            contents = [windows[number].content for number in batch]
            waiting[self._model.submit(contents, self._prompt)] = batch
            while len(waiting) >= self._model.workers:
                done += _collect(waiting, vectors)
                yield len(texts) * done // len(windows)
        while waiting:
            done += _collect(waiting, vectors)
            yield len(texts) * done // len(windows)
        rows = _means(windows, vectors, len(numbers))
        return rows[[numbers[text] for text in cleaned]]

    def _windows(self, texts: Sequence[str]) -> Iterator[Window]:
        """Cut ``texts`` at token boundaries."""
        most = self._room * self._max_windows
        for start in range(0, len(texts), _TEXTS_AT_ONCE):
            heads = [head(text, most) for text in texts[start : start + _TEXTS_AT_ONCE]]
            for number, (text, offsets) in enumerate(
                zip(heads, self._model.offsets(heads), strict=True), start
            ):
                for first, last in spans(len(offsets), self._room, self._max_windows):
                    content = text[offsets[first][0] : offsets[last - 1][1]] if offsets else text
                    yield Window(number, content, last - first)


def _collect(waiting: dict[Future[Vectors], list[int]], vectors: Vectors) -> int:
    """Put at least one finished batch into its rows of ``vectors``; how many rows that was."""
    finished, _ = wait(waiting, return_when=FIRST_COMPLETED)
    rows = 0
    for future in finished:
        batch = waiting.pop(future)
        vectors[batch] = future.result()
        rows += len(batch)
    return rows


def _means(windows: Sequence[Window], vectors: Vectors, count: int) -> Vectors:
    """For each of ``count`` texts the mean of its windows, weighted by tokens, of length 1."""
    sums: Vectors = np.zeros((count, vectors.shape[1]), dtype=np.float32)
    weights = np.array([max(1, window.tokens) for window in windows], dtype=np.float32)
    np.add.at(sums, [window.text for window in windows], vectors * weights[:, None])
    norms: Vectors = np.linalg.norm(sums, axis=1, keepdims=True)
    return sums / norms


def clean_texts(texts: Sequence[str]) -> list[str]:
    """``texts`` without NUL, lone surrogates and white space around them.

    Raises:
        InvalidInputError: a text has no content; ``path`` is its number.
    """
    cleaned = [_NOT_TEXT.sub(" ", text).strip() for text in texts]
    for number, text in enumerate(cleaned):
        if not text:
            raise InvalidInputError(
                "A text without content has no vector: leave empty texts out.", path=[str(number)]
            )
    return cleaned
