"""Learn from the bank's own texts what a cosine means."""

import asyncio
from datetime import datetime

import numpy as np
import structlog

from graph.commands.leases import lease, turn
from graph.commands.spaces import record_calibrations
from graph.database import Database
from graph.domain.spaces import EmbeddingSpace, OwnCalibration
from graph.queries.spaces import active_space, strangers, texts_by_language
from similarity.encoding import calibrate
from similarity.encoding.forward import Vectors

log = structlog.get_logger(__name__)

LEASE = "calibration"
#: Texts of a language from which its own pairs tell more than those shipped: 125,000 pairs, of
#: which 125 lie above the last per mille.
FEWEST = 500
#: Texts that are compared with one another.
SAMPLE = 2_000
#: Learnt again when there are so many times as many texts.
GROWTH = 2.0
#: Seconds between two looks of all processes.
EVERY = 600.0
_SEED = 1


def due(space: EmbeddingSpace, texts: dict[str, int]) -> list[str]:
    """The languages whose pairs are to be compared, given how many texts each has."""
    return sorted(
        language
        for language, count in texts.items()
        if count >= FEWEST
        and (language not in space.own or count >= GROWTH * space.own[language].texts)
    )


async def recalibrate_if_due(
    database: Database, now: datetime, *, every: float = EVERY
) -> tuple[str, ...]:
    """Compare the bank's own strangers anew where texts have doubled; the languages that were.

    By one process of many; costs one statement in most calls. Links, duplicates and repeats keep
    the thresholds of their space: what is on record does not change when a bank grows.
    """
    if not await turn(database, LEASE, seconds=every):
        return ()
    async with lease(database, LEASE) as held:
        space = await active_space(database)
        if not held or space is None:
            return ()
        counts = dict(await texts_by_language(database, space))
        results = []
        for language in due(space, counts):
            vectors = await strangers(database, space, language, SAMPLE)
            made = await asyncio.to_thread(
                _own, np.array(vectors, dtype=np.float32), language, counts[language], now
            )
            results += [made] if made is not None else []
        if results:
            await record_calibrations(database, space, results)
    languages = tuple(each.language for each in results)
    if languages:
        log.info("likeness is measured by the bank's own texts", languages=languages)
    return languages


def _own(vectors: Vectors, language: str, texts: int, now: datetime) -> OwnCalibration | None:
    """None where too few strangers have filed these texts."""
    distinct = len(np.unique(vectors, axis=0)) if len(vectors) else 0
    if distinct < FEWEST:
        return None
    quantiles = calibrate(vectors, _SEED).to_list()
    return OwnCalibration(language, texts, distinct, now, quantiles)
