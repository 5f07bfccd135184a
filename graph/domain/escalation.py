"""How far a case is escalated: the rules' verdict, and what a person may set beside it. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass

from graph.domain.enums import Chain, Level
from graph.domain.evidence import CaseFacts, Evidence
from graph.domain.rules import Rule, RuleSet

_LEVELS = list(Level)
_CHAIN = list(Chain)


@dataclass(frozen=True, slots=True)
class Fired:
    """A rule that fired on a case, and why."""

    rule: Rule
    evidence: Evidence


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the rules say of one case."""

    level: Level
    chain: Chain
    fired: tuple[Fired, ...]


def evaluate(rules: RuleSet, facts: CaseFacts) -> Verdict:
    """The verdict on a case by itself (a group event is found among many: see ``groups``)."""
    results = ((rule, rule.evidence(facts)) for rule in rules.rules)
    fired = tuple(Fired(rule, evidence) for rule, evidence in results if evidence is not None)
    level = highest(one.rule.level for one in fired)
    chain = furthest((rules.chains[level], *(one.rule.chain for one in fired)))
    return Verdict(level, chain, fired)


def highest(levels: Iterable[Level]) -> Level:
    return max(levels, key=_LEVELS.index, default=Level.GREEN)


def furthest(chains: Iterable[Chain]) -> Chain:
    """Who stands highest in the chain."""
    return max(chains, key=_CHAIN.index, default=Chain.SPECIALIST)


@dataclass(frozen=True, slots=True)
class Levels:
    """A case's level, what the rules said of it so far, and who set it (None: nobody did)."""

    level: Level
    rule_level: Level
    set_by: str | None = None


def levels_after(before: Levels, verdict: Level, *, raises: bool = True) -> Levels:
    """The levels after a verdict: rules only ever raise, and nothing that is on record is lost.

    A level that a person set stays, unless the rules now say more than they said then.
    ``raises`` False: the verdict is put on record, the level stays.
    """
    rule_level = highest((before.rule_level, verdict))
    more = rule_level is not before.rule_level
    if not raises or (before.set_by is not None and not more):
        return Levels(before.level, rule_level, before.set_by)
    level = highest((before.level, verdict))
    return Levels(level, rule_level, before.set_by if level is before.level else None)


def kept_level(before: Levels, source: Level) -> Level:
    """The level after the source has sent another one: what raised it before still does."""
    if before.set_by is not None:
        return before.level
    raised = highest((before.level, before.rule_level)) is before.level
    return highest((source, before.rule_level)) if raised else source
