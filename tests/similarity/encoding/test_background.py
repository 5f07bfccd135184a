import asyncio
import threading
from collections.abc import AsyncIterator
from pathlib import Path

import numpy as np
import pytest
import pytest_asyncio

from graph.errors import InvalidInputError, ModelError, UnavailableError
from graph.progress import Progress
from similarity.encoding import AsyncEncoder, Encoder, EncoderOptions, load_encoder
from similarity.encoding.memory import VectorMemory
from tests.support.encoder import are_alike

BULK = [f"On day {day} I was charged {day * 13} dollars for a service." * 8 for day in range(96)]


@pytest_asyncio.fixture
async def background(encoder: Encoder) -> AsyncIterator[AsyncEncoder]:
    made = AsyncEncoder(EncoderOptions(), load=lambda options, progress: encoder)
    yield made
    await made.close()


async def test_gives_what_the_encoder_gives(background: AsyncEncoder, encoder: Encoder) -> None:
    texts = [*BULK[:20], BULK[0]]
    assert are_alike(await background.encode(texts), encoder.encode(texts))
    assert (background.name, background.dimension) == (encoder.name, encoder.dimension)


async def test_queries_overtake_bulk_work(background: AsyncEncoder) -> None:
    await background.ready()
    order: list[str] = []
    begun = asyncio.Event()
    loop = asyncio.get_running_loop()

    def tell(task: str, done: int, total: int | None) -> None:
        loop.call_soon_threadsafe(begun.set)

    async def bulk() -> None:
        await background.encode(BULK, tell)
        order.append("bulk")

    async def query(number: int) -> None:
        await begun.wait()
        await background.encode([f"question number {number}"])
        order.append("query")

    await asyncio.gather(bulk(), *(query(number) for number in range(5)))
    assert order == ["query"] * 5 + ["bulk"]


async def test_queries_do_not_starve_bulk_work(background: AsyncEncoder) -> None:
    bulk = asyncio.create_task(background.encode(BULK[:30]))
    number = 0
    while not bulk.done():
        await background.encode([f"question number {number}"])
        number += 1
    assert bulk.result().shape == (30, background.dimension)


async def test_concurrent_queries_each_get_their_own_rows(
    background: AsyncEncoder, encoder: Encoder
) -> None:
    calls = [[f"question {number}", f"remark {number}"][: 1 + number % 2] for number in range(30)]
    answers = await asyncio.gather(*(background.encode(texts) for texts in calls))
    for texts, vectors in zip(calls, answers, strict=True):
        assert are_alike(vectors, encoder.encode(texts))


async def test_a_repeated_query_is_not_encoded_again(
    background: AsyncEncoder, encoder: Encoder, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = await background.encode(["Where is my refund?"])
    monkeypatch.setattr(encoder, "encode", None)  # whoever called it now would fail
    assert np.array_equal(await background.encode(["Where is my refund?"]), first)


async def test_one_bad_text_fails_alone_and_at_once(background: AsyncEncoder) -> None:
    good, bad = await asyncio.gather(
        background.encode(["fine"]), background.encode(["fine", " "]), return_exceptions=True
    )
    assert isinstance(good, np.ndarray)
    assert isinstance(bad, InvalidInputError)


async def test_no_texts_give_no_rows(background: AsyncEncoder) -> None:
    assert (await background.encode([])).shape == (0, background.dimension)


async def test_a_caller_that_gives_up_does_not_disturb_others(background: AsyncEncoder) -> None:
    await background.ready()
    bulk = asyncio.create_task(background.encode(BULK))
    query = asyncio.create_task(background.encode(["never mind"]))
    await asyncio.sleep(0)
    bulk.cancel()
    query.cancel()
    assert (await background.encode(["still here"])).shape == (1, background.dimension)
    assert bulk.cancelled()
    assert query.cancelled()


async def test_texts_may_come_before_the_model_is_loaded(encoder: Encoder) -> None:
    gate = threading.Event()

    def load(options: EncoderOptions, progress: Progress) -> Encoder:
        gate.wait()
        return encoder

    background = AsyncEncoder(EncoderOptions(), load=load)
    early = asyncio.create_task(background.encode(["early"]))
    await asyncio.sleep(0.05)
    assert not background.is_ready
    assert not early.done()
    with pytest.raises(UnavailableError, match="still being loaded"):
        _ = background.name
    gate.set()
    assert (await early).shape == (1, encoder.dimension)
    assert background.is_ready
    assert await background.ready() is encoder
    await background.close()


async def test_a_model_that_cannot_be_loaded_fails_every_call(tmp_path: Path) -> None:
    background = AsyncEncoder(EncoderOptions(model=str(tmp_path)), load=load_encoder)
    early = asyncio.create_task(background.encode(["early"]))
    for waiting in (early, background.ready(), background.encode(["late"])):
        with pytest.raises(ModelError, match="not a sentence-transformers model"):
            await waiting
    assert not background.is_ready
    await background.close()


async def test_closing_ends_what_waits(encoder: Encoder) -> None:
    others = set(threading.enumerate())
    background = AsyncEncoder(EncoderOptions(), load=lambda options, progress: encoder)
    await background.ready()
    bulk = asyncio.create_task(background.encode(BULK))
    await asyncio.sleep(0)
    await background.close()
    with pytest.raises(UnavailableError, match="closed"):
        await bulk
    with pytest.raises(UnavailableError, match="closed"):
        await background.encode(["too late"])
    left = set(threading.enumerate()) - others
    assert not [each.name for each in left if each.name.startswith("encoder")]


async def test_closing_before_use_is_fine() -> None:
    background = AsyncEncoder(EncoderOptions())
    await background.close()
    with pytest.raises(UnavailableError, match="closed"):
        await background.ready()


def test_memory_forgets_the_least_used() -> None:
    memory = VectorMemory(2)
    rows = np.eye(3, dtype=np.float32)
    memory.put(["a", "b"], rows[:2])
    assert memory.get(["a"]) is not None
    memory.put(["c"], rows[2:])
    assert memory.get(["b"]) is None
    known = memory.get(["c", "a"])
    assert known is not None
    assert np.array_equal(known, rows[[2, 0]])
