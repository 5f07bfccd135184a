"""A request says its language once; a field's own argument wins."""

import json
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.languages import negotiated
from graph.domain.enums import Language
from schema.export import SDL_FILE
from schema.ids import NodeKind, global_id
from tests.support.bank import Bank
from tests.support.http import service
from tests.support.live import Client, opened, serving

QUERY = """
{ vocabulary { choices(names: ["Level"]) { values { label zh: label(language: ZH)
  en: label(language: EN) null: label(language: null) } } } }
"""
FOLLOW = """
subscription ($id: ID!) { caseEvents(complaint: $id, after: 0) { event { label } } }
"""


@pytest.mark.parametrize(
    ("header", "language"),
    [
        (None, "ZH"),
        ("", "ZH"),
        ("en", "EN"),
        ("EN-gb", "EN"),
        ("zh-Hant-HK, en;q=0.8", "ZH"),
        ("zh;q=0.3, en;q=0.9", "EN"),
        ("fr, en;q=0.2, zh;q=0.1", "EN"),
        ("fr-CH, de", "ZH"),
        ("*", "ZH"),
        ("en;q=0, zh;q=0.1", "ZH"),
        ("en;q=0", "ZH"),
        ("en;q=high", "ZH"),
        (";;,,q=", "ZH"),
        ("english", "ZH"),
    ],
)
def test_the_language_liked_most_that_there_is(header: str | None, language: str) -> None:
    assert negotiated(header) is Language(language)


@given(st.text(max_size=60))
def test_no_header_is_too_odd(header: str) -> None:
    assert negotiated(header) in Language


def test_no_label_has_a_language_of_its_own() -> None:
    defaults = re.findall(r"language: Language\b *(=[^\n]*)?", SDL_FILE.read_text("utf-8"))
    assert len(defaults) > 20
    assert set(defaults) == {""}


@pytest.mark.graph
@pytest.mark.parametrize(
    ("headers", "label"),
    [
        ({}, "红色"),
        ({"Accept-Language": "en-GB,en;q=0.9"}, "red"),
        ({"Accept-Language": "fr"}, "红色"),
    ],
)
async def test_a_header_is_the_default_and_an_argument_wins(
    bank: Bank, headers: dict[str, str], label: str
) -> None:
    async with service(bank) as asked:
        answer = await asked.post("/graphql", json={"query": QUERY}, headers=headers)
    values = answer.json()["data"]["vocabulary"]["choices"][0]["values"]
    assert values[2] == {"label": label, "zh": "红色", "en": "red", "null": label}


@pytest.mark.graph
@pytest.mark.parametrize(
    ("handshake", "payload", "label"),
    [
        ({}, {}, "登记"),
        ({"Accept-Language": "en"}, {}, "registered"),
        ({}, {"acceptLanguage": "en"}, "registered"),
        ({"Accept-Language": "en"}, {"acceptLanguage": "zh-CN"}, "登记"),
        ({"Accept-Language": "en"}, {"acceptLanguage": 7}, "registered"),
    ],
)
async def test_a_websocket_says_it_when_it_is_opened(
    bank: Bank, handshake: dict[str, str], payload: dict[str, object], label: str
) -> None:
    (row,) = await bank.services.database.read(
        "MATCH (c:Complaint) RETURN c.id AS id ORDER BY c.reference LIMIT 1"
    )
    async with serving(bank) as address, opened(address, additional_headers=handshake) as socket:
        await socket.send(json.dumps({"type": "connection_init", "payload": payload}))
        assert json.loads(await socket.recv())["type"] == "connection_ack"
        client = Client(socket)
        await client.subscribe(FOLLOW, id=global_id(NodeKind.COMPLAINT, row["id"]))
        heard = await client.hear()
    assert heard["payload"]["data"]["caseEvents"]["event"]["label"] == label
