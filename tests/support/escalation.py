"""Escalation over the tiny space, and complaints that are near one another."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, cast

import numpy as np

from graph.commands.linking import link_pending
from graph.database import Database
from graph.domain.case import Case, CustomerFacts
from graph.domain.moments import Moment
from graph.domain.rules import RuleSet
from graph.domain.spaces import EmbeddingSpace
from ingest.escalation.escalator import Escalator
from ingest.escalation.rulebook import default_rules
from similarity.encoding import AsyncEncoder, Calibration
from similarity.spaces import OpenSpace, SpaceBook
from tests.support.graph import KEYRING, NOW, TINY, case

CALIBRATION = Calibration((0.0, 0.99, 0.998, 1.0), (-1.0, 0.8, 0.9, 1.0))


@dataclass(frozen=True, slots=True)
class _Book:
    active: OpenSpace


def escalator(
    database: Database, rules: RuleSet | None = None, space: EmbeddingSpace = TINY
) -> Escalator:
    opened = OpenSpace(space, cast("AsyncEncoder", None), CALIBRATION)
    return Escalator(database, cast("SpaceBook", _Book(opened)), rules or default_rules())


def filed(number: int, *, days: float, customer: str | None = None, **changes: Any) -> Case:
    """A complaint of so many days ago by a customer of its own."""
    identifier = KEYRING.identifier("MOBILE", customer or f"person {number}")
    at = NOW - timedelta(days=days)
    return case(
        number,
        received=Moment(at),
        due_at=at + timedelta(days=15),
        customer=CustomerFacts((("MOBILE", identifier),)),
        **changes,
    )


def alike(count: int, seed: int) -> Sequence[np.ndarray]:
    """Vectors of one matter: near one direction, and far from those of another seed."""
    chance = np.random.default_rng(seed)
    middle = chance.normal(size=16)
    middle /= np.linalg.norm(middle)
    near = [middle + chance.normal(scale=0.04, size=16) for _ in range(count)]
    return [vector / np.linalg.norm(vector) for vector in near]


async def link_everything(database: Database, space: EmbeddingSpace = TINY) -> None:
    while await link_pending(database, space):
        pass
