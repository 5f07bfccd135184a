"""What customers complain about: themes, their cases, and the words for them (``texts/``).

A theme is a subject of complaints (the annual fee); its cases are what can have happened (charged
on a card never used), each with its own root cause and its own way of ending, so that the text of
a complaint tells how it is likely to be decided.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from itertools import accumulate
from random import Random
from typing import Any

from graph.domain.enums import Language, OutcomeKind, RemedyKind
from ingest.demo.data import theme_tables
from ingest.demo.phrases import Phrase, parse_all, slots_of

_PARTS = ("topic", "subject", "detail", "staff", "demand")
LANGUAGES = {Language.ZH: "zh", Language.EN: "en"}


@dataclass(frozen=True, slots=True)
class Case:
    """What can have happened; ``outcomes`` with their probabilities. ``remedy`` is what a
    justified complaint gets where no money is paid back; ``parts`` has ``happened`` and what is
    said otherwise than in the theme's other cases; ``refunds`` are the outcomes whose words tell
    that money is paid back.
    """

    name: str
    weight: float
    cause: str
    outcomes: Mapping[OutcomeKind, float]
    remedy: RemedyKind
    parts: Mapping[tuple[Language, str], tuple[Phrase, ...]]
    decisions: Mapping[tuple[Language, OutcomeKind], tuple[Phrase, ...]]
    refunds: frozenset[OutcomeKind]


@dataclass(frozen=True, slots=True)
class Theme:
    """``amount`` and ``sum`` are ranges in yuan, ``amounts`` the only ones that there are;
    ``disputed`` tells whether amount or sum is in dispute, if any. ``lag``: median days from
    the theme to the complaint. ``share`` is of all base complaints.
    """

    name: str
    product: str
    type: str
    lead: str
    assisting: str | None
    share: float
    amount: tuple[int, int] | None
    amounts: tuple[int, ...]
    sum: tuple[int, int] | None
    disputed: str | None
    lag: float
    escalation: float
    risks: tuple[str, ...]
    slots: Mapping[str, tuple[Phrase, ...]]
    parts: Mapping[tuple[Language, str], tuple[Phrase, ...]]
    cases: tuple[Case, ...]

    def case(self, name: str) -> Case:
        return next(case for case in self.cases if case.name == name)

    def words(self, case: Case, language: Language, part: str) -> tuple[Phrase, ...]:
        """The phrases of a part: the case's own or, where it has none, the theme's."""
        return case.parts.get((language, part)) or self.parts[language, part]

    def share_of(self, case: Case) -> float:
        """The case's share of all base complaints, 0..1."""
        return self.share * case.weight / sum(each.weight for each in self.cases)


@dataclass(frozen=True, slots=True)
class Themes:
    """All themes by name, and draws among their cases by share."""

    by_name: Mapping[str, Theme]

    def share(self, cause: str) -> float:
        """The share of all base complaints that have this root cause, 0..1."""
        return sum(theme.share_of(case) for theme, case in self.with_cause(cause))

    def with_cause(self, cause: str) -> tuple[tuple[Theme, Case], ...]:
        return tuple(pair for pair in self.pairs if pair[1].cause == cause)

    @property
    def pairs(self) -> tuple[tuple[Theme, Case], ...]:
        return tuple((theme, case) for theme in self.by_name.values() for case in theme.cases)


class CaseDraw:
    """Pairs of theme and case, drawn by their shares."""

    def __init__(self, pairs: tuple[tuple[Theme, Case], ...]) -> None:
        self._pairs = pairs
        self._weights = tuple(accumulate(theme.share_of(case) for theme, case in pairs))

    def __call__(self, random: Random) -> tuple[Theme, Case]:
        return random.choices(self._pairs, cum_weights=self._weights)[0]


@lru_cache(maxsize=1)
def themes() -> Themes:
    tables = theme_tables()
    total = sum(table["weight"] for table in tables.values())
    return Themes({name: _theme(name, table, total) for name, table in tables.items()})


def _theme(name: str, table: Mapping[str, Any], total: float) -> Theme:
    amount = "amount" in table or "amounts" in table
    return Theme(
        name,
        table["product"],
        table["type"],
        table["lead"],
        table.get("assisting"),
        table["weight"] / total,
        tuple(table["amount"]) if "amount" in table else None,
        tuple(table.get("amounts", ())),
        tuple(table["sum"]) if "sum" in table else None,
        table.get("disputed", "amount" if amount else None),
        table["lag"],
        table["escalation"],
        tuple(table["risks"]),
        {slot: parse_all(values) for slot, values in table.get("slots", {}).items()},
        {
            (language, part): parse_all(table[key][part])
            for language, key in LANGUAGES.items()
            for part in _PARTS
        },
        tuple(_case(case) for case in table["case"]),
    )


def _case(table: Mapping[str, Any]) -> Case:
    decisions = {
        (language, OutcomeKind(outcome)): parse_all(texts)
        for language, key in LANGUAGES.items()
        for outcome, texts in table[key]["decision"].items()
    }
    return Case(
        table["name"],
        table["weight"],
        table["cause"],
        {OutcomeKind(outcome): share for outcome, share in table["outcomes"].items()},
        RemedyKind(table.get("remedy", "APOLOGY")),
        {
            (language, part): parse_all(texts)
            for language, key in LANGUAGES.items()
            for part, texts in table[key].items()
            if part != "decision"
        },
        decisions,
        frozenset(
            outcome
            for (_, outcome), phrases in decisions.items()
            if any("refund" in slots_of(phrase) for phrase in phrases)
        ),
    )
