"""An encoder: texts in, unit vectors out."""

from __future__ import annotations

import re
from collections.abc import Generator, Iterator, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from graph.errors import InvalidInputError
from graph.progress import Progress, silent
from similarity.encoding.windows import Window, batches, head, spans

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

Vectors = NDArray[np.float32]

TASK = "Encoding texts"
_NOT_TEXT = re.compile("[\x00\ud800-\udfff]")
_BATCH_TOKENS = 2048
_TEXTS_AT_ONCE = 512


class Encoder:
    """A sentence-transformers model with a prompt, windows for long texts and batches by length.

    ``name``: a slug that no other model, prompt or window rule has; ``dimension`` of the vectors;
    ``max_tokens``: what one window takes, prompt and special tokens included. Not for use by
    several threads at once.
    """

    def __init__(
        self, model: SentenceTransformer, *, name: str, prompt: str, window: int, max_windows: int
    ) -> None:
        self.name = name
        self.max_tokens = window
        self.dimension: int = model.get_embedding_dimension() or 0
        self._model = model
        self._tokenizer: Any = model.tokenizer
        self._prompt = prompt
        self._max_windows = max_windows
        self._overhead = len(self._tokenizer(prompt)["input_ids"])
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
        """Encode like ``encode``, but stop after every batch and yield how many texts are done."""
        cleaned = clean_texts(texts)
        numbers = {text: number for number, text in enumerate(dict.fromkeys(cleaned))}
        windows = list(self._windows(list(numbers)))
        sums = np.zeros((len(numbers), self.dimension), dtype=np.float32)
        done = 0
        for batch in batches(windows, _BATCH_TOKENS, self._overhead):
            vectors = self._run([window.content for window in batch])
            for window, vector in zip(batch, vectors, strict=True):
                sums[window.text] += vector * max(1, window.tokens)
            done += len(batch)
            yield len(texts) * done // len(windows)
        rows = sums[[numbers[text] for text in cleaned]]
        norms: Vectors = np.linalg.norm(rows, axis=1, keepdims=True)
        return rows / norms

    def _windows(self, texts: Sequence[str]) -> Iterator[Window]:
        """Cut ``texts`` at token boundaries."""
        most = self._room * self._max_windows
        for start in range(0, len(texts), _TEXTS_AT_ONCE):
            heads = [head(text, most) for text in texts[start : start + _TEXTS_AT_ONCE]]
            encoded = self._tokenizer(
                heads,
                add_special_tokens=False,
                return_attention_mask=False,
                return_offsets_mapping=True,
                verbose=False,
            )
            for number, (text, offsets) in enumerate(
                zip(heads, encoded["offset_mapping"], strict=True), start
            ):
                for first, last in spans(len(offsets), self._room, self._max_windows):
                    content = text[offsets[first][0] : offsets[last - 1][1]] if offsets else text
                    yield Window(number, content, last - first)

    def _run(self, contents: list[str]) -> Vectors:
        vectors: Vectors = self._model.encode(
            contents,
            prompt=self._prompt,
            batch_size=len(contents),
            show_progress_bar=False,
            normalize_embeddings=True,
        )
        return vectors.astype(np.float32, copy=False)


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
