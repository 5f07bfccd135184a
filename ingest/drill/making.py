"""The cases of a drill, and what is right of each: by what it is, and by the bank's own rules."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from graph.domain.case import Case, Decision
from graph.domain.drills import OPTIONS, CompensationBand, DrillAnswer, DrillDimension, DrillKey
from graph.domain.enums import RemedyKind
from graph.domain.escalation import Verdict
from graph.domain.money import AmountBands
from graph.domain.rules import SelfHarmRule, ThreatRule
from graph.domain.vocabulary import Label
from ingest.classification.rules import Facts, Rulebook
from ingest.demo import ExamCase, ExamFiling, exam
from ingest.escalation.escalator import Escalator
from ingest.prepare import Preparer

_EDITION = 12


@dataclass(frozen=True, slots=True)
class DrillOption:
    """A decided case that is offered as a precedent; ``number`` from 1."""

    number: int
    case: Case
    filing: ExamFiling
    compensation: CompensationBand

    @property
    def decision(self) -> Decision:
        return self.case.decisions[0]


@dataclass(frozen=True, slots=True)
class DrillCase:
    """``verdict``: of the rules of escalation, on which the level rests; ``risk_rules``: labels of
    those rules that add a risk to those of its kind.
    """

    number: int
    case: Case
    filing: ExamFiling
    options: tuple[DrillOption, ...]
    truth: DrillAnswer
    verdict: Verdict
    risk_rules: tuple[Label, ...]

    @property
    def decision(self) -> Decision:
        """How the bank decided it."""
        return self.case.decisions[0]


@dataclass(frozen=True, slots=True)
class Drill:
    """``edition``: changes with the texts and with what is right of them."""

    key: DrillKey
    cases: tuple[DrillCase, ...]
    edition: str


@dataclass(frozen=True, slots=True)
class Maker:
    """Makes drills by this installation's masking, bands and rules; pure but for the clock."""

    preparer: Preparer
    escalator: Escalator
    rulebook: Rulebook

    def make(self, key: DrillKey) -> Drill:
        """The drill that a code names: about a second for the largest."""
        now = datetime.now(UTC)
        made = exam(key.seed, key.size, key.language, OPTIONS)
        cases = tuple(self._case(n, each, now) for n, each in enumerate(made, start=1))
        return Drill(key, cases, _edition(cases))

    def _case(self, number: int, made: ExamCase, now: datetime) -> DrillCase:
        filing, case, verdict = self._told(made, now)
        fired = self.rulebook.fired(_facts(case))
        bearing = [rule for rule in self.rulebook.rules if rule.name in fired and rule.risks]
        theme, decision = filing.theme, case.decisions[0]
        truth = DrillAnswer(
            type=theme.type,
            risk_types=tuple(sorted({*theme.risks, *(r for b in bearing for r in b.risks)})),
            level=verdict.level,
            precedent=made.alike + 1,
            outcome=decision.outcome,
            remedy=decision.remedy or RemedyKind.NONE,
            compensation=_paid(decision, self.bands),
        )
        adding = [rule.label for rule in bearing if set(rule.risks) - set(theme.risks)]
        options = tuple(self._option(n, each, now) for n, each in enumerate(made.options, start=1))
        return DrillCase(number, case, filing, options, truth, verdict, tuple(adding))

    def _told(self, made: ExamCase, now: datetime) -> tuple[ExamFiling, Case, Verdict]:
        """The first telling in which the rules read what was put into it, else the last one.

        What they miss of a threat, or take for one, is nothing to examine people on.
        """
        for filing in made.tellings:
            case = self.preparer.prepare(filing.incoming, now=now)
            verdict = self.escalator.evaluate(case)
            read = {type(fired.rule) for fired in verdict.fired} & {ThreatRule, SelfHarmRule}
            if read == ({ThreatRule} if filing.threatens else set()):
                break
        return filing, case, verdict

    def _option(self, number: int, filing: ExamFiling, now: datetime) -> DrillOption:
        case = self.preparer.prepare(filing.incoming, now=now)
        return DrillOption(number, case, filing, _paid(case.decisions[0], self.bands))

    @property
    def bands(self) -> AmountBands:
        return self.preparer.rules.bands


def _paid(decision: Decision, bands: AmountBands) -> CompensationBand:
    paid = decision.compensation
    return CompensationBand.of(bands.band(paid) if paid is not None else None)


def _facts(case: Case) -> Facts:
    return Facts(
        text=case.text or "",
        channel=case.channel,
        received_at=case.received.at,
        amount_band=case.amount_band,
        vulnerable=case.vulnerable,
    )


def _edition(cases: Sequence[DrillCase]) -> str:
    """A hash of all that is shown and of all that is right."""
    content = [
        [
            [each.case.subject, each.case.narrative, each.case.channel, each.case.vulnerable],
            [each.truth.category(dimension) for dimension in DrillDimension],
            [[option.case.narrative, option.decision.outcome] for option in each.options],
        ]
        for each in cases
    ]
    return hashlib.sha256(json.dumps(content).encode()).hexdigest()[:_EDITION]
