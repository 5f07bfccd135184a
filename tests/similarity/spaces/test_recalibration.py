"""Likeness is measured by the bank's own strangers, by language, once there are enough."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import cast

import numpy as np
import pytest

from graph.database import Database
from graph.domain.case import CustomerFacts
from graph.domain.spaces import CalibrationSource, EmbeddingSpace, OwnCalibration
from graph.queries.spaces import active_space
from similarity import recalibration
from similarity.encoding import AsyncEncoder, Calibration, calibrate
from similarity.recalibration import due, recalibrate_if_due
from similarity.spaces import OpenSpace
from tests.support.graph import KEYRING, TINY, case, put, with_vector

NOW = datetime(2026, 6, 1, tzinfo=UTC)
SHIPPED = Calibration((0.0, 0.5, 1.0), (-1.0, 0.0, 1.0))
OWN = Calibration((0.0, 0.5, 1.0), (-1.0, 0.8, 1.0))
ENOUGH = 60


def own(language: str, texts: int = 900) -> OwnCalibration:
    return OwnCalibration(language, texts, 800, NOW, OWN.to_list())


def opened(*languages: str) -> OpenSpace:
    space = replace(
        TINY, calibration=SHIPPED.to_list(), own={each: own(each) for each in languages}
    )
    return OpenSpace.of(space, cast("AsyncEncoder", None))


@pytest.mark.parametrize(
    ("one", "other", "source"),
    [
        ("zh", "zh", CalibrationSource.OWN),
        ("zh", "en", CalibrationSource.SHIPPED),
        ("en", "en", CalibrationSource.SHIPPED),
        (None, None, CalibrationSource.SHIPPED),
        (None, "zh", CalibrationSource.SHIPPED),
    ],
)
def test_pairs_of_a_known_language_go_by_the_banks_own(
    one: str | None, other: str | None, source: CalibrationSource
) -> None:
    found = opened("zh").likeness(0.8, one, other)
    assert found.source is source
    is_own = source is CalibrationSource.OWN
    assert found.semantic == pytest.approx(0.5 if is_own else 0.9)
    assert (found.language, found.texts) == (("zh", 900) if is_own else (None, None))


def test_it_is_learnt_when_there_are_enough_texts_and_again_when_they_have_doubled() -> None:
    space = replace(TINY, own={"zh": own("zh", 900)})
    few, many = recalibration.FEWEST - 1, recalibration.FEWEST
    assert due(space, {"zh": 1_799, "en": few}) == []
    assert due(space, {"zh": 1_800, "en": many}) == ["en", "zh"]


@pytest.mark.graph
async def test_strangers_are_compared_by_one_process_and_links_keep_their_thresholds(
    database: Database, tiny: EmbeddingSpace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recalibration, "FEWEST", ENOUGH)
    # All are alike: what a random pair's cosine is, only the bank's own texts tell.
    chance = np.random.default_rng(5)
    vectors = np.ones(16) + chance.normal(scale=0.5, size=(2 * ENOUGH, 16))
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    await _put(database, vectors[: ENOUGH - 1], 0)
    assert await recalibrate_if_due(database, NOW, every=0.0) == ()
    # Another text of somebody known is no stranger's.
    await _put(database, vectors[ENOUGH - 1 : ENOUGH], ENOUGH - 1, customer="person 0")
    assert await recalibrate_if_due(database, NOW, every=0.0) == ()
    await _put(database, vectors[ENOUGH:], ENOUGH)
    found = await asyncio.gather(*(recalibrate_if_due(database, NOW, every=0.0) for _ in range(4)))
    assert sorted(found) == [(), (), (), ("en",)]
    space = await active_space(database)
    assert space is not None
    (learnt,) = space.own.values()
    assert (learnt.language, learnt.texts, learnt.sampled) == ("en", 2 * ENOUGH, 2 * ENOUGH - 1)
    assert learnt.at == NOW
    strangers = np.delete(vectors, [0, ENOUGH - 1], axis=0)
    expected = calibrate(strangers.astype(np.float32), 1)
    for share in (0.1, 0.5, 0.9):
        measured = Calibration.from_list(learnt.quantiles).cosine(share)
        assert measured == pytest.approx(expected.cosine(share), abs=0.02)
    assert replace(space, own={}) == tiny
    assert await recalibrate_if_due(database, NOW, every=0.0) == ()


async def _put(
    database: Database, vectors: Sequence[np.ndarray], first: int, customer: str | None = None
) -> None:
    def filed(number: int) -> CustomerFacts:
        name = KEYRING.identifier("MOBILE", customer or f"person {number}")  # type: ignore[arg-type]
        return CustomerFacts((("MOBILE", name),))  # type: ignore[arg-type]

    cases = [
        case(number, language="en", customer=filed(number))
        for number in range(first, first + len(vectors))
    ]
    await put(database, [with_vector(one, v) for one, v in zip(cases, vectors, strict=True)])
