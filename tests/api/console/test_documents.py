"""Every page is one named document that the schema takes, within the limits of any client."""

from importlib.resources import files
from typing import Any

import pytest
from graphql import OperationDefinitionNode, parse, validate

from api.console.listing import MOST
from schema.build import build_schema
from schema.limits import Limits, price

SCHEMA = build_schema()._schema
NAMES = sorted(
    each.name.removesuffix(".graphql")
    for each in files("api.console").joinpath("documents").iterdir()
)


@pytest.mark.parametrize("name", NAMES)
def test_a_document_is_valid_and_named_as_its_file(name: str) -> None:
    text = files("api.console").joinpath("documents", f"{name}.graphql").read_text("utf-8")
    document = parse(text)
    assert validate(SCHEMA, document) == []
    (operation,) = (d for d in document.definitions if isinstance(d, OperationDefinitionNode))
    assert operation.name is not None
    assert operation.name.value == name.title().replace("-", "")
    assert text.startswith("# "), "a first line says what the page shows"


VARIABLES: dict[str, dict[str, Any]] = {
    "desk": {"first": MOST, "order": "DUE_ASC", "filter": {}},
    "case": {"reference": "BANK-1"},
    "find": {"text": "fee"},
    "outcome-check": {"complaint": "x", "proposed": {"outcome": "UPHELD"}},
    "step": {"reference": "BANK-1"},
    "answer-draft": {"complaint": "x"},
    "answer-problems": {"complaint": "x", "text": "x"},
    "preview": {"input": {"narrative": "fee"}},
    "progress": {"token": "x"},
    "register-form": {},
    "insight": {"interval": "MONTH", "bank": True},
    "hotspots": {},
    "branches": {},
    "bottlenecks": {},
    "alerts": {},
    "issues": {},
    "issue": {"id": "x"},
    "remediations": {},
    "plan-form": {},
    "remediation-form": {"id": "x"},
    "issue-form": {"id": "x"},
    "clusters": {"order": "SIZE_DESC"},
    "cluster": {"id": "x"},
    "audit": {},
    "audited-record": {"person": "x", "from": "2026-06-01", "to": "2026-06-02"},
    "choices": {"matching": "x", "first": 500, "branches": True},
    "labels": {"filter": {}},
    "audited-case": {"reference": "BANK-1"},
    "audited-cases": {"ids": ["x"] * 50},
    "activity": {"people": True},
    "verification": {"from": "2026-06-01"},
    "template-uses": {},
    "tour": {"open": ["REGISTERED"]},
    "job": {"id": "x"},
    "jobs": {},
    "drill-start": {},
    "drill": {"seed": 2026, "size": 20, "language": "ZH"},
    "drill-agreement": {"drill": "ZH-20-2026"},
    "team": {"open": ["REGISTERED"], "now": "2026-06-01T00:00:00Z"},
}


@pytest.mark.parametrize("name", sorted(VARIABLES))
def test_a_page_costs_no_more_than_clients_may_ask(name: str) -> None:
    text = files("api.console").joinpath("documents", f"{name}.graphql").read_text("utf-8")
    assert price(SCHEMA, parse(text), None, VARIABLES[name], Limits()).refusal is None
