"""Whatever somebody writes anywhere, pages show it as text."""

import re
from html import unescape
from typing import Any
from uuid import uuid4

import httpx2
import pytest
from graphql import GraphQLInputObjectType, GraphQLScalarType, get_named_type

from tests.support.bank import Bank
from tests.support.graphql import SCHEMA, execute

pytestmark = pytest.mark.graph

HOSTILE = "<script>alert(1)</script><img src=x onerror=alert(2)>\"'><b data-hostile>{{ 7 * 7 }}</b>"
PAGES = (
    "/desk?status=any", "/desk?status=any&order=RECEIVED_DESC", "/find?text=data-hostile", "/team",
    "/register", "/openings", "/insight?by=BRANCH", "/insight/hotspots", "/insight/branches",
    "/insight/bottlenecks", "/alerts?state=ALL", "/issues?state=ALL", "/remediations", "/clusters",
    "/audit", "/audit/changes?service=yes",
)  # fmt: skip


def free_texts(mutation: str) -> list[str]:
    """Fields of a mutation's input that take any text."""
    assert SCHEMA._schema.mutation_type
    kind = get_named_type(SCHEMA._schema.mutation_type.fields[mutation].args["input"].type)
    assert isinstance(kind, GraphQLInputObjectType)
    return [
        name
        for name, field in kind.fields.items()
        if isinstance(get_named_type(field.type), GraphQLScalarType)
        and get_named_type(field.type).name == "String"
        and name not in ("idempotencyKey", "clientMutationId")
    ]


async def sent(bank: Bank, mutation: str, data: dict[str, Any], fields: str) -> Any:
    assert SCHEMA._schema.mutation_type
    kind = get_named_type(SCHEMA._schema.mutation_type.fields[mutation].args["input"].type).name
    document = (
        f"mutation ($i: {kind}!) {{ {mutation}(input: $i) {{ errors {{ path }} {fields} }} }}"
    )
    result = await execute(bank.services, document, i=data)
    assert not result.errors, result.errors
    return result.data[mutation]


async def hostile(bank: Bank, mutation: str, fixed: dict[str, Any], fields: str) -> Any:
    """A mutation with markup in every text that takes it."""
    texts = {name: f"{HOSTILE} {name}" for name in free_texts(mutation) if name not in fixed}
    while True:
        answer = await sent(bank, mutation, {**texts, **fixed}, fields)
        refused = {error["path"][-1] for error in answer["errors"]}
        if not refused:
            return answer
        assert refused <= set(texts), answer
        for name in refused:
            del texts[name]


@pytest.fixture(scope="module")
def written() -> dict[str, str]:
    """What was written by the first test that needs it."""
    return {}


async def write(bank: Bank, written: dict[str, str]) -> None:
    if written:
        return
    made = await hostile(
        bank,
        "registerComplaint",
        {"sourceSystem": "hostile", "sourceId": uuid4().hex, "product": "CARD-FEE", "branch": "BJ",
         "type": "FEE_DISPUTE"},
        "complaint { id reference version }",
    )  # fmt: skip
    case = made["complaint"]
    await hostile(bank, "commentComplaint", {"complaint": case["id"]}, "complaint { id }")
    issue = await hostile(
        bank,
        "proposeSystemicIssue",
        {"rootCauses": ["UNTOLD"], "level": "YELLOW"},
        "issue { id }",
    )
    await hostile(bank, "planRemediation", {"rootCause": "UNTOLD"}, "remediation { id title }")
    view = {"name": "<b data-hostile>kept</b>", "query": f"/desk?{HOSTILE}"}
    await hostile(bank, "saveView", view, "views { name }")
    written["case"], written["issue"] = case["reference"], issue["issue"]["id"]


def elements(html: str) -> set[str]:
    """Attributes and elements that only the markup could have brought."""
    return set(re.findall(r"<script>alert|<img[^>]*onerror|<b data-hostile", html))


async def test_no_text_becomes_markup(
    client: httpx2.AsyncClient, bank: Bank, written: dict[str, str]
) -> None:
    await write(bank, written)
    pages = (
        *PAGES,
        f"/cases/{written['case']}",
        f"/cases/{written['case']}/steps/assign",
        f"/audit?case={written['case']}",
        f"/issues/{written['issue']}",
    )
    shown = 0
    for address in pages:
        page = await client.get(address)
        assert elements(page.text) == set(), address
        assert "49</b>" not in page.text
        shown += "data-hostile" in unescape(page.text)
    assert shown >= 6


@pytest.mark.parametrize(
    "address",
    [
        "/desk?status={0}&order={0}", "/find?text={0}", "/audit?person={0}&case={0}&from={0}",
        "/insight?by={0}&from={0}&branch={0}", "/openings?reference={0}", "/cases/{0}",
        "/alerts?state={0}&after=x", "/progress/{0}", "/desk?products={0}",
    ],
)  # fmt: skip
async def test_what_stands_in_an_address_stays_text(
    client: httpx2.AsyncClient, address: str
) -> None:
    page = await client.get(address.format("%3Cb%20data-hostile%3E%22%27"))
    assert "<b data-hostile" not in page.text
