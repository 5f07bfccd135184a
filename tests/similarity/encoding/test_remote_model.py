"""A model behind an OpenAI-compatible server: the real encoder, over real HTTP, with its faults."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from graph.errors import ComplaintGraphError, ModelError, UnavailableError
from similarity.encoding import Encoder, EncoderOptions, RemoteOptions, load_encoder, remote_model
from tests.similarity.encoding.test_encoder import LONG, TEXTS
from tests.support.embeddings import MODEL, Embeddings, serving
from tests.support.encoder import are_alike


@pytest.fixture
def server(encoder: Encoder) -> Iterator[Embeddings]:
    with serving(encoder) as state:
        yield state


@pytest.fixture(autouse=True)
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    """What fails for a while is asked again at once."""
    monkeypatch.setattr(remote_model, "_LONGEST_PAUSE", 0.01)


def remote(server: Embeddings, **options: Any) -> Encoder:
    given = {"prompt": "", **options}
    return load_encoder(
        EncoderOptions(model=f"remote:{MODEL}", remote=RemoteOptions(server.url, "k1"), **given)
    )


def test_vectors_are_those_of_the_server_with_length_one(
    server: Embeddings, encoder: Encoder
) -> None:
    made = remote(server)
    vectors = made.encode(TEXTS)
    assert made.dimension == encoder.dimension
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)
    assert are_alike(vectors, encoder.encode(TEXTS))
    assert made.name.startswith("e5_")
    assert made.name != encoder.name


def test_many_texts_go_in_batches_that_any_server_takes(server: Embeddings) -> None:
    texts = [f"第{number}笔年费" for number in range(300)]
    vectors = remote(server).encode(texts)
    assert vectors.shape[0] == 300
    sent = server.asked[1:]
    assert sorted(text for each in sent for text in each["input"]) == sorted(texts)
    assert max(len(each["input"]) for each in sent) <= 32


def test_rows_come_in_the_texts_order_whatever_the_servers(
    server: Embeddings, encoder: Encoder
) -> None:
    server.change = lambda data: data[::-1]
    assert are_alike(remote(server).encode(TEXTS), encoder.encode(TEXTS))


def test_a_long_text_is_cut_into_windows(server: Embeddings) -> None:
    made = remote(server, window=100, max_windows=3)
    first = len(server.asked)
    made.encode([LONG])
    parts = [text for each in server.asked[first:] for text in each["input"]]
    assert len(parts) == 3
    assert all(part in LONG and len(part.split()) < 100 for part in parts)


def test_a_prompt_goes_before_each_text(server: Embeddings) -> None:
    remote(server, prompt="query: ").encode(["年费"])
    assert server.texts[-1] == "query: 年费"
    remote(server, prompt=None).encode(["年费"])
    assert server.texts[-1] == "query: 年费"


@pytest.mark.parametrize("fault", [(503, {}), (429, {}), (500, {}), None])
def test_what_fails_for_a_while_is_asked_again(
    server: Embeddings, encoder: Encoder, fault: Any
) -> None:
    made = remote(server)
    server.faults += [fault, fault]
    assert are_alike(made.encode(TEXTS), encoder.encode(TEXTS))
    assert server.faults == []


@pytest.mark.parametrize("fault", [(503, {}), None])
def test_what_fails_for_good_says_so(server: Embeddings, fault: Any) -> None:
    made = remote(server)
    server.faults += [fault] * 20
    with pytest.raises(UnavailableError, match=r"answers 503|does not answer"):
        made.encode(["年费"])


@pytest.mark.parametrize(
    ("status", "advice"),
    [(401, "ENCODER__KEY"), (404, "ENCODER__URL"), (413, "ENCODER__WINDOW"), (418, "own log")],
)
def test_a_refusal_says_what_to_set_and_nothing_of_the_text(
    server: Embeddings, status: int, advice: str
) -> None:
    made = remote(server)
    server.faults.append((status, {"error": "年费"}))
    with pytest.raises(ModelError, match=advice) as caught:
        made.encode(["年费"])
    assert "年费" not in caught.value.message


def _no_rows(data: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return data[:-1]


def _twice(data: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [data[0], *data[:-1]]


def _uneven(data: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [*data[:-1], {**data[-1], "embedding": data[-1]["embedding"][:-1]}]


def _zero(data: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [*data[:-1], {**data[-1], "embedding": [0.0] * 384}]


def _text(data: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [{**each, "embedding": "AAAA"} for each in data]


def _odd(data: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [{**each, "embedding": [float("nan")] * 384} for each in data]


@pytest.mark.parametrize("change", [_no_rows, _twice, _uneven, _zero, _text, _odd])
def test_what_is_no_list_of_vectors_is_refused(server: Embeddings, change: Any) -> None:
    made = remote(server)
    server.change = change
    with pytest.raises(ModelError, match="another form"):
        made.encode(TEXTS)


def test_another_dimension_than_before_is_refused(server: Embeddings) -> None:
    made = remote(server)
    server.change = lambda data: [{**each, "embedding": each["embedding"][:100]} for each in data]
    with pytest.raises(ModelError, match="384 dimensions, and now gives 100"):
        made.encode(TEXTS)


def test_a_model_that_the_server_does_not_list_is_refused(server: Embeddings) -> None:
    options = EncoderOptions(model="remote:bank/other", remote=RemoteOptions(server.url))
    with pytest.raises(ModelError, match="no model bank/other, but bank/e5"):
        load_encoder(options)
    server.listed = False
    with pytest.raises(ModelError, match="answers 404"):
        load_encoder(options)
    assert remote(server).dimension == 384


def test_a_key_is_sent(server: Embeddings) -> None:
    server.key = "k1"
    assert remote(server).dimension == 384
    server.key = "k2"
    with pytest.raises(ModelError, match="ENCODER__KEY"):
        remote(server)
    assert "k1" not in repr(RemoteOptions(server.url, "k1"))


def test_without_a_server_it_says_what_to_set() -> None:
    with pytest.raises(ModelError, match="Set ENCODER__URL"):
        load_encoder(EncoderOptions(model="remote:bank/e5"))
    nowhere = RemoteOptions("http://127.0.0.1:9/v1")
    with pytest.raises(ComplaintGraphError, match="does not answer: check ENCODER__URL"):
        load_encoder(EncoderOptions(model="remote:bank/e5", remote=nowhere))


def test_the_name_tells_models_prompts_and_windows_apart(server: Embeddings) -> None:
    names = [
        remote(server).name,
        remote(server, prompt="query: ").name,
        remote(server, window=100).name,
    ]
    assert len(set(names)) == 3
    assert remote(server).name == names[0]


def test_a_server_that_goes_on_failing_keeps_nobody_for_long(
    server: Embeddings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(remote_model, "_ATTEMPTS", 1_000_000)
    options = RemoteOptions(server.url, seconds=0.5)
    made = load_encoder(EncoderOptions(model=f"remote:{MODEL}", remote=options, prompt=""))
    server.faults += [(503, {})] * 100_000
    with pytest.raises(UnavailableError, match="answers 503"):
        made.encode(["年费"])
    assert server.faults
