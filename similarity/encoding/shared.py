"""The encoder of another process, used as if it were one's own (see ``serving``)."""

import asyncio
import itertools
from asyncio import StreamReader, StreamWriter
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import structlog

from graph.errors import (
    ComplaintGraphError,
    ConfigurationError,
    InvalidInputError,
    ModelError,
    UnavailableError,
)
from graph.progress import Progress, silent
from similarity.encoding.background import QUERY_TEXTS, encoding
from similarity.encoding.encoder import clean_texts
from similarity.encoding.forward import Vectors
from similarity.encoding.messages import Head, receive, send

log = structlog.get_logger(__name__)
#: Whoever asks waits so long for an encoder that has to be started again, in seconds.
PATIENCE = 60.0
_PAUSE = 0.2
_KINDS: Mapping[str, type[ComplaintGraphError]] = {
    kind.__name__: kind for kind in (ConfigurationError, InvalidInputError, ModelError)
}


@dataclass(slots=True)
class _Call:
    future: asyncio.Future[tuple[Head, bytes]]
    progress: Progress


class SharedEncoder:
    """Another process's encoder of one model.

    What was asked when that process died is asked again of the one that takes its place: encoding
    the same text twice gives the same vector. Close it.
    """

    def __init__(self, path: Path, model: str, progress: Progress = silent) -> None:
        """``path`` of the socket; ``progress`` of loading the model there."""
        self.model = model
        self._path = path
        self._loading = progress
        self._known: Head | None = None
        self._writer: StreamWriter | None = None
        self._reading: asyncio.Task[None] | None = None
        self._connecting = asyncio.Lock()
        self._calls: dict[int, _Call] = {}
        self._numbers = itertools.count()
        self._waiting = {"query": 0, "bulk": 0}
        self._closed = False

    @property
    def name(self) -> str:
        """``Encoder.name``, once it is ready."""
        return str(self._facts()["name"])

    @property
    def dimension(self) -> int:
        """``Encoder.dimension``, once it is ready."""
        return int(self._facts()["dimension"])

    @property
    def is_ready(self) -> bool:
        """Whether the model is loaded there and takes texts."""
        return self._known is not None and self._writer is not None

    @property
    def waiting(self) -> dict[str, int]:
        """How many calls of this process wait."""
        return dict(self._waiting)

    async def ready(self) -> None:
        """Wait until the model is loaded.

        Raises:
            ModelError: it could not be loaded.
            UnavailableError: nobody answers, or this was closed before.
        """
        self._known, _ = await self._asked({"do": "ready"}, self._loading)

    async def encode(self, texts: Sequence[str], progress: Progress = silent) -> Vectors:
        """As ``AsyncEncoder.encode``; ``progress`` is called by the event loop.

        Raises:
            InvalidInputError: a text has no content.
            ModelError: the model could not be loaded.
            UnavailableError: nobody answers, or this was closed.
        """
        cleaned = clean_texts(texts)
        kind = "query" if len(cleaned) <= QUERY_TEXTS else "bulk"
        self._waiting[kind] += 1
        try:
            with encoding(kind, len(cleaned)):
                head, body = await self._asked({"do": "encode", "texts": cleaned}, progress)
        finally:
            self._waiting[kind] -= 1
        rows = np.frombuffer(body, "<f4").reshape(head["shape"])
        return np.array(rows, dtype=np.float32)

    async def close(self) -> None:
        """Let go; whoever still waits gets UnavailableError."""
        self._closed = True
        if self._reading is not None:
            self._reading.cancel()
            await asyncio.gather(self._reading, return_exceptions=True)

    def _facts(self) -> Head:
        if self._known is None:
            raise UnavailableError("The language model is still being loaded: wait for ready().")
        return self._known

    async def _asked(self, head: Head, progress: Progress) -> tuple[Head, bytes]:
        """The answer, of whichever process is there within ``PATIENCE``."""
        loop = asyncio.get_running_loop()
        last = loop.time() + PATIENCE
        while True:
            try:
                answer, body = await self._ask(head, progress)
                break
            except OSError as error:
                if self._closed or loop.time() > last:
                    raise UnavailableError(
                        "The encoder does not answer: see the service's log."
                    ) from error
                await asyncio.sleep(_PAUSE)
        if "error" in answer:
            raise _error(answer)
        return answer, body

    async def _ask(self, head: Head, progress: Progress) -> tuple[Head, bytes]:
        """Raises OSError: the other process is not there, or went before it answered."""
        writer = await self._connection()
        number = next(self._numbers)
        call = self._calls[number] = _Call(asyncio.get_running_loop().create_future(), progress)
        try:
            send(writer, {**head, "call": number, "model": self.model})
            await writer.drain()
            return await call.future
        except asyncio.CancelledError:
            send(writer, {"do": "cancel", "call": number})
            raise
        finally:
            del self._calls[number]

    async def _connection(self) -> StreamWriter:
        async with self._connecting:
            if self._closed:
                raise UnavailableError("The encoder is closed: start the service again.")
            if self._writer is None:
                reader, self._writer = await asyncio.open_unix_connection(self._path)
                self._reading = asyncio.create_task(self._read(reader, self._writer))
            return self._writer

    async def _read(self, reader: StreamReader, writer: StreamWriter) -> None:
        """Hand on answers until the other side goes; then everybody asks again."""
        reason: Exception = UnavailableError("The encoder is closed: start the service again.")
        try:
            while True:
                head, body = await receive(reader)
                call = self._calls.get(head["call"])
                if call is None or call.future.done():
                    continue
                if "task" in head:
                    call.progress(head["task"], head["done"], head["total"])
                else:
                    call.future.set_result((head, body))
        except (EOFError, OSError) as error:
            reason = ConnectionResetError("the encoder's process has gone")
            log.warning("the encoder's process has gone", error=type(error).__name__)
        finally:
            self._writer = None
            for call in self._calls.values():
                if not call.future.done():
                    call.future.set_exception(reason)
            with suppress(OSError):
                writer.close()


def _error(answer: Head) -> ComplaintGraphError:
    """What went wrong there, as if it had gone wrong here."""
    kind = _KINDS.get(answer["error"] or "", UnavailableError)
    return kind(answer.get("message", "A text could not be encoded: see the service's log."))
