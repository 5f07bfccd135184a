"""Documents that are known: by which names they run, and what becomes of others."""

import hashlib
import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx2
import pytest
import structlog

from api.settings import Settings
from graph.errors import ConfigurationError
from schema import preparation
from schema.documents import DocumentReference, Documents
from tests.support.bank import Bank
from tests.support.http import code_of, service
from tests.support.live import Client, serving

LISTED = "query Listed($n: Int) { products(first: $n) { nodes { code } } }"
OTHER = "query Other { departments(first: 1) { nodes { code } } }"
FOLLOWED = "subscription Followed { escalations { position } }"
GRAPHQL = "application/graphql-response+json"


def sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def apollo(*texts: str) -> dict[str, Any]:
    operations = [
        {"id": sha256(text), "name": "Any", "type": "query", "body": text} for text in texts
    ]
    return {"format": "apollo-persisted-query-manifest", "version": 1, "operations": operations}


def persisted(text: str) -> dict[str, Any]:
    return {"persistedQuery": {"version": 1, "sha256Hash": sha256(text)}}


@pytest.fixture
def with_documents(bank: Bank, tmp_path: Path) -> Callable[..., Bank]:
    """The bank behind a manifest."""

    def made(mode: str, manifest: Any = None, environment: str = "development") -> Bank:
        path = tmp_path / "manifest.json"
        path.write_text(json.dumps(apollo(LISTED, FOLLOWED) if manifest is None else manifest))
        documents = bank.services.settings.documents.model_copy(
            update={"mode": mode, "manifest": path}
        )
        settings = bank.services.settings.model_copy(
            update={"documents": documents, "environment": environment}
        )
        return replace(bank, services=replace(bank.services, settings=settings))

    return made


async def sent(asked: httpx2.AsyncClient, **body: Any) -> httpx2.Response:
    return await asked.post("/graphql", json=body, headers={"accept": GRAPHQL})


@pytest.mark.graph
@pytest.mark.parametrize("mode", ["open", "reporting", "required"])
@pytest.mark.parametrize(
    "named",
    [
        {"documentId": sha256(LISTED)},
        {"documentId": f"sha256:{sha256(LISTED)}"},
        {"doc_id": sha256(LISTED)},
        {"extensions": persisted(LISTED)},
        {"extensions": persisted(LISTED), "query": LISTED},
        {"query": LISTED},
    ],
    ids="+".join,
)
async def test_a_document_of_the_manifest_runs_by_each_of_its_names(
    with_documents: Callable[..., Bank], mode: str, named: dict[str, Any]
) -> None:
    async with service(with_documents(mode)) as asked:
        answer = await sent(asked, **named, variables={"n": 1}, operationName="Listed")
    assert answer.status_code == 200
    assert len(answer.json()["data"]["products"]["nodes"]) == 1


@pytest.mark.graph
async def test_the_plain_manifest_of_codegen_and_relay_is_read(
    with_documents: Callable[..., Bank],
) -> None:
    async with service(with_documents("required", {"md5-of-relay": LISTED})) as asked:
        for named in ({"doc_id": "md5-of-relay"}, {"extensions": persisted(LISTED)}):
            assert (await sent(asked, **named)).json()["data"]["products"]


@pytest.mark.graph
async def test_nothing_else_runs_where_the_manifest_is_required(
    with_documents: Callable[..., Bank],
) -> None:
    refused = [
        ({"query": OTHER}, "QUERY_NOT_IN_SAFELIST"),
        ({"query": OTHER, "extensions": persisted(OTHER)}, "QUERY_NOT_IN_SAFELIST"),
        ({"query": f"{LISTED} "}, "QUERY_NOT_IN_SAFELIST"),
        ({"query": "{"}, "QUERY_NOT_IN_SAFELIST"),
        ({"extensions": persisted(OTHER)}, "PERSISTED_QUERY_NOT_IN_LIST"),
        ({"documentId": sha256(OTHER)}, "PERSISTED_QUERY_NOT_IN_LIST"),
        ({"doc_id": "7"}, "PERSISTED_QUERY_NOT_IN_LIST"),
    ]
    async with service(with_documents("required")) as asked:
        for body, code in refused:
            answer = await sent(asked, **body)
            assert answer.status_code == 400
            assert code_of(answer) == code
            assert "data" not in answer.json()
            assert "manifest" in answer.json()["errors"][0]["message"]


@pytest.mark.graph
async def test_automatic_persisted_queries_are_learnt(bank: Bank) -> None:
    async with service(bank) as asked:
        first = await sent(asked, extensions=persisted(OTHER))
        assert code_of(first) == "PERSISTED_QUERY_NOT_FOUND"
        assert first.json()["errors"][0]["message"] == "PersistedQueryNotFound"
        learnt = await sent(asked, extensions=persisted(OTHER), query=OTHER)
        again = await sent(asked, extensions=persisted(OTHER))
        asks = {"extensions": json.dumps(persisted(OTHER))}
        by_get = await asked.get("/graphql", params=asks, headers={"accept": GRAPHQL})
    assert learnt.json()["data"] == again.json()["data"] == by_get.json()["data"]
    assert by_get.status_code == 200


@pytest.mark.graph
async def test_in_production_a_query_may_come_by_its_id_in_an_address(
    with_documents: Callable[..., Bank],
) -> None:
    async with service(with_documents("open", environment="production")) as asked:
        headers = {"accept": "*/*"}
        for params in (
            {"documentId": sha256(LISTED)},
            {"extensions": json.dumps(persisted(LISTED))},
        ):
            answer = await asked.get("/graphql", params=params, headers=headers)
            assert answer.json()["data"]["products"]
            assert answer.headers["cache-control"] == "no-store"


BY_ID = "query ById($id: ID!) { node(id: $id) { id } }"
BY_WORD = "query ByWord($text: String!) { searchComplaints(text: $text, first: 1) { score } }"
BY_FILTER = "query ByFilter($f: ComplaintFilter) { complaints(filter: $f) { totalCount } }"
BY_TIME = """query ByTime($n: Int, $at: DateTime, $order: ComplaintOrder, $b: Boolean!) {
  complaints(first: $n, orderBy: $order) { totalCount @include(if: $b) }
  complaint(reference: "BANK-1", at: $at) { id } }"""


@pytest.mark.graph
@pytest.mark.parametrize(
    ("document", "variables"),
    [
        (BY_ID, {"id": "Q29tcGxhaW50OjE="}),
        (BY_WORD, {"text": "13671530826"}),
        (BY_FILTER, {"f": {"levels": ["RED"]}}),
        (BY_TIME, {"n": 1, "b": True, "note": "13671530826"}),
        ("query Broken($text: String", {"text": "13671530826"}),
    ],
)
async def test_in_production_no_address_holds_ids_and_words(
    with_documents: Callable[..., Bank], document: str, variables: dict[str, Any]
) -> None:
    bank = with_documents("open", {"a": document}, environment="production")
    params = {"documentId": "a", "variables": json.dumps(variables)}
    async with service(bank) as asked:
        answer = await asked.get("/graphql", params=params, headers={"accept": "application/json"})
        assert (answer.status_code, code_of(answer)) == (405, "METHOD_NOT_ALLOWED")
        assert answer.headers["allow"] == "POST"
        assert "13671530826" not in answer.text
        body = {"documentId": "a", "variables": variables}
        assert (await asked.post("/graphql", json=body)).status_code == 200
    async with service(with_documents("open", {"a": document})) as asked:
        answer = await asked.get("/graphql", params=params, headers={"accept": "application/json"})
        assert answer.status_code == 200


@pytest.mark.graph
async def test_in_production_an_address_may_hold_what_names_nobody(
    with_documents: Callable[..., Bank],
) -> None:
    bank = with_documents("open", {"a": BY_TIME}, environment="production")
    given = {"n": 1, "at": "2026-11-01T00:00:00Z", "order": "DUE_ASC", "b": True}
    async with service(bank) as asked:
        params = {"documentId": "a", "variables": json.dumps(given)}
        answer = await asked.get("/graphql", params=params, headers={"accept": "application/json"})
        assert answer.status_code == 200
        assert answer.json()["data"]["complaints"]["totalCount"] is not None


@pytest.mark.graph
@pytest.mark.parametrize(
    "body",
    [
        {"query": OTHER, "documentId": "a"},
        {"documentId": "a", "doc_id": "a"},
        {"documentId": "a", "extensions": persisted(OTHER)},
        {"documentId": 7},
        {"extensions": {"persistedQuery": 7}},
        {"extensions": {"persistedQuery": {"version": 2, "sha256Hash": sha256(OTHER)}}},
        {"extensions": {"persistedQuery": {"version": 1, "sha256Hash": "abc"}}},
        {"extensions": persisted(LISTED), "query": OTHER},
    ],
    ids=json.dumps,
)
async def test_a_document_is_named_in_one_way(bank: Bank, body: dict[str, Any]) -> None:
    async with service(bank) as asked:
        answer = await sent(asked, **body)
    assert answer.status_code == 400
    assert code_of(answer) == "BAD_REQUEST"


@pytest.mark.graph
async def test_reporting_logs_name_and_hash_alone(with_documents: Callable[..., Bank]) -> None:
    secret = "13671530826"
    query = f'query Find {{ searchComplaints(text: "{secret}") {{ score }} }}'
    with structlog.testing.capture_logs() as logs:
        async with service(with_documents("reporting")) as asked:
            assert (await sent(asked, query=query)).status_code == 200
            await sent(asked, query=LISTED)
            await sent(asked, query=f"{{ nothing{secret} }}")
    told = [entry for entry in logs if "manifest" in entry["event"]]
    assert [(entry["operation"], entry["sha256"]) for entry in told] == [
        ("Find", sha256(query)),
        (None, sha256(f"{{ nothing{secret} }}")),
    ]
    assert secret not in str(logs)


@pytest.mark.graph
async def test_subscriptions_obey_the_manifest(with_documents: Callable[..., Bank]) -> None:
    other = "subscription { deadlines { position } }"
    async with serving(with_documents("required")) as address, Client.connected(address) as client:
        for payload, code in (
            ({"query": other}, "QUERY_NOT_IN_SAFELIST"),
            ({"documentId": "nothing"}, "PERSISTED_QUERY_NOT_IN_LIST"),
            ({"extensions": persisted(other)}, "PERSISTED_QUERY_NOT_IN_LIST"),
            ({"variables": {}}, "BAD_REQUEST"),
            ({"documentId": 7}, "BAD_REQUEST"),
            ({"documentId": sha256(LISTED)}, "BAD_REQUEST"),
        ):
            await client.tell(id="1", type="subscribe", payload=payload)
            heard = await client.hear()
            assert heard["type"] == "error"
            assert heard["payload"][0]["extensions"]["code"] == code
        for number, payload in enumerate(
            ({"query": FOLLOWED}, {"documentId": sha256(FOLLOWED)}, {"doc_id": sha256(FOLLOWED)})
        ):
            await client.tell(id=f"f{number}", type="subscribe", payload=payload)
        await client.tell(type="ping")
        assert await client.hear() == {"type": "pong"}


@pytest.mark.graph
async def test_a_document_that_is_kept_is_parsed_and_validated_once(
    with_documents: Callable[..., Bank], monkeypatch: pytest.MonkeyPatch
) -> None:
    done: list[str] = []

    def counted(name: str, function: Callable[..., Any]) -> Callable[..., Any]:
        def count(*arguments: Any, **options: Any) -> Any:
            done.append(name)
            return function(*arguments, **options)

        return count

    import strawberry.schema.schema as strawberry_schema

    monkeypatch.setattr(
        strawberry_schema, "parse", counted("parse", vars(strawberry_schema)["parse"])
    )
    monkeypatch.setattr(
        preparation,
        "validate_document",
        counted("validate", vars(preparation)["validate_document"]),
    )
    wrong = "query Wrong { nothing }"
    manifest = {"listed": LISTED, "wrong": wrong}
    async with service(with_documents("open", manifest)) as asked:
        for _ in range(3):
            for n in (1, 2):
                answer = await sent(asked, documentId="listed", variables={"n": n})
                assert len(answer.json()["data"]["products"]["nodes"]) == n
            await sent(asked, query=LISTED)
        assert done == ["parse", "validate"]
        for _ in range(2):
            assert code_of(await sent(asked, documentId="wrong")) == "INVALID_DOCUMENT"
        assert done == ["parse", "validate"] * 2
        # What depends on variables is judged each time.
        answer = await sent(asked, documentId="listed", variables={"n": "x"})
        assert code_of(answer) == "BAD_USER_INPUT"
        # Nor is what is sent again as it is.
        for _ in range(2):
            await sent(asked, query=OTHER)
    assert done == ["parse", "validate"] * 3


def test_few_and_short_documents_are_learnt() -> None:
    from schema.documents import DocumentReference

    documents = Documents()
    for number in range(1_100):
        text = f"query Q{number} {{ __typename }}"
        documents.text(DocumentReference.of({"query": text, "extensions": persisted(text)}))
    assert len(documents.automatic) == 1_000
    assert documents.automatic.get(sha256("query Q1099 { __typename }"))
    assert documents.automatic.get(sha256("query Q0 { __typename }")) is None
    text = "{ __typename }" + " " * 20_000
    documents.text(DocumentReference.of({"query": text, "extensions": persisted(text)}))
    assert documents.known(text) is None


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("{", "not JSON"),
        ("[]", "no manifest"),
        ("7", "no manifest"),
        ("{}", "no manifest"),
        ('{"a": 7}', "no manifest"),
        ('{"a": ""}', "no manifest"),
        ('{"format": "apollo-persisted-query-manifest", "version": 2}', "no manifest"),
        (
            json.dumps({**apollo(), "operations": [{"id": "a"}]}),
            "no manifest",
        ),
        (
            json.dumps(
                {**apollo(), "operations": [{"id": "a", "body": b} for b in ("{a}", "{b}")]}
            ),
            "two documents of the id 'a'",
        ),
    ],
)
def test_a_manifest_that_is_none_is_told_at_the_start(
    tmp_path: Path, content: str, told: str
) -> None:
    path = tmp_path / "manifest.json"
    path.write_text(content)
    with pytest.raises(ConfigurationError) as refused:
        Documents.load("required", path)
    assert told in refused.value.message


def test_a_manifest_that_is_missing_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(ConfigurationError, match="COMPLAINT_GRAPH_DOCUMENTS__MANIFEST"):
        Documents.load("open", tmp_path / "nothing.json")
    monkeypatch.setenv("COMPLAINT_GRAPH_DOCUMENTS__MODE", "required")
    with pytest.raises(ConfigurationError, match="needs a MANIFEST"):
        Settings.load()


def test_what_clients_make_known_takes_a_bounded_room() -> None:
    documents = Documents()
    for number in range(200):
        text = f"query Q{number} {{ viewer {{ {'name ' * 1_980} }} }}"
        reference = DocumentReference.of({"query": text, "extensions": persisted(text)})
        assert documents.text(reference) == text
        assert documents.known(f"{text} ")
    for kept in (documents.automatic, documents.recent):
        assert 0 < kept.length <= 500_000
        assert 0 < len(kept) < 200
