"""Likeness learnt from pairs: better where there is something to learn, taken back by a write."""

import numpy as np
import pytest

from graph.commands.leases import lease
from graph.consistency import check
from graph.domain.scope import WHOLE_BANK
from graph.domain.spaces import SpaceState
from graph.errors import ConflictError, InvalidInputError
from graph.queries.pairs import PairKind, known_pairs
from graph.queries.spaces import spaces
from similarity import adapting
from similarity.adapting import halves, tried
from similarity.encoding import adapted, learn_adapter, unadapted
from similarity.encoding.adapted import Indexes
from similarity.encoding.forward import Vectors
from similarity.finder import SearchMode
from similarity.spaces import plain_vectors
from tests.support.bank import Bank, bank
from tests.support.graphql import ask

__all__ = ["bank"]


NONE = np.empty((0, 3), dtype=np.int64)


def unit(rows: Vectors) -> Vectors:
    result: Vectors = rows / np.linalg.norm(rows, axis=1, keepdims=True)
    return result


def cases(count: int, seed: int, spread: float) -> tuple[Vectors, Indexes]:
    """Two filings of each case; they differ most in the last eight of 24 dimensions."""
    chance = np.random.default_rng(seed)
    middle = chance.normal(size=(count, 24)).astype(np.float32)
    scale = np.array([0.2] * 16 + [spread] * 8, dtype=np.float32)
    filings = [middle + scale * chance.normal(size=middle.shape) for _ in range(2)]
    pairs = np.array([(n, count + n) for n in range(count)])
    return unit(np.concatenate(filings).astype(np.float32)), pairs


def test_what_differs_within_cases_counts_less() -> None:
    rows, pairs = cases(600, seed=1, spread=1.5)
    teaching, asked = halves(pairs)
    trial = tried(rows, adapted(rows, learn_adapter(rows, teaching, NONE)), asked)
    assert trial.better
    assert trial.mrr_after > trial.mrr_before + 0.1
    assert trial.recall_after > trial.recall_before
    assert trial.pairs == len(asked)


def test_pairs_that_have_nothing_in_common_make_nothing_better() -> None:
    rows, _ = cases(600, seed=2, spread=0.2)
    chance = np.random.default_rng(3)
    strangers = chance.permutation(len(rows)).reshape(-1, 2)
    teaching, asked = halves(strangers)
    assert not tried(rows, adapted(rows, learn_adapter(rows, teaching, NONE)), asked).better


def test_the_map_can_be_undone() -> None:
    rows, pairs = cases(300, seed=6, spread=1.5)
    adapter = learn_adapter(rows, pairs, NONE)
    assert not np.allclose(adapted(rows, adapter), rows, atol=1e-2)
    assert np.allclose(unadapted(adapted(rows, adapter), adapter), rows, atol=1e-4)


def test_what_hangs_together_is_on_one_side() -> None:
    chains = np.array([(n, n + 1) for n in range(400) if n % 4 != 3])
    teaching, asked = halves(chains)
    assert len(teaching) + len(asked) == len(chains)
    assert not set((teaching // 4).ravel()) & set((asked // 4).ravel())
    assert min(len(teaching), len(asked)) > len(chains) / 4


def test_what_was_rated_useless_is_farther_than_what_was_useful() -> None:
    """Also where the useless one was the nearer."""
    chance = np.random.default_rng(5)
    own = chance.normal(size=(400, 24))
    useful, useless = own.copy(), own.copy()
    useful[:, 16:] = chance.normal(size=(400, 8))
    useless[:, :16] = 0.5 * own[:, :16] + 0.5 * chance.normal(size=(400, 16))
    rows = unit(np.concatenate([own, useful, useless]).astype(np.float32))
    triplets = np.array([(n, 400 + n, 800 + n) for n in range(400)])
    learnt = adapted(rows, learn_adapter(rows, triplets[:200, :2], triplets[:200]))

    def right(vectors: Vectors) -> float:
        one, alike, other = (vectors[triplets[200:, column]] for column in range(3))
        return float(((one * alike).sum(1) > (one * other).sum(1)).mean())

    assert right(learnt) > right(rows) + 0.05
    assert np.allclose(np.linalg.norm(learnt, axis=1), 1, atol=1e-5)


_RATE = """
CYPHER 25
MATCH (a:Complaint), (b:Complaint)
WHERE a.narrative IS NOT NULL AND b.narrative IS NOT NULL AND a.productCode = b.productCode
  AND a.id < b.id AND NOT a.duplicate AND NOT b.duplicate
WITH a, b ORDER BY a.sourceId, b.sourceId LIMIT 40
CREATE (r:Rating {id: 'test:' + a.id + b.id, useful: true})-[:FOR]->(a)
CREATE (r)-[:RATES]->(b)
"""
REGISTER = """mutation ($input: RegisterComplaintInput!) { registerComplaint(input: $input) {
  errors { message } complaint { id similar(first: 3) { complaint { id } } } } }"""


NATURE = """mutation ($input: RegisterComplaintInput!) { registerComplaint(input: $input) {
  complaint { suggestion { dimensions { dimension value { code } } } } } }"""


@pytest.fixture
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(adapting, "FEWEST", 6)


@pytest.mark.graph
async def test_without_pairs_it_says_which_are_needed(bank: Bank) -> None:
    services = bank.services
    before = await spaces(services.database)
    with pytest.raises(InvalidInputError, match="filed again, in one group event, rated useful"):
        await adapting.learn_similarity(services.database, services.encoder)
    assert await spaces(services.database) == before


@pytest.mark.graph
async def test_it_is_used_where_it_is_better_and_taken_back(
    bank: Bank, few: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whether it is better is the pure function's to say; here it is both, in turn."""
    services = bank.services
    database = services.database

    async def rate() -> None:
        await database.run(_RATE)

    await rate()
    kinds = [pair.kind for pair in await known_pairs(database)]
    assert kinds.count(PairKind.RATED_USEFUL) == 40
    base = services.book.active.space

    monkeypatch.setattr(adapting.Trial, "better", property(lambda _: False))
    learnt = await adapting.learn_similarity(database, services.encoder)
    assert learnt.space is None
    assert [space.name for space in await spaces(database)] == [base.name]

    monkeypatch.setattr(adapting.Trial, "better", property(lambda _: True))
    learnt = await adapting.learn_similarity(database, services.encoder)
    await services.book.refresh()
    active = services.book.active
    assert active.space.name == learnt.space
    assert (active.space.base, active.space.model) == (base.name, base.model)
    states = {space.name: space.state for space in await spaces(database)}
    assert states == {base.name: SpaceState.RETIRED, learnt.space: SpaceState.ACTIVE}
    await services.pipeline.backlog.drain()
    assert (await check(database)).clean

    # A new complaint is known in the learnt space; its vector is the text's own, turned.
    payload = await ask(services, REGISTER, input={"narrative": "年费没有告知就扣了，请退"})
    new = payload["registerComplaint"]
    assert new["errors"] == []
    assert len(new["complaint"]["similar"]) == 3
    rows = await database.read(
        f"MATCH (c:Complaint) WHERE c.narrative CONTAINS '请退' "
        f"RETURN c.{active.space.vector_key} AS own, c.{base.vector_key} AS before"
    )
    (row,) = [row for row in rows if row["before"] is None]
    text = ["年费没有告知就扣了，请退"]
    encoded = await active.encoder.encode(text)
    assert np.allclose(row["own"], encoded[0], atol=1e-3)
    # Classifiers are of the encoder and go on: the map is undone for them.
    plain = await services.encoder.encode(text)
    assert np.allclose(plain_vectors(active.space, [row["own"]]), plain, atol=1e-3)
    natures = await ask(services, NATURE, input={"narrative": "请问你们周六几点开门，中午休息吗？"})
    dimensions = natures["registerComplaint"]["complaint"]["suggestion"]["dimensions"]
    assert ("NATURE", {"code": "ENQUIRY"}) in [(d["dimension"], d["value"]) for d in dimensions]

    # Another training, of more pairs, takes its place; what was before goes.
    async with lease(database, adapting.LEASE):
        with pytest.raises(ConflictError, match="Another process is learning"):
            await adapting.learn_similarity(database, services.encoder)
    await database.run("MATCH (r:Rating) WITH r LIMIT 5 DETACH DELETE r")
    second = await adapting.learn_similarity(database, services.encoder)
    await services.book.refresh()
    assert services.book.active.space.name == second.space != learnt.space
    third = await adapting.learn_similarity(database, services.encoder)
    names = {space.name for space in await spaces(database)}
    assert names == {base.name, third.space}

    assert await adapting.forget_similarity(database, services.encoder) == base.name
    await services.book.refresh()
    assert services.book.active.space.name == base.name
    await services.pipeline.backlog.drain()
    assert (await check(database)).clean
    found = await services.finder.search(
        "年费", filters=None, scope=WHOLE_BANK, mode=SearchMode.VECTOR, first=5
    )
    assert len(found) == 5
    assert await adapting.forget_similarity(database, services.encoder) is None
