"""What forms are drawn with: every value that can be chosen has labels, in one list."""

import re
from typing import Any

import pytest
from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLObjectType,
    get_named_type,
)

from graph.domain.access import Identity, Reach, Role
from graph.domain.lifecycle import Step
from schema.enums import ENUMS, labels_of
from schema.refusals import UserError
from tests.support.bank import Bank
from tests.support.graphql import SCHEMA, ask, execute, refused

EVERYTHING = """
{ vocabulary {
  choices { name description values { value description zh: label(language: ZH)
    en: label(language: EN) } }
  types { code zh: label(language: ZH) en: label(language: EN) }
  riskTypes { code label }
  steps { step mutation sources target noteNeeded zh: label(language: ZH) en: label(language: EN) }
} }
"""
_CHINESE = re.compile(r"[\u4e00-\u9fff]")


def _chosen() -> set[str]:
    """The enums that an argument or an input field takes."""
    found: set[str] = set()
    for named in SCHEMA._schema.type_map.values():
        if named.name.startswith("__"):
            continue
        if isinstance(named, GraphQLInputObjectType):
            kinds = [field.type for field in named.fields.values()]
        elif isinstance(named, GraphQLObjectType | GraphQLInterfaceType):
            kinds = [arg.type for field in named.fields.values() for arg in field.args.values()]
        else:
            continue
        inner = (get_named_type(kind) for kind in kinds)
        found |= {kind.name for kind in inner if isinstance(kind, GraphQLEnumType)}
    return found


def _in_schema() -> dict[str, GraphQLEnumType]:
    types = SCHEMA._schema.type_map.items()
    return {n: t for n, t in types if isinstance(t, GraphQLEnumType) and not n.startswith("__")}


def test_every_enum_of_the_schema_is_known_by_its_name() -> None:
    """Codes of errors are not chosen: each payload declares its own (``schema.refusals``)."""
    codes = {kind.codes.__name__ for kind in UserError.__subclasses__()}
    assert set(ENUMS) == set(_in_schema()) - codes


@pytest.mark.parametrize("name", sorted(_chosen()))
def test_whatever_can_be_chosen_has_a_label_in_both_languages(name: str) -> None:
    labels = labels_of(ENUMS[name])
    assert labels is not None
    assert set(labels) == set(_in_schema()[name].values)
    for label in labels.values():
        assert _CHINESE.search(label.zh)
        assert label.en
        assert not _CHINESE.search(label.en)


@pytest.mark.parametrize("name", sorted(_chosen()))
def test_no_two_values_are_called_the_same(name: str) -> None:
    labels = labels_of(ENUMS[name])
    assert labels is not None
    for texts in ([one.zh for one in labels.values()], [one.en for one in labels.values()]):
        assert len(set(texts)) == len(texts)


@pytest.mark.graph
async def test_one_field_has_all_that_a_form_needs(bank: Bank) -> None:
    found: dict[str, Any] = (await ask(bank.services, EVERYTHING))["vocabulary"]
    choices = {choice["name"]: choice for choice in found["choices"]}
    assert list(choices) == sorted(choices)
    assert _chosen() <= set(choices)
    for name, choice in choices.items():
        known = _in_schema()[name]
        assert choice["description"] == known.description
        assert {v["value"]: v["description"] for v in choice["values"]} == {
            value: given.description for value, given in known.values.items()
        }
    assert choices["Level"]["values"][2] == {
        "value": "RED",
        "description": "红色 (red)",
        "zh": "红色",
        "en": "red",
    }
    assert {t["code"] for t in found["types"]} == set(bank.services.vocabulary.types)
    assert {t["code"] for t in found["riskTypes"]} == set(bank.services.vocabulary.risk_types)


@pytest.mark.graph
async def test_steps_are_those_of_the_state_machine(bank: Bank) -> None:
    steps = (await ask(bank.services, EVERYTHING))["vocabulary"]["steps"]
    assert {step["step"] for step in steps} == {str(step) for step in Step}
    mutations = SCHEMA._schema.mutation_type
    assert mutations
    assert {step["mutation"] for step in steps} <= set(mutations.fields)
    named = {step["step"]: step for step in steps}
    assert named["DISPATCH"]["sources"] == ["CLASSIFIED", "REOPENED"]
    assert named["DISPATCH"]["target"] == "DISPATCHED"
    assert named["ASSIGN"]["target"] is None
    assert [s["step"] for s in steps if s["noteNeeded"]] == ["EXTEND", "PAUSE", "SET_LEVEL"]


@pytest.mark.graph
async def test_some_can_be_asked_for_by_name(bank: Bank) -> None:
    query = "query ($n: [String!]) { vocabulary { choices(names: $n) { name } } }"
    found = await ask(bank.services, query, n=["Level", "Channel"])
    assert found["vocabulary"]["choices"] == [{"name": "Level"}, {"name": "Channel"}]
    for unknown in ("Colour", "IdentityMethod"):
        error = await refused(bank.services, query, n=[unknown])
        assert error["extensions"] == {"code": "INVALID_INPUT", "path": ["names"]}


@pytest.mark.graph
async def test_a_customer_is_told_enums_and_not_the_banks_own_codes(bank: Bank) -> None:
    customer = Identity("cus", "Cus", frozenset({Role.CUSTOMER}), Reach())
    query = '{ vocabulary { choices(names: ["Level"]) { name } types { code } } }'
    result = await execute(bank.services, query, identity=customer)
    assert [error.path for error in result.errors or ()] == [["vocabulary", "types"]]
    assert result.data == {"vocabulary": {"choices": [{"name": "Level"}], "types": None}}
    assert [error.extensions["code"] for error in result.errors or ()] == ["FORBIDDEN"]


async def test_codes_of_a_filter_are_said_in_words(bank: Bank) -> None:
    query = """query ($f: ComplaintFilter!) { filterLabels(filter: $f) {
      field code zh: label(language: ZH) en: label(language: EN) } }"""
    inner = {"branches": ["BJ"], "not": {"departments": ["CARDS"], "riskTypes": ["COMPLIANCE"]}}
    asked = {"products": ["CARD", "NONE"], "levels": ["RED"], "not": inner}
    labels = (await ask(bank.services, query, f=asked))["filterLabels"]
    assert [(each["field"], each["code"], each["zh"], each["en"]) for each in labels] == [
        ("branches", "BJ", "北京", "Beijing"),
        ("departments", "CARDS", "信用卡中心", "Card centre"),
        ("products", "CARD", "信用卡", "Credit card"),
        ("riskTypes", "COMPLIANCE", "合规风险", "compliance risk"),
    ]
    assert (await ask(bank.services, query, f={}))["filterLabels"] == []
