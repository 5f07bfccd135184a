"""A source that sends by itself: taken by its mapping, once, and told what became of it."""

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx2
import pytest
import pytest_asyncio

from graph.domain.access import Role
from graph.errors import ConfigurationError
from ingest.intake import MOST, Intake, load_intakes
from tests.api.console.visitors import signed_in
from tests.support.bank import Bank
from tests.support.http import code_of, service

pytestmark = pytest.mark.graph

MAPPING = """
system = "monitor"
[fields]
source_id = "post_id"
received_at = "seen_at"
narrative = "text"
channel = { constant = "SOCIAL" }
amount = "claimed"
[customer]
mobile = "phone"
"""
LIST = MAPPING.replace('"monitor"', '"referrals"') + '\n[file]\nrecords = "items"\n'
LINES = MAPPING.replace('"monitor"', '"lines"') + '\n[file]\nformat = "jsonl"\n'
PHONE = "13800138000"
STORED = """
MATCH (c:Complaint {sourceSystem: $system})
RETURN c.sourceId AS id, c.narrative AS text, c.channel AS channel ORDER BY id
"""


def record(number: int, **changes: Any) -> dict[str, Any]:
    text = f"第{number}次投诉：手续费没有提前告知，请回电{PHONE}"
    return {
        "post_id": f"P{number}",
        "seen_at": "2026-03-05T09:30:00+08:00",
        "text": text,
        "phone": PHONE,
        "claimed": "300元",
        **changes,
    }


@pytest_asyncio.fixture(loop_scope="session")
async def served(bank: Bank, tmp_path: Path) -> Bank:
    for name, text in (("monitor", MAPPING), ("referrals", LIST), ("lines", LINES)):
        (tmp_path / f"{name}.toml").write_text(text, "utf-8")
    services = bank.services
    intake = Intake(
        services.importer, services.preparer.masker, services.zone, load_intakes(tmp_path)
    )
    return replace(bank, services=replace(services, intake=intake))


@pytest_asyncio.fixture(loop_scope="session")
async def client(served: Bank) -> AsyncIterator[httpx2.AsyncClient]:
    async with service(served) as asked:
        yield asked


async def test_records_are_taken_once_and_masked(client: httpx2.AsyncClient, bank: Bank) -> None:
    answer = await client.post("/intake/monitor", json=[record(n) for n in range(3)])
    assert answer.status_code == 200
    assert answer.json() == {
        "rows": 3, "created": 3, "updated": 0, "unchanged": 0, "rejected": 0, "problems": [],
    }  # fmt: skip
    again = (await client.post("/intake/monitor", json=record(1))).json()
    assert (again["rows"], again["unchanged"]) == (1, 1)
    other = (await client.post("/intake/monitor", json=record(1, claimed="400元"))).json()
    assert (other["updated"], other["created"]) == (1, 0)
    stored = await bank.services.database.read(STORED, system="monitor")
    assert [row["id"] for row in stored] == ["P0", "P1", "P2"]
    assert {row["channel"] for row in stored} == {"SOCIAL"}
    assert not any(PHONE in row["text"] for row in stored)


async def test_many_send_the_same_at_once_and_it_is_there_once(
    client: httpx2.AsyncClient, bank: Bank
) -> None:
    sent = [record(n) for n in range(100, 106)]
    answers = await asyncio.gather(*(client.post("/intake/monitor", json=sent) for _ in range(6)))
    assert {answer.status_code for answer in answers} == {200}
    told = [answer.json() for answer in answers]
    assert sum(each["created"] for each in told) == 6
    assert sum(each["unchanged"] for each in told) == 30


async def test_what_a_record_lacks_is_told_and_the_others_are_taken(
    client: httpx2.AsyncClient,
) -> None:
    sent = [record(10), record(11, seen_at="soon"), record(12, claimed="much")]
    answer = (await client.post("/intake/monitor", json=sent)).json()
    assert (answer["rows"], answer["created"], answer["rejected"]) == (3, 2, 1)
    assert {(p["rejected"], p["field"], p["count"]) for p in answer["problems"]} == {
        (True, "received_at", 1),
        (False, "amount", 1),
    }
    refused = await client.post("/intake/monitor", json=record(13, seen_at="soon"))
    assert (refused.status_code, refused.json()["rejected"]) == (422, 1)


async def test_envelopes_and_lines(client: httpx2.AsyncClient) -> None:
    sent = {"sent": "2026", "items": [record(1), record(2)]}
    assert (await client.post("/intake/referrals", json=sent)).json()["created"] == 2
    lines = "\n".join(json.dumps(record(n)) for n in range(3))
    kind = {"Content-Type": "application/x-ndjson"}
    answer = await client.post("/intake/lines", content=lines, headers=kind)
    assert answer.json()["created"] == 3


async def test_of_what_is_cut_nothing_is_stored(client: httpx2.AsyncClient, bank: Bank) -> None:
    whole = json.dumps([record(n) for n in range(900, 910)])
    kind = {"Content-Type": "application/json"}
    answer = await client.post("/intake/monitor", content=whole[:-40], headers=kind)
    assert (answer.status_code, code_of(answer)) == (400, "INVALID_INPUT")
    stored = await bank.services.database.read(STORED, system="monitor")
    assert not any(row["id"].startswith("P90") for row in stored)


async def test_what_cannot_be_taken_is_one_sentence(client: httpx2.AsyncClient) -> None:
    kind = {"Content-Type": "application/json"}
    for content in ("", "no", '{"post_id": ', '["a"]', "[[1]]", "3"):
        answer = await client.post("/intake/monitor", content=content, headers=kind)
        assert answer.status_code in {400, 422}, (content, answer.text)
    form = await client.post("/intake/monitor", data={"text": "x"})
    assert (form.status_code, code_of(form)) == (400, "INVALID_INPUT")
    unknown = await client.post("/intake/elsewhere", json=record(1))
    assert unknown.status_code == 404
    assert "lines, monitor, referrals" in unknown.json()["errors"][0]["message"]
    many = await client.post("/intake/monitor", json=[record(n) for n in range(MOST + 1)])
    assert (many.status_code, code_of(many)) == (413, "TOO_LARGE")


async def test_who_may_not_import_sends_nothing(served: Bank) -> None:
    async with await signed_in(served, Role.HANDLER, "BJ", "ann") as client:
        answer = await client.post("/intake/monitor", json=record(1))
        assert (answer.status_code, code_of(answer)) == (403, "FORBIDDEN")
        # Not even which sources there are.
        answer = await client.post("/intake/elsewhere", json=record(1))
        assert answer.status_code == 403


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("system = 'x'", "is wrong"),
        ("not = toml = x", "is no TOML"),
        (MAPPING + '\n[file]\nformat = "xlsx"\n', "json or jsonl"),
    ],
)
def test_a_mapping_that_is_wrong_is_told_at_the_start(tmp_path: Path, text: str, told: str) -> None:
    (tmp_path / "a.toml").write_text(text, "utf-8")
    with pytest.raises(ConfigurationError, match=told):
        load_intakes(tmp_path)
    with pytest.raises(ConfigurationError, match="JOBS__INTAKE"):
        load_intakes(tmp_path / "nowhere")
    assert load_intakes(None) == {}
