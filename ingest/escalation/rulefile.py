"""What a rule file may say, checked field by field."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Annotated, ClassVar, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from graph.domain.enums import Chain, Channel, Level, Severity
from graph.domain.rules import (
    AmountRule,
    GroupRule,
    GrowthRule,
    OverdueRule,
    RegulatorRule,
    RepeatRule,
    Rule,
    SeverityRule,
    SurgeRule,
    ThreatRule,
    TopicRule,
    VulnerableRule,
)
from graph.domain.vocabulary import Label
from graph.domain.wording import Phrases

Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]
#: One character alone stands in every text.
Phrase = Annotated[str, StringConstraints(strip_whitespace=True, min_length=2, max_length=100)]
Word = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=50)]
Words = Annotated[tuple[Phrase, ...], Field(max_length=500)]
Weeks = Annotated[int, Field(ge=1, le=26)]
#: Growth over fewer periods is none.
Periods = Annotated[int, Field(ge=3, le=12)]
Share = Annotated[float, Field(gt=0.5, lt=1)]


class Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Negation(Section):
    negations: tuple[Word, ...] = ()
    fillers: tuple[Word, ...] = ()


class Languages(Section):
    """Something for each language; Chinese writes no spaces between words."""

    zh: Words = ()
    en: Words = ()


class Negations(Section):
    zh: Negation = Negation()
    en: Negation = Negation()


class RuleEntry(Section):
    """What every rule has."""

    level: Literal[Level.YELLOW, Level.RED]
    chain: Chain
    zh: Text
    en: Text

    @property
    def label(self) -> Label:
        return Label(self.zh, self.en)

    def rule(self, code: str, negation: Negations) -> Rule:
        raise NotImplementedError


class AmountEntry(RuleEntry):
    kind: Literal["AMOUNT"]
    least: Annotated[Decimal, Field(gt=0, alias="from")]
    currency: Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$")] = "CNY"

    def rule(self, code: str, negation: Negations) -> Rule:
        del negation
        return AmountRule(code, self.level, self.chain, self.label, self.least, self.currency)


class RegulatorEntry(RuleEntry):
    kind: Literal["REGULATOR"]
    channels: Annotated[tuple[Channel, ...], Field(min_length=1)] = (Channel.REGULATOR,)

    def rule(self, code: str, negation: Negations) -> Rule:
        del negation
        channels = frozenset(self.channels)
        return RegulatorRule(code, self.level, self.chain, self.label, channels)


class ThreatEntry(RuleEntry):
    kind: Literal["THREAT"]
    words: Languages
    unless: Languages = Languages()

    def rule(self, code: str, negation: Negations) -> Rule:
        phrases = []
        for language in ("zh", "en"):
            listed = getattr(self.words, language)
            denied: Negation = getattr(negation, language)
            if listed:
                phrases.append(
                    Phrases.build(
                        listed,
                        unless=getattr(self.unless, language),
                        negations=denied.negations,
                        fillers=denied.fillers,
                        spaced=language == "en",
                    )
                )
        return ThreatRule(code, self.level, self.chain, self.label, tuple(phrases))


class VulnerableEntry(RuleEntry):
    kind: Literal["VULNERABLE"]

    def rule(self, code: str, negation: Negations) -> Rule:
        del negation
        return VulnerableRule(code, self.level, self.chain, self.label)


class SeverityEntry(RuleEntry):
    kind: Literal["SEVERITY"]
    least: Annotated[Severity, Field(alias="from")]

    def rule(self, code: str, negation: Negations) -> Rule:
        del negation
        return SeverityRule(code, self.level, self.chain, self.label, self.least)


class OverdueEntry(RuleEntry):
    kind: Literal["OVERDUE"]
    days: Annotated[int, Field(ge=0, le=3650)]

    def rule(self, code: str, negation: Negations) -> Rule:
        del negation
        return OverdueRule(code, self.level, self.chain, self.label, self.days)


class RepeatEntry(RuleEntry):
    kind: Literal["REPEAT"]
    times: Annotated[int, Field(ge=1, le=50)]

    def rule(self, code: str, negation: Negations) -> Rule:
        del negation
        return RepeatRule(code, self.level, self.chain, self.label, self.times)


class GroupEntry(RuleEntry):
    kind: Literal["GROUP_EVENT"]
    customers: Annotated[int, Field(ge=2, le=200)] = 5
    days: Annotated[int, Field(ge=1, le=180)] = 30
    probability: Annotated[float, Field(gt=0, le=0.05)] = 0.0001
    past_days: Annotated[int, Field(ge=30, le=3650)] = 365
    likeness: Share = 0.99
    likeness_without_product: Share = 0.998

    def rule(self, code: str, negation: Negations) -> Rule:
        del negation
        return GroupRule(
            code,
            self.level,
            self.chain,
            self.label,
            customers=self.customers,
            days=self.days,
            probability=self.probability,
            past_days=self.past_days,
            likeness=self.likeness,
            likeness_without_product=self.likeness_without_product,
        )


class WatchEntry(RuleEntry):
    """What every rule about weeks of complaints has."""

    probability: Annotated[float, Field(gt=0, le=0.5)] = 0.05
    fewest: Annotated[int, Field(ge=3, le=10_000)]


class SurgeEntry(WatchEntry):
    kind: Literal["SURGE"]
    fewest: Annotated[int, Field(ge=3, le=10_000)] = 5
    points: Annotated[float, Field(gt=0, lt=100)] = 10
    weeks: Annotated[tuple[Weeks, ...], Field(min_length=1, max_length=5)] = (4, 13)

    def rule(self, code: str, negation: Negations) -> Rule:
        del negation
        return SurgeRule(
            code, self.level, self.chain, self.label, self.probability, self.fewest,
            points=self.points / 100, weeks=self.weeks,
        )  # fmt: skip


class GrowthEntry(WatchEntry):
    kind: Literal["GROWING_CAUSE"]
    fewest: Annotated[int, Field(ge=3, le=10_000)] = 10
    ratio: Annotated[float, Field(gt=1, le=10)] = 1.5
    periods: Annotated[tuple[Periods, ...], Field(min_length=1, max_length=5)] = (3, 4, 6)

    def rule(self, code: str, negation: Negations) -> Rule:
        del negation
        return GrowthRule(
            code, self.level, self.chain, self.label, self.probability, self.fewest,
            ratio=self.ratio, periods=self.periods,
        )  # fmt: skip


class TopicEntry(WatchEntry):
    kind: Literal["NEW_TOPIC"]
    fewest: Annotated[int, Field(ge=3, le=10_000)] = 5
    share: Share = 0.8
    weeks: Weeks = 13

    def rule(self, code: str, negation: Negations) -> Rule:
        del negation
        return TopicRule(
            code, self.level, self.chain, self.label, self.probability, self.fewest,
            share=self.share, weeks=self.weeks,
        )  # fmt: skip


class RuleFile(Section):
    """All of a file but its rules, which are checked one by one, so that errors name them."""

    version: Literal[1]
    chains: Mapping[Level, Chain] = Field(default_factory=dict)
    negation: Negations = Negations()
    rules: Mapping[str, object]

    DEFAULT_CHAINS: ClassVar[Mapping[Level, Chain]] = {
        Level.GREEN: Chain.SPECIALIST,
        Level.YELLOW: Chain.DEPARTMENT_HEAD,
        Level.RED: Chain.BRANCH,
    }


ENTRIES: Mapping[str, type[RuleEntry]] = {
    "AMOUNT": AmountEntry,
    "GROUP_EVENT": GroupEntry,
    "REGULATOR": RegulatorEntry,
    "THREAT": ThreatEntry,
    "VULNERABLE": VulnerableEntry,
    "OVERDUE": OverdueEntry,
    "REPEAT": RepeatEntry,
    "SEVERITY": SeverityEntry,
    "SURGE": SurgeEntry,
    "GROWING_CAUSE": GrowthEntry,
    "NEW_TOPIC": TopicEntry,
}
