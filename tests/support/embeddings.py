"""A server of embeddings as the OpenAI API has it, over the real encoder; it can fail."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

from similarity.encoding import Encoder

MODEL = "bank/e5"

#: A status and a body in the place of an answer; None cuts the connection.
Fault = tuple[int, Any] | None


@dataclass
class Embeddings:
    """``faults``: what the next requests get; ``change`` is made to each answer's vectors."""

    url: str = ""
    key: str | None = None
    faults: list[Fault] = field(default_factory=list)
    change: Callable[[list[dict[str, Any]]], list[dict[str, Any]]] = lambda data: data
    asked: list[dict[str, Any]] = field(default_factory=list)
    listed: bool = True

    @property
    def texts(self) -> list[str]:
        """All that was sent."""
        return [text for each in self.asked for text in each["input"]]


@contextmanager
def serving(encoder: Encoder) -> Iterator[Embeddings]:
    """Serve while the block lasts. The encoder puts its own prompt before each text."""
    state = Embeddings()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            known = {"data": [{"id": MODEL}]} if state.listed else {}
            self._give(200 if state.listed else 404, known)

        def do_POST(self) -> None:
            sent = json.loads(self.rfile.read(int(self.headers["content-length"])))
            if state.key and self.headers["authorization"] != f"Bearer {state.key}":
                self._give(401, {})
            elif state.faults:
                self._fail(state.faults.pop(0))
            elif self.path != "/v1/embeddings" or sent["model"] != MODEL:
                self._give(404, {})
            else:
                state.asked.append(sent)
                rows = encoder.encode(sent["input"])
                data = [
                    {"index": number, "embedding": (row * 3).tolist()}
                    for number, row in enumerate(rows)
                ]
                self._give(200, {"data": state.change(data)})

        def _fail(self, fault: Fault) -> None:
            if fault is None:
                self.close_connection = True
            else:
                self._give(*fault)

        def _give(self, status: int, body: Any) -> None:
            content = json.dumps(body).encode()
            self.send_response(status)
            self.send_header("content-length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *arguments: object) -> None:
            """Nothing is written."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = Thread(target=server.serve_forever)
    thread.start()
    state.url = f"http://127.0.0.1:{server.server_address[1]}/v1"
    try:
        yield state
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
