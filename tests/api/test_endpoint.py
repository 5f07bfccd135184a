"""GraphQL over HTTP: JSON by POST only, refusals as JSON, nothing repeated in a log."""

import json
from dataclasses import replace
from typing import Any

import pytest
import structlog

from tests.support.bank import Bank
from tests.support.http import code_of, post, service

pytestmark = pytest.mark.graph

SECRET = "13671530826"
SEARCH = "query Find($text: String!) { searchComplaints(text: $text, first: 3) { score } }"


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
        b'{"query": "{ __typename }", "operationName": "Other"}',
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


async def test_queries_are_not_taken_from_addresses(bank: Bank) -> None:
    async with service(bank) as asked:
        answer = await asked.get("/graphql", params={"query": "{ __typename }"})
        other = await asked.put("/graphql", json={"query": "{ __typename }"})
    assert answer.status_code == 405
    assert code_of(answer) == "METHOD_NOT_ALLOWED"
    assert other.status_code == 405


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
