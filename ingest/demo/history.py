"""The two years of a bank: base complaints, follow-ups, and the planted facts among them.

Base complaints are drawn independently of each other: a day by weekday and month, an outlet by
its customers, a theme and case by their shares. A raised rate adds to them, a remediation that
works takes some away, a surge raises levels; the other facts bring filings of their own.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

from ingest.demo.bank import Outlet, OutletDraw, bank
from ingest.demo.course import course
from ingest.demo.facts import Fact, FactKind, facts
from ingest.demo.filings import RED_SHARE, Filing, Telling, arrival
from ingest.demo.followups import DUPLICATE_SHARE, REPEAT_SHARE, followups
from ingest.demo.incidents import incident
from ingest.demo.options import DemoOptions
from ingest.demo.people import Crowd
from ingest.demo.period import Period
from ingest.demo.planting import group_event, repeat_complainer
from ingest.demo.streams import stream
from ingest.demo.themes import Case, CaseDraw, Theme, themes

_FILINGS_PER_CASE = 1 + DUPLICATE_SHARE + REPEAT_SHARE
#: What a repeat adds to the probability of being escalated.
_REPEAT_ESCALATION = 0.12
#: A burst is complained about within days of what happened.
_BURST_DAYS = 31


@dataclass(frozen=True, slots=True)
class Volumes:
    """Expected first filings: of the base, and beyond it by fact with a raised rate."""

    base: float
    raised: Mapping[str, float]

    @property
    def distinct(self) -> float:
        """Base filings, repeats included and duplicates left out."""
        return self.base * (1 + REPEAT_SHARE)


@dataclass(frozen=True, slots=True, order=True)
class _Draw:
    day: date
    number: int
    outlet: Outlet
    pair: tuple[Theme, Case]


def planted(options: DemoOptions) -> tuple[Fact, ...]:
    return facts() if options.planted else ()


def volumes(options: DemoOptions) -> Volumes:
    """What is expected of a bank whose complaints add up to ``options.size``."""
    period = Period(options.last_day)
    own = 0.0
    excess = {}
    for fact in planted(options):
        if fact.kind is FactKind.GROUP_EVENT:
            own += fact.customers(options.size)
        elif fact.kind is FactKind.REPEAT_COMPLAINER:
            own += 1 + fact.effect
        elif fact.kind is FactKind.RAISED_RATE:
            excess[fact.name] = (fact.effect - 1) * fact.exposure(period)
    base = (options.size - own) / _FILINGS_PER_CASE / (1 + sum(excess.values()))
    return Volumes(base, {name: base * each for name, each in excess.items()})


def history(options: DemoOptions) -> tuple[Filing, ...]:
    """All filings of the bank, in order of receipt; exactly ``options.size`` of them."""
    return _Making(options).filings()


class _Making:
    def __init__(self, options: DemoOptions) -> None:
        self.size = options.size
        self.volumes = volumes(options)
        self.period = Period(options.last_day)
        self.facts = planted(options)
        self.random = stream(options, "history")
        self.crowd = Crowd(stream(options, "people"), options.last_day)
        self.outlets = OutletDraw(bank().outlets)
        self.cases = CaseDraw(themes().pairs)
        self.days = self.period.draw()
        self.fixes = [f for f in self.facts if f.kind is FactKind.REMEDIATION]
        self.surges = [f for f in self.facts if f.kind is FactKind.ESCALATION_SURGE]

    def filings(self) -> tuple[Filing, ...]:
        own = [filing for fact in self.facts for filing in self._own(fact)]
        raised = [filing for fact in self.facts for filing in self._raised(fact)]
        count = max(0, round((self.size - len(own)) / _FILINGS_PER_CASE) - len(raised))
        firsts = [*raised, *self._base(0, count)]
        later = followups(
            self.random,
            firsts,
            self.size - len(own) - len(firsts),
            self.period.end,
            lambda earlier: self._escalation(earlier) + _REPEAT_ESCALATION,
        )
        short = self.size - len(own) - len(firsts) - len(later)
        everything = [*own, *firsts, *later, *self._base(count, short)]
        return tuple(sorted(everything, key=lambda each: (each.received, each.key)))

    def _own(self, fact: Fact) -> list[Filing]:
        if fact.kind is FactKind.GROUP_EVENT:
            return list(group_event(self.random, self.crowd, fact, self.period, self.size))
        if fact.kind is FactKind.REPEAT_COMPLAINER:
            further = _poisson(self.random, fact.effect)
            return list(repeat_complainer(self.random, self.crowd, fact, self.period, further))
        return []

    def _raised(self, fact: Fact) -> list[Filing]:
        """First filings beyond the base, of a fact that raises a rate."""
        if fact.kind is not FactKind.RAISED_RATE:
            return []
        count = _poisson(self.random, self.volumes.raised[fact.name])
        start, end = fact.span(self.period)
        days = self.period.draw(start, end)
        places = OutletDraw(tuple(o for o in bank().outlets if o.branch in fact.branches))
        cases = fact.cases()
        burst = (end - start).days < _BURST_DAYS
        return [
            self._first(
                f"{fact.name}-{n}",
                _Draw(days(self.random), n, places(self.random), cases(self.random)),
                fact.name,
                start if burst else None,
            )
            for n in range(count)
        ]

    def _base(self, number: int, count: int) -> list[Filing]:
        """In order of days, so that customers come back in time."""
        draws = sorted(self._draw(number + n) for n in range(count))
        return [self._first(f"base-{draw.number}", draw) for draw in draws]

    def _draw(self, number: int) -> _Draw:
        while True:
            day, outlet = self.days(self.random), self.outlets(self.random)
            pair = self.cases(self.random)
            if all(self._stays(fix, day, pair[1]) for fix in self.fixes):
                return _Draw(day, number, outlet, pair)

    def _stays(self, fix: Fact, day: date, case: Case) -> bool:
        if case.cause != fix.cause or day < fix.works_from(self.period):
            return True
        return self.random.random() < fix.effect

    def _first(
        self, key: str, draw: _Draw, fact: str | None = None, since: date | None = None
    ) -> Filing:
        """A first filing; ``since``: what happened did so between that day and the filing."""
        theme, _ = draw.pair
        event = incident(
            self.random,
            draw.pair,
            self.crowd.someone(draw.outlet, theme.name),
            draw.outlet,
            draw.day,
            occurred=self._lately(draw.day, since) if since else None,
        )
        escalated, surge = self._level(theme, draw.outlet.branch, draw.day)
        way, received = arrival(self.random, draw.day, escalated=escalated)
        red = escalated and self.random.random() < RED_SHARE
        result = course(self.random, event, received, self.period.end, escalated=escalated)
        return Filing(
            key, event, Telling.FIRST, received, way, escalated, red, result, fact or surge
        )

    def _lately(self, day: date, since: date) -> date:
        return day - timedelta(days=self.random.randint(0, min(6, (day - since).days)))

    def _level(self, theme: Theme, branch: str, day: date) -> tuple[bool, str | None]:
        """Whether a first filing is escalated, and the surge without which it would not be."""
        drawn = self.random.random()
        if drawn < theme.escalation:
            return True, None
        for surge in self.surges:
            start, end = surge.span(self.period)
            raised = theme.escalation + (1 - theme.escalation) * surge.effect
            if branch in surge.branches and start <= day <= end and drawn < raised:
                return True, surge.name
        return False, None

    def _escalation(self, earlier: Filing) -> float:
        return earlier.incident.theme.escalation


def _poisson(random: Random, mean: float) -> int:
    """Knuth's method (The Art of Computer Programming 2, 3.4.1), in steps it can take."""
    count = 0
    while mean > 0:
        step = min(mean, 30.0)
        mean -= step
        limit, product = math.exp(-step), random.random()
        while product > limit:
            count += 1
            product *= random.random()
    return count
