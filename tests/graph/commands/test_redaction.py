"""A text that was redacted stays so, whatever its source sends, wherever a text or vector is."""

import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from graph.commands.corrections import Correction
from graph.commands.desk import StepRequest, take_step
from graph.commands.person import HeldError, erase, hold
from graph.commands.redaction import Redaction, redact, texts_to_redact
from graph.commands.removal import remove_source
from graph.commands.rows import Prepared
from graph.commands.spaces import create_space
from graph.commands.store import Stored
from graph.consistency import check
from graph.database import Database, Row
from graph.domain.case import Case, Decision
from graph.domain.desk import Assign, Taking
from graph.domain.enums import CaseStatus, OutcomeKind, Severity
from graph.domain.redaction import TAKEN_OUT, passages_in
from graph.domain.spaces import EmbeddingSpace, SpaceState
from tests.support.graph import KEYRING, NOW, TINY, case, put, random_vectors, snapshot

pytestmark = pytest.mark.graph

NAME = "zhaotiezhu"
TEXT = f"the clerk {NAME} laughed at me"
BEN = Taking(NOW, "ben")
OLD = replace(TINY, name="old", state=SpaceState.RETIRED)
NEXT = replace(TINY, name="next", state=SpaceState.BUILDING)
VECTORS = random_vectors(9, seed=3)

#: What a source may send after a redaction.
SENDS: dict[str, dict[str, Any]] = {
    "the same text": {},
    "the passage in another text": {"narrative": f"he is called {NAME}, I heard later"},
    "other white space": {"narrative": TEXT.replace("zhao", "zhao \u3000\n")},
    "another subject": {"subject": f"about {NAME}"},
    "no text": {"subject": None, "narrative": None},
    "an answer": {
        "decisions": (
            Decision(1, OutcomeKind.UPHELD, summary=f"{NAME} was told off"),
            Decision(2, OutcomeKind.UPHELD, summary=f"{NAME} has left us"),
        )
    },
}


def told(number: int = 0, **changes: Any) -> Case:
    first = Decision(1, OutcomeKind.UPHELD, summary=f"{NAME} was told off")
    said = {"subject": NAME, "narrative": TEXT, "decisions": (first,), **changes}
    return case(number, **said)


def with_vectors(case: Case, number: int, *spaces: EmbeddingSpace) -> Prepared:
    vector = [float(value) for value in VECTORS[number]]
    return Prepared(case, {space.vector_key: vector for space in spaces} if case.text else {})


async def redacted(database: Database, identity: str, *spaces: EmbeddingSpace) -> None:
    """As the desk does it, with a vector for each of these spaces."""
    found = await texts_to_redact(database, identity)
    spelt = passages_in([NAME])

    def clean(text: str | None) -> str:
        return spelt.sub(TAKEN_OUT, text or "")

    texts = replace(
        found,
        subject=clean(found.subject),
        narrative=clean(found.narrative),
        decisions=[{**row, "summary": clean(row["summary"])} for row in found.decisions],
        versions=[
            {name: text if name == "id" else clean(text) for name, text in row.items()}
            for row in found.versions
        ],
    )
    vectors = {space.vector_key: [float(v) for v in VECTORS[8]] for space in spaces}
    await redact(database, Redaction(identity, found.version, found, texts, vectors), BEN)


async def node(database: Database, identity: str) -> Row:
    rows = await database.read("MATCH (c:Complaint {id: $id}) RETURN c {.*} AS c", id=identity)
    found: Row = rows[0]["c"]
    return found


async def nowhere(database: Database) -> None:
    """In no node and no relation, however it is spelt, and not in the text index."""
    stored = re.sub(r"\\n|\\u3000|\s", "", "\n".join(await snapshot(database)))
    assert NAME not in stored
    hits = await database.read(
        "CALL db.index.fulltext.queryNodes('complaint_text', $word) YIELD node RETURN node.id",
        word=f"{NAME} OR tiezhu",
    )
    assert hits == []


async def work(database: Database, identity: str) -> None:
    found = await node(database, identity)
    await take_step(database, StepRequest(identity, found["version"], Assign("ben")), BEN)


async def test_it_stays_redacted_and_the_facts_are_taken(
    database: Database, tiny: EmbeddingSpace
) -> None:
    """Whatever the source sends, of a case that people work on and of one that they do not."""
    every = [(sends, worked) for sends in SENDS for worked in (False, True)]
    cases = [told(number) for number in range(len(every))]
    await put(database, [with_vectors(each, 0, tiny) for each in cases])
    for each, (_, worked) in zip(cases, every, strict=True):
        if worked:
            await work(database, each.id)
        await redacted(database, each.id, tiny)
    before = [await node(database, each.id) for each in cases]
    more = {"status": CaseStatus.CLOSED, "severity": Severity.SEVERE}
    again = [
        told(number, **more, **SENDS[sends], content_hash=f"new {number}")
        for number, (sends, _) in enumerate(every)
    ]
    batch = [with_vectors(each, 1, tiny) for each in again]
    for fate in (Stored.UPDATED, Stored.UNCHANGED):
        assert set((await put(database, batch)).values()) == {fate}
        await nowhere(database)
    for each, old, (sends, worked) in zip(again, before, every, strict=True):
        after = await node(database, each.id)
        for name in ("subject", "narrative", tiny.vector_key):
            assert after[name] == old[name], (sends, name)
        facts = (after["status"], after.get("severity"), after["round"])
        taken = ("CLOSED", "SEVERE", len(each.decisions))
        assert facts == ((old["status"], None, 1) if worked else taken), sends
    report = await check(database)
    assert report.counts.keys() <= {"links"}, report.examples


@pytest.mark.parametrize("order", ["redact", "rewrite"])
async def test_no_space_keeps_the_vector_of_a_text_that_is_gone(
    database: Database, tiny: EmbeddingSpace, order: str
) -> None:
    """A retired one, one that another process builds, and one that nobody has on record."""
    for space in (OLD, NEXT):
        await create_space(database, space)
    every = (tiny, OLD, NEXT, replace(TINY, name="lost"))
    await put(database, [with_vectors(told(), 0, *every)])
    steps: dict[str, Callable[[], Any]] = {
        "redact": lambda: redacted(database, told().id, tiny),
        "rewrite": lambda: put(
            database, [with_vectors(told(narrative="other", content_hash="new"), 8, tiny)]
        ),
    }
    await steps[order]()
    found = await node(database, told().id)
    assert {name for name in found if name.startswith("embedding_")} == {tiny.vector_key}
    assert found[tiny.vector_key] == pytest.approx(list(VECTORS[8]))
    await database.run(
        "MATCH (s:EmbeddingSpace {name: 'next'}) DETACH DELETE s"
    )  # what it lacks is filled by whoever builds it
    await database.run("MATCH (c:Complaint) SET c.linkKey = null, c.linkedKey = c.receivedKey")
    assert (await check(database)).examples == []


async def test_the_check_sees_vectors_of_what_is_gone(
    database: Database, tiny: EmbeddingSpace
) -> None:
    await create_space(database, OLD)
    await database.run(
        "MATCH (s:EmbeddingSpace {name: 'old'}) SET s.retiredAt = datetime('2026-01-01T00:00Z')"
    )
    texts = [told(0), told(1), told(2, narrative=None), told(3)]
    await put(database, [with_vectors(each, n, tiny, OLD) for n, each in enumerate(texts)])
    await database.run("MATCH (c:Complaint) SET c.linkKey = null, c.linkedKey = c.receivedKey")
    vectors = "vectors"
    assert vectors not in (await check(database)).counts
    await redacted(database, told(0).id, tiny)
    await database.run(
        "MATCH (c:Complaint {sourceId: '0'}), (o:Complaint {sourceId: '3'}) "
        "SET c.embedding_old = o.embedding_old"
    )
    await database.run(
        "MATCH (c:Complaint {sourceId: '2'}), (o:Complaint {sourceId: '3'}) "
        "SET c.embedding_old = o.embedding_old, o.embedding_lost = o.embedding_old"
    )
    report = await check(database)
    assert {f.subject: f.detail for f in report.examples if f.kind == vectors} == {
        told(0).id: "of a text that is gone",
        told(2).id: "without a text",
        told(3).id: "of no known space",
    }
    await check(database, repair=True)
    assert vectors not in (await check(database)).counts
    kept = await node(database, told(1).id)
    assert OLD.vector_key in kept  # the text that nobody changed


def test_a_passage_is_found_however_it_is_spelt() -> None:
    spelt = passages_in(["Anna Lee", "赵铁柱", "铁柱"])
    for text in ("ANNA  LEE", "anna\nlee", "AnnaLee", "赵 铁柱", "赵\u3000铁\u200b柱"):
        assert spelt.sub("", text) == ""
    assert spelt.sub("-", "a 铁柱, b 赵铁柱") == "a -, b -"
    assert spelt.search("Ann Lee") is None
    assert passages_in(["a.b (c)"]).sub("", "a.b(c) axb c") == " axb c"


async def test_what_was_redacted_or_erased_stays_so_when_its_source_is_removed(
    database: Database, tiny: EmbeddingSpace
) -> None:
    cases = [told(number) for number in range(3)]
    batch = [with_vectors(each, number, TINY) for number, each in enumerate(cases)]
    await put(database, batch)
    await redacted(database, cases[0].id, TINY)
    correction = Correction("anna", NOW, "asked for it")
    await erase(database, [cases[1].id], correction, KEYRING)
    await hold(database, [cases[2].id], correction, held=True)
    with pytest.raises(HeldError, match="1 complaints of"):
        await remove_source(database, "test")
    await hold(database, [cases[2].id], correction, held=False)
    assert await remove_source(database, "test") == len(cases)
    fates = await put(database, batch)
    assert list(fates.values()) == [Stored.LOADED, Stored.UNCHANGED, Stored.LOADED]
    rows = await database.read(
        "MATCH (n) WHERE any(k IN keys(n) WHERE n[k] IS :: STRING AND n[k] CONTAINS $name) "
        "RETURN DISTINCT coalesce(n.id STARTS WITH $free OR n.number STARTS WITH $free, false) "
        "AS free",
        name=NAME,
        free=cases[2].id,
    )
    assert [row["free"] for row in rows] == [True]
    report = await check(database)
    assert {finding.kind for finding in report.examples} <= {"links"}
