"""What somebody may not ask for: null in its place, one error, and nothing of it runs."""

from typing import Any

import pytest
from graphql import (
    ExecutionResult,
    KnownFragmentNamesRule,
    build_schema,
    execute,
    parse,
    validate,
)

from schema.limits import operation_of
from schema.policy.denial import Permitted, permitted
from schema.policy.groups import Group
from schema.policy.rules import FieldRules

SCHEMA = build_schema(
    """
    interface Node { id: ID! }
    type Person implements Node { id: ID! name: String! town: String friends: [Person!]! }
    type Case implements Node {
      id: ID! text: String owner: Person sure: Person! notes: [Note!] first: Note
    }
    type Note { words: String! by: Person }
    input Filter { owner: ID text: String not: Filter }
    type Query { cases(filter: Filter, filters: [Filter!]): [Case!] node(id: ID): Node open: Int }
    type Mutation { change: Case }
    type Subscription { followed: Case! }
    """
)
_RULES = {
    ("Node", "id"): Group.OPEN,
    ("Person", "id"): Group.CUSTOMERS,
    ("Person", "name"): Group.CUSTOMERS,
    ("Person", "town"): Group.CUSTOMERS,
    ("Person", "friends"): Group.CUSTOMERS,
    ("Case", "id"): Group.CASES,
    ("Case", "text"): Group.CASES,
    ("Case", "owner"): Group.CUSTOMERS,
    ("Case", "sure"): Group.CASES,
    ("Case", "notes"): Group.HISTORY,
    ("Case", "first"): Group.CASES,
    ("Note", "words"): Group.HISTORY,
    ("Note", "by"): Group.CASES,
    ("Query", "cases"): Group.CASES,
    ("Query", "node"): Group.OPEN,
    ("Query", "open"): Group.OPEN,
    ("Mutation", "change"): Group.DESK,
    ("Subscription", "followed"): Group.CASES,
    ("Filter", "owner"): Group.CUSTOMERS,
}
RULES = FieldRules(_RULES)
CASES = frozenset({Group.OPEN, Group.CASES})

_ANN: dict[str, Any] = {"__typename": "Person", "id": "p1", "name": "Ann", "town": "Anlan"}
_ANN["friends"] = [_ANN]
_NOTE = {"words": "Person", "by": _ANN}
_CASE = {
    "__typename": "Case", "id": "c1", "text": "Person", "owner": _ANN, "sure": _ANN,
    "notes": [_NOTE], "first": _NOTE,
}  # fmt: skip
_RAN: list[str] = []


def _change(_info: Any) -> dict[str, Any]:
    _RAN.append("change")
    return _CASE


DATA = {
    "cases": lambda _info, **_: [_CASE, _CASE],
    "node": lambda _info, id=None: _CASE,  # noqa: A006 - the schema's name
    "open": 1,
    "change": _change,
}


def judged(text: str, groups: frozenset[Group] = CASES, **variables: Any) -> Permitted:
    document = parse(text)
    operation = operation_of(document, None)
    assert operation is not None
    return permitted(SCHEMA, RULES, groups, document, operation, variables)


def answered(text: str, groups: frozenset[Group] = CASES, **variables: Any) -> ExecutionResult:
    """As the extension does it."""
    found = judged(text, groups, **variables)
    assert not found.nothing
    # What is executed is whole: a spread without its fragment would be left out without a word.
    assert validate(SCHEMA, found.document, [KnownFragmentNamesRule]) == []
    result = execute(SCHEMA, found.document, root_value=DATA, variable_values=variables)
    assert isinstance(result, ExecutionResult)
    result.errors = [*(result.errors or []), *found.refusals_in(result.data)]
    found.clear(result.data)
    return result


def paths(result: ExecutionResult) -> list[list[str | int] | None]:
    assert all(e.extensions == {"code": "FORBIDDEN"} for e in result.errors or ())
    return [error.path for error in result.errors or ()]


def test_what_is_allowed_is_the_same_document() -> None:
    document = parse("{ open cases { id text } }")
    operation = operation_of(document, None)
    assert operation is not None
    assert permitted(SCHEMA, RULES, CASES, document, operation, {}).document is document


def test_a_denied_field_is_null_in_every_row_and_told_once() -> None:
    result = answered("{ cases { id owner { name } } }")
    assert result.data == {"cases": [{"id": "c1", "owner": None}] * 2}
    assert paths(result) == [["cases", 0, "owner"]]
    assert result.errors is not None
    assert "Case.owner" in result.errors[0].message


def test_an_alias_keeps_its_name() -> None:
    result = answered("{ cases { who: owner { name } } }")
    assert result.data == {"cases": [{"who": None}] * 2}
    assert paths(result) == [["cases", 0, "who"]]


def test_what_may_not_be_null_takes_what_is_around_it() -> None:
    result = answered("{ open cases { id sure { town } } }")
    assert result.data == {"open": 1, "cases": [{"id": "c1", "sure": {"town": None}}] * 2}
    result = answered("{ open cases { id sure { name } } }")
    assert result.data == {"open": 1, "cases": None}
    assert paths(result) == [["cases"]]
    assert result.errors is not None
    assert "Person.name" in result.errors[0].message


def test_a_denied_list_is_null_and_never_empty() -> None:
    assert answered("{ cases { notes { words } } }").data == {"cases": [{"notes": None}] * 2}


def test_fields_in_fragments_are_found_wherever_they_are_spread() -> None:
    result = answered(
        """
        query { cases { ...f } n: node { ... on Case { ...f } } }
        fragment f on Case { text o: owner { name } }
        """
    )
    assert result.data is not None
    assert result.data["cases"][1] == {"text": "Person", "o": None} == result.data["n"]
    assert paths(result) == [["cases", 0, "o"], ["n", "o"]]


def test_a_fragment_of_which_nothing_is_denied_stays() -> None:
    """Also where something else of the document is denied, and the fragment stands twice."""
    result = answered(
        """{ a: cases { ...f owner { name } } b: cases { ...f } c: cases { id ...g } }
        fragment f on Case { id text ...h }
        fragment g on Case { text o: owner { name } }
        fragment h on Case { first { by { id } } }"""
    )
    assert result.data is not None
    first = {"id": "c1", "text": "Person", "first": {"by": None}}
    assert result.data["a"] == [{**first, "owner": None}] * 2
    assert result.data["b"] == [first] * 2
    assert result.data["c"] == [{"id": "c1", "text": "Person", "o": None}] * 2
    plain = answered(
        "{ a: cases { id owner { name } } b: cases { ...f } } fragment f on Case { id text }"
    )
    assert plain.data is not None
    assert plain.data["b"] == [{"id": "c1", "text": "Person"}] * 2


def test_another_type_under_the_same_name_keeps_its_value() -> None:
    result = answered("{ node { id ... on Person { x: town } ... on Case { x: text } } }")
    assert result.data == {"node": {"id": "c1", "x": "Person"}}


def test_what_is_skipped_is_not_in_the_answer() -> None:
    text = "query ($no: Boolean!) { cases { id owner @include(if: $no) { name } } }"
    assert answered(text, no=False).data == {"cases": [{"id": "c1"}] * 2}
    assert answered(text, no=True).data == {"cases": [{"id": "c1", "owner": None}] * 2}


@pytest.mark.parametrize(
    "arguments",
    [
        '(filter: {owner: "p1"})',
        '(filter: {not: {not: {owner: "p1"}}})',
        '(filters: [{text: "a"}, {owner: "p1"}])',
        "(filter: $f)",
        "(filters: [$f])",
    ],
)
def test_what_may_not_be_filtered_by_is_denied(arguments: str) -> None:
    text = f"query ($f: Filter) {{ cases{arguments} {{ id }} }}"
    sent = {"not": {"owner": "p1"}}
    result = answered(text, f=sent)
    assert result.data == {"cases": None}
    assert answered(text, CASES | {Group.CUSTOMERS}, f=sent).data == {"cases": [{"id": "c1"}] * 2}


def test_a_variable_without_the_field_is_no_reason() -> None:
    text = "query ($f: Filter) { cases(filter: $f) { id } }"
    assert answered(text, f={"text": "a", "owner": None}).errors == []
    assert answered(text).errors == []


def test_a_denied_mutation_does_not_run() -> None:
    _RAN.clear()
    assert answered("mutation { change { id } }").data == {"change": None}
    assert _RAN == []
    assert answered("mutation { change { id } }", CASES | {Group.DESK}).data
    assert _RAN == ["change"]


def test_of_what_is_followed_nothing_may_be_missing() -> None:
    found = judged("subscription { followed { id } }", frozenset({Group.OPEN}))
    assert found.nothing
    assert [error.extensions["code"] for error in found.refusals()] == ["FORBIDDEN"]
    assert judged("subscription { followed { sure { name } } }").nothing
    assert not judged("subscription { followed { id owner { id } } }").nothing


def test_an_interface_gives_what_each_of_its_types_may_give() -> None:
    both = build_schema(
        """
        interface Named { name: String }
        type A implements Named { name: String }
        type B implements Named { name: String }
        type Query { any: Named }
        """
    )
    rules = FieldRules(
        {
            ("Named", "name"): Group.OPEN,
            ("A", "name"): Group.OPEN,
            ("B", "name"): Group.CASES,
            ("Query", "any"): Group.OPEN,
        }
    )
    document = parse("{ any { name ... on A { own: name } } }")
    operation = operation_of(document, None)
    assert operation is not None
    found = permitted(both, rules, frozenset({Group.OPEN}), document, operation, {})
    assert [place for place, _ in found.denied] == [("any", "name")]


def test_a_field_that_stands_nowhere_in_the_answer_is_not_told() -> None:
    result = answered("query ($no: Boolean!) { cases @skip(if: $no) { owner { id } } }", no=True)
    assert (result.data, result.errors) == ({}, [])
