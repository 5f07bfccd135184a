"""What goes wrong: a code and a sentence for the client, no value of a variable anywhere."""

import asyncio
from typing import Any

import pytest
import structlog
from graphql import GraphQLError

from api.services import Services
from graph.errors import InvalidInputError, UnavailableError
from graph.queries import customers
from schema.errors import translate
from schema.mutations import RegisterComplaintError
from tests.support.bank import Bank
from tests.support.graphql import execute, refused

SECRET = "13800138000"
#: The customers of both are read together, while the second field's list fails beside them.
SHARED = """{
  whole: repeatComplainers(first: 3) { nodes { customer { id } } }
  failing: repeatComplainers(first: 3) {
    nodes { customer { id } complaints(first: -1) { reference } } }
}"""

LIST = "query ($filter: ComplaintFilter) { complaints(filter: $filter) { totalCount } }"
SEARCH = "query ($text: String!, $n: Int) { searchComplaints(text: $text, first: $n) { score } }"


@pytest.mark.graph
@pytest.mark.parametrize(
    ("wanted", "code", "path"),
    [
        ({"products": []}, "INVALID_INPUT", ["filter", "products"]),
        ({"rootCauses": []}, "INVALID_INPUT", ["filter", "rootCauses"]),
        ({"products": ["NONE"]}, "UNKNOWN_CODE", ["filter", "products"]),
        ({"rootCauses": ["NONE"]}, "UNKNOWN_CODE", ["filter", "rootCauses"]),
        ({"types": ["NONE"]}, "UNKNOWN_CODE", ["filter", "types"]),
        ({"not": {"riskTypes": ["NONE"]}}, "UNKNOWN_CODE", ["filter", "riskTypes"]),
        ({"receivedFrom": "2026-01-01"}, "INVALID_INPUT", ["filter", "receivedFrom"]),
        ({"dueTo": "2026-01-01T00:00:00"}, "INVALID_INPUT", ["filter", "dueTo"]),
        ({"customer": "nobody"}, "INVALID_INPUT", ["filter", "customer"]),
        ({"clusters": ["Q29tcGxhaW50OmE="]}, "INVALID_INPUT", ["filter", "clusters"]),
        (
            {"not": {"not": {"not": {"not": {"types": ["OTHER"]}}}}},
            "INVALID_INPUT",
            ["filter", "not", "not", "not", "not"],
        ),
    ],
)
async def test_a_wrong_filter_names_its_field(
    bank: Bank, wanted: dict[str, Any], code: str, path: list[str]
) -> None:
    error = await refused(bank.services, LIST, filter=wanted)
    assert error["extensions"] == {"code": code, "path": path}
    assert "_" not in error["message"].replace("_TYPE", "").split(":")[0]


@pytest.mark.graph
async def test_a_field_that_fails_takes_nothing_that_others_await_with_it(
    bank: Bank, monkeypatch: pytest.MonkeyPatch
) -> None:
    by_ids = customers.by_ids

    async def late(*given: Any) -> Any:
        await asyncio.sleep(0.5)
        return await by_ids(*given)

    monkeypatch.setattr(customers, "by_ids", late)
    result = await execute(bank.services, SHARED)
    assert result.data is not None
    assert result.errors is not None
    assert result.data["failing"] is None
    nodes = result.data["whole"]["nodes"]
    assert len(nodes) == 3
    assert all(node["customer"] for node in nodes)
    assert [error.path[0] for error in result.errors if error.path] == ["failing"]


@pytest.mark.graph
@pytest.mark.parametrize(
    "values",
    [
        {"text": "fee", "n": SECRET},
        {"text": [SECRET]},
        {"text": {SECRET: 1}},
        {"text": None, "n": 1},
        {"text": "fee", "n": float(SECRET) * 1000},
    ],
)
async def test_a_variable_of_the_wrong_type_is_not_repeated(
    bank: Bank, values: dict[str, Any]
) -> None:
    error = await refused(bank.services, SEARCH, **values)
    assert error["extensions"] == {"code": "BAD_USER_INPUT"}
    assert SECRET not in str(error)
    assert "Variable '$" in error["message"]


@pytest.mark.graph
@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"narrative": "x", "channel": SECRET}, "channel"),
        ({"narrative": "x", "receivedAt": SECRET}, "DateTime"),
        ({"narrative": "x", "amount": {"value": f"{SECRET}x"}}, "Decimal"),
        ({"narrative": "x", "amount": {"value": "1e99999999"}}, "Decimal"),
        ({"narrative": "x", "amount": {"value": "NaN"}}, "Decimal"),
        ({"narrative": "x", SECRET: "x"}, "RegisterComplaintInput"),
        ({"subject": SECRET}, "narrative"),
    ],
)
async def test_a_wrong_input_field_is_named_but_not_repeated(
    bank: Bank, given: dict[str, Any], told: str
) -> None:
    query = """mutation ($input: RegisterComplaintInput!) { registerComplaint(input: $input) {
      complaint { id } } }"""
    error = await refused(bank.services, query, input=given)
    assert error["extensions"] == {"code": "BAD_USER_INPUT"}
    assert SECRET not in str(error)
    assert told in error["message"]


@pytest.mark.graph
@pytest.mark.parametrize(
    "identity",
    ["", "x", "Q29tcGxhaW50Og==", "Tm90aGluZzph", "Q29tcGxhaW50OmE", "/" * 5000, "ÿ"],
)
async def test_an_id_that_is_none_of_ours_is_refused(bank: Bank, identity: str) -> None:
    for field in ("node", "complaint", "customer"):
        query = f"query ($id: ID!) {{ {field}(id: $id) {{ id }} }}"
        error = await refused(bank.services, query, id=identity)
        assert error["extensions"] == {"code": "INVALID_INPUT", "path": ["id"]}
        assert len(identity) < 2 or identity not in error["message"]


@pytest.mark.graph
async def test_an_id_of_something_else_is_refused(bank: Bank) -> None:
    data = await execute(bank.services, "{ products(first: 1) { nodes { id } } }")
    assert data.data is not None
    identity = data.data["products"]["nodes"][0]["id"]
    error = await refused(
        bank.services, "query ($id: ID!) { complaint(id: $id) { id } }", id=identity
    )
    assert "Product" in error["message"]
    assert "Complaint" in error["message"]


@pytest.mark.graph
async def test_a_complaint_is_asked_for_by_one_thing(bank: Bank) -> None:
    for query in ("{ complaint { id } }", '{ complaint(id: "x", reference: "y") { id } }'):
        error = await refused(bank.services, query)
        assert error["extensions"]["code"] == "INVALID_INPUT"


@pytest.mark.graph
async def test_an_unknown_entry_has_nothing_under_it(bank: Bank) -> None:
    error = await refused(bank.services, '{ branches(under: "NONE") { totalCount } }')
    assert error["extensions"] == {"code": "UNKNOWN_CODE", "path": ["under"]}


@pytest.mark.graph
@pytest.mark.parametrize("text", ["", "   ", "。，！", "\x00"])
async def test_a_text_without_content_is_refused_with_a_reason(bank: Bank, text: str) -> None:
    query = """query ($text: String!) { searchComplaints(text: $text, mode: LEXICAL) { score } }"""
    error = await refused(bank.services, query, text=text)
    assert error["extensions"]["code"] == "INVALID_INPUT"


@pytest.mark.graph
@pytest.mark.parametrize(
    "text",
    ['年费 AND (NOT "', "productCode:CARD OR *:*", "~^[]{}\\/", "卡", "😀 年费", "a" * 20_000],
)
async def test_any_text_is_a_safe_search(bank: Bank, text: str) -> None:
    for mode in ("VECTOR", "LEXICAL", "HYBRID"):
        query = """query ($text: String!, $mode: SearchMode) {
          searchComplaints(text: $text, mode: $mode) { score } }"""
        result = await execute(bank.services, query, text=text, mode=mode)
        codes = {(error.extensions or {}).get("code") for error in result.errors or ()}
        assert codes <= {"INVALID_INPUT"}


@pytest.mark.graph
async def test_a_very_long_text_is_refused(bank: Bank) -> None:
    error = await refused(bank.services, SEARCH, text="费" * 100_001)
    assert error["extensions"] == {"code": "INVALID_INPUT", "path": ["text"]}
    assert "100,001" in error["message"]


@pytest.mark.graph
async def test_what_nobody_foresaw_is_masked_and_logged_once_without_values(
    bank: Bank, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(*_: object, **__: object) -> None:
        raise RuntimeError(f"syntax error near {SECRET}")

    monkeypatch.setattr("graph.queries.cases.attributions", broken)
    with structlog.testing.capture_logs() as logs:
        result = await execute(
            bank.services, "{ complaints(first: 5) { nodes { rootCauses { source } } } }"
        )
    assert result.errors
    told = str([error.formatted for error in result.errors])
    assert "INTERNAL" in told
    assert SECRET not in told
    failures = [entry for entry in logs if entry["log_level"] == "error"]
    assert len(failures) == 1
    assert failures[0]["error"] == "builtins.RuntimeError"
    assert SECRET not in str(logs)


@pytest.mark.graph
async def test_logs_name_operations_and_never_what_was_asked(bank: Bank) -> None:
    query = """query Find($text: String!) { searchComplaints(text: $text) { score } }"""
    with structlog.testing.capture_logs() as logs:
        await execute(bank.services, query, text=f"我的手机号是{SECRET}，年费")
        await execute(bank.services, query, text={SECRET: 1})
        await execute(bank.services, f'{{ nothing(text: "{SECRET}") }}')
    assert SECRET not in str(logs)
    told = [entry for entry in logs if entry["event"] == "operation"]
    assert [entry["operation"] for entry in told] == ["Find", "Find", None]
    assert told[0]["statements"] > 0


@pytest.mark.graph
async def test_an_error_of_one_root_field_leaves_the_others(bank: Bank) -> None:
    query = """{ complaints(after: "nowhere") { nodes { id } } products(first: 1) { nodes { code } }
      trend(first: 0) { older } }"""
    result = await execute(bank.services, query)
    assert result.data is not None
    assert result.data["complaints"] is None
    assert len(result.data["products"]["nodes"]) == 1
    assert result.errors
    assert ["complaints"] in [error.path for error in result.errors]


@pytest.mark.graph
async def test_a_count_that_fails_leaves_its_page(
    bank: Bank, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(*_: object, **__: object) -> int:
        raise UnavailableError("Counting took too long: ask again later.")

    monkeypatch.setattr("graph.queries.complaints.count", broken)
    result = await execute(
        bank.services, "{ complaints(first: 2) { totalCount nodes { reference } } }"
    )
    assert result.data is not None
    assert result.data["complaints"]["totalCount"] is None
    assert len(result.data["complaints"]["nodes"]) == 2
    assert result.errors
    assert [error.path for error in result.errors] == [["complaints", "totalCount"]]


def test_our_errors_keep_their_code_and_sentence() -> None:
    cause = UnavailableError("Neo4j does not answer: start it.")
    found = translate([GraphQLError("x", original_error=cause, path=["a"])])
    assert found[0].formatted == {
        "message": "Neo4j does not answer: start it.",
        "path": ["a"],
        "extensions": {"code": "UNAVAILABLE"},
    }


def test_a_user_error_speaks_the_api_s_names() -> None:
    error = RegisterComplaintError.from_model(
        InvalidInputError("filter.risk_types is empty.", path=("filter", "risk_types")), "input"
    )
    assert error.path == ["input", "filter", "riskTypes"]
    assert error.message == "filter.riskTypes is empty."


@pytest.mark.parametrize(
    ("document", "code"),
    [
        ("{", "SYNTAX"),
        ("{ nothing }", "INVALID_DOCUMENT"),
        ("{ node(id: 1.5) { id } }", "BAD_USER_INPUT"),
    ],
)
async def test_a_wrong_document_says_where(document: str, code: str) -> None:
    from schema.build import build_schema

    result = await build_schema().execute(document)
    assert result.errors
    assert result.errors[0].formatted["extensions"]["code"] == code
    assert result.errors[0].locations


def test_services_fit_what_the_schema_uses() -> None:
    from schema.request import Uses

    assert {name for name in dir(Uses) if not name.startswith("_")} <= set(dir(Services))
