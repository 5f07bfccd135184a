"""What is found in many complaints does not depend on the installation's key."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

import numpy as np
import pytest

from graph.commands.linking import link_pending
from graph.consistency import check
from graph.database import Database
from graph.domain.identity import Keyring
from graph.domain.moments import Moment
from graph.domain.spaces import EmbeddingSpace
from graph.queries.newcomers import newcomers
from similarity.clusters import refit
from tests.support.graph import NOW, TINY, case, put, with_vector

pytestmark = pytest.mark.graph

COUNT = 220
#: So many come after the first fit, and so many on each day.
LATE = 20
#: Of few dimensions and close together: where a cluster ends is decided by ties and by order.
_PLACES = np.random.default_rng(7).normal(size=(COUNT, 5))
_VECTORS = np.pad(_PLACES / np.linalg.norm(_PLACES, axis=1, keepdims=True), ((0, 0), (0, 11)))
_WORDS = ("fee", "card", "loan", "transfer", "insurance", "app", "queue", "branch", "interest")


def _text(number: int) -> str:
    chance = np.random.default_rng(number)
    return " ".join(chance.choice(_WORDS, size=6))


async def _found(database: Database, key: bytes, order: Sequence[int]) -> Mapping[str, Any]:
    """What an installation with this key finds, by the names that sources give."""
    ids = {n: Keyring(key).complaint_id("test", str(n)) for n in order}
    names = {identity: n for n, identity in ids.items()}
    old = [n for n in order if n >= LATE]
    await _put(database, {n: ids[n] for n in old})
    first = (await refit(database, TINY, NOW)).fit
    await _put(database, {n: ids[n] for n in order if n < LATE})
    late = await newcomers(database, NOW - timedelta(days=1), NOW + timedelta(days=1))
    assert late is not None
    again = (await refit(database, TINY, NOW + timedelta(days=1))).fit
    assert (await check(database)).clean
    links = await database.read(
        "MATCH (a:Complaint)-[r:SIMILAR_TO]->(b) RETURN a.id AS a, b.id AS b, r.score AS score"
    )
    received = await database.read("MATCH (c:Complaint) RETURN c.id AS id ORDER BY c.receivedKey")
    return {
        "order": [names[row["id"]] for row in received],
        "links": sorted((names[row["a"]], names[row["b"]], row["score"]) for row in links),
        "newcomers": [
            (names[each.id], [one and names[one] for one in each.near]) for each in late.newcomers
        ],
        "usual": late.usual,
        "fits": [
            (
                [(k.id, k.label, k.terms, k.size, k.cohesion) for k in fit.clusters],
                [[names[one] for one in each.exemplars] for each in fit.clusters],
                sorted((names[one], place) for one, place in fit.members.items()),
            )
            for fit in (first, again)
        ],
    }


async def _put(database: Database, ids: Mapping[int, str]) -> None:
    cases = [
        replace(
            case(n, narrative=_text(n), received=Moment(NOW - timedelta(days=n // LATE))),
            id=identity,
        )
        for n, identity in ids.items()
    ]
    await put(database, [with_vector(one, _VECTORS[int(one.source_id)]) for one in cases])
    while await link_pending(database, TINY):
        pass


async def test_two_keys_and_shuffled_rows_give_the_same(
    database: Database, tiny: EmbeddingSpace
) -> None:
    rows = list(range(COUNT))
    one = await _found(database, b"1" * 32, rows)
    assert len(one["fits"][0][0]) > 3
    assert one["newcomers"]
    await database.run("MATCH (n) WHERE n:Complaint OR n:Cluster OR n:ClusterFit DETACH DELETE n")
    np.random.default_rng(3).shuffle(rows)
    other = await _found(database, b"2" * 32, rows)
    assert other == one
