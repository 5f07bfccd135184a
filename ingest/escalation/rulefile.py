"""What a rule file may say, checked field by field."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Annotated, ClassVar, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from graph.domain.enums import Chain, Channel, Level, Severity
from graph.domain.rules import (
    AmountRule,
    Examples,
    GroupRule,
    GrowthRule,
    OverdueRule,
    RegulatorRule,
    RepeatRule,
    Rule,
    SelfHarmRule,
    SeverityRule,
    SurgeRule,
    ThreatRule,
    TopicRule,
    VulnerableRule,
)
from graph.domain.vocabulary import Label
from ingest.textrules.matcher import PhraseMatcher

Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]
Lists = Mapping[str, tuple[str, ...]]
#: One character alone stands in every text.
Phrase = Annotated[str, StringConstraints(strip_whitespace=True, min_length=2, max_length=400)]
Words = Annotated[tuple[Phrase, ...], Field(max_length=500)]
Weeks = Annotated[int, Field(ge=1, le=26)]
#: Growth over fewer periods is none.
Periods = Annotated[int, Field(ge=3, le=12)]
Share = Annotated[float, Field(gt=0.5, lt=1)]


class Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Languages(Section):
    """Something for each language; Chinese writes no spaces between words."""

    zh: Words = ()
    en: Words = ()


class RuleEntry(Section):
    """What every rule has."""

    level: Literal[Level.YELLOW, Level.RED]
    chain: Chain
    zh: Text
    en: Text

    @property
    def label(self) -> Label:
        return Label(self.zh, self.en)

    def rule(self, code: str, lists: Lists) -> Rule:
        raise NotImplementedError


class AmountEntry(RuleEntry):
    kind: Literal["AMOUNT"]
    least: Annotated[Decimal, Field(gt=0, alias="from")]
    currency: Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$")] = "CNY"

    def rule(self, code: str, lists: Lists) -> Rule:
        del lists
        return AmountRule(code, self.level, self.chain, self.label, self.least, self.currency)


class RegulatorEntry(RuleEntry):
    kind: Literal["REGULATOR"]
    channels: Annotated[tuple[Channel, ...], Field(min_length=1)] = (Channel.REGULATOR,)

    def rule(self, code: str, lists: Lists) -> Rule:
        del lists
        channels = frozenset(self.channels)
        return RegulatorRule(code, self.level, self.chain, self.label, channels)


class ExamplesEntry(Section):
    """Texts on which a rule has to fire, and on which it must not."""

    fire: Annotated[tuple[Text, ...], Field(min_length=1, max_length=200)]
    quiet: Annotated[tuple[Text, ...], Field(min_length=1, max_length=200)]


class TextEntry(RuleEntry):
    """``by``: whose act counts. ``asked``: whether a question whether or how to counts, too."""

    words: Languages
    unless: Languages = Languages()
    by: Literal["CUSTOMER", "ANYBODY"] = "CUSTOMER"
    asked: bool = False
    examples: ExamplesEntry

    def _read(self, lists: Lists) -> tuple[PhraseMatcher, Examples]:
        words = PhraseMatcher.build(
            (*self.words.zh, *self.words.en),
            unless=(*self.unless.zh, *self.unless.en),
            own=lists,
            by_customer=self.by == "CUSTOMER",
            asked=self.asked,
        )
        return words, Examples(self.examples.fire, self.examples.quiet)


class ThreatEntry(TextEntry):
    kind: Literal["THREAT"]

    def rule(self, code: str, lists: Lists) -> Rule:
        return ThreatRule(code, self.level, self.chain, self.label, *self._read(lists))


class SelfHarmEntry(TextEntry):
    """Of anybody; a question (是不是要我跳楼) may be meant, too."""

    kind: Literal["SELF_HARM"]
    by: Literal["CUSTOMER", "ANYBODY"] = "ANYBODY"
    asked: bool = True

    def rule(self, code: str, lists: Lists) -> Rule:
        return SelfHarmRule(code, self.level, self.chain, self.label, *self._read(lists))


class VulnerableEntry(RuleEntry):
    kind: Literal["VULNERABLE"]

    def rule(self, code: str, lists: Lists) -> Rule:
        del lists
        return VulnerableRule(code, self.level, self.chain, self.label)


class SeverityEntry(RuleEntry):
    kind: Literal["SEVERITY"]
    least: Annotated[Severity, Field(alias="from")]

    def rule(self, code: str, lists: Lists) -> Rule:
        del lists
        return SeverityRule(code, self.level, self.chain, self.label, self.least)


class OverdueEntry(RuleEntry):
    kind: Literal["OVERDUE"]
    days: Annotated[int, Field(ge=0, le=3650)]

    def rule(self, code: str, lists: Lists) -> Rule:
        del lists
        return OverdueRule(code, self.level, self.chain, self.label, self.days)


class RepeatEntry(RuleEntry):
    kind: Literal["REPEAT"]
    times: Annotated[int, Field(ge=1, le=50)]

    def rule(self, code: str, lists: Lists) -> Rule:
        del lists
        return RepeatRule(code, self.level, self.chain, self.label, self.times)


class GroupEntry(RuleEntry):
    kind: Literal["GROUP_EVENT"]
    customers: Annotated[int, Field(ge=2, le=200)] = 5
    days: Annotated[int, Field(ge=1, le=180)] = 30
    probability: Annotated[float, Field(gt=0, le=0.05)] = 0.0001
    past_days: Annotated[int, Field(ge=30, le=3650)] = 365
    likeness: Share = 0.99
    likeness_without_product: Share = 0.998

    def rule(self, code: str, lists: Lists) -> Rule:
        del lists
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

    def rule(self, code: str, lists: Lists) -> Rule:
        del lists
        return SurgeRule(
            code, self.level, self.chain, self.label, self.probability, self.fewest,
            points=self.points / 100, weeks=self.weeks,
        )  # fmt: skip


class GrowthEntry(WatchEntry):
    kind: Literal["GROWING_CAUSE"]
    fewest: Annotated[int, Field(ge=3, le=10_000)] = 10
    ratio: Annotated[float, Field(gt=1, le=10)] = 1.5
    periods: Annotated[tuple[Periods, ...], Field(min_length=1, max_length=5)] = (3, 4, 6)

    def rule(self, code: str, lists: Lists) -> Rule:
        del lists
        return GrowthRule(
            code, self.level, self.chain, self.label, self.probability, self.fewest,
            ratio=self.ratio, periods=self.periods,
        )  # fmt: skip


class TopicEntry(WatchEntry):
    kind: Literal["NEW_TOPIC"]
    fewest: Annotated[int, Field(ge=3, le=10_000)] = 5
    share: Share = 0.8
    weeks: Weeks = 13

    def rule(self, code: str, lists: Lists) -> Rule:
        del lists
        return TopicRule(
            code, self.level, self.chain, self.label, self.probability, self.fewest,
            share=self.share, weeks=self.weeks,
        )  # fmt: skip


class RuleFile(Section):
    """All of a file but its rules, which are checked one by one, so that errors name them."""

    version: Literal[1]
    chains: Mapping[Level, Chain] = Field(default_factory=dict)
    lists: Mapping[str, Words] = Field(default_factory=dict)
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
    "SELF_HARM": SelfHarmEntry,
    "VULNERABLE": VulnerableEntry,
    "OVERDUE": OverdueEntry,
    "REPEAT": RepeatEntry,
    "SEVERITY": SeverityEntry,
    "SURGE": SurgeEntry,
    "GROWING_CAUSE": GrowthEntry,
    "NEW_TOPIC": TopicEntry,
}
