"""Which codes each payload can give: those that are declared, and each of them is given."""

from datetime import UTC, datetime
from typing import Any, cast

import pytest
import strawberry
from graphql import GraphQLEnumType, GraphQLInterfaceType, GraphQLObjectType, get_named_type

from graph.database import DuplicateError
from graph.errors import ConflictError, InvalidInputError, NoTextError, NotFoundError
from schema.changing import MutationInput, acted
from schema.errors import INTERNAL
from schema.execution import context_for
from schema.ids import NodeKind, global_id
from schema.mutations import RegisterComplaintError
from schema.refusals import UserError
from similarity.tokens import PrecedentTokens, Shown
from tests.schema.mutations.test_every_mutation import GRAPHQL, PERSON, PREPARED, sent, stored
from tests.support.bank import Bank
from tests.support.graph import KEYRING
from tests.support.graphql import ask

NOWHERE = {kind: global_id(kind, "none") for kind in (NodeKind.COMPLAINT, NodeKind.ALERT)}
#: An input for each code of each payload: a mutation, and what is wrong with it.
GIVEN: dict[tuple[str, str], tuple[str, dict[str, Any]]] = {
    ("RegisterComplaint", "UNKNOWN_CODE"): ("registerComplaint", {"product": "NO-SUCH"}),
    ("RatePrecedent", "NOT_FOUND"): ("ratePrecedent", {}),
    ("CaseStep", "NOT_FOUND"): ("pauseDeadline", {"complaint": NOWHERE[NodeKind.COMPLAINT]}),
    ("CaseStep", "STALE_VERSION"): ("pauseDeadline", {"version": 99}),
    ("CaseStep", "UNKNOWN_CODE"): ("dispatchComplaint", {"lead": "NO-SUCH"}),
    ("CaseStep", "STEP_NOT_ALLOWED"): ("recordReview", {}),
    ("Remediation", "NOT_FOUND"): (
        "changeRemediation", {"remediation": global_id(NodeKind.REMEDIATION, "none")},
    ),
    ("Remediation", "STALE_VERSION"): ("changeRemediation", {"version": 99}),
    ("Remediation", "UNKNOWN_CODE"): ("planRemediation", {"rootCause": "NO-SUCH"}),
    ("Alert", "NOT_FOUND"): ("acknowledgeAlert", {"alert": NOWHERE[NodeKind.ALERT]}),
    ("Alert", "STALE_VERSION"): ("acknowledgeAlert", {"version": 99}),
    ("SystemicIssue", "NOT_FOUND"): (
        "changeSystemicIssue", {"issue": global_id(NodeKind.SYSTEMIC_ISSUE, "none")},
    ),
    ("SystemicIssue", "STALE_VERSION"): ("changeSystemicIssue", {"version": 99}),
    ("SystemicIssue", "UNKNOWN_CODE"): ("proposeSystemicIssue", {"rootCauses": ["NO-SUCH"]}),
    ("Correction", "NOT_FOUND"): ("correctGroupEvent", {"alert": NOWHERE[NodeKind.ALERT]}),
    ("Opening", "NOT_FOUND"): ("openCase", {"reference": "NO-SUCH"}),
    ("Opening", "TOO_MANY_OPENINGS"): ("openCase", {}),
    ("TakeStepInBulk", "UNKNOWN_CODE"): (
        "takeStepInBulk", {"step": {"classify": {"type": "NO-SUCH"}}},
    ),
    ("SavedView", "NOT_FOUND"): ("removeView", {"name": "none of this name"}),
    ("Drill", "UNKNOWN_CODE"): ("answerDrill", {"type": "NO-SUCH"}),
    ("Job", "NOT_FOUND"): ("cancelJob", {"job": global_id(NodeKind.JOB, "none")}),
    ("Person", "NOT_FOUND"): ("setLegalHold", {"complaints": [NOWHERE[NodeKind.COMPLAINT]]}),
    ("Person", "LEGAL_HOLD"): ("erasePerson", {}),
}  # fmt: skip
#: Of any payload: shown for every mutation in ``test_every_mutation``, and told in a race.
EVERYWHERE = {"INVALID_INPUT", "CONFLICT", "DUPLICATE"}


def of_payloads() -> dict[str, GraphQLObjectType]:
    """The error type of each payload, by the payload's name."""
    assert GRAPHQL.mutation_type
    payloads = {get_named_type(field.type) for field in GRAPHQL.mutation_type.fields.values()}
    return {
        kind.name.removesuffix("Payload"): get_named_type(kind.fields["errors"].type)
        for kind in cast("set[GraphQLObjectType]", payloads)
    }


def codes(kind: GraphQLObjectType) -> set[str]:
    return set(cast("GraphQLEnumType", get_named_type(kind.fields["code"].type)).values)


def test_every_payload_has_errors_of_its_own() -> None:
    found = of_payloads()
    assert {name: kind.name for name, kind in found.items()} == {
        name: f"{name}Error" for name in found
    }
    interface = cast("GraphQLInterfaceType", GRAPHQL.type_map["UserError"])
    assert set(interface.fields) == {"message", "path"}
    assert set(GRAPHQL.get_possible_types(interface)) == set(found.values())
    assert all(codes(kind) >= EVERYWHERE for kind in found.values())


def test_every_code_of_every_payload_is_tried() -> None:
    found = of_payloads()
    assert set(GIVEN) == {
        (name, code) for name, kind in found.items() for code in codes(kind) - EVERYWHERE
    }


@pytest.mark.graph
@pytest.mark.parametrize(("payload", "code"), GIVEN)
async def test_a_code_that_is_declared_is_given(bank: Bank, payload: str, code: str) -> None:
    name, change = GIVEN[payload, code]
    given = {**await PREPARED[name](bank, name), **change}
    if (payload, code) == ("CaseStep", "STEP_NOT_ALLOWED"):
        given |= {"complaint": global_id(NodeKind.COMPLAINT, await stored(bank)), "version": 1}
    if (payload, code) == ("Opening", "TOO_MANY_OPENINGS"):
        await bank.services.database.run(
            "UNWIND range(1, 5) AS n CREATE (:Opening {id: 'full.' + n, person: $person, "
            "complaint: 'none', endsAt: datetime('2099-01-01')})",
            person=PERSON.actor,
        )
    if (payload, code) == ("Person", "LEGAL_HOLD"):
        await sent(bank, "setLegalHold", given)
    if (payload, code) == ("RatePrecedent", "NOT_FOUND"):
        tokens = PrecedentTokens(KEYRING.secret("precedent-token"))
        shown = Shown("query", "none", 1, "space", "weights", datetime.now(UTC))
        given["token"] = tokens.seal(shown)
    told = await sent(bank, name, given)
    assert [error["code"] for error in told["errors"]] == [code]


@pytest.mark.graph
async def test_a_code_can_be_asked_through_the_type(bank: Bank) -> None:
    """Through the interface its sentence and path; the code where the type is named."""
    document = """mutation { registerComplaint(input: {narrative: " "}) { errors {
      ... on UserError { message path } ... on RegisterComplaintError { code } } } }"""
    (error,) = (await ask(bank.services, document))["registerComplaint"]["errors"]
    assert (error["code"], error["path"]) == ("INVALID_INPUT", ["input", "narrative"])


@pytest.mark.graph
async def test_what_is_not_declared_is_not_told_but_raised(bank: Bank) -> None:
    @strawberry.type
    class Input(MutationInput):
        pass

    class Asked:
        context = context_for(bank.services)

    async def refuse(_: object) -> None:
        raise NoTextError("There is no text.")

    with pytest.raises(NoTextError):
        await acted(cast("Any", Asked()), Input(), refuse, RegisterComplaintError)


def test_codes_come_from_the_declared_errors() -> None:
    kinds = {kind.code for kind in RegisterComplaintError.kinds}
    assert kinds == codes(of_payloads()["RegisterComplaint"])
    assert RegisterComplaintError.declares(InvalidInputError("x"))
    assert RegisterComplaintError.declares(DuplicateError("x"))
    assert not RegisterComplaintError.declares(NotFoundError("x"))
    told = RegisterComplaintError.from_model(ConflictError("x", path=["risk_types"]), "input")
    assert isinstance(told, UserError)
    assert told.path == ["input", "riskTypes"]
    assert INTERNAL not in kinds
