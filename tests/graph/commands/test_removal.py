"""A source is removed while others work on the same graph."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from graph.commands import cluster_fits, removal
from graph.commands.cluster_fits import write_fit
from graph.commands.clusters import finish_fit
from graph.commands.redaction import Redaction, redact, texts_to_redact
from graph.commands.removal import remove_source
from graph.consistency import check
from graph.database import Database, Transaction
from graph.domain.case import CustomerFacts
from graph.domain.desk import Taking
from graph.domain.enums import IdentifierKind
from graph.domain.spaces import EmbeddingSpace
from graph.errors import ConflictError, NotFoundError
from graph.queries.clusters import memberships
from tests.support.fits import fit_of
from tests.support.graph import KEYRING, case, put, random_vectors, with_vector

pytestmark = pytest.mark.graph

NOW = datetime(2026, 5, 4, 8, 0, tzinfo=UTC)
TAKING = Taking(NOW, "ben")


async def stored(database: Database) -> None:
    """Twelve complaints, every other one of a source that goes."""
    vectors = random_vectors(12, seed=1)
    await put(
        database,
        [
            with_vector(case(n, source_system="goes" if n % 2 else "stays"), vectors[n])
            for n in range(12)
        ],
    )


async def fit(database: Database, *groups: range) -> int:
    before = await memberships(database)
    members = [sorted(case(n).id for n in group) for group in groups]
    old = {one: cluster for one, (cluster, weight) in before.items() if weight is not None}
    return await write_fit(database, fit_of(members, old, NOW), before)


async def test_a_fit_that_is_being_staged_begins_anew(
    database: Database, tiny: EmbeddingSpace, monkeypatch: pytest.MonkeyPatch
) -> None:
    await stored(database)
    switch = cluster_fits._switch

    async def removed_before(*arguments: object) -> None:
        await remove_source(database, "goes")
        await switch(*arguments)  # type: ignore[arg-type]

    with monkeypatch.context() as patch:
        patch.setattr(cluster_fits, "_switch", removed_before)
        with pytest.raises(ConflictError, match="removal of a source"):
            await fit(database, range(6), range(6, 12))
    await fit(database, range(0, 6, 2), range(6, 12, 2))
    assert "clusters" not in (await check(database)).counts


async def test_a_fit_that_is_carried_out_knows_who_has_gone(
    database: Database, tiny: EmbeddingSpace, monkeypatch: pytest.MonkeyPatch
) -> None:
    await stored(database)
    await fit(database, range(6), range(6, 12))

    async def interrupted(*_: object) -> int:
        return 0

    with monkeypatch.context() as patch:
        patch.setattr(cluster_fits, "finish_fit", interrupted)
        await fit(database, range(4), range(4, 12))
    assert await remove_source(database, "goes") == 6
    await finish_fit(database)
    assert "clusters" not in (await check(database)).counts
    await database.run("MATCH (:Complaint {sourceId: '0'})-[m:MEMBER_OF]->() DELETE m")
    assert "clusters" in (await check(database)).counts  # and still sees what is lost


@pytest.mark.parametrize("finishing", [True, False])
async def test_clusters_that_have_yet_to_get_their_members_are_no_leftovers(
    database: Database, tiny: EmbeddingSpace, monkeypatch: pytest.MonkeyPatch, finishing: bool
) -> None:
    """``finishing``: the removal carries out the fit itself; else another one begins meanwhile."""
    await stored(database)

    async def interrupted(*_: object) -> int:
        return 0

    with monkeypatch.context() as patch:
        patch.setattr(cluster_fits, "finish_fit", interrupted)
        await fit(database, range(6), range(6, 12))
        if not finishing:
            patch.setattr(removal, "finish_fit", interrupted)
        assert await remove_source(database, "goes") == 6
    await finish_fit(database)
    assert not {"clusters", "copies"} & set((await check(database)).counts)
    assert set(await memberships(database)) == {case(n).id for n in range(0, 12, 2)}


async def test_a_redaction_is_not_of_the_complaint_that_was_imported_again(
    database: Database, tiny: EmbeddingSpace
) -> None:
    await stored(database)
    identity = case(1).id
    read = await texts_to_redact(database, identity)
    redaction = Redaction(identity, read.version, read, replace(read, narrative="clean"), {})
    await remove_source(database, "goes")
    with pytest.raises(NotFoundError):
        await redact(database, redaction, TAKING)
    other = case(1, source_system="goes", narrative="another text")
    await put(database, [with_vector(other, random_vectors(1, seed=2)[0])])
    with pytest.raises(ConflictError, match="imported again"):
        await redact(database, redaction, TAKING)
    assert (await texts_to_redact(database, identity)).narrative == "another text"


async def test_whoever_gets_a_complaint_meanwhile_stays(database: Database) -> None:
    mobile = (IdentifierKind.MOBILE, KEYRING.identifier(IdentifierKind.MOBILE, "13912345678"))
    await put(database, [case(0, source_system="goes", customer=CustomerFacts((mobile,)))])
    filed = asyncio.Event()

    async def file(transaction: Transaction) -> None:
        await transaction.run(
            """
            MATCH (u:Customer) SET u.lock = true REMOVE u.lock
            CREATE (u)-[:FILED]->(:Complaint {id: 'new', receivedKey: '1'})
            """
        )
        filed.set()
        await asyncio.sleep(1)

    async def remove() -> None:
        await filed.wait()
        # Its own complaint is gone, and it sees nothing yet of the new one.
        await remove_source(database, "goes")

    await database.run(
        "MATCH (:Customer)-[f:FILED]->(c:Complaint) DETACH DELETE c WITH 1 AS one "
        "MATCH (i:Identifier) DETACH DELETE i"
    )
    await asyncio.gather(database.write(file), remove())
    rows = await database.read("MATCH (:Customer)-[:FILED]->(c) RETURN c.id AS id")
    assert rows == [{"id": "new"}]


async def test_an_identifier_under_which_somebody_files_meanwhile_stays(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    mobile, paper = (
        (kind, KEYRING.identifier(kind, number))
        for kind, number in (
            (IdentifierKind.MOBILE, "13912345678"),
            (IdentifierKind.ID_NUMBER, "E71640392"),
        )
    )
    await put(
        database,
        [
            case(0, source_system="goes", customer=CustomerFacts((mobile, paper))),
            case(1, source_system="stays", customer=CustomerFacts((paper,))),
        ],
    )
    lock_around = removal.lock_around

    async def filed_before(transaction: Transaction, *arguments: Any, **more: Any) -> None:
        await database.run(
            """
            MATCH (c:Complaint {id: $id}), (i:Identifier {hmac: $hmac})
            CREATE (c)-[:FILED_WITH]->(i)
            """,
            id=case(1).id,
            hmac=mobile[1],
        )
        await lock_around(transaction, *arguments, **more)

    monkeypatch.setattr(removal, "lock_around", filed_before)
    assert await remove_source(database, "goes") == 1
    rows = await database.read("MATCH (i:Identifier) RETURN i.hmac AS hmac")
    assert {row["hmac"] for row in rows} == {mobile[1], paper[1]}
