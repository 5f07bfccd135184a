"""Filings that tell an incident again: the same filing twice, or again after an answer."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from random import Random

from graph.domain.enums import CaseStatus, OutcomeKind
from ingest.demo.course import course
from ingest.demo.filings import RED_SHARE, Filing, Telling, arrival

#: For each first filing.
DUPLICATE_SHARE = 0.04
REPEAT_SHARE = 0.07
_DUPLICATE_DAYS = 5.0
_REPEAT_DAYS = 25.0
_MOST_REPEATS = 2
_TRIES = 4
_DONE = (CaseStatus.CLOSED, CaseStatus.ANSWERED)


def followups(
    random: Random,
    firsts: Sequence[Filing],
    count: int,
    end: datetime,
    escalation: Callable[[Filing], float],
) -> list[Filing]:
    """``count`` duplicates and repeats of the first filings, fewer where there are too few.

    ``escalation`` gives the probability that a repeat of a filing is escalated.
    """
    candidates = [each for each in firsts if not each.incident.anonymous]
    random.shuffle(candidates)
    duplicates = round(count * DUPLICATE_SHARE / (DUPLICATE_SHARE + REPEAT_SHARE))
    result = list(_take(_duplicates(random, candidates, end), duplicates))
    repeated = {each.earlier for each in result}
    others = [each for each in candidates if each.key not in repeated]
    result += _take(_repeats(random, others, end, escalation), count - len(result))
    return result


def _take(filings: Iterator[Filing], count: int) -> Iterator[Filing]:
    yield from (each for each, _ in zip(filings, range(count), strict=False))


def _duplicates(random: Random, firsts: Sequence[Filing], end: datetime) -> Iterator[Filing]:
    """The same filing through another channel before the answer, decided together with it."""
    for first in firsts:
        until = min(first.course.answered or end, end)
        day = first.received + timedelta(days=random.uniform(0, _DUPLICATE_DAYS))
        way, received = arrival(random, day.date(), escalated=first.escalated)
        if way is first.channel or not first.received < received < until:
            continue
        rounds = tuple(
            replace(each, refund=None, satisfaction=None) for each in first.course.rounds
        )
        yield replace(
            first,
            key=f"{first.key}-duplicate",
            telling=Telling.DUPLICATE,
            channel=way,
            received=received,
            course=replace(first.course, rounds=rounds),
            earlier=first.key,
        )


def _repeats(
    random: Random,
    firsts: Sequence[Filing],
    end: datetime,
    escalation: Callable[[Filing], float],
) -> Iterator[Filing]:
    """Again after an answer, by those who are not satisfied rather than by the others."""
    queue = list(firsts)
    for earlier in queue:
        if earlier.course.status not in _DONE or random.random() > _displeasure(earlier):
            continue
        wait = 1 + random.expovariate(1 / _REPEAT_DAYS)
        again = repeat(random, earlier, wait, end, escalation(earlier))
        if again is None:
            continue
        yield again
        if again.key.count("-again") < _MOST_REPEATS:
            queue.append(again)


def repeat(
    random: Random, earlier: Filing, wait: float, end: datetime, escalation: float
) -> Filing | None:
    """A filing ``wait`` days after the earlier one's answer; None if that is after the end."""
    answered = earlier.course.answered
    assert answered is not None
    escalated = random.random() < escalation
    day = (answered + timedelta(days=wait)).date()
    for _ in range(_TRIES):
        way, received = arrival(random, day, escalated=escalated)
        if answered < received:
            break
    else:
        return None
    if received >= end:
        return None
    return replace(
        earlier,
        key=f"{earlier.key}-again",
        telling=Telling.REPEAT,
        received=received,
        channel=way,
        escalated=escalated,
        red=escalated and random.random() < RED_SHARE,
        course=course(
            random,
            earlier.incident,
            received,
            end,
            escalated=escalated,
            outcome=_second_answer(random, earlier),
        ),
        earlier=earlier.key,
    )


def _displeasure(filing: Filing) -> float:
    satisfaction = filing.course.rounds[-1].satisfaction
    if satisfaction is None:
        return 0.35
    return {1: 0.9, 2: 0.7, 3: 0.35, 4: 0.1}.get(satisfaction, 0.03)


def _second_answer(random: Random, earlier: Filing) -> OutcomeKind | None:
    """Some who were refused get part of it in the end; the others the same answer again."""
    outcome = earlier.course.rounds[-1].outcome
    softer = OutcomeKind.PARTLY_UPHELD
    if softer in earlier.incident.case.outcomes and random.random() < 0.35:
        return softer
    return outcome
