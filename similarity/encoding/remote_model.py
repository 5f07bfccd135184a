"""A model behind an OpenAI-compatible ``/v1/embeddings``, as vLLM or Infinity have it.

A bank that runs such a server can so use a larger model, or a GPU that many share. The texts that
leave are those that the service stores: masked.
"""

import re
import threading
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

import httpx
import numpy as np
import structlog
import tenacity

from graph.errors import ModelError, UnavailableError
from similarity.encoding.forward import Model, Vectors

log = structlog.get_logger(__name__)

#: ``remote:BAAI/bge-m3`` is the model of that name at the server.
REMOTE = "remote:"
#: Requests on their way at once, beside one of a query.
_WORKERS = 4
_ATTEMPTS = 6
_LONGEST_PAUSE = 10.0
_PASSING = frozenset((408, 425, 429, 500, 502, 503, 504))
#: There is no tokenizer here: more tokens than any model at hand makes of a text, not fewer.
_PIECE = re.compile(r"[0-9A-Za-z]{1,3}|\S")
_SPECIAL = 8


@dataclass(frozen=True, slots=True)
class RemoteOptions:
    """``url``: of the server, such as https://models.bank.example/v1; ``seconds``: to wait."""

    url: str
    key: str | None = field(default=None, repr=False)
    seconds: float = 60.0


class RemoteModel(Model):
    """See ``forward.Model``. Tokens are estimated, so ``window`` is what the server takes surely.

    What fails for a while is asked again, six times at most.
    """

    batch_tokens = 8192
    #: text-embeddings-inference takes no more, as it comes.
    batch_rows = 32

    def __init__(self, model: str, options: RemoteOptions, workers: int | None) -> None:
        """
        Raises:
            ModelError: the server does not have the model, or does not give vectors.
            UnavailableError: it does not answer.
        """
        self.workers: int = workers or _WORKERS
        self._model = model
        self._seconds = options.seconds
        headers = {} if options.key is None else {"Authorization": f"Bearer {options.key}"}
        self._client = httpx.Client(
            base_url=options.url.rstrip("/"), headers=headers, timeout=options.seconds
        )
        self._pool = ThreadPoolExecutor(self.workers + 1, thread_name_prefix="encode")
        self._known = threading.Lock()
        self.dimension = 0
        self._check_name()
        self._vectors(["?"])

    def tokens(self, prompt: str) -> int:
        return len(_PIECE.findall(prompt)) + _SPECIAL

    def offsets(self, texts: Sequence[str]) -> list[list[tuple[int, int]]]:
        return [[each.span() for each in _PIECE.finditer(text)] for text in texts]

    def submit(self, contents: Sequence[str], prompt: str) -> Future[Vectors]:
        return self._pool.submit(self._vectors, [prompt + content for content in contents])

    def _check_name(self) -> None:
        """A server that lists its models must have this one; not every server lists them."""
        answer = self._asked("GET", "/models")
        if answer.status_code in (401, 403):
            raise _refused(answer)
        try:
            names = {each["id"] for each in answer.json()["data"]}
        except (ValueError, KeyError, TypeError):
            return
        if self._model not in names:
            shown = ", ".join(sorted(map(str, names))[:5])
            raise ModelError(
                f"The encoder's server has no model {self._model}, but {shown}: name one of these."
            )

    def _vectors(self, texts: list[str]) -> Vectors:
        sent = {"model": self._model, "input": texts, "encoding_format": "float"}
        answer = self._asked("POST", "/embeddings", sent)
        if answer.status_code != httpx.codes.OK:
            raise _refused(answer)
        try:
            rows = _rows(answer.json(), len(texts))
        except ValueError as error:
            raise ModelError(
                f"The encoder's server answers in another form ({error}): its address ends before "
                "/embeddings, as https://models.bank.example/v1 does."
            ) from error
        with self._known:
            self.dimension = self.dimension or rows.shape[1]
        if rows.shape[1] != self.dimension:
            raise ModelError(
                f"The encoder's server gave vectors of {self.dimension} dimensions, and now gives "
                f"{rows.shape[1]}: it has another model. Start the service again."
            )
        return rows

    def _asked(self, method: str, path: str, sent: dict[str, Any] | None = None) -> httpx.Response:
        """The answer, after as many attempts as it takes; the last one's if none does."""
        attempts = tenacity.Retrying(
            retry=tenacity.retry_if_exception_type(httpx.TransportError)
            | tenacity.retry_if_result(lambda answer: answer.status_code in _PASSING),
            wait=tenacity.wait_random_exponential(multiplier=0.5, max=_LONGEST_PAUSE),
            # A server that hangs keeps nobody longer than twice the time of one answer.
            stop=tenacity.stop_after_attempt(_ATTEMPTS) | tenacity.stop_after_delay(self._seconds),
            before_sleep=_noted,
            retry_error_callback=_last,
        )
        answer: httpx.Response = attempts(self._client.request, method, path, json=sent)
        if answer.status_code in _PASSING:
            raise UnavailableError(
                f"The encoder's server answers {answer.status_code}: see its own log."
            )
        return answer


def _noted(state: tenacity.RetryCallState) -> None:
    outcome = state.outcome
    error = outcome.exception() if outcome is not None and outcome.failed else None
    log.warning(
        "the encoder's server is asked again",
        attempt=state.attempt_number,
        error=type(error).__name__ if error else None,
    )


def _last(state: tenacity.RetryCallState) -> httpx.Response:
    """Raises UnavailableError: there was no answer at all."""
    assert state.outcome is not None
    error = state.outcome.exception()
    if error is not None:
        raise UnavailableError(
            "The encoder's server does not answer: check ENCODER__URL, and that it runs."
        ) from error
    answer: httpx.Response = state.outcome.result()
    return answer


def _refused(answer: httpx.Response) -> ModelError:
    """What to do about a status; the answer's own words may hold a text."""
    advice = {
        400: "it does not take what it is sent: lower ENCODER__WINDOW, or choose another model",
        401: "set ENCODER__KEY to a key that it takes",
        403: "set ENCODER__KEY to a key that may use the model",
        404: "check ENCODER__URL, which ends before /embeddings, and the model's name",
        413: "lower ENCODER__WINDOW",
        422: "it does not take what it is sent: lower ENCODER__WINDOW, or choose another model",
    }
    what = advice.get(answer.status_code, "see its own log")
    return ModelError(f"The encoder's server answers {answer.status_code}: {what}.")


def _rows(answer: Any, count: int) -> Vectors:
    """Rows of length 1, in order.

    Raises:
        ValueError: these are not so many vectors.
    """
    try:
        data = sorted(answer["data"], key=lambda each: each["index"])
        if [each["index"] for each in data] != list(range(count)):
            raise ValueError("not one vector for each text")
        rows = np.array([each["embedding"] for each in data], np.float32)
    except (KeyError, TypeError) as error:
        raise ValueError("no list of embeddings") from error
    if rows.ndim != 2 or not np.isfinite(rows).all():
        raise ValueError("vectors that are none")
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    if not lengths.all():
        raise ValueError("a vector of zeros")
    result: Vectors = rows / lengths
    return result
