"""The room in which complaints are registered: what would become of them, and what then does."""

import re
from html import unescape
from uuid import uuid4

import httpx2
import pytest
from graphql import GraphQLInputObjectType

from api.console import forms, register
from graph.domain.access import Role
from schema.build import build_schema
from tests.api.console.test_team import signed_in
from tests.support.bank import Bank
from tests.support.graphql import ask

pytestmark = pytest.mark.graph

SCHEMA = build_schema()._schema
#: What the form does not ask for: other systems send it.
OF_SYSTEMS = {
    "sourceSystem",
    "sourceId",
    "customer.sourceId",
    "customer.segment",
    "customer.region",
}
COUNT = "{ complaints { totalCount } }"


def test_the_form_asks_for_all_that_people_know() -> None:
    kind = SCHEMA.type_map["RegisterComplaintInput"]
    assert isinstance(kind, GraphQLInputObjectType)
    shown = {field.name for field in register.fields(SCHEMA)}
    assert {path for path, _ in forms.paths(kind)} == shown | OF_SYSTEMS | (
        forms.OF_THE_FORM - {"complaint", "version", "insisted"}
    )
    assert shown == set(register.LABELS)


async def count(bank: Bank) -> int:
    return int((await ask(bank.services, COUNT))["complaints"]["totalCount"])


async def test_the_preview_shows_masked_text_rules_suggestion_and_precedents(
    client: httpx2.AsyncClient, bank: Bank
) -> None:
    before = await count(bank)
    typed = {
        "narrative": "我是李小龙，手机13671530826，信用卡年费没有告知就扣款。再不退我去法院起诉！",
        "customer.name": "李小龙",
        "product": "CARD-FEE",
    }
    part = await client.post("/register/preview", data=typed, headers={"HX-Request": "true"})
    assert part.status_code == 200
    assert "<html" not in part.text
    assert "李小龙" not in part.text
    assert "13671530826" not in part.text
    assert "<mark>再不退我去法院起诉！</mark>" in part.text
    assert "How alike cases were decided" in part.text
    assert "Suggested" in part.text
    assert await count(bank) == before
    # Without scripts it is a page with the form as it was typed.
    whole = await client.post("/register/preview", data=typed)
    assert 'name="narrative"' in whole.text
    assert "13671530826" in whole.text
    assert '<option value="CARD-FEE" selected>' in whole.text
    assert "<mark>再不退我去法院起诉！</mark>" in whole.text


async def test_it_is_registered_once_and_its_page_opens(
    client: httpx2.AsyncClient, bank: Bank
) -> None:
    form = await client.get("/register")
    key = re.search(r'name="key" value="([^"]+)"', form.text)
    assert key is not None
    typed = {
        "key": key[1],
        "narrative": "  分行大堂漏水，客户滑倒受伤\n要求赔偿医药费  ",
        "receivedAt": "2026-03-02T09:30",
        "amount": "1,250.50",
        "amountCurrency": "cny",
        "branch": "BJ-01",
        "riskTypes": ["COMPLIANCE"],
        "severity": "SEVERE",
        "customer.vulnerable": "yes",
        "customer.mobile": "139" + str(uuid4().int)[:8],
    }
    before = await count(bank)
    sent = [await client.post("/register", data=typed) for _ in range(2)]
    assert {each.status_code for each in sent} == {303}
    assert sent[0].headers["location"] == sent[1].headers["location"]
    assert await count(bank) == before + 1
    reference = sent[0].headers["location"].removeprefix("/cases/")
    case = (
        await ask(
            bank.services,
            """query ($r: String!) { complaint(reference: $r) { narrative receivedAt vulnerable
              amount { value currency } branch { code } riskTypes { code } severity } }""",
            r=reference,
        )
    )["complaint"]
    assert case == {
        "narrative": typed["narrative"],
        "receivedAt": "2026-03-02T01:30:00+00:00",
        "vulnerable": True,
        "amount": {"value": "1250.50", "currency": "CNY"},
        "branch": {"code": "BJ-01"},
        "riskTypes": [{"code": "COMPLIANCE"}],
        "severity": "SEVERE",
    }


@pytest.mark.parametrize(
    ("typed", "beside"),
    [
        ({"narrative": " "}, "e-narrative"),
        ({"amount": "many"}, "e-amount"),
        ({"receivedAt": "2999-01-01T00:00"}, "e-receivedAt"),
        ({"occurredAt": "tomorrow"}, "e-occurredAt"),
        ({"customer.mobile": "12"}, "e-customer.mobile"),
        ({"subject": "\x00"}, "e-subject"),
        ({"product": "NOPE"}, "e-product"),
    ],
)
async def test_what_was_typed_wrong_is_told_beside_it_and_nothing_is_lost(
    client: httpx2.AsyncClient, bank: Bank, typed: dict[str, str], beside: str
) -> None:
    before = await count(bank)
    data = {"narrative": "年费扣错了", "subject": "年费 \"'><b>", **typed}
    answer = await client.post("/register", data=data)
    assert answer.status_code == 422
    assert f'id="{beside}"' in answer.text
    if "narrative" not in typed:
        assert "年费扣错了</textarea>" in answer.text
    if "subject" not in typed:
        assert unescape(answer.text).count("年费 \"'><b>") == 1
        assert "<b>" not in answer.text
    assert await count(bank) == before


async def test_the_preview_tells_what_is_wrong_and_shows_the_rest(
    client: httpx2.AsyncClient,
) -> None:
    typed = {"narrative": "年费扣错了", "customer.mobile": "12", "amount": "many"}
    part = await client.post("/register/preview", data=typed, headers={"HX-Request": "true"})
    assert part.status_code == 200
    assert "To be mended" in part.text
    assert "As it will be stored" in part.text


async def test_the_customers_open_case_is_shown_before_a_word_is_typed(
    client: httpx2.AsyncClient, bank: Bank
) -> None:
    mobile = "139" + str(uuid4().int)[:8]
    text = "网银转账被重复扣款两次，客服一直没有回复"
    typed = {"narrative": text, "customer.mobile": mobile}
    first = (await client.post("/register", data=typed)).headers["location"]
    part = await client.post(
        "/register/preview", data={"customer.mobile": mobile}, headers={"HX-Request": "true"}
    )
    assert first in part.text
    assert "The customer has filed this already" not in part.text
    again = await client.post("/register/preview", data=typed, headers={"HX-Request": "true"})
    assert "The customer has filed this already" in again.text


async def test_it_is_for_those_who_may_register(bank: Bank) -> None:
    async with await signed_in(bank, Role.ANALYST, "BJ", "eve") as asked:
        for answer in (
            await asked.get("/register"),
            await asked.post("/register", data={"narrative": "x"}),
            await asked.post("/register/preview", data={"narrative": "x"}),
        ):
            assert answer.status_code == 403
            assert 'href="/register"' not in answer.text


@pytest.mark.parametrize("part", ["narrative", "subject", "customer.name"])
async def test_markup_stays_text(client: httpx2.AsyncClient, part: str) -> None:
    hostile = "<script>alert(1)</script>\"'><img src=x onerror=alert(2)>{{ 7 * 7 }}"
    typed = {"narrative": "年费扣错了", part: hostile}
    for headers in ({}, {"HX-Request": "true"}):
        answer = await client.post("/register/preview", data=typed, headers=headers)
        assert "<script>alert" not in answer.text
        assert "<img src=x" not in answer.text
