"""Filings that are there only because of a planted fact."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from random import Random

from graph.domain.enums import Language, OutcomeKind
from ingest.demo.bank import Outlet, OutletDraw, bank
from ingest.demo.course import course
from ingest.demo.facts import Fact
from ingest.demo.filings import Filing, Telling, arrival
from ingest.demo.followups import repeat
from ingest.demo.incidents import Incident, incident
from ingest.demo.people import Crowd
from ingest.demo.period import Period
from ingest.demo.themes import Case, Theme, themes

#: Answers that settle nothing, as a customer who always comes back gets them.
_UNSETTLED = (OutcomeKind.EXPLAINED, OutcomeKind.PARTLY_UPHELD)
_GAP_DAYS = 24.0
_MOST_FILINGS = 15


def group_event(
    random: Random, crowd: Crowd, fact: Fact, period: Period, size: int
) -> Iterator[Filing]:
    """New customers of all branches, a few days one after the other, all at level green."""
    pair = _pair(fact)
    start, _ = fact.span(period)
    days = period.draw(*fact.span(period))
    for n, outlet in enumerate(_spread(random, fact, size)):
        day = days(random)
        event = incident(
            random,
            pair,
            crowd.newcomer(outlet, pair[0].name, Language.ZH),
            outlet,
            day,
            occurred=start - timedelta(days=1),
            slots=fact.slots,
            certain=True,
        )
        yield _first(random, f"{fact.name}-{n}", event, day, period, fact)


def _spread(random: Random, fact: Fact, size: int) -> list[Outlet]:
    """An outlet for each customer of a group event: no branch sees more than the fact says."""
    most = int(fact.extras["most_per_branch"])
    places = [
        outlet
        for branch in bank().branches
        for outlet in random.sample([o for o in bank().outlets if o.branch == branch], most)
    ]
    return random.sample(places, fact.customers(size))


def repeat_complainer(
    random: Random, crowd: Crowd, fact: Fact, period: Period, further: int
) -> Iterator[Filing]:
    """One customer who files again after each answer, ``further`` times where time allows."""
    pair = _pair(fact)
    draw = OutletDraw(tuple(o for o in bank().outlets if o.branch in fact.branches))
    outlet = draw(random)
    start, _ = fact.span(period)
    person = crowd.newcomer(outlet, pair[0].name, Language.ZH)
    event = incident(random, pair, person, outlet, start, certain=True)
    filing = _first(random, f"{fact.name}-0", event, start, period, fact)
    yield filing
    for n in range(1, min(further, _MOST_FILINGS) + 1):
        gap = 2 + random.expovariate(1 / _GAP_DAYS)
        again = repeat(random, filing, gap, period.end, 0.0)
        if again is None:
            return
        filing = replace(again, key=f"{fact.name}-{n}")
        yield filing
        if filing.course.answered is None:
            return


def _first(
    random: Random, key: str, event: Incident, day: date, period: Period, fact: Fact
) -> Filing:
    way, received = arrival(random, day, escalated=False)
    outcome = random.choice([kind for kind in _UNSETTLED if kind in event.case.outcomes])
    result = course(random, event, received, period.end, escalated=False, outcome=outcome)
    return Filing(key, event, Telling.FIRST, received, way, False, False, result, fact=fact.name)


def _pair(fact: Fact) -> tuple[Theme, Case]:
    theme = themes().by_name[fact.themes[0]]
    return theme, theme.case(fact.case or "")
