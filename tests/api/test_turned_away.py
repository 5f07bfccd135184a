"""Who has not signed in: browsers are led to the sign-in and back, programs are told 401."""

from collections.abc import AsyncIterator
from urllib.parse import urlencode

import httpx2
import pytest
import pytest_asyncio

from tests.support.bank import Bank
from tests.support.http import client, code_of
from tests.support.sign_in import changed

pytestmark = pytest.mark.graph

BROWSER = {"Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}
NAVIGATES = {**BROWSER, "Sec-Fetch-Mode": "navigate"}


@pytest_asyncio.fixture(loop_scope="session")
async def asked(bank: Bank) -> AsyncIterator[httpx2.AsyncClient]:
    from api.app import create_app

    production = changed(bank, environment="production")
    async with client(create_app(production.services.settings, production.services)) as made:
        yield made


def sign_in(to: str) -> str:
    return f"/sign-in?{urlencode({'to': to})}"


@pytest.mark.parametrize("headers", [BROWSER, NAVIGATES], ids=["accepts", "navigates"])
@pytest.mark.parametrize(
    "address", ["/desk", "/desk?whose=mine&order=DUE_ASC", "/graphql", "/schema.graphql", "/audit"]
)
async def test_a_browser_is_led_to_sign_in_and_back(
    asked: httpx2.AsyncClient, address: str, headers: dict[str, str]
) -> None:
    answer = await asked.get(address, headers=headers)
    assert (answer.status_code, answer.headers["location"]) == (303, sign_in(address))
    assert answer.headers["cache-control"] == "no-store"


@pytest.mark.parametrize(
    "headers",
    [
        {"Accept": "application/json"},
        {"Accept": "application/graphql-response+json"},
        {"Accept": "*/*"},
        {"Accept": ""},
        {"Accept": "application/json, text/html;q=0.5"},
        {"Accept": "text/html;q=0"},
        {**BROWSER, "Sec-Fetch-Mode": "cors"},
        {**BROWSER, "Authorization": "Bearer nonsense"},
    ],
)
@pytest.mark.parametrize("address", ["/desk", "/graphql?query={__typename}", "/schema.graphql"])
async def test_a_program_is_told_401_as_json(
    asked: httpx2.AsyncClient, address: str, headers: dict[str, str]
) -> None:
    answer = await asked.get(address, headers=headers)
    assert (answer.status_code, code_of(answer)) == (401, "UNAUTHENTICATED")
    assert answer.headers["www-authenticate"] == "Bearer"
    assert "location" not in answer.headers


async def test_an_operation_by_post_is_told_401_as_json(asked: httpx2.AsyncClient) -> None:
    answer = await asked.post("/graphql", json={"query": "{ __typename }"})
    assert (answer.status_code, code_of(answer)) == (401, "UNAUTHENTICATED")


@pytest.mark.parametrize(
    ("page", "back"),
    [
        ("http://127.0.0.1:8000/cases/BANK-1?tab=answer", "/cases/BANK-1?tab=answer"),
        ("https://evil.example/cases/BANK-1", "/"),
        ("http://127.0.0.1:8000.evil.example/x", "/"),
        ("//evil.example", "/"),
        ("http://[", "/"),
        ("", "/"),
    ],
)
async def test_a_form_comes_back_to_its_page(
    asked: httpx2.AsyncClient, page: str, back: str
) -> None:
    host = {"Host": "127.0.0.1:8000"}
    sent = await asked.post("/register", data={}, headers={**NAVIGATES, **host, "Referer": page})
    assert (sent.status_code, sent.headers["location"]) == (303, sign_in(back))
    # A script's request leads the whole page there.
    hx = {**host, "HX-Request": "true", "HX-Current-URL": page, "Accept": "*/*"}
    part = await asked.post("/register/preview", data={}, headers=hx)
    assert part.status_code == 401
    assert part.headers["hx-redirect"] == sign_in(back)


async def test_what_fails_at_the_sign_in_does_not_lead_there_again(
    asked: httpx2.AsyncClient,
) -> None:
    answer = await asked.get("/sign-in/callback?state=x", headers=NAVIGATES)
    assert answer.status_code in {401, 404}
    assert "location" not in answer.headers
