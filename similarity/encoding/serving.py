"""An encoder for other processes of this machine: one model in memory, whoever asks.

It listens at a socket in a folder that only its user may enter. Each message names what to do
(``ready``, ``encode``, ``cancel``), the call's number and the model; answers come in any order.
"""

import asyncio
from asyncio import StreamReader, StreamWriter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from functools import partial
from pathlib import Path
from typing import Any

import structlog

from graph.errors import ComplaintGraphError, described
from graph.progress import Progress
from similarity.encoding.background import QUERY_TEXTS, AsyncEncoder
from similarity.encoding.messages import Head, receive, send

log = structlog.get_logger(__name__)


class EncoderServer:
    """Encodes for whoever connects; each model is loaded once, when it is first asked for."""

    def __init__(self, make: Callable[[str, Progress], AsyncEncoder]) -> None:
        """``make`` gives a model's encoder; what it is called with is the progress of loading."""
        self._make = make
        self._encoders: dict[str, AsyncEncoder] = {}
        #: Who waits for which model, to be told how far its loading is.
        self._waiting: dict[str, set[Progress]] = {}
        self._connections = 0
        self._deserted = asyncio.Event()
        self._deserted.set()

    async def deserted(self) -> None:
        """Wait until nobody is connected."""
        await self._deserted.wait()

    @asynccontextmanager
    async def listening(self, path: Path) -> AsyncIterator[None]:
        """Serve at the socket while the block lasts."""
        server = await asyncio.start_unix_server(self._serve, path)
        try:
            yield
        finally:
            server.close()
            for encoder in self._encoders.values():
                await encoder.close()

    async def _serve(self, reader: StreamReader, writer: StreamWriter) -> None:
        """One connection; what it has asked for is given up when it goes."""
        calls: dict[int, asyncio.Task[None]] = {}
        self._connections += 1
        self._deserted.clear()
        try:
            while True:
                head, _ = await receive(reader)
                number = head["call"]
                if head["do"] == "cancel":
                    if number in calls:
                        calls[number].cancel()
                    continue
                calls[number] = asyncio.create_task(self._answer(head, writer))
                calls[number].add_done_callback(partial(_forget, calls, number))
        except (EOFError, OSError):
            pass
        finally:
            left = list(calls.values())
            for task in left:
                task.cancel()
            await asyncio.gather(*left, return_exceptions=True)
            with suppress(OSError):
                writer.close()
            self._connections -= 1
            if not self._connections:
                self._deserted.set()

    async def _answer(self, head: Head, writer: StreamWriter) -> None:
        call = head["call"]
        try:
            encoder = self._encoder(head["model"])
            loop = asyncio.get_running_loop()

            def progress(task: str, done: int, total: int | None) -> None:
                """From the encoder's threads."""
                far = {"call": call, "task": task, "done": done, "total": total}
                loop.call_soon_threadsafe(send, writer, far)

            await self._ready(encoder, progress)
            if head["do"] == "encode":
                texts = head["texts"]
                shown = progress if len(texts) > QUERY_TEXTS else None
                vectors = await encoder.encode(texts, *([shown] if shown else []))
                rows = {"call": call, "shape": vectors.shape}
                send(writer, rows, vectors.astype("<f4").tobytes())
            else:
                send(writer, {"call": call, "name": encoder.name, "dimension": encoder.dimension})
        except ComplaintGraphError as error:
            send(writer, {"call": call, "error": type(error).__name__, "message": error.message})
        except Exception as error:  # noqa: BLE001 - told to whoever asked, the others go on
            log.error("a text could not be encoded", **described(error))
            send(writer, {"call": call, "error": None})
        with suppress(OSError):
            await writer.drain()

    def _encoder(self, model: str) -> AsyncEncoder:
        if model not in self._encoders:
            self._waiting[model] = set()
            self._encoders[model] = self._make(model, partial(self._tell, model))
        return self._encoders[model]

    def _tell(self, model: str, *far: Any) -> None:
        for progress in tuple(self._waiting[model]):
            progress(*far)

    async def _ready(self, encoder: AsyncEncoder, progress: Progress) -> None:
        waiting = self._waiting[encoder.model]
        waiting.add(progress)
        try:
            await encoder.ready()
        finally:
            waiting.discard(progress)


def _forget(calls: dict[int, asyncio.Task[None]], number: int, _: asyncio.Task[None]) -> None:
    calls.pop(number, None)
