"""The rules of escalation, as data: what each looks at, how far it raises, who answers then."""

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from typing import ClassVar, Protocol

from graph.domain.enums import Chain, Channel, Level, RuleKind, Severity
from graph.domain.evidence import CaseFacts, Evidence, TextField
from graph.domain.vocabulary import Label
from graph.domain.wording import Span

_SEVERITIES = list(Severity)


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule of the bank; ``code`` names it in the rule file and on every alert."""

    kind: ClassVar[RuleKind]
    code: str
    level: Level
    chain: Chain
    label: Label

    @abstractmethod
    def evidence(self, facts: CaseFacts) -> Evidence | None:
        """Why it fires on one case by itself; None when it does not."""


@dataclass(frozen=True, slots=True)
class AmountRule(Rule):
    """The amount in dispute reaches a bound (major units, one currency)."""

    kind: ClassVar[RuleKind] = RuleKind.AMOUNT
    least: Decimal
    currency: str

    def evidence(self, facts: CaseFacts) -> Evidence | None:
        amount = facts.amount
        if amount is None or amount.currency != self.currency or amount.value < self.least:
            return None
        return Evidence(amount=amount)


@dataclass(frozen=True, slots=True)
class RegulatorRule(Rule):
    """It came by a channel of the regulator."""

    kind: ClassVar[RuleKind] = RuleKind.REGULATOR
    channels: frozenset[Channel]

    def evidence(self, facts: CaseFacts) -> Evidence | None:
        return Evidence(channel=facts.channel) if facts.channel in self.channels else None


class TextMatcher(Protocol):
    """What a rule looks for in a text (see ``ingest.textrules``)."""

    def find(self, text: str) -> Span | None:
        """The sentence of the first words that are meant."""


@dataclass(frozen=True, slots=True)
class Examples:
    """Texts of which a rule about texts is known to fire, and not to."""

    fire: tuple[str, ...]
    quiet: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ThreatRule(Rule):
    """Its text says so: a threat, or strong emotion."""

    kind: ClassVar[RuleKind] = RuleKind.THREAT
    words: TextMatcher
    examples: Examples

    def evidence(self, facts: CaseFacts) -> Evidence | None:
        texts = ((TextField.NARRATIVE, facts.narrative), (TextField.SUBJECT, facts.subject))
        for name, text in texts:
            span = self.words.find(text) if text else None
            if span is not None:
                return Evidence(text=name, span=span)
        return None


@dataclass(frozen=True, slots=True)
class SelfHarmRule(ThreatRule):
    """Its text speaks of somebody's self-harm: the one class in which minutes count."""

    kind: ClassVar[RuleKind] = RuleKind.SELF_HARM


@dataclass(frozen=True, slots=True)
class VulnerableRule(Rule):
    """The customer is vulnerable."""

    kind: ClassVar[RuleKind] = RuleKind.VULNERABLE

    def evidence(self, facts: CaseFacts) -> Evidence | None:
        return Evidence() if facts.vulnerable else None


@dataclass(frozen=True, slots=True)
class SeverityRule(Rule):
    """It is at least so severe."""

    kind: ClassVar[RuleKind] = RuleKind.SEVERITY
    least: Severity

    def evidence(self, facts: CaseFacts) -> Evidence | None:
        result = facts.severity
        if result is None or _SEVERITIES.index(result) < _SEVERITIES.index(self.least):
            return None
        return Evidence(severity=result)


@dataclass(frozen=True, slots=True)
class OverdueRule(Rule):
    """It is still open so many days after its deadline."""

    kind: ClassVar[RuleKind] = RuleKind.OVERDUE
    days: int

    def evidence(self, facts: CaseFacts) -> Evidence | None:
        if facts.now is None or facts.due_at is None or not facts.open:
            return None
        late = facts.now - facts.due_at
        if late <= timedelta(0) or late < timedelta(days=self.days):
            return None
        # The rule's bound, not the days until somebody looked: the same whenever that is.
        return Evidence(due_at=facts.due_at, days_late=self.days)


@dataclass(frozen=True, slots=True)
class RepeatRule(Rule):
    """The customer filed the same case so often again after an answer."""

    kind: ClassVar[RuleKind] = RuleKind.REPEAT
    times: int

    def evidence(self, facts: CaseFacts) -> Evidence | None:
        if len(facts.repeats) < self.times:
            return None
        return Evidence(complaints=facts.repeats)


@dataclass(frozen=True, slots=True)
class GroupRule(Rule):
    """Several distinct customers with one subject in a window, improbable against its own past.

    ``likeness``: share of random pairs less alike than two texts of one subject about one product;
    ``likeness_without_product`` where the product of one is not known.
    """

    kind: ClassVar[RuleKind] = RuleKind.GROUP_EVENT
    customers: int
    days: int
    probability: float
    past_days: int
    likeness: float
    likeness_without_product: float

    def evidence(self, facts: CaseFacts) -> Evidence | None:
        """Never by one case alone: see ``groups``."""
        del facts
        return None


@dataclass(frozen=True, slots=True)
class WatchRule(Rule):
    """About many complaints together, in weeks; never fires on one case.

    ``probability``: of a false alert of this rule in a year, over all that it looks at.
    """

    probability: float
    fewest: int

    def evidence(self, facts: CaseFacts) -> Evidence | None:
        """Never by one case: see ``graph.insight.watch``."""
        del facts
        return None


@dataclass(frozen=True, slots=True)
class SurgeRule(WatchRule):
    """A branch's share of escalated complaints is up by ``points`` (0 to 1) on its own past."""

    kind: ClassVar[RuleKind] = RuleKind.SURGE
    points: float
    weeks: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class GrowthRule(WatchRule):
    """A cause's share of all complaints is ``ratio`` times its past's, in each of some periods.

    ``periods``: numbers of periods of four weeks that are looked at.
    """

    kind: ClassVar[RuleKind] = RuleKind.GROWING_CAUSE
    ratio: float
    periods: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class TopicRule(WatchRule):
    """Of a cluster's complaints at least the ``share`` came in the last ``weeks``."""

    kind: ClassVar[RuleKind] = RuleKind.NEW_TOPIC
    share: float
    weeks: int


@dataclass(frozen=True, slots=True)
class RuleSet:
    """All rules of a bank; ``chains``: who answers for a case of a level that no rule gave it."""

    rules: Sequence[Rule]
    chains: Mapping[Level, Chain]
    #: Where they were read, for people.
    name: str = field(default="", compare=False)

    @property
    def group(self) -> GroupRule | None:
        return next((rule for rule in self.rules if isinstance(rule, GroupRule)), None)

    @property
    def watched(self) -> Sequence[WatchRule]:
        """The rules about many complaints together, without that of group events."""
        return [rule for rule in self.rules if isinstance(rule, WatchRule)]

    @property
    def by_code(self) -> Mapping[str, Rule]:
        return {rule.code: rule for rule in self.rules}
