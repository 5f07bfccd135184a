"""Drills through the API: taken, kept apart by person, finished, compared; never a complaint."""

import asyncio
from dataclasses import replace
from typing import Any

import pytest
from strawberry.types import ExecutionResult

from api.services import Services
from graph.domain.access import Identity, Role
from graph.domain.drills import DrillDimension, DrillKey
from graph.domain.enums import Level
from tests.support.bank import Bank
from tests.support.drills import ANSWER, FINISH, as_sent, finish, person, truth_of
from tests.support.graphql import ask, execute

pytestmark = pytest.mark.graph

CASES = """cases { number narrative options { number narrative outcome } about
  answer { level precedent type { code } riskTypes { code } outcome remedy compensation }
  judgements { dimension right given { code label } truth { code label } why } }"""
DRILL = f"""query ($seed: Int!, $size: Int, $language: Language) {{
  drill(seed: $seed, size: $size, language: $language) {{ code size language answered startedAt
    finishedAt scores {{ dimension right {{ value count }} kappa {{ value }} }} {CASES} }} }}"""
OWN = "{ drills { code answered finishedAt } }"
SESSIONS = "{ drillSessions { code people lastAt } }"
AGREEMENT = """query ($drill: String!) { drillAgreement(drill: $drill) { code people places
  dimensions { dimension same every { value count } within { value count }
    across { value count } }
  cases { number differing tallies { dimension count right value { code } } } } }"""


async def as_(identity: Identity, bank: Bank, query: str, **variables: Any) -> Any:
    result = await execute(bank.services, query, identity=identity, **variables)
    assert not result.errors, result.errors
    return result.data


def codes(result: ExecutionResult) -> set[str]:
    return {error.extensions["code"] for error in result.errors or () if error.extensions}


async def test_a_drill_is_the_same_for_everybody_and_keeps_what_is_right_to_itself(
    bank: Bank,
) -> None:
    asked = {"seed": 41, "size": 3, "language": "EN"}
    first = await as_(person("lin"), bank, DRILL, **asked)
    again = await as_(person("wu"), bank, DRILL, **asked)
    assert first == again
    drill = first["drill"]
    assert (drill["code"], drill["answered"], drill["scores"]) == ("EN-3-41", 0, None)
    assert [case["number"] for case in drill["cases"]] == [1, 2, 3]
    for case in drill["cases"]:
        assert (case["answer"], case["judgements"], case["about"]) == (None, None, None)
        assert len(case["options"]) == 4
    usual = (await ask(bank.services, DRILL, seed=41))["drill"]
    assert (usual["code"], len(usual["cases"])) == ("ZH-10-41", 10)


@pytest.mark.parametrize(("seed", "size"), [(-1, 3), (1_000_000, 3), (1, 2), (1, 21)])
async def test_what_is_no_drill_is_refused(bank: Bank, seed: int, size: int) -> None:
    result = await execute(bank.services, DRILL, seed=seed, size=size)
    assert codes(result) == {"INVALID_INPUT"}


async def test_an_answer_is_kept_and_changed_until_the_drill_is_finished(bank: Bank) -> None:
    lin, code = person("lin"), "ZH-3-42"
    truth = await truth_of(bank, code)
    wrong = replace(truth[0], level=Level.RED, precedent=truth[0].precedent % 4 + 1)
    for given in (wrong, truth[0]):
        sent = as_sent(given, code, 1)
        payload = (await as_(lin, bank, ANSWER, i=sent))["answerDrill"]
        assert (payload["errors"], payload["drill"]["answered"]) == ([], 1)
    early = (await as_(lin, bank, FINISH, i={"drill": code}))["finishDrill"]
    (error,) = early["errors"]
    assert (error["code"], error["path"]) == ("INVALID_INPUT", ["input", "drill"])
    assert error["message"] == "Answer all cases first; left are 2, 3."
    await finish(bank, code, [truth[0], truth[1], wrong], lin)
    drill = (await as_(lin, bank, DRILL, seed=42, size=3, language="ZH"))["drill"]
    assert drill["finishedAt"] is not None
    assert drill["startedAt"] < drill["finishedAt"]
    rights = {score["dimension"]: score["right"] for score in drill["scores"]}
    assert all(right["count"] == 3 for right in rights.values())
    judged = [each["right"] for each in drill["cases"][2]["judgements"]]
    told = [
        wrong.codes(each) == truth[2].codes(each)
        for each in (DrillDimension(row["dimension"]) for row in drill["cases"][2]["judgements"])
    ]
    assert judged == told
    assert not all(judged)
    assert all(each["right"] for each in drill["cases"][0]["judgements"])
    assert all(each["why"] for case in drill["cases"] for each in case["judgements"])
    late = (await as_(lin, bank, ANSWER, i=as_sent(wrong, code, 1)))["answerDrill"]
    assert [each["code"] for each in late["errors"]] == ["CONFLICT"]
    after = (await as_(lin, bank, DRILL, seed=42, size=3, language="ZH"))["drill"]
    assert after == drill


async def test_everybody_sees_the_own_answers_alone(bank: Bank) -> None:
    lin, wu, code = person("lin"), person("wu"), "ZH-3-43"
    truth = await truth_of(bank, code)
    await as_(lin, bank, ANSWER, i=as_sent(truth[0], code, 1))
    asked = {"seed": 43, "size": 3, "language": "ZH"}
    assert (await as_(lin, bank, DRILL, **asked))["drill"]["cases"][0]["answer"] is not None
    other = (await as_(wu, bank, DRILL, **asked))["drill"]
    assert (other["answered"], other["cases"][0]["answer"]) == (0, None)
    assert code in [each["code"] for each in (await as_(lin, bank, OWN))["drills"]]
    assert code not in [each["code"] for each in (await as_(wu, bank, OWN))["drills"]]


async def test_agreement_is_told_from_two_people_on_and_without_names(bank: Bank) -> None:
    code, supervisor = "ZH-5-44", person("chief", Role.SUPERVISOR)
    truth = await truth_of(bank, code)
    other = [replace(each, level=Level.RED) for each in truth]
    asked = {"drill": code}
    await finish(bank, code, truth, person("lin"))
    alone = (await as_(supervisor, bank, AGREEMENT, **asked))["drillAgreement"]
    assert (alone["people"], alone["dimensions"], alone["cases"]) == (1, None, None)
    assert code not in [e["code"] for e in (await as_(supervisor, bank, SESSIONS))["drillSessions"]]
    await finish(bank, code, truth, person("zhou"))
    await finish(bank, code, other, person("wu"))
    # Who has begun and not finished does not count.
    await as_(person("qian"), bank, ANSWER, i=as_sent(truth[0], code, 1))
    found = (await as_(supervisor, bank, AGREEMENT, **asked))["drillAgreement"]
    assert (found["people"], found["places"]) == (3, 2)
    rows = {row["dimension"]: row for row in found["dimensions"]}
    assert rows["OUTCOME"]["same"] == 1
    assert rows["PRECEDENT"]["within"] == {"value": 1, "count": 1}
    assert rows["PRECEDENT"]["across"] == {"value": 1, "count": 2}
    assert rows["LEVEL"]["same"] == pytest.approx(1 / 3)
    levels = [
        (tally["value"][0]["code"], tally["count"])
        for tally in found["cases"][0]["tallies"]
        if tally["dimension"] == "LEVEL"
    ]
    assert levels == [(truth[found["cases"][0]["number"] - 1].level.value, 2), ("RED", 1)]
    assert not any(name in repr(found) for name in ("lin", "zhou", "wu"))
    sessions = (await as_(supervisor, bank, SESSIONS))["drillSessions"]
    assert (code, 3) in [(each["code"], each["people"]) for each in sessions]


async def test_who_takes_and_who_compares(bank: Bank) -> None:
    given = as_sent((await truth_of(bank, "ZH-3-45"))[0], "ZH-3-45", 1)
    for role, takes, compares in (
        (Role.HANDLER, True, False),
        (Role.SUPERVISOR, True, True),
        (Role.ANALYST, False, True),
        (Role.AUDITOR, False, True),
        (Role.ADMINISTRATOR, True, True),
        (Role.SERVICE, False, False),
        (Role.CUSTOMER, False, False),
    ):
        somebody = person(f"role-{role.lower()}", role)
        for query, variables, allowed in (
            (DRILL, {"seed": 45, "size": 3}, takes),
            (OWN, {}, takes),
            (ANSWER, {"i": given}, takes),
            (AGREEMENT, {"drill": "ZH-3-45"}, compares),
            (SESSIONS, {}, compares),
        ):
            result = await execute(bank.services, query, identity=somebody, **variables)
            assert codes(result) == (set() if allowed else {"FORBIDDEN"}), (role, query)


async def test_no_complaint_is_made_or_counted(bank: Bank) -> None:
    count = "{ complaints(first: 1) { totalCount } measures { total } }"
    before = await ask(bank.services, count)
    shot = await graph_of(bank.services)
    await finish(bank, "ZH-3-46", await truth_of(bank, "ZH-3-46"), person("lin"))
    assert await ask(bank.services, count) == before
    added = await graph_of(bank.services) - shot
    assert {label for label, _ in added} == {"Sitting"}


async def graph_of(services: Services) -> set[tuple[str, str]]:
    """Label and identity of every node but those of access."""
    rows = await services.database.read(
        "MATCH (n) WHERE NOT n:AccessRecord AND NOT n:AccessSegment AND NOT n:Lease "
        "RETURN labels(n)[0] AS label, elementId(n) AS id"
    )
    return {(row["label"], row["id"]) for row in rows}


async def test_a_sitting_holds_codes_alone(bank: Bank) -> None:
    """No text, no name, nothing of a customer."""
    await finish(bank, "ZH-3-47", await truth_of(bank, "ZH-3-47"), person("lin"))
    rows = await bank.services.database.read(
        "MATCH (s:Sitting {person: 'lin', drill: 'ZH-3-47'}) RETURN properties(s) AS own"
    )
    own = rows[0]["own"]
    assert set(own) == {
        "id", "person", "drill", "edition", "branch", "startedAt", "finishedAt", "answers",
    }  # fmt: skip
    assert own["branch"] == "SH"
    assert own["answers"].isascii()
    drill = await bank.services.drills.drill(DrillKey.of("ZH-3-47"))
    assert own["edition"] == drill.edition


async def test_answers_to_other_cases_under_the_same_code_are_left_aside(bank: Bank) -> None:
    """As after an update of the texts or of the bank's rules."""
    code, lin = "ZH-3-48", person("lin")
    await finish(bank, code, await truth_of(bank, code), lin)
    await bank.services.database.run(
        "MATCH (s:Sitting {person: 'lin', drill: $drill}) "
        "SET s.edition = 'older', s.id = 'lin:' + $drill + ':older'",
        drill=code,
    )
    drill = (await as_(lin, bank, DRILL, seed=48, size=3, language="ZH"))["drill"]
    assert (drill["answered"], drill["finishedAt"]) == (0, None)
    found = await ask(bank.services, AGREEMENT, drill=code)
    assert found["drillAgreement"]["people"] == 0


async def test_two_answers_at_once_are_both_kept(bank: Bank) -> None:
    code, lin = "ZH-10-49", person("lin")
    truth = await truth_of(bank, code)
    sent = [as_sent(given, code, case) for case, given in enumerate(truth, start=1)]
    await asyncio.gather(*(as_(lin, bank, ANSWER, i=each) for each in sent))
    drill = (await as_(lin, bank, DRILL, seed=49, size=10, language="ZH"))["drill"]
    assert drill["answered"] == 10
