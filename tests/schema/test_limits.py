"""What a document may ask for at most."""

import time
from typing import Any

import pytest
from graphql import parse

from graph.queries.size import BankSize
from schema.build import build_schema
from schema.limits import Limits, price
from tests.support.bank import Bank
from tests.support.graphql import ask, refused

SCHEMA = build_schema()._schema

CONTEXT = """
customerHistory { reference } duplicates { reference } repeats { reference }
  similar { score complaint { reference product { label } } explanation { summary } }
  precedents { score complaint { reference } resolution { outcome } }
  rootCauseCandidates { confidence rootCause { label } support { reference } }
  branchRecent { reference }
"""


def judged(document: str, **variables: Any) -> str | None:
    error = price(SCHEMA, parse(document), None, variables, Limits()).refusal
    return None if error is None else str((error.extensions or {})["code"])


@pytest.mark.parametrize("first", [1, 50])
def test_a_case_desk_may_ask_for_fifty_contexts(first: int) -> None:
    assert judged(f"{{ complaints(first: {first}) {{ nodes {{ {CONTEXT} }} }} }}") is None


@pytest.mark.parametrize(
    "document",
    [
        "{ complaints(first: 500) { nodes { precedents(first: 100) { score } } } }",
        "{ complaints(last: 500) { edges { node { precedents(first: 100) { score } } } } }",
        "query ($n: Int = 500) "
        "{ complaints(first: $n) { nodes { similar(first: 100) { score } } } }",
        "{ complaints(first: 500) { nodes { ...F } } } "
        "fragment F on Complaint { precedents(first: 100) { score } }",
        "{ complaints(first: 500) { nodes "
        "{ ... on Complaint { precedents(first: 100) { score } } } } }",
        "{ complaints(first: 100) { nodes { similar(first: 50) { complaint { similar(first: 20) "
        "{ score } } } } } }",
        f"{{ complaints(first: 500) {{ nodes {{ {CONTEXT} }} }} }}",
    ],
)
def test_a_product_of_large_lists_is_too_costly(document: str) -> None:
    assert judged(document) == "TOO_COSTLY"


def test_a_variable_s_value_counts() -> None:
    document = (
        "query ($a: Int, $b: Int) { complaints(first: $a) { nodes { precedents(first: $b) "
        "{ score } } } }"
    )
    assert judged(document, a=10, b=10) is None
    assert judged(document, a=500, b=100) == "TOO_COSTLY"


def test_large_single_lists_are_fine() -> None:
    assert judged("{ complaints(first: 500) { nodes { id product { label } } } }") is None
    assert judged('{ searchComplaints(text: "a", first: 100) { complaint { id } } }') is None


def test_depth_is_bounded_through_fragments_too() -> None:
    deep = "wider { " * 20 + "code" + " }" * 20
    assert judged(f"{{ products {{ nodes {{ {deep} }} }} }}") == "TOO_DEEP"
    chained = " ".join(f"fragment F{i} on Product {{ wider {{ ...F{i + 1} }} }}" for i in range(40))
    document = (
        f"{{ products {{ nodes {{ ...F0 }} }} }} {chained} fragment F40 on Product {{ code }}"
    )
    assert judged(document) == "TOO_DEEP"


def test_aliases_are_bounded() -> None:
    many = " ".join(f"a{i}: __typename" for i in range(51))
    assert judged(f"{{ {many} }}") == "TOO_MANY_ALIASES"


def points(document: str, complaints: int = 0) -> int:
    return price(SCHEMA, parse(document), None, {}, Limits(), complaints).points


def test_a_text_in_two_languages_is_one_alias() -> None:
    both = "zh: label(language: ZH) en: label(language: EN)"
    page = "products {{ nodes {{ {} wider {{ {} }} }} }}"
    many = " ".join(f"p{n}: {page.format(both, both)}" for n in range(16))
    # Each has an alias of its own, and two labels.
    assert judged(f"{{ {many} }}") is None
    assert judged(f"{{ {many} a: __typename b: __typename }}") is None
    assert judged(f"{{ {many} a: __typename b: __typename c: __typename }}") == "TOO_MANY_ALIASES"
    # The same once more in the same language is another.
    same = " ".join(f"l{n}: label(language: EN)" for n in range(51))
    assert judged(f"{{ products {{ nodes {{ {same} }} }} }}") == "TOO_MANY_ALIASES"


def test_a_text_in_two_languages_is_priced_once() -> None:
    one = "{ systemicIssues { nodes { summary(language: ZH) } } }"
    two = "{ systemicIssues { nodes { summary(language: ZH) en: summary(language: EN) } } }"
    assert points(two) == points(one) > 300


@pytest.mark.parametrize(
    "analysis",
    [
        "measures { total }",
        "trend { from }",
        "hotspots { count }",
        "branchComparison { total }",
        "bottlenecks { key { label } }",
        "rootCauseTree { known }",
        "monthlyCounts { threshold }",
    ],
)
def test_an_analysis_is_priced_by_what_it_reads(analysis: str) -> None:
    small, large = (points(f"{{ {analysis} }}", size) for size in (1_000, 1_000_000))
    assert large - small in (999_000 // 100, 999_000 // 50)


def test_fifty_analyses_of_a_large_bank_are_too_costly() -> None:
    fifty = parse("{ " + " ".join(f"h{n}: hotspots {{ count }}" for n in range(50)) + " }")
    found = price(SCHEMA, fifty, None, {}, Limits(), 1 << 17)
    assert (found.refusal and (found.refusal.extensions or {})["code"]) == "TOO_COSTLY"
    assert price(SCHEMA, fifty, None, {}, Limits(cost=10**7), 1 << 17).refusal is None


@pytest.mark.graph
async def test_the_size_of_the_bank_is_kept_roughly(bank: Bank) -> None:
    size = BankSize(bank.services.database)
    assert size.complaints == 0
    await size.refresh()
    exact = (await ask(bank.services, COUNT))["complaints"]["totalCount"]
    assert size.complaints.bit_count() == 1
    assert size.complaints >= exact > size.complaints // 2


def test_fragments_that_double_do_not_take_long() -> None:
    """Walked naively, forty levels of two spreads each are a million million selections."""
    doubled = " ".join(
        f"fragment F{i} on Query {{ ...F{i + 1} ... on Query {{ ...F{i + 1} }} }}"
        for i in range(20)
    )
    document = f"{{ ...F0 }} {doubled} fragment F20 on Query {{ __typename }}"
    started = time.process_time()
    judged(document)
    assert time.process_time() - started < 5


def test_fragments_that_name_each_other_end() -> None:
    cyclic = "{ ...A } fragment A on Query { ...B } fragment B on Query { ...A }"
    assert judged(cyclic) is None


COUNT = "{ complaints { totalCount } }"
RATE = 'ratePrecedent(input: {token: "a", useful: true}) { errors { code } }'


@pytest.mark.parametrize(
    "document",
    [
        f"mutation {{ a: {RATE} b: {RATE} }}",
        f"mutation {{ {RATE} ...F }} fragment F on Mutation {{ ...G }} "
        f"fragment G on Mutation {{ b: {RATE} ...F }}",
        f"mutation {{ ... on Mutation {{ {RATE} }} ... {{ b: {RATE} }} }}",
        f"mutation {{ {RATE} ... @skip(if: true) {{ b: {RATE} }} }}",
    ],
)
def test_a_document_has_one_mutation(document: str) -> None:
    assert judged(document) == "TOO_MANY_MUTATIONS"


@pytest.mark.parametrize(
    "document",
    [
        f"mutation {{ __typename {RATE} t: __typename }}",
        # The same field twice is done once.
        f"mutation {{ {RATE} ...F }} fragment F on Mutation {{ {RATE} }}",
        "{ a: complaints { nodes { id } } b: complaints { nodes { id } } }",
        f"query {{ __typename }} mutation M {{ a: {RATE} b: {RATE} }}",
    ],
)
def test_one_mutation_may_have_company(document: str) -> None:
    assert judged(document) is None


@pytest.mark.graph
async def test_of_several_mutations_none_is_done(bank: Bank) -> None:
    register = 'registerComplaint(input: {narrative: "twice"}) { complaint { id } }'
    before = await ask(bank.services, COUNT)
    error = await refused(bank.services, f"mutation {{ a: {register} b: {register} }}")
    assert error["extensions"] == {"code": "TOO_MANY_MUTATIONS"}
    assert "a request of its own" in error["message"]
    assert await ask(bank.services, COUNT) == before


@pytest.mark.graph
async def test_a_document_of_many_words_is_not_read_to_its_end(bank: Bank) -> None:
    error = await refused(bank.services, "{ " + "__typename " * 2_100 + "}")
    assert error["extensions"]["code"] == "SYNTAX"
    assert "tokens" in error["message"]


@pytest.mark.graph
async def test_a_costly_document_runs_nothing(bank: Bank) -> None:
    error = await refused(
        bank.services, "{ complaints(first: 500) { nodes { precedents(first: 100) { score } } } }"
    )
    assert error["extensions"]["code"] == "TOO_COSTLY"
    assert "first" in error["message"]


@pytest.mark.graph
async def test_introspection_works_but_not_without_end(bank: Bank) -> None:
    from graphql import get_introspection_query

    assert (await ask(bank.services, get_introspection_query()))["__schema"]["types"]
    deep = "{ __schema { types { fields { type { fields { type { fields { name } } } } } } } }"
    error = await refused(bank.services, deep)
    assert error["extensions"]["code"] == "INVALID_DOCUMENT"
