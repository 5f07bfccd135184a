"""What holds of every mutation, whichever there are: retries, left out and null, named fields."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any
from uuid import uuid4

import pytest
from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLList,
    GraphQLNonNull,
    get_named_type,
)
from strawberry.types.base import StrawberryMaybe

from graph.commands import jobs
from graph.commands.rows import Act
from graph.database import Database
from graph.domain.access import LOCAL, Identity, Role
from graph.domain.enums import CaseStatus, DepartmentRole, Nature, Severity, Urgency
from graph.domain.jobs import JobKind, NewJob, Result
from graph.domain.lifecycle import Situation, Step, allowed
from graph.domain.money import Money
from ingest.jobs import Reporter
from ingest.prepare import entries
from ingest.record import IncomingCause, IncomingComplaint
from schema.desk.inputs import MUTATIONS
from schema.ids import NodeKind, global_id, key_of
from tests.support.bank import CARD, CARDS, CREDIT, FEE, HEAD, SHANGHAI, START, UNTOLD, Bank
from tests.support.desk import INPUTS, minimal, walk, way_to
from tests.support.graph import KEYRING, snapshot
from tests.support.graphql import SCHEMA, ask, execute

pytestmark = pytest.mark.graph

GRAPHQL = SCHEMA._schema
assert GRAPHQL.mutation_type is not None
INPUT_OF: dict[str, GraphQLInputObjectType] = {
    name: get_named_type(field.args["input"].type)
    for name, field in GRAPHQL.mutation_type.fields.items()
}
#: What belongs to the request alone, not to what is changed.
OF_THE_REQUEST = {"idempotencyKey", "clientMutationId", "note", "draft", "insisted"}
#: Inputs that make something: of what is left out or null nothing is known.
MAKING = {"registerComplaint", "planRemediation", "proposeSystemicIssue"}
_numbers: Iterator[int] = count(1)
#: Mutations that only somebody needs who does not reach the whole bank.
PERSON = Identity("hua", "Hua", frozenset({Role.HANDLER}))
AS = {"openCase": PERSON, "endOpening": PERSON}


def changing() -> list[str]:
    return [name for name, kind in INPUT_OF.items() if "version" in kind.fields]


def optional(name: str) -> list[str]:
    """Fields of a mutation that may be left out, but for those of the request."""
    return [
        field
        for field, given in INPUT_OF[name].fields.items()
        if not isinstance(given.type, GraphQLNonNull) and field not in OF_THE_REQUEST
    ]


def keeping(name: str) -> list[str]:
    """Those of them that leave something as it is; a new round has a date of the rules."""
    return [field for field in optional(name) if (name, field) != ("reopenComplaint", "dueAt")]


@pytest.mark.parametrize("name", INPUT_OF)
def test_every_mutation_can_be_retried(name: str) -> None:
    fields = INPUT_OF[name].fields
    assert {"idempotencyKey", "clientMutationId"} <= fields.keys()
    answer = get_named_type(GRAPHQL.mutation_type.fields[name].type).fields
    assert {"errors", "clientMutationId"} <= answer.keys()
    assert "version" not in fields or "changedSince" in answer


@pytest.mark.parametrize("name", changing())
def test_what_changes_tells_left_out_from_null(name: str) -> None:
    """A plain nullable field could not: both would be None."""
    definition = SCHEMA.get_type_by_name(INPUT_OF[name].name)
    told = {
        SCHEMA.config.name_converter.get_graphql_name(field): isinstance(
            field.type, StrawberryMaybe
        )
        for field in definition.fields
    }
    assert [field for field in optional(name) if not told[field]] == []


async def stored(bank: Bank, **changes: Any) -> str:
    """Key of an imported case of its own, without a text: everything is known of it."""
    number = f"every-{next(_numbers)}"
    given: dict[str, Any] = {
        "source_system": "every",
        "source_id": number,
        "received_at": START + timedelta(days=1),
        "status": CaseStatus.REGISTERED,
        "type": "FEE_DISPUTE",
        "nature": Nature.ENQUIRY,
        "severity": Severity.SEVERE,
        "urgency": Urgency.HIGH,
        "risk_types": ("COMPLIANCE",),
        "amount": Money(5_000, "CNY"),
        "assignee": "anna",
        "product": (CARD, FEE),
        "branch": (HEAD, SHANGHAI),
        "departments": (((CARDS,), DepartmentRole.LEAD), ((CREDIT,), DepartmentRole.ASSISTING)),
        "causes": (IncomingCause((UNTOLD,)),),
        **changes,
    }
    services, now = bank.services, datetime.now(UTC)
    incoming = IncomingComplaint(**given)
    made = services.preparer.prepare(incoming, now=now)
    await services.pipeline.load([made], list(entries(incoming)), Act("test", now, KEYRING))
    return made.id


STEP_OF = {mutation: step for step, mutation in MUTATIONS.items()}


async def of_a_case(bank: Bank, name: str) -> dict[str, Any]:
    """Where the mutation's step can be taken."""
    key = await stored(bank)
    steps = [minimal(step, "CARDS") for step in way_to(STEP_OF[name])]
    version = await walk(bank.services.database, key, steps)
    case = {"complaint": global_id(NodeKind.COMPLAINT, key), "version": version}
    return {**case, **INPUTS[name]}


async def of_many(bank: Bank, name: str) -> dict[str, Any]:
    case = {"complaint": global_id(NodeKind.COMPLAINT, await stored(bank)), "version": 1}
    return {"cases": [case], "step": {"assign": {}}}


async def of_any_case(bank: Bank, name: str) -> dict[str, Any]:
    return {"complaint": global_id(NodeKind.COMPLAINT, await stored(bank)), "note": "a word"}


async def of_one_beyond_reach(bank: Bank, name: str) -> dict[str, Any]:
    query = "query ($id: ID!) { node(id: $id) { ... on Complaint { reference } } }"
    case = await ask(bank.services, query, id=global_id(NodeKind.COMPLAINT, await stored(bank)))
    given = {"reference": case["node"]["reference"], "reason": "the customer is here"}
    await bank.services.database.run(
        "MATCH (o:Opening {person: $person}) SET o.endsAt = o.at", person=PERSON.actor
    )
    if name == "openCase":
        return given
    made = await sent(bank, "openCase", given, "opening { id }")
    return {"opening": made["opening"]["id"]}


async def of_a_view(bank: Bank, name: str) -> dict[str, Any]:
    view = {"name": f"view {next(_numbers)}", "query": "/desk?whose=mine"}
    if name == "saveView":
        return view
    await sent(bank, "saveView", view)
    return {"name": view["name"]}


async def of_an_alert(bank: Bank, name: str) -> dict[str, Any]:
    key = f"alert-{next(_numbers)}"
    await bank.services.database.run(
        "CREATE (:Alert {id: $id, kind: 'SURGE', rule: 'surge', level: 'RED', chain: 'BRANCH', "
        "at: $at, atKey: $id, evidence: '{}', state: $state, version: 1})",
        id=key,
        at=START,
        state="DISMISSED" if name == "reopenAlert" else "OPEN",
    )
    reason = {"reason": "CHANCE"} if name == "dismissAlert" else {}
    return {"alert": global_id(NodeKind.ALERT, key), "version": 1, **reason}


async def of_a_text(bank: Bank, name: str) -> dict[str, Any]:
    word = f"暗号{next(_numbers)}"
    given = {"narrative": f"柜员{word}说话难听"}
    made = await sent(bank, "registerComplaint", given, "complaint { id version }")
    return {"complaint": made["complaint"]["id"], "version": 1, "passages": [word]}


async def of_a_precedent(bank: Bank, name: str) -> dict[str, Any]:
    data = await ask(bank.services, '{ precedents(text: "年费没有告知", first: 1) { token } }')
    return {"token": data["precedents"][0]["token"], "useful": True}


async def of_an_issue(bank: Bank, name: str) -> dict[str, Any]:
    given = {"title": "年费", "titleEn": "fee", "owner": "anna", "rootCauses": ["UNTOLD"]}
    made = await sent(bank, "proposeSystemicIssue", given, "issue { id }")
    return {"issue": made["issue"]["id"], "version": 1}


async def of_a_remediation(bank: Bank, name: str) -> dict[str, Any]:
    given = {
        "title": "短信",
        "owner": "anna",
        "rootCause": "UNTOLD",
        "startedAt": "2026-01-02",
        "completedAt": "2026-01-03",
    }
    made = await sent(bank, "planRemediation", given, "remediation { id }")
    return {"remediation": made["remediation"]["id"], "version": 1}


async def of_nothing(bank: Bank, name: str) -> dict[str, Any]:
    return {
        "registerComplaint": {"narrative": f"第{next(_numbers)}次：少给了回单"},
        "planRemediation": {"title": "短信", "rootCause": "UNTOLD"},
        "proposeSystemicIssue": {"title": "年费", "rootCauses": ["UNTOLD"]},
    }[name]


async def of_people(bank: Bank, name: str) -> dict[str, Any]:
    """Two people, of whom the first has filed twice; a person whose data nobody holds."""
    number = next(_numbers)
    customers = [f"C-{number}-1", f"C-{number}-1", f"C-{number}-2"]
    made = [
        await sent(
            bank,
            "registerComplaint",
            {"narrative": f"少给了回单 {number}", "customer": {"sourceId": customer}},
            "complaint { id customer { id } }",
        )
        for customer in customers
    ]
    complaints = [each["complaint"]["id"] for each in made]
    people = [each["complaint"]["customer"]["id"] for each in made]
    note = {"note": "as the customer says"}
    match name:
        case "joinCustomers":
            return {"customers": people[1:], **note}
        case "separateCustomers":
            return {"complaints": complaints[:1], **note}
        case "relateCases":
            return {"complaints": complaints[1:], "relation": "SAME_CASE", **note}
        case "correctGroupEvent":
            event = await of_an_alert(bank, name)
            await bank.services.database.run(
                "MATCH (a:Alert {id: $id}), (c:Complaint {id: $complaint}) "
                "SET a.kind = 'GROUP_EVENT' CREATE (a)-[:COVERS]->(c)",
                id=key_of(event["alert"], NodeKind.ALERT),
                complaint=key_of(complaints[0], NodeKind.COMPLAINT),
            )
            return {
                "alert": event["alert"], "complaints": complaints[:1], "covered": False, **note,
            }  # fmt: skip
        case _:
            if name == "liftLegalHold":
                await sent(bank, "setLegalHold", {"complaints": complaints, **note})
            return {"complaints": complaints, **note}


async def of_a_drill(bank: Bank, name: str) -> dict[str, Any]:
    """A drill of its own; to be finished with all its answers."""
    code = f"ZH-3-{next(_numbers)}"
    given = {
        "drill": code, "case": 1, "type": "FEE_DISPUTE", "riskTypes": ["COMPLIANCE"],
        "level": "GREEN", "precedent": 1, "outcome": "UPHELD", "remedy": "MONETARY",
        "compensation": "SMALL",
    }  # fmt: skip
    if name == "answerDrill":
        return given
    for case in (1, 2, 3):
        assert (await sent(bank, "answerDrill", {**given, "case": case}))["errors"] == []
    return {"drill": code}


async def of_a_job(bank: Bank, name: str) -> dict[str, Any]:
    """What begins one needs nothing; one that runs until it is told to stop, or for ten seconds."""
    if name != "cancelJob":
        return {"startRefit": {}, "startExport": {"format": "CSV"}}[name]

    async def work(reporter: Reporter) -> Result:
        for _ in range(200):
            reporter.check()
            await asyncio.sleep(0.05)
        return Result()

    job = await bank.services.jobs.start(NewJob(JobKind.REFIT, LOCAL.actor), work)
    return {"job": global_id(NodeKind.JOB, job.id)}


Prepare = Callable[[Bank, str], Awaitable[dict[str, Any]]]
#: How to come to a minimal valid input of every mutation; a new one has to say.
PREPARED: dict[str, Prepare] = {
    **dict.fromkeys(INPUTS, of_a_case),
    **dict.fromkeys(("acknowledgeAlert", "dismissAlert", "reopenAlert"), of_an_alert),
    **dict.fromkeys(MAKING, of_nothing),
    **dict.fromkeys(
        (
            "joinCustomers",
            "separateCustomers",
            "relateCases",
            "correctGroupEvent",
            "erasePerson",
            "setLegalHold",
            "liftLegalHold",
        ),
        of_people,
    ),
    **dict.fromkeys(("saveView", "removeView"), of_a_view),
    "redactComplaint": of_a_text,
    "commentComplaint": of_any_case,
    "takeStepInBulk": of_many,
    **dict.fromkeys(AS, of_one_beyond_reach),
    "ratePrecedent": of_a_precedent,
    **dict.fromkeys(("startRefit", "startExport", "cancelJob"), of_a_job),
    **dict.fromkeys(("answerDrill", "finishDrill"), of_a_drill),
    "changeSystemicIssue": of_an_issue,
    "changeRemediation": of_a_remediation,
}


async def sent(
    bank: Bank, name: str, given: dict[str, Any], fields: str = "clientMutationId"
) -> dict[str, Any]:
    document = f"""mutation ($i: {INPUT_OF[name].name}!) {{ {name}(input: $i) {{
      errors {{ code message path }} {fields} }} }}"""
    result = await execute(bank.services, document, identity=AS.get(name, LOCAL), i=given)
    assert not result.errors, result.errors
    began = not dict(result.data[name])["errors"]
    if began and ("Job" in name or name in {"startRefit", "startExport"}):
        await bank.services.jobs.settle()
    return dict(result.data[name])


def test_every_mutation_is_tried() -> None:
    assert set(PREPARED) == set(INPUT_OF)
    assert set(INPUTS) == set(MUTATIONS.values())


OTHER: dict[str, dict[str, Any]] = {
    "startExport": {"format": "XLSX"},
    "registerComplaint": {"narrative": "另一件事"},
    "ratePrecedent": {"useful": False},
    "takeStepInBulk": {"step": {"assign": {"note": "another"}}},
    "openCase": {"reason": "another"},
    "saveView": {"query": "/desk?whose=all"},
    "removeView": {"name": "another"},
    "redactComplaint": {"passages": ["说话难听"]},
    "answerDrill": {"level": "RED"},
    "finishDrill": {"drill": "ZH-3-0"},
    "planRemediation": {"owner": "ben"},
    "proposeSystemicIssue": {"owner": "ben"},
    "changeRemediation": {"owner": None},
    "changeSystemicIssue": {"owner": None},
}


@pytest.mark.parametrize("name", INPUT_OF)
async def test_the_same_twice_acts_once(bank: Bank, name: str) -> None:
    database = bank.services.database
    given = {**await PREPARED[name](bank, name), "idempotencyKey": str(uuid4())}
    untouched = await counted(database)
    assert (await sent(bank, name, given))["errors"] == []
    after = await counted(database)
    assert after != untouched
    again = await sent(bank, name, {**given, "clientMutationId": "again"})
    assert again == {"errors": [], "clientMutationId": "again"}
    assert await counted(database) == after
    changed = OTHER.get(name, {"note": "another"})
    if name == "endOpening":
        changed = await PREPARED[name](bank, name)
        after = await counted(database)
    if name == "cancelJob":  # another one, of which no process is known
        other_job, _ = await jobs.begin(database, NewJob(JobKind.REFIT, LOCAL.actor))
        changed = {"job": global_id(NodeKind.JOB, other_job.id)}
        after = await counted(database)
    if name == "startRefit":  # nothing of it could be another
        return
    other = await sent(bank, name, {**given, **changed})
    assert [(e["code"], e["path"]) for e in other["errors"]] == [
        ("CONFLICT", ["input", "idempotencyKey"])
    ]
    assert await counted(database) == after


async def counted(database: Database) -> dict[str, tuple[int, int]]:
    """Nodes of each kind and their versions, and relations: what acting twice would add to."""
    rows = await database.read(
        """
        CYPHER 25
        MATCH (n)
        RETURN head(labels(n)) AS kind, count(*) AS many, sum(coalesce(n.version, 0)) AS versions
        UNION ALL
        MATCH ()-[r]->() RETURN type(r) AS kind, count(*) AS many, 0 AS versions
        """
    )
    return {row["kind"]: (row["many"], row["versions"]) for row in rows}


# -- left out and null

COMPLAINT = """complaint { type { code } product { code } branch { code } nature severity urgency
  riskTypes { code } amount { value } assignee handledBy { role department { code } }
  course { complex proposal { outcome remedy compensation { value } } }
  resolution { outcome remedy compensation { value } summary }
  rootCauses { rootCause { code } } }"""
READ = {
    "changeSystemicIssue": "issue { status level owner title titleEn: title(language: EN) "
    "rootCauses { code } }",
    "changeRemediation": "remediation { title owner startedAt completedAt rootCause { code } "
    "issue { id } }",
}


def value_of(name: str, field: str, found: dict[str, Any]) -> Any:
    """What a field of an input has set, in the answer."""
    if name == "proposeRemedy":
        return (found["course"]["proposal"] or {}).get(field)
    if name == "answerComplaint" and field != "rootCauses":
        return (found["resolution"] or {}).get(field)
    if field == "complex":
        return found["course"]["complex"]
    if field == "assisting":
        return [h["department"] for h in found["handledBy"] if h["role"] == "ASSISTING"]
    return found[field]


async def full_case(bank: Bank, name: str) -> dict[str, Any]:
    """A case that has a value wherever the step could clear one."""
    key = await stored(bank)
    proposal = {"remedy": "MONETARY", "compensation": {"value": "30"}}
    case: dict[str, Any] = {"complaint": global_id(NodeKind.COMPLAINT, key), "version": 1}
    way = way_to(STEP_OF[name])
    if name in ("proposeRemedy", "answerComplaint"):
        way = [*way_to(Step.PROPOSE)]
    for step in way:
        mutation = MUTATIONS[step]
        extra = {} if "lead" not in INPUTS[mutation] else {"assisting": ["CREDIT"]}
        await sent(bank, mutation, {**case, **INPUTS[mutation], **extra})
        case["version"] += 1
    if name in ("proposeRemedy", "answerComplaint"):
        last = "recordRefusal" if name == "proposeRemedy" else "recordAgreement"
        for mutation, given in (("proposeRemedy", {"outcome": "UPHELD", **proposal}), (last, {})):
            assert (await sent(bank, mutation, {**case, **given}))["errors"] == []
            case["version"] += 1
    minimal_input = {} if name == "answerComplaint" else INPUTS[name]
    return {**case, **minimal_input}


async def before_and_after(
    bank: Bank, name: str, change: dict[str, Any]
) -> tuple[dict[str, Any], dict[str, Any], list[dict[str, Any]]]:
    """Every field's value before and after a change of full things, and the errors."""
    prepare = PREPARED[name] if name in READ else full_case
    given = await prepare(bank, name)
    fields = READ.get(name, COMPLAINT)
    node = fields.split(" ", 1)[0]
    values = []
    # A stale version changes nothing and tells how it stands.
    for each in ({**given, "version": 99}, {**given, **change}):
        answer = await sent(bank, name, each, fields)
        values.append(answer[node])
    known = keeping(name)
    before = values[0]
    if name == "answerComplaint":
        offered = before["course"]["proposal"]
        before = {**before, "resolution": {**offered, "summary": None}}
    told = [{f: value_of(name, f, side) for f in known} for side in (before, values[1])]
    return told[0], told[1], answer["errors"]


CASES = [(name, field) for name in changing() for field in keeping(name)]


@pytest.mark.parametrize("name", sorted({name for name, _ in CASES}))
async def test_what_is_left_out_stays(bank: Bank, name: str) -> None:
    before, after, errors = await before_and_after(bank, name, {})
    assert errors == []
    assert after == before
    # There was something to lose.
    empty = {field for field, value in before.items() if value in (None, [], False)}
    assert empty <= {"complex", "summary", "issue"}


@pytest.mark.parametrize(("name", "field"), CASES)
async def test_null_clears_or_is_refused_by_name(bank: Bank, name: str, field: str) -> None:
    before, after, errors = await before_and_after(bank, name, {field: None})
    if errors:
        assert [error["path"] for error in errors] == [["input", field]]
        assert after == before or name == "answerComplaint"
        return
    cleared = after.pop(field)
    before.pop(field)
    if field == "titleEn":
        assert cleared == after["title"]
    else:
        assert cleared in (None, [])
    assert after == before


# -- every error names a field of the input

WRONG: dict[str, list[Any]] = {
    "String": [" ", "x" * 110_000, "NO-SUCH", "bad\x00", "13812345678"],
    "ID": ["nonsense", global_id(NodeKind.BRANCH, "BJ"), global_id(NodeKind.COMPLAINT, "none")],
    "Int": [-1, 0, 10**6],
    "DateTime": ["2099-01-01", "1950-01-01", "2026-01-01T00:00:00"],
    "MoneyInput": [{"value": "-1"}, {"value": "1", "currency": "yuan"}, {"value": "0.001"}],
    "RootCauseInput": [{"rootCause": "NO-SUCH"}, {"rootCause": "UNTOLD", "share": 7}],
    "CustomerInput": [{"mobile": "12"}, {"idNumber": "x"}, {"mobile": "x" * 300}],
}


def wrong_values(name: str) -> Iterator[tuple[str, Any]]:
    for field, given in INPUT_OF[name].fields.items():
        kind = given.type.of_type if isinstance(given.type, GraphQLNonNull) else given.type
        wrong = WRONG.get(get_named_type(kind).name, [])
        if isinstance(get_named_type(kind), GraphQLEnumType):
            wrong = [*get_named_type(kind).values]
        for value in wrong:
            yield field, [value] if isinstance(kind, GraphQLList) else value


@pytest.mark.parametrize("name", INPUT_OF)
async def test_every_error_names_a_field(bank: Bank, name: str) -> None:
    """Whatever is wrong, a form knows where to show it; and nothing is an error of ours."""
    given = await PREPARED[name](bank, name)
    document = f"""mutation ($i: {INPUT_OF[name].name}!) {{ {name}(input: $i) {{
      errors {{ code message path }} }} }}"""
    refused = 0
    for field, value in wrong_values(name):
        result = await execute(
            bank.services, document, identity=AS.get(name, LOCAL), i={**given, field: value}
        )
        assert result.errors is None, (field, result.errors)
        assert result.data is not None
        for error in result.data[name]["errors"]:
            refused += 1
            assert error["code"] != "INTERNAL"
            assert error["path"][0] == "input"
            assert error["path"][1] in INPUT_OF[name].fields, (field, error)
            assert "13812345678" not in error["message"]
            if field == "idempotencyKey":
                assert error["path"][1] == "idempotencyKey"
    assert refused >= 3


# -- no text keeps what is personal

MOBILE, PASSWORD = "13955667788", "Qw12345!"
PERSONAL = f"张伟 {MOBILE} 密码{PASSWORD}"


def texts_of(name: str) -> list[dict[str, Any]]:
    """Inputs with something personal in one field each, wherever a mutation takes a text."""
    inputs: list[dict[str, Any]] = []
    for field, given in INPUT_OF[name].fields.items():
        kind = get_named_type(given.type).name
        several = isinstance(given.type, GraphQLList) or (
            isinstance(given.type, GraphQLNonNull) and isinstance(given.type.of_type, GraphQLList)
        )
        if kind == "String":
            inputs.append({field: [PERSONAL] if several else PERSONAL})
        if kind == "CustomerInput":
            inputs += [
                {field: {"sourceId": f"C-{next(_numbers)}", name: PERSONAL}}
                for name in ("name", "segment", "region", "sourceId", "mobile", "idNumber")
            ]
    return inputs


@pytest.mark.parametrize("name", INPUT_OF)
async def test_no_text_keeps_what_is_personal(bank: Bank, name: str) -> None:
    """Whatever a new field takes passes the masking, or a list of what is allowed."""
    taken = 0
    document = f"""mutation ($i: {INPUT_OF[name].name}!) {{ {name}(input: $i) {{
      errors {{ code message path }} }} }}"""
    for change in texts_of(name):
        given = await PREPARED[name](bank, name)
        result = await execute(
            bank.services, document, identity=AS.get(name, LOCAL), i={**given, **change}
        )
        assert result.errors is None, (change, result.errors)
        assert result.data is not None
        assert MOBILE not in repr(result.data)
        taken += not result.data[name]["errors"]
    assert taken >= 1
    kept = "\n".join(await snapshot(bank.services.database))
    assert MOBILE not in kept
    assert PASSWORD not in kept


REFUSED = [
    (name, status)
    for name in INPUTS
    for status in CaseStatus
    if STEP_OF[name] not in allowed(Situation(status, decided=True))
]


@pytest.mark.parametrize(
    ("name", "status"), list({name: (name, s) for name, s in REFUSED}.values())
)
async def test_a_step_that_is_not_allowed_names_the_complaint(
    bank: Bank, name: str, status: CaseStatus
) -> None:
    key = await stored(bank, status=status)
    case = {"complaint": global_id(NodeKind.COMPLAINT, key), "version": 1}
    (error,) = (await sent(bank, name, {**case, **INPUTS[name]}))["errors"]
    assert (error["code"], error["path"]) == ("STEP_NOT_ALLOWED", ["input", "complaint"])


@pytest.mark.parametrize("name", ["assignComplaint", "dispatchComplaint", "registerComplaint"])
@pytest.mark.parametrize("assignee", [" ", "", "x" * 201, "a\nb"])
async def test_a_blank_or_endless_assignee_is_refused(bank: Bank, name: str, assignee: str) -> None:
    given = {**await PREPARED[name](bank, name), "assignee": assignee}
    payload = await sent(bank, name, given)
    assert [e["path"] for e in payload["errors"]] == [["input", "assignee"]]
