"""Tests of the planted facts by someone who knows the true labels, and the counts they stand on.

Each takes a bank's filings without duplicates and tells whether it finds the fact. Tails are summed
exactly.
"""

import math
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from ingest.demo.bank import bank
from ingest.demo.facts import Fact
from ingest.demo.filings import Filing, Telling
from ingest.demo.history import history
from ingest.demo.options import DemoOptions
from ingest.demo.period import Period

GROUP_DAYS = 30
GROUP_CUSTOMERS = 5
#: A shorter past says too little.
PAST_DAYS = 90


def poisson_tail(count: int, mean: float) -> float:
    """P(X >= count) for a Poisson variable."""
    if count <= 0:
        return 1.0
    below = (math.exp(n * math.log(mean) - mean - math.lgamma(n + 1)) for n in range(count))
    return max(0.0, 1.0 - math.fsum(below)) if mean < count * 4 else 1.0


def binomial_probability(count: int, trials: int, share: float) -> float:
    return math.comb(trials, count) * share**count * (1 - share) ** (trials - count)


def binomial_upper(count: int, trials: int, share: float) -> float:
    """P(X >= count)."""
    return math.fsum(binomial_probability(n, trials, share) for n in range(count, trials + 1))


def binomial_lower(count: int, trials: int, share: float) -> float:
    """P(X <= count)."""
    return math.fsum(binomial_probability(n, trials, share) for n in range(count + 1))


@dataclass(frozen=True)
class Bank:
    period: Period
    filings: Sequence[Filing]

    def count(
        self,
        span: tuple[date, date] | None = None,
        branch: str | None = None,
        cause: str | None = None,
    ) -> int:
        return sum(
            (span is None or span[0] <= each.received.date() <= span[1])
            and (branch is None or each.incident.outlet.branch == branch)
            and (cause is None or each.incident.case.cause == cause)
            for each in self.filings
        )


def made(options: DemoOptions) -> Bank:
    """A bank without its duplicates."""
    filings = [each for each in history(options) if each.telling is not Telling.DUPLICATE]
    return Bank(Period(options.last_day), filings)


def finds_fee_error(fact: Fact, seen: Bank) -> bool:
    """Exactly the branches named are high in the month, against the cause's rate otherwise."""
    month = fact.span(seen.period)
    otherwise = seen.count(cause=fact.cause) - seen.count(month, cause=fact.cause)
    share = seen.period.share(*month)
    rate = otherwise * share / (1 - share)
    high = {
        branch
        for branch in bank().branches
        if poisson_tail(seen.count(month, branch, fact.cause), rate * bank().share(branch))
        <= fact.alpha
    }
    return high == set(fact.branches)


def finds_mis_selling(fact: Fact, seen: Bank) -> bool:
    """The branch's count is high, against the rate per customer of the others in the window."""
    window, (branch,) = fact.span(seen.period), fact.branches
    mine = seen.count(window, branch, fact.cause)
    share = bank().share(branch)
    rate = (seen.count(window, cause=fact.cause) - mine) * share / (1 - share)
    return poisson_tail(mine, rate) <= fact.alpha


def before_and_after(fact: Fact, seen: Bank) -> tuple[int, int, float]:
    """Counts of the cause before and after, and the share expected after, by all the others."""
    before, after = fact.before(seen.period), fact.after(seen.period)
    earlier, later = seen.count(before, cause=fact.cause), seen.count(after, cause=fact.cause)
    others = seen.count(before) - earlier, seen.count(after) - later
    return earlier, later, others[1] / sum(others)


def finds_fall(fact: Fact, seen: Bank) -> bool:
    earlier, later, share = before_and_after(fact, seen)
    return binomial_lower(later, earlier + later, share) <= fact.alpha


def finds_no_change(fact: Fact, seen: Bank) -> bool:
    earlier, later, share = before_and_after(fact, seen)
    lower = binomial_lower(later, earlier + later, share)
    upper = binomial_upper(later, earlier + later, share)
    return 2 * min(lower, upper) > fact.alpha


def finds_repeat_complainer(fact: Fact, seen: Bank) -> bool:
    """One customer reaches the number of filings of one theme, and nobody else does."""
    counts = Counter(
        (each.incident.person.mobile, each.incident.theme.name) for each in seen.filings
    )
    found = {key for key, count in counts.items() if count >= fact.extras["filings"]}
    planted = {
        (each.incident.person.mobile, each.incident.theme.name)
        for each in seen.filings
        if each.fact == fact.name
    }
    return bool(found) and found == planted


def group_events(theme: str, alpha: float, seen: Bank) -> list[Filing]:
    """Filings that complete a group: enough distinct customers in 30 days, improbable against
    the distinct customers of the time before (half a complaint added: an unseen theme is not
    impossible).
    """
    own = [
        each
        for each in seen.filings
        if each.incident.theme.name == theme and each.telling is Telling.FIRST
    ]
    result = []
    for each in own:
        day = each.received.date()
        since = day - timedelta(days=GROUP_DAYS - 1)
        past_days = (since - seen.period.first).days
        if past_days < PAST_DAYS:
            continue
        recent = _customers(own, since, day)
        past = sum(earlier.received.date() < since for earlier in own)
        rate = (past + 0.5) * GROUP_DAYS / past_days
        if recent >= GROUP_CUSTOMERS and poisson_tail(recent, rate) < alpha:
            result.append(each)
    return result


def _customers(filings: Sequence[Filing], start: date, end: date) -> int:
    people = {
        each.incident.person.mobile for each in filings if start <= each.received.date() <= end
    }
    return len(people)


def finds_group_event(fact: Fact, seen: Bank) -> bool:
    """The group is raised by one of its own filings, when not all of them are there yet or are."""
    raised = group_events(fact.themes[0], fact.alpha, seen)
    return any(each.fact == fact.name for each in raised)


def finds_surge(fact: Fact, seen: Bank) -> bool:
    """The branch's share of escalated filings is high against its own past."""
    start, end = fact.span(seen.period)
    mine = [each for each in seen.filings if each.incident.outlet.branch in fact.branches]
    past = [each.escalated for each in mine if each.received.date() < start]
    window = [each.escalated for each in mine if start <= each.received.date() <= end]
    return binomial_upper(sum(window), len(window), sum(past) / len(past)) <= fact.alpha


ORACLES: dict[str, Callable[[Fact, Bank], bool]] = {
    "fee-error": finds_fee_error,
    "mis-selling": finds_mis_selling,
    "fix-that-worked": finds_fall,
    "fix-that-did-not": finds_no_change,
    "repeat-complainer": finds_repeat_complainer,
    "group-event": finds_group_event,
    "escalation-surge": finds_surge,
}
