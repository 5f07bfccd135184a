"""GraphQL over HTTP: media types and their codes, POST and GET, nothing repeated in a log."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

import pytest
import structlog
from starlette.types import Message

from api.app import create_app
from api.services import Services
from tests.support.bank import Bank
from tests.support.http import client, code_of, post, service

pytestmark = pytest.mark.graph

SECRET = "13671530826"
SEARCH = "query Find($text: String!) { searchComplaints(text: $text, first: 3) { score } }"


@asynccontextmanager
async def never() -> AsyncIterator[Services]:
    """Services that do not open in time."""
    raise AssertionError("the application is asked before it is started")
    yield


async def test_a_query_is_answered_with_its_cost_in_development(bank: Bank) -> None:
    async with service(bank) as asked:
        answer = await post(asked, SEARCH, text="年费")
    assert answer.status_code == 200
    body = answer.json()
    assert len(body["data"]["searchComplaints"]) == 3
    assert body["extensions"]["graph"]["queries"] > 0
    assert body["extensions"]["graph"]["milliseconds"] > 0
    assert answer.headers["x-request-id"]


async def test_production_does_not_tell_costs(bank: Bank) -> None:
    settings = bank.services.settings.model_copy(update={"environment": "production"})
    producing = replace(bank, services=replace(bank.services, settings=settings))
    async with service(producing) as asked:
        answer = await post(asked, "{ products { totalCount } }")
    assert answer.json()["data"]
    assert "extensions" not in answer.json() or "graph" not in answer.json()["extensions"]


@pytest.mark.parametrize(
    "content_type",
    ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", ""],
)
async def test_what_a_page_from_elsewhere_can_send_is_no_query(
    bank: Bank, content_type: str
) -> None:
    async with service(bank) as asked:
        answer = await asked.post(
            "/graphql",
            content=json.dumps({"query": "{ products { totalCount } }"}),
            headers={"content-type": content_type},
        )
    assert answer.status_code == 415
    assert code_of(answer) == "UNSUPPORTED_MEDIA_TYPE"


async def test_a_charset_beside_json_is_fine(bank: Bank) -> None:
    async with service(bank) as asked:
        answer = await asked.post(
            "/graphql",
            content=json.dumps({"query": "{ products { totalCount } }"}),
            headers={"content-type": "application/json; charset=utf-8"},
        )
    assert answer.json()["data"]["products"]


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"\xff\xfe",
        b"null",
        b"7",
        b'"query"',
        b"[]",
        b'[{"query": "{ __typename }"}]',
        b"{}",
        b'{"query": 7}',
        b'{"query": null}',
        b'{"query": ""}',
        b'{"query": "{ __typename }", "variables": [1]}',
        b'{"query": "{ __typename }", "operationName": 7}',
        b'{"query": "{ __typename }", "extensions": 7}',
        b'{"query": "query ($t: String!) { a }", "variables": {"t": "\\ud800"}}',
        b"[" * 100_000,
        b'{"query": "{ __typename }", "variables": {"n": ' + b"9" * 5_000 + b"}}",
        b'{"query": "{ __typename }", "variables": ' + b'{"a":' * 50_000,
    ],
    ids=lambda body: body[:40].decode("latin1"),
)
async def test_a_body_that_is_no_request_is_the_client_s_error(bank: Bank, body: bytes) -> None:
    async with service(bank) as asked:
        answer = await asked.post(
            "/graphql", content=body, headers={"content-type": "application/json"}
        )
    assert answer.status_code == 400
    assert code_of(answer) == "BAD_REQUEST"


GRAPHQL = "application/graphql-response+json"
TYPENAME = "{ __typename }"


@pytest.mark.parametrize(
    ("accept", "media"),
    [
        (None, "application/json"),
        ("*/*", "application/json"),
        ("application/*", "application/json"),
        ("application/json", "application/json"),
        (GRAPHQL, GRAPHQL),
        (f"{GRAPHQL}; charset=utf-8, application/json; charset=utf-8", GRAPHQL),
        (f"application/json;q=0.9, {GRAPHQL}", GRAPHQL),
        (f"{GRAPHQL};q=0.2, application/json;q=0.9", "application/json"),
        (f"{GRAPHQL};q=x, */*;q=0.1", "application/json"),
        (f"multipart/mixed, {GRAPHQL}, application/json;q=0.9", GRAPHQL),
        ("text/html, */*;q=0.1", "application/json"),
        ("application/json;q=0, */*", GRAPHQL),
    ],
)
async def test_the_media_type_is_the_one_that_the_client_prefers(
    bank: Bank, accept: str | None, media: str
) -> None:
    async with service(bank) as asked:
        if accept is None:
            asked.headers.pop("accept")
        headers = {} if accept is None else {"accept": accept}
        answer = await asked.post("/graphql", json={"query": TYPENAME}, headers=headers)
    assert answer.headers["content-type"] == media
    assert answer.headers["cache-control"] == "no-store"
    assert answer.json()["data"] == {"__typename": "Query"}


async def test_a_client_that_takes_no_json_is_told_what_there_is(bank: Bank) -> None:
    async with service(bank) as asked:
        for accept in ("text/html", "text/event-stream", "application/json;q=0"):
            headers = {"accept": accept}
            answer = await asked.post("/graphql", json={"query": TYPENAME}, headers=headers)
            assert answer.status_code == 406
            assert code_of(answer) == "NOT_ACCEPTABLE"
            assert GRAPHQL in answer.json()["errors"][0]["message"]


@pytest.mark.parametrize(
    ("sent", "code"),
    [
        ({"query": "{"}, "SYNTAX"),
        ({"query": "{ nothing }"}, "INVALID_DOCUMENT"),
        ({"query": SEARCH}, "BAD_USER_INPUT"),
        ({"query": "query A { __typename } query B { __typename }"}, "BAD_REQUEST"),
        ({"query": TYPENAME, "operationName": "Other"}, "BAD_REQUEST"),
        ({"query": "subscription { escalations { position } }"}, "BAD_REQUEST"),
        ({"query": "{ ...A } fragment A on Query { " + "__typename " * 3_000 + "}"}, "SYNTAX"),
    ],
)
async def test_what_cannot_be_executed_has_no_data(
    bank: Bank, sent: dict[str, Any], code: str
) -> None:
    async with service(bank) as asked:
        for media, status in (("application/json", 200), (GRAPHQL, 400)):
            answer = await asked.post("/graphql", json=sent, headers={"accept": media})
            assert answer.status_code == status
            assert code_of(answer) == code
            assert "data" not in answer.json()


async def test_the_operation_of_several_is_named(bank: Bank) -> None:
    query = "query A { a: __typename } query B { b: __typename }"
    async with service(bank) as asked:
        unnamed = await asked.post("/graphql", json={"query": query})
        named = await asked.post("/graphql", json={"query": query, "operationName": "B"})
    assert "operationName" in unnamed.json()["errors"][0]["message"]
    assert named.json()["data"] == {"b": "Query"}


async def test_an_error_of_a_field_leaves_the_data_and_the_status(bank: Bank) -> None:
    query = '{ __typename node(id: "x") { id } }'
    async with service(bank) as asked:
        answer = await asked.post("/graphql", json={"query": query}, headers={"accept": GRAPHQL})
    assert answer.status_code == 200
    assert answer.json()["data"] == {"__typename": "Query", "node": None}
    assert code_of(answer) == "INVALID_INPUT"


async def test_a_query_may_come_by_get_and_is_kept_nowhere(bank: Bank) -> None:
    query = "query A($n: Int) { products(first: $n) { nodes { code } } } query B { __typename }"
    asks = {"query": query, "operationName": "A", "variables": '{"n": 1}', "extensions": "{}"}
    async with service(bank) as asked:
        for media in ("application/json", GRAPHQL, "*/*"):
            answer = await asked.get("/graphql", params=asks, headers={"accept": media})
            assert answer.status_code == 200
            assert len(answer.json()["data"]["products"]["nodes"]) == 1
            assert answer.headers["cache-control"] == "no-store"


@pytest.mark.parametrize(
    ("asks", "status", "code"),
    [
        ({"query": "mutation { __typename }"}, 405, "METHOD_NOT_ALLOWED"),
        ({"query": "subscription { escalations { position } }"}, 400, "BAD_REQUEST"),
        ({"query": ""}, 400, "BAD_REQUEST"),
        ({"variables": "{}"}, 400, "BAD_REQUEST"),
        ({}, 400, "BAD_REQUEST"),
        ({"query": TYPENAME, "variables": "{"}, 400, "BAD_REQUEST"),
        ({"query": TYPENAME, "variables": "[]"}, 400, "BAD_REQUEST"),
        ({"query": TYPENAME, "extensions": "7"}, 400, "BAD_REQUEST"),
    ],
)
async def test_a_get_that_is_no_query_is_refused(
    bank: Bank, asks: dict[str, str], status: int, code: str
) -> None:
    async with service(bank) as asked:
        answer = await asked.get("/graphql", params=asks, headers={"accept": GRAPHQL})
    assert answer.status_code == status
    assert code_of(answer) == code
    assert status != 405 or answer.headers["allow"] == "POST"


async def test_a_browser_that_opens_the_address_gets_the_page(bank: Bank) -> None:
    browser = {"accept": "text/html,application/xhtml+xml,*/*;q=0.8"}
    async with service(bank) as asked:
        for params in ({}, {"query": TYPENAME}):
            answer = await asked.get("/graphql", params=params, headers=browser)
            assert answer.headers["content-type"].startswith("text/html")
        # A page elsewhere can send somebody here, but not have anything run by it.
        crossing = {"accept": "*/*", "sec-fetch-mode": "navigate", "sec-fetch-site": "cross-site"}
        answer = await asked.get("/graphql", params={"query": TYPENAME}, headers=crossing)
        assert answer.headers["content-type"].startswith("text/html")
        crossing["sec-fetch-mode"] = "no-cors"
        answer = await asked.get("/graphql", params={"query": TYPENAME}, headers=crossing)
        assert answer.status_code == 403


async def test_in_production_no_address_holds_a_query(bank: Bank) -> None:
    settings = bank.services.settings.model_copy(update={"environment": "production"})
    producing = replace(bank, services=replace(bank.services, settings=settings))
    async with service(producing) as asked:
        for accept in ("application/json", "text/html"):
            headers = {"accept": accept, "sec-fetch-mode": "navigate"}
            answer = await asked.get("/graphql", params={"query": TYPENAME}, headers=headers)
            assert answer.status_code in {405, 406}
            assert "__typename" not in answer.text
        assert (await asked.get("/graphql", headers={"accept": "text/html"})).status_code == 200


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE", "OPTIONS"])
async def test_another_method_is_told_which_there_are(bank: Bank, method: str) -> None:
    async with service(bank) as asked:
        answer = await asked.request(method, "/graphql")
        elsewhere = await asked.request(method, "/health/live")
    for each in (answer, elsewhere):
        assert each.status_code == 405
        assert code_of(each) == "METHOD_NOT_ALLOWED"
        assert "data" not in each.json()
    assert answer.headers["allow"] == "GET, POST"
    assert elsewhere.headers["allow"] == "GET"


@pytest.mark.parametrize("path", ["/nothing", "/docs", "/assets", "/health"])
async def test_an_unknown_path_is_told_in_the_api_s_own_shape(bank: Bank, path: str) -> None:
    async with service(bank) as asked:
        answer = await asked.get(path)
    assert answer.status_code == 404
    assert code_of(answer) == "NOT_FOUND"
    assert "/graphql" in answer.json()["errors"][0]["message"]


async def test_a_service_that_is_starting_asks_for_patience(bank: Bank) -> None:
    async with client(create_app(bank.services.settings, opening=never)) as asked:
        answer = await post(asked, TYPENAME)
    assert answer.status_code == 503
    assert code_of(answer) == "UNAVAILABLE"
    assert answer.headers["retry-after"] == "1"


async def test_a_websocket_to_a_service_that_is_starting_is_refused(bank: Bank) -> None:
    sent: list[Message] = []

    async def send(message: Message) -> None:
        sent.append(message)

    async def receive() -> Message:
        return {"type": "websocket.connect"}

    scope = {
        "type": "websocket",
        "path": "/graphql",
        "query_string": b"",
        "headers": [(b"host", b"127.0.0.1:8000")],
        "subprotocols": ["graphql-transport-ws"],
        "extensions": {"websocket.http.response": {}},
    }
    await create_app(bank.services.settings, opening=never)(scope, receive, send)
    assert [each["type"] for each in sent] == [
        "websocket.http.response.start",
        "websocket.http.response.body",
    ]
    assert sent[0]["status"] == 503


async def test_a_narrative_of_ten_megabytes_is_refused(bank: Bank) -> None:
    query = """mutation ($input: RegisterComplaintInput!) {
      registerComplaint(input: $input) { errors { code } } }"""
    async with service(bank) as asked:
        answer = await post(asked, query, input={"narrative": "费" * 3_500_000})
    assert answer.status_code == 413
    assert code_of(answer) == "TOO_LARGE"
    assert "100,000 characters" in answer.json()["errors"][0]["message"]


async def test_the_longest_narrative_fits_however_it_is_escaped(bank: Bank) -> None:
    """A hundred thousand emoji are 1.2 million bytes of escapes."""
    content = json.dumps(
        {"query": "query ($id: ID!) { node(id: $id) { id } }", "variables": {"id": "😀" * 100_000}}
    )
    async with service(bank) as asked:
        answer = await asked.post(
            "/graphql", content=content, headers={"content-type": "application/json"}
        )
    assert answer.status_code == 200
    assert code_of(answer) == "INVALID_INPUT"


async def test_logs_tell_the_operation_and_nothing_of_what_was_sent(bank: Bank) -> None:
    requests: list[dict[str, Any]] = [
        {"query": SEARCH, "variables": {"text": f"电话{SECRET}"}},
        {"query": SEARCH, "variables": {"text": {SECRET: SECRET}}},
        {"query": f'{{ searchComplaints(text: "{SECRET}") {{ nothing }} }}'},
        {"query": f"{{ {SECRET}"},
        {"query": "{ __typename }", "operationName": SECRET},
    ]
    with structlog.testing.capture_logs() as logs:
        async with service(bank) as asked:
            for request in requests:
                await asked.post("/graphql", json=request)
            await asked.get(f"/{SECRET}?a={SECRET}")
            await asked.get("/graphql", params={"query": SECRET})
    told = [entry for entry in logs if entry["event"] == "request"]
    assert len(told) == len(requests) + 2
    assert {entry["path"] for entry in told} == {"/graphql", "other"}
    assert SECRET not in str(logs)


async def test_answers_to_failing_requests_repeat_no_variable(bank: Bank) -> None:
    async with service(bank) as asked:
        for variables in ({"text": {SECRET: SECRET}}, {"text": [SECRET]}, {"other": SECRET}):
            answer = await post(asked, SEARCH, **variables)
            assert answer.json()["errors"]
            assert SECRET not in answer.text
