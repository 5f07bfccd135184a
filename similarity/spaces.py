"""The embedding spaces in use, each with its encoder: which one answers, which ones are written."""

import asyncio
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Self

import numpy as np
import structlog

from graph.commands.spaces import create_space, write_vectors
from graph.database import Database
from graph.domain.spaces import CalibrationSource, EmbeddingSpace, SpaceState
from graph.errors import ConfigurationError
from graph.progress import Progress, silent
from graph.queries.spaces import adaptable, spaces, texts_without_vector, without_vector
from similarity.encoding import (
    AdaptedEncoder,
    Calibration,
    RunningEncoder,
    TextEncoder,
    adapted,
    adapter_of,
    calibrate,
    centre,
    sample_languages,
    sample_texts,
    unadapted,
)
from similarity.encoding.forward import Vectors
from similarity.shipped_space import shipped_space

log = structlog.get_logger(__name__)

#: Texts encoded and written at once when a space is filled.
FILL_BATCH = 256
SEED = 1
#: Likeness from which two filings of one customer about one product are one case: of the demo
#: bank's duplicates and repeats 95 % lie above it, in every wording.
SAME_CASE_LIKENESS = 0.9


@dataclass(frozen=True, slots=True)
class Likeness:
    """The share of random pairs that are less alike, and which pairs these are.

    ``texts``: of ``language`` in this bank when its own pairs were compared.
    """

    semantic: float
    source: CalibrationSource
    language: str | None = None
    texts: int | None = None


@dataclass(frozen=True, slots=True)
class OpenSpace:
    """A space whose model is at hand."""

    space: EmbeddingSpace
    encoder: TextEncoder
    calibration: Calibration
    own: Mapping[str, Calibration] = field(default_factory=dict)

    @classmethod
    def of(cls, space: EmbeddingSpace, encoder: TextEncoder) -> Self:
        own = {name: Calibration.from_list(each.quantiles) for name, each in space.own.items()}
        return cls(space, encoder, Calibration.from_list(space.calibration), own)

    @property
    def plain(self) -> TextEncoder:
        """The encoder without the map that was learnt."""
        return self.encoder.plain if isinstance(self.encoder, AdaptedEncoder) else self.encoder

    def likeness(self, cosine: float, one: str | None, other: str | None) -> Likeness:
        """What a cosine of two texts in these languages means.

        By the bank's own texts where both are of one language that it has enough of; pairs across
        languages and rare languages go by the texts that ship with the product.
        """
        if one is None or one != other or one not in self.own:
            return Likeness(self.calibration.semantic(cosine), CalibrationSource.SHIPPED)
        return Likeness(
            self.own[one].semantic(cosine), CalibrationSource.OWN, one, self.space.own[one].texts
        )


def plain_vectors(space: EmbeddingSpace, vectors: Sequence[Sequence[float]]) -> Vectors:
    """A space's vectors as its encoder made them, which is what classifiers take."""
    rows = np.asarray(vectors, dtype=np.float32).reshape(len(vectors), space.dimension)
    if space.adapter is None:
        return rows
    return unadapted(rows, adapter_of(space.adapter, space.dimension))


class SpaceBook:
    """What this process knows of the spaces; ``refresh`` follows what others change.

    Searches use the one ACTIVE space; registrations write to it and to the one that is BUILDING.
    """

    def __init__(
        self, database: Database, encoder: RunningEncoder, load: Callable[[str], RunningEncoder]
    ) -> None:
        """``encoder``: of the configured model; ``load`` makes one for another model's name."""
        self._database = database
        self._configured = encoder
        self._load = load
        self._open: dict[str, OpenSpace] = {}
        self._active: OpenSpace | None = None
        self._read_at = 0.0

    async def start(self, progress: Progress = silent) -> OpenSpace:
        """Open the active space, or make the first one for the configured model.

        Raises:
            ConfigurationError: the graph's active space is of another model.
        """
        await self._configured.ready()
        known = await spaces(self._database)
        active = next((s for s in known if s.state is SpaceState.ACTIVE), None)
        if active is None:
            made = await build_space(
                self._database, self._configured, SpaceState.ACTIVE, progress=progress
            )
            known = [*known, made]
        elif active.encoder != self._configured.name:
            raise ConfigurationError(_other_model(active, self._configured.model))
        await self._follow(known)
        return self.active

    @property
    def active(self) -> OpenSpace:
        """The space that answers searches."""
        if self._active is None:
            raise ConfigurationError("The embedding spaces have not been opened yet.")
        return self._active

    @property
    def writable(self) -> Sequence[OpenSpace]:
        """The spaces for which a new text is encoded."""
        return tuple(self._open.values())

    async def vectors(self, texts: Mapping[str, str]) -> dict[str, dict[str, list[float]]]:
        """The vectors of each text by node property, in every space that takes writes."""
        vectors: dict[str, dict[str, list[float]]] = {key: {} for key in texts}
        if texts:
            for opened in self.writable:
                results = await opened.encoder.encode(list(texts.values()))
                for key, vector in zip(texts, results, strict=True):
                    vectors[key][opened.space.vector_key] = vector.tolist()
        return vectors

    async def refresh(self, *, older_than: float = 0.0) -> None:
        """Read the spaces anew unless that was done within ``older_than`` seconds."""
        if time.monotonic() - self._read_at >= older_than:
            await self._follow(await spaces(self._database))

    async def _follow(self, known: Sequence[EmbeddingSpace]) -> None:
        self._read_at = time.monotonic()
        used = {s.name: s for s in known if s.state is not SpaceState.RETIRED}
        for name in set(self._open) - set(used):
            # Its encoder stays: the configured one is closed by whoever made it.
            del self._open[name]
        for name, space in used.items():
            before = self._open.get(name)
            encoder = before.encoder if before else await self._encoder(space)
            self._open[name] = OpenSpace.of(space, encoder)
        was = self._active.space.name if self._active else None
        self._active = next(o for o in self._open.values() if o.space.state is SpaceState.ACTIVE)
        if was is not None and was != self._active.space.name:
            log.info("another embedding space is active now", space=self._active.space.name)
            await fill_space(self._database, self._active.space, self._active.encoder)

    async def _encoder(self, space: EmbeddingSpace) -> TextEncoder:
        encoder = await self._model(space)
        if space.adapter is None:
            return encoder
        return AdaptedEncoder(encoder, space.name, adapter_of(space.adapter, space.dimension))

    async def _model(self, space: EmbeddingSpace) -> TextEncoder:
        if space.encoder == self._configured.name:
            return self._configured
        encoder = self._load(space.model)
        await encoder.ready()
        if encoder.name != space.encoder:
            raise ConfigurationError(
                f"The model {space.model!r} is not the one that the space {space.name!r} was built "
                "with: its files have changed. Run `complaint-graph reembed`."
            )
        return encoder


def _other_model(active: EmbeddingSpace, configured: str) -> str:
    if active.model == configured:
        return (
            f"The graph's vectors are of another state of the model {configured!r}: its files, "
            "its prompt or its window have changed. "
            f"Run `complaint-graph reembed --model {configured}`."
        )
    return (
        f"The graph's vectors are of the model {active.model!r}, the configured model is "
        f"{configured!r}: set COMPLAINT_GRAPH_ENCODER__MODEL={active.model}, or run "
        f"`complaint-graph reembed --model {configured}`."
    )


async def build_space(
    database: Database,
    encoder: TextEncoder,
    state: SpaceState,
    *,
    progress: Progress = silent,
) -> EmbeddingSpace:
    """Record a space for the encoder's model, calibrated on texts that are the same everywhere.

    So the threshold, and with it the links, do not depend on which complaints came first.
    """
    await encoder.ready()
    space = shipped_space(encoder.name, encoder.model, state)
    if space is None:
        vectors = await encoder.encode(sample_texts(), progress=progress)
        space = await described_space(encoder, vectors, state)
    return await create_space(database, space)


async def described_space(
    encoder: TextEncoder, samples: Vectors, state: SpaceState
) -> EmbeddingSpace:
    """The space of an encoder by its vectors of ``sample_texts``; nothing is written."""
    calibration = await asyncio.to_thread(calibrate, samples, SEED, sample_languages())
    return EmbeddingSpace(
        name=encoder.name,
        model=encoder.model,
        dimension=encoder.dimension,
        threshold=calibration.threshold,
        duplicate_threshold=calibration.cosine(SAME_CASE_LIKENESS),
        calibration=calibration.to_list(),
        centre=[float(value) for value in centre(samples)],
        state=state,
    )


async def fill_adapted(
    database: Database,
    space: EmbeddingSpace,
    base: EmbeddingSpace,
    *,
    progress: Progress = silent,
) -> int:
    """Turn every vector of ``base`` that has none in ``space`` yet; how many there were."""
    assert space.adapter is not None
    adapter = adapter_of(space.adapter, space.dimension)
    total = await texts_without_vector(database, space)
    done, after = 0, ""
    while page := await adaptable(database, space, base, after=after, limit=FILL_BATCH):
        vectors = adapted(np.array([each[3] for each in page], dtype=np.float32), adapter)
        rows = zip(page, vectors.tolist(), strict=True)
        await write_vectors(database, space, [(i, text, v) for (_, i, text, _), v in rows])
        done, after = done + len(page), page[-1][0]
        progress("adapt", done, max(total, done))
    return done


async def fill_space(
    database: Database,
    space: EmbeddingSpace,
    encoder: TextEncoder,
    *,
    progress: Progress = silent,
) -> int:
    """Encode every text that has no vector in the space; how many there were."""
    total = await texts_without_vector(database, space)
    done, after = 0, ""
    while batch := await without_vector(database, space, after=after, limit=FILL_BATCH):
        vectors = await encoder.encode([text for _, _, text in batch])
        rows = [
            (identity, text, vector.tolist())
            for (_, identity, text), vector in zip(batch, vectors, strict=True)
        ]
        await write_vectors(database, space, rows)
        done, after = done + len(batch), batch[-1][0]
        progress("encode", done, max(total, done))
    return done
