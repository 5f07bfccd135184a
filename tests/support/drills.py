"""Drills taken by people, through the API."""

from dataclasses import replace
from typing import Any

from graph.domain.access import LOCAL, Identity, Reach, Role
from graph.domain.drills import DrillAnswer, DrillKey
from graph.domain.enums import Level
from tests.support.bank import Bank
from tests.support.graphql import execute

ANSWER = """mutation ($i: AnswerDrillInput!) { answerDrill(input: $i) {
  errors { code message path } drill { answered finishedAt } } }"""
FINISH = """mutation ($i: FinishDrillInput!) { finishDrill(input: $i) {
  errors { code message path } drill { answered finishedAt } } }"""
PEOPLE = {
    "lin": ("SH",),
    "zhou": ("SH",),
    "wu": ("BJ",),
    "qian": ("BJ", "SH"),
}


def person(name: str, role: Role = Role.HANDLER) -> Identity:
    """Somebody of a branch, by ``PEOPLE``."""
    return Identity(name, name.title(), frozenset({role}), Reach(False, PEOPLE.get(name, ())))


def as_sent(given: DrillAnswer, code: str, case: int) -> dict[str, Any]:
    """An answer as the mutation takes it."""
    return {
        "drill": code,
        "case": case,
        "type": given.type,
        "riskTypes": list(given.risk_types),
        "level": given.level.value,
        "precedent": given.precedent,
        "outcome": given.outcome.value,
        "remedy": given.remedy.value,
        "compensation": given.compensation.value,
    }


async def truth_of(bank: Bank, code: str) -> list[DrillAnswer]:
    """What is right, case by case."""
    made = await bank.services.drills.drill(DrillKey.of(code))
    return [case.truth for case in made.cases]


async def take(bank: Bank, code: str, people: int) -> None:
    """The first so many people finish a drill, and the local visitor too; the first case's level
    is read otherwise by each.
    """
    levels = list(Level)
    taking = [*(person(name) for name in list(PEOPLE)[:people]), LOCAL]
    for number, identity in enumerate(taking):
        answers = await truth_of(bank, code)
        answers[0] = replace(answers[0], level=levels[number % len(levels)])
        await finish(bank, code, answers, identity)


async def finish(bank: Bank, code: str, answers: list[DrillAnswer], identity: Identity) -> None:
    """Answer all of a drill, and finish it; one that is finished stays."""
    for case, given in enumerate(answers, start=1):
        sent = as_sent(given, code, case)
        result = await execute(bank.services, ANSWER, identity=identity, i=sent)
        assert not result.errors, result.errors
        if [each["code"] for each in result.data["answerDrill"]["errors"]] == ["CONFLICT"]:
            return
        assert result.data["answerDrill"]["errors"] == []
    result = await execute(bank.services, FINISH, identity=identity, i={"drill": code})
    assert not result.errors
    assert result.data["finishDrill"]["errors"] == []
