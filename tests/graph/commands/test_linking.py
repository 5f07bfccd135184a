"""Links follow their definition, whatever the order of arrival and whatever changes later."""

from dataclasses import replace
from random import Random

import numpy as np
import pytest

from graph.commands.linking import LINKS, link_pending, pending_links
from graph.consistency import check
from graph.database import Database
from graph.domain.spaces import EmbeddingSpace
from tests.support.graph import case, put, random_vectors, with_vector

pytestmark = pytest.mark.graph


def exact(vectors: np.ndarray, threshold: float) -> set[tuple[int, int]]:
    """The definition, computed directly: (later, earlier) for the nearest before each."""
    cosines = vectors @ vectors.T
    pairs = set()
    for later in range(len(vectors)):
        before = [(cosines[later, e], e) for e in range(later) if cosines[later, e] >= threshold]
        pairs |= {
            (later, e) for _, e in sorted(before, key=lambda pair: (-pair[0], pair[1]))[:LINKS]
        }
    return pairs


async def links(database: Database) -> set[tuple[int, int]]:
    rows = await database.read(
        "MATCH (b:Complaint)-[:SIMILAR_TO]->(a:Complaint) RETURN b.sourceId AS b, a.sourceId AS a"
    )
    return {(int(row["b"]), int(row["a"])) for row in rows}


async def link_everything(database: Database, space: EmbeddingSpace) -> None:
    while await link_pending(database, space):
        pass


async def test_links_are_those_of_an_exact_computation(
    database: Database, tiny: EmbeddingSpace
) -> None:
    vectors = random_vectors(250, seed=7)
    await put(database, [with_vector(case(n), vectors[n]) for n in range(250)])
    await link_everything(database, tiny)
    expected, found = exact(vectors, tiny.threshold), await links(database)
    assert len(expected - found) <= 0.02 * len(expected)
    assert len(found - expected) <= 0.02 * len(expected)


async def test_late_old_complaints_relink_their_later_neighbours(
    database: Database, tiny: EmbeddingSpace
) -> None:
    vectors = random_vectors(150, seed=8)
    numbers = Random(8).sample(range(150), 150)
    for start in range(0, 150, 25):
        some = numbers[start : start + 25]
        await put(database, [with_vector(case(n), vectors[n]) for n in some])
        await link_everything(database, tiny)
    expected, found = exact(vectors, tiny.threshold), await links(database)
    assert len(expected ^ found) <= 0.02 * len(expected)


async def test_a_new_text_unlinks_and_links_again(database: Database, tiny: EmbeddingSpace) -> None:
    vectors = random_vectors(80, seed=9)
    await put(database, [with_vector(case(n), vectors[n]) for n in range(80)])
    await link_everything(database, tiny)
    moved = vectors.copy()
    moved[5] = -vectors[5]
    changed = replace(case(5), narrative="rewritten", content_hash="new")
    await put(database, [with_vector(changed, moved[5])])
    await link_everything(database, tiny)
    expected, found = exact(moved, tiny.threshold), await links(database)
    assert len(expected ^ found) <= 0.02 * len(expected)
    assert (await check(database)).clean


async def test_without_a_text_there_is_nothing_to_link(
    database: Database, tiny: EmbeddingSpace
) -> None:
    await put(database, [case(n, narrative=None) for n in range(5)])
    assert await pending_links(database) == 0
    assert await links(database) == set()
    assert (await check(database)).clean
