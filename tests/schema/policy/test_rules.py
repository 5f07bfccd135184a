"""Every field has a group, and a field without one does not get into the schema."""

from dataclasses import replace

import pytest
from graphql import build_schema

from graph.errors import ConfigurationError
from schema.policy.groups import Group
from schema.policy.rules import FieldRules, field_rules
from tests.support.graphql import SCHEMA


def test_every_field_of_the_schema_has_a_group() -> None:
    field_rules().check(SCHEMA._schema)


def test_a_field_without_a_group_is_refused_by_name() -> None:
    groups = dict(field_rules().groups)
    del groups["Customer", "region"]
    with pytest.raises(ConfigurationError, match=r"no group for Customer\.region"):
        replace(field_rules(), groups=groups).check(SCHEMA._schema)


def test_a_group_for_a_field_that_is_gone_is_refused_by_name() -> None:
    groups = {**field_rules().groups, ("Customer", "phone"): Group.CUSTOMERS}
    with pytest.raises(ConfigurationError, match=r"Customer\.phone"):
        FieldRules(groups).check(SCHEMA._schema)


def test_inputs_stand_there_only_where_not_everybody_may_set_them() -> None:
    schema = build_schema("input I { a: Int b: Int } type Query { f(i: I): Int }")
    rules = FieldRules({("Query", "f"): Group.OPEN, ("I", "b"): Group.FEEDING})
    rules.check(schema)
    assert rules.input_group("I", "a") is Group.OPEN
    assert rules.input_group("I", "b") is Group.FEEDING


def test_what_graphql_adds_itself_is_open() -> None:
    assert field_rules().group("Complaint", "__typename") is Group.OPEN
