"""An encoder off the event loop: a thread for queries, and one for bulk work."""

import asyncio
import threading
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import TypeAlias

import numpy as np

from graph.errors import UnavailableError
from graph.progress import Progress, silent
from graph.telemetry import METER, SECONDS, timed
from similarity.encoding.encoder import TASK, Encoder, clean_texts
from similarity.encoding.forward import Vectors
from similarity.encoding.loading import load_encoder
from similarity.encoding.memory import VectorMemory
from similarity.encoding.options import EncoderOptions

#: A call with at most so many texts is a query: a person waits for it.
QUERY_TEXTS = 8
_DURATION = METER.create_histogram(
    "complaint_graph.encoder.duration",
    unit="s",
    description="From the call to its vectors, waiting for others included.",
    explicit_bucket_boundaries_advisory=SECONDS,
)
_TEXTS = METER.create_counter(
    "complaint_graph.encoder.texts", description="Texts that were encoded."
)
_QUERIES_TOGETHER = 16
_REMEMBERED = 2048

Load: TypeAlias = Callable[[EncoderOptions, Progress], Encoder]


@contextmanager
def encoding(kind: str, texts: int) -> Iterator[None]:
    """Measure a call of so many texts, a ``query`` or ``bulk``."""
    with timed("encode", _DURATION, {"kind": kind}) as span:
        span.set_attribute("complaint_graph.texts", texts)
        yield
    _TEXTS.add(texts, {"kind": kind})


@dataclass
class _Job:
    """One call of ``encode``; ``future`` has the vectors, or why there are none."""

    texts: list[str]
    progress: Progress
    future: Future[Vectors] = field(default_factory=Future)

    def succeed(self, vectors: Vectors) -> None:
        if self.future.set_running_or_notify_cancel():
            self.future.set_result(vectors)

    def fail(self, error: Exception) -> None:
        if self.future.set_running_or_notify_cancel():
            self.future.set_exception(error)


class AsyncEncoder:
    """``Encoder`` for coroutines; the model is loaded in a thread at the first use or ``ready``.

    A query never waits for bulk work, queries that wait for each other become one batch. Vectors of
    query texts are remembered by a hash of the text, the last 2,048 of them, in memory only.
    Close it.
    """

    def __init__(
        self, options: EncoderOptions, progress: Progress = silent, *, load: Load = load_encoder
    ) -> None:
        """``progress`` of loading, called in the thread; ``load`` gives the encoder."""
        self.model = options.model
        self._load = partial(load, options, progress)
        self._loaded: Future[Encoder] = Future()
        self._queries: deque[_Job] = deque()
        self._bulk: deque[_Job] = deque()
        self._changed = threading.Condition()
        self._threads: list[threading.Thread] = []
        self._refusal: Exception | None = None
        self._memory = VectorMemory(_REMEMBERED)

    @property
    def name(self) -> str:
        """``Encoder.name``, once it is loaded."""
        return self._encoder().name

    @property
    def dimension(self) -> int:
        """``Encoder.dimension``, once it is loaded."""
        return self._encoder().dimension

    @property
    def is_ready(self) -> bool:
        """Whether the model is loaded and takes texts."""
        return self._loaded.done() and self._refusal is None

    @property
    def waiting(self) -> dict[str, int]:
        """How many calls wait for each of the two threads."""
        return {"query": len(self._queries), "bulk": len(self._bulk)}

    async def ready(self) -> Encoder:
        """Wait until the model is loaded.

        Raises:
            ModelError: it could not be loaded (or whatever else ``load`` raised).
            UnavailableError: the encoder was closed before.
        """
        self._start()
        return await asyncio.shield(asyncio.wrap_future(self._loaded))

    async def encode(self, texts: Sequence[str], progress: Progress = silent) -> Vectors:
        """``Encoder.encode`` in a thread; loads the model when that has not happened yet.

        ``progress`` is called in that thread, for more texts than a query has.

        Raises:
            InvalidInputError: a text has no content.
            ModelError: the model could not be loaded.
            UnavailableError: the encoder is closed.
        """
        cleaned = clean_texts(texts)
        is_query = len(cleaned) <= QUERY_TEXTS
        if is_query and (known := self._memory.get(cleaned)) is not None:
            return known
        job = _Job(cleaned, progress)
        self._start()
        with encoding("query" if is_query else "bulk", len(cleaned)):
            with self._changed:
                if self._refusal is not None:
                    raise self._refusal.with_traceback(None)
                (self._queries if is_query else self._bulk).append(job)
                self._changed.notify_all()
            vectors = await asyncio.wrap_future(job.future)
        if is_query:
            self._memory.put(cleaned, vectors)
        return vectors

    async def close(self) -> None:
        """End the threads after the batch at hand; whoever still waits gets UnavailableError."""
        self._refuse(UnavailableError("The encoder is closed: start the service again."))
        for thread in self._threads:
            await asyncio.to_thread(thread.join)

    def _encoder(self) -> Encoder:
        if not self._loaded.done():
            raise UnavailableError("The language model is still being loaded: wait for ready().")
        return self._loaded.result()

    def _start(self) -> None:
        with self._changed:
            if self._threads or self._refusal is not None:
                return
            for name, work in (("queries", self._work_queries), ("bulk", self._work_bulk)):
                thread = threading.Thread(target=work, name=f"encoder-{name}", daemon=True)
                self._threads.append(thread)
                thread.start()

    def _refuse(self, reason: Exception) -> None:
        """Take nothing from now on, and tell those who wait."""
        with self._changed:
            self._refusal = self._refusal or reason
            waiting = [*self._queries, *self._bulk]
            self._queries.clear()
            self._bulk.clear()
            self._changed.notify_all()
            if not self._threads and not self._loaded.done():
                self._loaded.set_exception(reason)
        for job in waiting:
            job.fail(reason)

    def _take(self, jobs: deque[_Job], most: int) -> list[_Job]:
        """Wait for jobs; empty when it is time to end."""
        with self._changed:
            self._changed.wait_for(lambda: jobs or self._refusal)
            return [jobs.popleft() for _ in range(min(len(jobs), most))]

    def _work_queries(self) -> None:
        try:
            encoder = self._load()
        except Exception as error:  # noqa: BLE001 (raised wherever the encoder is awaited)
            self._refuse(error)
            self._loaded.set_exception(error)
            return
        self._loaded.set_result(encoder)
        while jobs := self._take(self._queries, _QUERIES_TOGETHER):
            _encode_together(encoder, jobs)

    def _work_bulk(self) -> None:
        if self._loaded.exception() is not None:
            return
        while jobs := self._take(self._bulk, 1):
            self._encode_bulk(jobs[0])

    def _encode_bulk(self, job: _Job) -> None:
        steps = self._loaded.result().steps(job.texts)
        try:
            while not job.future.cancelled():
                if self._refusal is not None:
                    raise self._refusal
                job.progress(TASK, next(steps), len(job.texts))
        except StopIteration as end:
            job.succeed(end.value)
        except Exception as error:  # noqa: BLE001 (raised where the vectors are awaited)
            job.fail(error)


def _encode_together(encoder: Encoder, jobs: Sequence[_Job]) -> None:
    """Encode queries that came at the same moment as one batch."""
    active = [job for job in jobs if not job.future.cancelled()]
    if not active:
        return
    try:
        vectors = encoder.encode([text for job in active for text in job.texts])
    except Exception as error:  # noqa: BLE001 (raised where the vectors are awaited)
        for job in active:
            job.fail(error)
        return
    ends = np.cumsum([len(job.texts) for job in active])
    for job, rows in zip(active, np.split(vectors, ends[:-1]), strict=True):
        job.succeed(rows)
