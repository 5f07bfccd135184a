"""One process encodes for many, and whoever asks does not notice when it is killed."""

import asyncio
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import numpy as np
import pytest

from graph.errors import InvalidInputError, ModelError, UnavailableError
from similarity.encoding import (
    BUNDLED,
    AsyncEncoder,
    Encoder,
    EncoderOptions,
    EncoderServer,
    SharedEncoder,
    shared,
)
from tests.support.encoder import are_alike

TEXTS = [f"信用卡分期手续费第{n}期没有提前告知, fee {n}" for n in range(40)]


@asynccontextmanager
async def served(path: Path, encoder: Encoder) -> AsyncIterator[SharedEncoder]:
    """One in this process, of the session's model."""
    server = EncoderServer(
        lambda model, shown: AsyncEncoder(
            EncoderOptions(model=model), shown, load=lambda *_: encoder
        )
    )
    async with server.listening(path / "socket"):
        client = SharedEncoder(path / "socket", BUNDLED)
        try:
            yield client
        finally:
            await client.close()


async def test_it_gives_what_an_own_encoder_gives(encoder: Encoder, tmp_path: Path) -> None:
    async with served(tmp_path, encoder) as client:
        assert not client.is_ready
        with pytest.raises(UnavailableError, match="still being loaded"):
            _ = client.name
        await client.ready()
        assert client.is_ready
        assert (client.name, client.dimension) == (encoder.name, encoder.dimension)
        seen: list[tuple[int, int | None]] = []
        vectors = await client.encode(TEXTS, lambda _, done, of: seen.append((done, of)))
        assert np.array_equal(vectors, encoder.encode(TEXTS))
        assert vectors.dtype == np.float32
        assert vectors.flags.writeable
        assert seen[-1] == (len(TEXTS), len(TEXTS))
        many = await asyncio.gather(*(client.encode([text]) for text in TEXTS))
        assert are_alike(np.concatenate(many), vectors)
        assert (await client.encode([])).shape == encoder.encode([]).shape
        assert client.waiting == {"query": 0, "bulk": 0}


async def test_errors_are_those_of_an_own_encoder(encoder: Encoder, tmp_path: Path) -> None:
    async with served(tmp_path, encoder) as client:
        with pytest.raises(InvalidInputError):
            await client.encode(["", "text"])
        assert (await client.encode(["text"])).shape == (1, encoder.dimension)


async def test_a_model_that_is_missing_is_said(tmp_path: Path) -> None:
    server = EncoderServer(lambda model, shown: AsyncEncoder(EncoderOptions(model=model), shown))
    async with server.listening(tmp_path / "socket"):
        client = SharedEncoder(tmp_path / "socket", str(tmp_path / "no-such-model"))
        with pytest.raises(ModelError, match="no-such-model"):
            await client.ready()
        await client.close()


async def test_one_broken_text_does_not_cost_the_others(
    encoder: Encoder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(*_: object) -> None:
        raise ZeroDivisionError

    async with served(tmp_path, encoder) as client:
        await client.ready()
        with monkeypatch.context() as patch:
            patch.setattr(AsyncEncoder, "encode", broken)
            with pytest.raises(UnavailableError, match="see the service's log"):
                await client.encode(["a text"])
        assert (await client.encode(["a text"])).shape[0] == 1


async def test_what_nobody_waits_for_is_given_up(
    encoder: Encoder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun, given_up = asyncio.Event(), asyncio.Event()

    async def endless(*_: object) -> None:
        begun.set()
        try:
            await asyncio.Event().wait()
        finally:
            given_up.set()

    async with served(tmp_path, encoder) as client:
        await client.ready()
        monkeypatch.setattr(AsyncEncoder, "encode", endless)
        asking = asyncio.create_task(client.encode(["a text"]))
        await begun.wait()
        asking.cancel()
        await given_up.wait()
        # The same where the whole process that asked goes.
        begun.clear()
        given_up.clear()
        asking = asyncio.create_task(client.encode(["a text"]))
        await begun.wait()
        await client.close()
        with pytest.raises(UnavailableError, match="closed"):
            await asking
        await given_up.wait()
        with pytest.raises(UnavailableError, match="closed"):
            await client.encode(["a text"])


async def test_where_nobody_listens_it_is_said_after_a_while(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shared, "PATIENCE", 0.3)
    client = SharedEncoder(tmp_path / "socket", BUNDLED)
    with pytest.raises(UnavailableError, match="does not answer"):
        await client.ready()


async def test_a_killed_process_costs_no_vector(encoder: Encoder, tmp_path: Path) -> None:
    path = tmp_path / "socket"
    client = SharedEncoder(path, BUNDLED)
    process = await started(path)
    try:
        await client.ready()
        expected = encoder.encode(TEXTS)
        for _ in range(2):
            far = asyncio.Event()
            bulk = asyncio.create_task(
                client.encode(TEXTS * 20, lambda *_, event=far: event.set())  # type: ignore[misc]
            )
            queries = asyncio.gather(*(client.encode([text]) for text in TEXTS))
            await far.wait()
            process.kill()
            await process.wait()
            path.unlink()
            process = await started(path)
            assert are_alike(await bulk, np.tile(expected, (20, 1)))
            assert are_alike(np.concatenate(await queries), expected)
    finally:
        await client.close()
        if process.returncode is None:
            process.kill()
            await process.wait()


async def started(path: Path) -> Process:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.support.encoding", str(path)),
        stdout=PIPE,
    )
    assert process.stdout is not None
    assert await process.stdout.readline() == b"listens\n"
    return process
