"""What must not be guessed: referrals, threats, amounts, times; and what is missing."""

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache
from importlib import resources
from typing import Any

from graph.domain.enums import AmountBand, Channel, Severity, Timeliness, Urgency
from graph.domain.placeholders import PLACEHOLDER, MaskKind, placeholder_kind
from graph.domain.rules import RuleSet, TextMatcher, ThreatRule
from graph.domain.suggestions import (
    Dimension,
    Likely,
    MissingFact,
    Suggested,
    SuggestionSource,
    voted,
)
from graph.domain.vocabulary import Label
from ingest.textrules.matcher import PhraseMatcher

_URGENCIES, _SEVERITIES = list(Urgency), list(Severity)
_ACCOUNTS = frozenset({MaskKind.ACCOUNT, MaskKind.BANK_CARD})
#: A rule is certain: its facts are there or they are not.
_CERTAIN = 1.0


@dataclass(frozen=True, slots=True)
class Facts:
    """What rules look at; ``text`` is masked."""

    text: str = field(repr=False)
    channel: Channel
    received_at: datetime
    occurred_at: datetime | None = None
    amount_band: AmountBand | None = None
    vulnerable: bool = False
    product: str | None = None
    branch: str | None = None
    customer: bool = False


@dataclass(frozen=True, slots=True)
class Spoken:
    """Words that speak for something; each that is meant is found."""

    words: PhraseMatcher

    def find(self, text: str) -> Iterator[str]:
        for hit in self.words.hits(text):
            yield text[hit.start : hit.end]


@dataclass(frozen=True, slots=True)
class Threat:
    """The words of one of the escalation's rules; what is found is the sentence they stand in."""

    words: TextMatcher

    def find(self, text: str) -> Iterator[str]:
        span = self.words.find(text)
        if span is not None:
            yield text[span.start : span.end].strip()


@dataclass(frozen=True, slots=True)
class Rule:
    """What it asks for (words, channels, amount bands, a vulnerable customer), and what follows."""

    name: str
    label: Label
    words: Spoken | Threat | None = None
    channels: frozenset[Channel] = frozenset()
    bands: frozenset[AmountBand] = frozenset()
    vulnerable: bool = False
    urgency: Urgency | None = None
    severity: Severity | None = None
    risks: tuple[str, ...] = ()
    type: str | None = None

    def hits(self, facts: Facts) -> int:
        """How many of its conditions hold, each hit of its words counting."""
        words = len(set(self.words.find(facts.text))) if self.words else 0
        return (
            words
            + (facts.channel in self.channels)
            + (facts.amount_band in self.bands)
            + (self.vulnerable and facts.vulnerable)
        )


@dataclass(frozen=True, slots=True)
class Rulebook:
    """All rules, in the order of their file."""

    rules: tuple[Rule, ...]
    missing: Mapping[str, tuple[MissingFact, ...]]
    immediate: timedelta
    delayed: timedelta

    def fired(self, facts: Facts) -> dict[str, int]:
        """The rules that hold, each with its hits."""
        counted = {rule.name: rule.hits(facts) for rule in self.rules}
        return {name: hits for name, hits in counted.items() if hits}

    def suggest(self, facts: Facts, fired: Mapping[str, int]) -> list[Suggested]:
        """The dimensions that are never guessed; one entry for each risk."""
        held = [rule for rule in self.rules if rule.name in fired]
        urgent = [rule for rule in held if rule.urgency]
        most = max(
            (rule.urgency for rule in urgent if rule.urgency),
            key=_URGENCIES.index,
            default=Urgency.NORMAL,
        )
        risks = sorted({risk for rule in held for risk in rule.risks})
        return [
            _certain(Dimension.URGENCY, most, [r.name for r in urgent if r.urgency == most]),
            _certain(Dimension.TIMELINESS, self._timeliness(facts), []),
            _certain(Dimension.AMOUNT_BAND, facts.amount_band, []),
            *(
                _certain(Dimension.RISK_TYPES, risk, [r.name for r in held if risk in r.risks])
                for risk in risks
            ),
        ]

    def severity(self, fired: Mapping[str, int]) -> Suggested | None:
        """The least severity that the rules call for, if any does."""
        calling = [rule for rule in self.rules if rule.name in fired and rule.severity]
        if not calling:
            return None
        most = max((r.severity for r in calling if r.severity), key=_SEVERITIES.index)
        return _certain(Dimension.SEVERITY, most, [r.name for r in calling if r.severity == most])

    def type_(self, fired: Mapping[str, int]) -> tuple[Likely, ...]:
        """The types that the words speak for, by their share of all hits."""
        counts = {r.type: fired[r.name] for r in self.rules if r.type and r.name in fired}
        return voted(counts, sum(counts.values()))

    def absent(self, facts: Facts, type_: str | None) -> tuple[MissingFact, ...]:
        """What is not known and is needed for such a complaint."""
        named = {placeholder_kind(match[0]) for match in PLACEHOLDER.finditer(facts.text)}
        known = {
            MissingFact.AMOUNT: facts.amount_band is not None,
            MissingFact.OCCURRED_AT: facts.occurred_at is not None,
            MissingFact.ACCOUNT: bool(named & _ACCOUNTS),
            MissingFact.PRODUCT: facts.product is not None,
            MissingFact.BRANCH: facts.branch is not None,
            MissingFact.CUSTOMER: facts.customer,
        }
        needed = {*self.missing["ALL"], *self.missing.get(type_ or "", ())}
        return tuple(fact for fact in MissingFact if fact in needed and not known[fact])

    def label(self, name: str) -> Label | None:
        return next((rule.label for rule in self.rules if rule.name == name), None)

    def words(self, names: Sequence[str], text: str) -> tuple[str, ...]:
        """The words of the text on which these rules rest."""
        patterns = [rule.words for rule in self.rules if rule.name in names and rule.words]
        return tuple(dict.fromkeys(word for words in patterns for word in words.find(text)))

    def _timeliness(self, facts: Facts) -> Timeliness | None:
        if facts.occurred_at is None:
            return None
        passed = facts.received_at - facts.occurred_at
        if passed <= self.immediate:
            return Timeliness.IMMEDIATE
        return Timeliness.DELAYED if passed <= self.delayed else Timeliness.LONG_STANDING


def _certain(dimension: Dimension, value: str | None, rules: Sequence[str]) -> Suggested:
    likely = () if value is None else (Likely(value, _CERTAIN),)
    return Suggested(dimension, SuggestionSource.RULE, value, likely, tuple(rules))


@cache
def _shipped() -> dict[str, Any]:
    text = resources.files("ingest.classification").joinpath("rules.toml").read_text("utf-8")
    return tomllib.loads(text)


def rulebook(escalation: RuleSet) -> Rulebook:
    """The rules of classification, with the threats of a bank's rules of escalation."""
    data = _shipped()
    days = data["timeliness"]
    return Rulebook(
        (
            *(
                _threat(rule, data["threats"])
                for rule in escalation.rules
                if isinstance(rule, ThreatRule)
            ),
            *(_rule(name, rule) for name, rule in data["rules"].items()),
        ),
        {kind: tuple(map(MissingFact, facts)) for kind, facts in data["missing"].items()},
        timedelta(days=days["immediate"]),
        timedelta(days=days["delayed"]),
    )


def _rule(name: str, data: Mapping[str, Any]) -> Rule:
    phrases = (*data.get("zh", ()), *data.get("en", ()))
    words = Spoken(PhraseMatcher.build(phrases)) if phrases else None
    return Rule(
        name=name,
        label=Label(**data["label"]),
        words=words,
        channels=frozenset(map(Channel, data.get("channels", ()))),
        bands=frozenset(map(AmountBand, data.get("bands", ()))),
        vulnerable=data.get("vulnerable", False),
        type=data.get("type"),
        **_consequences(data),
    )


def _threat(rule: ThreatRule, known: Mapping[str, Mapping[str, Any]]) -> Rule:
    consequences = _consequences(known.get(rule.code, known["other"]))
    return Rule(rule.code, rule.label, Threat(rule.words), **consequences)


def _consequences(data: Mapping[str, Any]) -> dict[str, Any]:
    urgency, severity = data.get("urgency"), data.get("severity")
    return {
        "urgency": None if urgency is None else Urgency(urgency),
        "severity": None if severity is None else Severity(severity),
        "risks": tuple(data.get("risks", ())),
    }
