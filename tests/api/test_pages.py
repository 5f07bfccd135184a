"""The pages for people: they need nothing from elsewhere, and every example works."""

import re
from contextlib import aclosing
from importlib.resources import files
from pathlib import Path

import pytest
from graphql import OperationDefinitionNode, OperationType, parse, validate

from api.examples import Example, examples
from graph.queries.stream import settled_position
from schema.build import build_schema
from tests.support.bank import Bank
from tests.support.graphql import execute
from tests.support.http import service
from tests.support.live import messages, serving
from tests.support.nodes import need_files

SCHEMA = build_schema()._schema


def test_the_pages_name_no_other_address() -> None:
    found = [
        (file.name, address)
        for file in Path(str(files("api").joinpath("static"))).rglob("*.*")
        for address in re.findall(r"(?:https?:)?//[\w.-]+\.\w+", file.read_text(encoding="utf-8"))
    ]
    assert found == []


def test_there_are_examples_with_different_titles() -> None:
    titles = [example.title for example in examples()]
    assert len(titles) >= 5
    assert len(set(titles)) == len(titles)
    assert all(titles)


@pytest.mark.parametrize("example", examples(), ids=lambda example: example.title)
def test_an_example_fits_the_schema(example: Example) -> None:
    assert validate(SCHEMA, parse(example.query)) == []


def kind(example: Example) -> OperationType:
    operation = parse(example.query).definitions[0]
    assert isinstance(operation, OperationDefinitionNode)
    return operation.operation


@pytest.mark.graph
@pytest.mark.parametrize(
    "example",
    [example for example in examples() if kind(example) is not OperationType.SUBSCRIPTION],
    ids=lambda example: example.title,
)
async def test_an_example_is_answered(bank: Bank, example: Example) -> None:
    result = await execute(bank.services, example.query)
    assert result.errors is None
    assert result.data
    if kind(example) is OperationType.MUTATION:
        assert result.data["registerComplaint"]["errors"] == []


@pytest.mark.graph
async def test_an_example_is_followed(bank: Bank) -> None:
    (example,) = [each for each in examples() if kind(each) is OperationType.SUBSCRIPTION]
    start = await settled_position(bank.services.database)
    threat = "再不退款，我就去法院起诉。"
    register = """mutation ($input: RegisterComplaintInput!) {
        registerComplaint(input: $input) { complaint { reference } } }"""
    answer = await execute(bank.services, register, input={"narrative": threat})
    assert answer.data is not None
    async with serving(bank) as address:
        async with aclosing(messages(address, example.query, after=start)) as followed:
            message = await anext(followed)
    told = message["data"]["escalations"]["complaint"]
    assert told["reference"] == answer.data["registerComplaint"]["complaint"]["reference"]
    assert [a["evidence"]["sentence"] for a in told["escalation"]["alerts"]] == [threat]


@pytest.mark.graph
async def test_the_query_page_and_its_parts_are_served(bank: Bank) -> None:
    need_files()
    async with service(bank) as asked:
        page = await asked.get("/graphql", headers={"accept": "text/html"})
        assert page.status_code == 200
        policy = page.headers["content-security-policy"]
        assert "default-src 'none'; script-src 'self'; style-src 'self' 'nonce-" in policy
        assert "unsafe" not in policy
        other = await asked.get("/graphql", headers={"accept": "text/html"})
        assert other.headers["content-security-policy"] != policy
        paths = re.findall(r'(?:src|href)="(/[^"]+)"', page.text)
        assert len(paths) == 7
        for path in paths:
            answer = await asked.get(path)
            assert answer.status_code == 200
            assert "immutable" in answer.headers["cache-control"]
        listed = (await asked.get("/examples.json")).json()
        assert [e["title"] for e in listed] == [e.title for e in examples()]


@pytest.mark.graph
async def test_the_home_page_links_what_there_is(bank: Bank) -> None:
    async with service(bank) as asked:
        home = await asked.get("/")
        # Whose licences the last of them tells is not there before `make setup`.
        for path in re.findall(r'href="(/[^"]+)"', home.text):
            if path.endswith("licences.txt"):
                continue
            assert (await asked.get(path)).status_code == 200
        assert (await asked.get("/schema.graphql")).text.startswith('"""')
        assert (await asked.get("/assets/..%2fapp.py")).status_code == 404
        assert (await asked.get("/docs")).status_code == 404
