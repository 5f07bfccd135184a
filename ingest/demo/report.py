"""What of the planted facts one bank holds: where, when, expected counts, and which complaints."""

from collections.abc import Mapping, Sequence
from datetime import date

from ingest.demo.facts import Fact, FactKind, PlantedFact
from ingest.demo.filings import Filing, Telling
from ingest.demo.history import planted, volumes
from ingest.demo.options import DemoOptions
from ingest.demo.period import Period

Named = Sequence[tuple[str, Filing]]


def report(options: DemoOptions, filings: Named) -> tuple[PlantedFact, ...]:
    """The facts of a bank whose filings these are, with their source ids."""
    period = Period(options.last_day)
    distinct = [(name, each) for name, each in filings if each.telling is not Telling.DUPLICATE]
    return tuple(
        PlantedFact(
            fact.name,
            fact.kind,
            fact.zh,
            fact.en,
            fact.feature,
            fact.oracle,
            fact.alpha,
            fact.power,
            *fact.span(period),
            fact.completed(period) if fact.kind is FactKind.REMEDIATION else None,
            fact.verdict,
            (fact.cause,) if fact.cause else (),
            fact.products,
            fact.branches,
            fact.base_rate,
            fact.effect,
            expected(options, fact),
            _labels(fact, period, distinct),
        )
        for fact in planted(options)
    )


def expected(options: DemoOptions, fact: Fact) -> Mapping[str, float]:
    """Expected counts without duplicates (repeats of base complaints included)."""
    period = Period(options.last_day)
    volume = volumes(options)
    exposed = volume.distinct * fact.exposure(period)
    match fact.kind:
        case FactKind.RAISED_RATE:
            return {"base": exposed, "planted": volume.raised[fact.name]}
        case FactKind.REMEDIATION:
            rate = volume.distinct * fact.base_rate
            after = rate * period.share(*fact.after(period))
            return {
                "before": rate * period.share(*fact.before(period)),
                "after": after * fact.effect,
                "after_without": after,
            }
        case FactKind.GROUP_EVENT:
            thirty_days = volume.distinct * fact.base_rate * 30 / 730
            return {"base_in_30_days": thirty_days, "planted": fact.customers(options.size)}
        case FactKind.REPEAT_COMPLAINER:
            return {"planted": 1 + fact.effect}
        case FactKind.ESCALATION_SURGE:
            complaints = volume.distinct * fact.branch_share() * period.share(*fact.span(period))
            escalated = complaints * fact.base_rate
            return {
                "complaints": complaints,
                "base": escalated,
                "planted": (complaints - escalated) * fact.effect,
            }


def _labels(fact: Fact, period: Period, filings: Named) -> tuple[str, ...]:
    if fact.kind is FactKind.REMEDIATION:
        windows = (fact.before(period), fact.after(period))
        return tuple(
            name
            for name, each in filings
            if each.incident.case.cause == fact.cause
            and any(start <= received(each) <= end for start, end in windows)
        )
    repeats = fact.kind is FactKind.REPEAT_COMPLAINER
    return tuple(
        name
        for name, each in filings
        if each.fact == fact.name and (repeats or each.telling is Telling.FIRST)
    )


def received(filing: Filing) -> date:
    """The day of receipt in the bank's own zone."""
    return filing.received.date()
