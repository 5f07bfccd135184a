"""Drills: simulated cases to learn by, what was right of them, and how far people agree."""

from collections.abc import Awaitable, Callable
from datetime import datetime
from functools import partial
from typing import Annotated, Any, Self

import strawberry

from graph.commands.requests import RequestKey
from graph.domain import drills as domain
from graph.domain.drills import DrillKey, Sitting
from graph.domain.vocabulary import RISK_TYPES, TYPES, Label, label_of
from graph.errors import UnknownCodeError
from graph.queries.drills import Session
from ingest.demo import ExamFiling
from ingest.drill import drills as uses
from ingest.drill import making
from ingest.drill.wording import about, label_of_entry, why
from schema.arguments import LanguageArgument
from schema.changing import MutationInput, MutationPayload, acted, errors_field
from schema.coded import CodedValue
from schema.enums import (
    Channel,
    CompensationBand,
    DrillDimension,
    Language,
    Level,
    OutcomeKind,
    RemedyKind,
)
from schema.insight.figures import Figure
from schema.money import Money
from schema.refusals import ANY, UserError, refuses
from schema.request import Info
from schema.resolved import resolved

_ENUMS = {
    DrillDimension.LEVEL: Level,
    DrillDimension.OUTCOME: OutcomeKind,
    DrillDimension.REMEDY: RemedyKind,
    DrillDimension.COMPENSATION: CompensationBand,
}


def _coded(dimension: DrillDimension, codes: tuple[str, ...]) -> list[CodedValue]:
    return [CodedValue(code=code, known=_label(dimension, code)) for code in codes]


def _label(dimension: DrillDimension, code: str) -> Label:
    if dimension is DrillDimension.TYPE:
        return TYPES[code]
    if dimension is DrillDimension.RISK_TYPES:
        return RISK_TYPES[code]
    if dimension is DrillDimension.PRECEDENT:
        return Label(f"先例{code}", f"precedent {code}")
    return label_of(_ENUMS[dimension](code))


@strawberry.type(description="A simulated case that was decided: perhaps a precedent.")
class DrillOption:
    number: int = strawberry.field(description="What an answer names it by, from 1.")
    narrative: str = strawberry.field(description="What the customer wrote, masked.")
    product: CodedValue = strawberry.field(description="The simulated bank's product.")
    outcome: OutcomeKind = strawberry.field(description="What was found.")
    remedy: RemedyKind = strawberry.field(description="What was done.")
    compensation: CompensationBand = strawberry.field(description="How much was paid.")
    summary: str | None = strawberry.field(description="What was written of the decision, masked.")

    @classmethod
    def from_model(cls, model: making.DrillOption) -> Self:
        decision = model.decision
        return cls(
            number=model.number,
            narrative=model.case.narrative or "",
            product=_product(model.filing),
            outcome=decision.outcome,
            remedy=decision.remedy or RemedyKind.NONE,
            compensation=model.compensation,
            summary=decision.summary,
        )


def _product(filing: ExamFiling) -> CodedValue:
    return CodedValue(code=filing.product.code, known=label_of_entry(filing.product))


@strawberry.type(description="What somebody makes of a simulated case.")
class DrillAnswer:
    type: CodedValue = strawberry.field(description="The type.")
    risk_types: list[CodedValue] = strawberry.field(description="The risks that it bears.")
    level: Level = strawberry.field(description="How far it is to be escalated.")
    precedent: int = strawberry.field(description="The option that is about the same.")
    outcome: OutcomeKind = strawberry.field(description="What is to be found.")
    remedy: RemedyKind = strawberry.field(description="What is to be done.")
    compensation: CompensationBand = strawberry.field(description="How much is to be paid.")

    @classmethod
    def from_model(cls, model: domain.DrillAnswer) -> Self:
        return cls(
            type=CodedValue.of(model.type, TYPES),
            risk_types=[CodedValue.of(code, RISK_TYPES) for code in model.risk_types],
            level=model.level,
            precedent=model.precedent,
            outcome=model.outcome,
            remedy=model.remedy,
            compensation=model.compensation,
        )


@strawberry.type(description="One answer held against what is right.")
class DrillJudgement:
    dimension: DrillDimension = strawberry.field(description="What was asked.")
    right: bool = strawberry.field(description="Whether it is what is right.")
    given: list[CodedValue] = strawberry.field(description="What was answered.")
    truth: list[CodedValue] = strawberry.field(description="What is right.")
    case: strawberry.Private[making.DrillCase]

    @resolved(
        description="Why: what it is about, the rules that fire with their sentences, how cases of "
        "its kind end, what the bank wrote to the customer, and what it paid."
    )
    def why(self, info: Info, language: LanguageArgument = None) -> str:
        return why(self.case, self.dimension, info.context.language_of(language))

    @classmethod
    def of(
        cls, case: making.DrillCase, given: domain.DrillAnswer, dimension: DrillDimension
    ) -> Self:
        codes, truth = given.codes(dimension), case.truth.codes(dimension)
        return cls(
            dimension=dimension,
            right=codes == truth,
            given=_coded(dimension, codes),
            truth=_coded(dimension, truth),
            case=case,
        )


@strawberry.type(
    description="A simulated case. It is no complaint: it stands in no list and in no figure."
)
class DrillCase:
    number: int = strawberry.field(description="Its place in the drill, from 1.")
    subject: str | None = strawberry.field(description="Its subject, masked.")
    narrative: str = strawberry.field(description="What the customer wrote, masked.")
    channel: Channel = strawberry.field(description="How it came in.")
    received_at: datetime = strawberry.field(description="When.")
    vulnerable: bool = strawberry.field(description="Whether the customer is vulnerable.")
    amount: Money | None = strawberry.field(description="The amount in dispute.")
    product: CodedValue = strawberry.field(description="The simulated bank's product.")
    options: list[DrillOption] = strawberry.field(
        description="Decided cases, one of which is about the same."
    )
    answer: DrillAnswer | None = strawberry.field(description="One's own answer so far.")
    judgements: list[DrillJudgement] | None = strawberry.field(
        description="What was right, by dimension; null until the drill is finished."
    )
    model: strawberry.Private[making.DrillCase]
    finished: strawberry.Private[bool]

    @resolved(description="What it is about; null until the drill is finished.")
    def about(self, info: Info, language: LanguageArgument = None) -> str | None:
        asked = info.context.language_of(language)
        return about(self.model.filing, asked) if self.finished else None

    @classmethod
    def from_model(cls, model: making.DrillCase, sitting: Sitting | None) -> Self:
        given = sitting.answers.get(model.number) if sitting else None
        finished = sitting is not None and sitting.finished_at is not None
        case = model.case
        return cls(
            number=model.number,
            subject=case.subject,
            narrative=case.narrative or "",
            channel=case.channel,
            received_at=case.received.at,
            vulnerable=case.vulnerable,
            amount=Money.from_optional(case.amount),
            product=_product(model.filing),
            options=[DrillOption.from_model(each) for each in model.options],
            answer=DrillAnswer.from_model(given) if given else None,
            judgements=[DrillJudgement.of(model, given, each) for each in DrillDimension]
            if finished and given
            else None,
            model=model,
            finished=finished,
        )


@strawberry.type(description="How far a finished drill is right in one dimension.")
class DrillScore:
    dimension: DrillDimension = strawberry.field(description="What was asked.")
    right: Figure = strawberry.field(description="The share of cases (Wilson's interval).")
    kappa: Figure | None = strawberry.field(
        description="Cohen's kappa with what is right: 1 all, 0 as chance would. Weighted by the "
        "square of the distance where values have an order (level, compensation); bootstrap "
        "interval over cases. Null where it is not defined."
    )

    @classmethod
    def from_model(cls, model: uses.Score) -> Self:
        return cls(
            dimension=model.dimension,
            right=Figure.from_model(model.right),
            kappa=Figure.from_optional(model.kappa),
        )


@strawberry.type(description="Simulated cases to learn by, and one's own answers.")
class Drill:
    code: str = strawberry.field(
        description="What names it, such as `ZH-10-2026`: whoever has it gets the same cases."
    )
    seed: int = strawberry.field(description="What it was drawn by.")
    size: int = strawberry.field(description="How many cases.")
    language: Language = strawberry.field(description="Of the texts.")
    answered: int = strawberry.field(description="How many of them one has answered.")
    started_at: datetime | None = strawberry.field(description="When one answered the first.")
    finished_at: datetime | None = strawberry.field(description="When one finished it.")
    types: list[CodedValue] = strawberry.field(description="What an answer's `type` takes.")
    risk_types: list[CodedValue] = strawberry.field(description="What its `riskTypes` take.")
    cases: list[DrillCase] = strawberry.field(description="In their order.")
    scores: list[DrillScore] | None = strawberry.field(
        description="By dimension; null until the drill is finished."
    )

    @classmethod
    def from_model(cls, model: making.Drill, sitting: Sitting | None) -> Self:
        finished_at = sitting.finished_at if sitting else None
        scores = uses.scores(model, sitting) if sitting and finished_at else None
        return cls(
            code=model.key.code,
            seed=model.key.seed,
            size=model.key.size,
            language=model.key.language,
            answered=len(sitting.answers) if sitting else 0,
            started_at=sitting.started_at if sitting and sitting.answers else None,
            finished_at=finished_at,
            types=[CodedValue.of(code, TYPES) for code in TYPES],
            risk_types=[CodedValue.of(code, RISK_TYPES) for code in RISK_TYPES],
            cases=[DrillCase.from_model(each, sitting) for each in model.cases],
            scores=None if scores is None else [DrillScore.from_model(each) for each in scores],
        )


@strawberry.type(description="A drill that one has begun.")
class DrillSitting:
    code: str = strawberry.field(
        description="The drill. Where its texts or the bank's rules have changed since, it begins "
        "anew."
    )
    size: int = strawberry.field(description="How many cases it has.")
    answered: int = strawberry.field(description="How many of them one has answered.")
    started_at: datetime = strawberry.field(description="When one answered the first.")
    finished_at: datetime | None = strawberry.field(description="When one finished it.")

    @classmethod
    def from_model(cls, model: Sitting) -> Self:
        return cls(
            code=model.drill,
            size=DrillKey.of(model.drill).size,
            answered=len(model.answers),
            started_at=model.started_at,
            finished_at=model.finished_at,
        )


@strawberry.type(description="How far people agree in one dimension, pair by pair.")
class DrillAgreementRow:
    dimension: DrillDimension = strawberry.field(description="What was asked.")
    same: float = strawberry.field(
        description="The share of pairs of people that say the same, over all cases, 0..1."
    )
    every: Figure | None = strawberry.field(
        description="The mean of Cohen's kappa over all pairs, weighted as in `DrillScore`; "
        "bootstrap interval over cases; `count` is that of the pairs. Null where it is not defined."
    )
    within: Figure | None = strawberry.field(description="The same of pairs of one branch.")
    across: Figure | None = strawberry.field(description="The same of pairs of two branches.")

    @classmethod
    def from_model(cls, model: uses.AgreementRow) -> Self:
        return cls(
            dimension=model.dimension,
            same=model.same,
            every=Figure.from_optional(model.every),
            within=Figure.from_optional(model.within),
            across=Figure.from_optional(model.across),
        )


@strawberry.type(description="How many gave one answer.")
class DrillTally:
    dimension: DrillDimension = strawberry.field(description="What was asked.")
    value: list[CodedValue] = strawberry.field(description="The answer.")
    count: int = strawberry.field(description="How many gave it.")
    right: bool = strawberry.field(description="Whether it is what is right.")

    @classmethod
    def from_model(cls, model: uses.Tally) -> Self:
        return cls(
            dimension=model.dimension,
            value=_coded(model.dimension, model.codes),
            count=model.count,
            right=model.right,
        )


@strawberry.type(description="A case of a session, and how people differ on it.")
class DrillDispute:
    number: int = strawberry.field(description="Its place in the drill.")
    narrative: str = strawberry.field(description="What the customer wrote, masked.")
    differing: float = strawberry.field(
        description="The share of pairs of people that differ, over all dimensions, 0..1."
    )
    tallies: list[DrillTally] = strawberry.field(
        description="Answers by dimension, the most frequent first: counts, nobody's name."
    )

    @classmethod
    def of(cls, drill: making.Drill, model: uses.Dispute) -> Self:
        return cls(
            number=model.number,
            narrative=drill.cases[model.number - 1].case.narrative or "",
            differing=model.differing,
            tallies=[DrillTally.from_model(each) for each in model.tallies],
        )


@strawberry.type(description="How far those agree who have finished one drill.")
class DrillAgreement:
    code: str = strawberry.field(description="The drill.")
    people: int = strawberry.field(description="How many have finished it.")
    places: int = strawberry.field(
        description="Of how many branches; who has several or the whole bank counts as of one more."
    )
    dimensions: list[DrillAgreementRow] | None = strawberry.field(
        description="By dimension; null for fewer than two people."
    )
    cases: list[DrillDispute] | None = strawberry.field(
        description="Those on which people differ most come first; null for fewer than two people."
    )

    @classmethod
    def of(cls, drill: making.Drill, model: uses.Agreement) -> Self:
        rows, disputes = model.rows, model.disputes
        return cls(
            code=drill.key.code,
            people=model.people,
            places=model.places,
            dimensions=None
            if rows is None
            else [DrillAgreementRow.from_model(each) for each in rows],
            cases=None if disputes is None else [DrillDispute.of(drill, each) for each in disputes],
        )


@strawberry.type(description="A drill that several people have finished.")
class DrillSession:
    code: str = strawberry.field(description="The drill.")
    people: int = strawberry.field(description="How many have finished it.")
    last_at: datetime = strawberry.field(description="When the last of them did.")

    @classmethod
    def from_model(cls, model: Session) -> Self:
        return cls(code=model.drill, people=model.people, last_at=model.at)


@strawberry.input(description="A drill.")
class FinishDrillInput(MutationInput):
    drill: str = strawberry.field(description="Its `code`.")


@strawberry.input(description="What is answered of one case of a drill.")
class AnswerDrillInput(MutationInput):
    drill: str = strawberry.field(description="The drill's `code`.")
    case: int = strawberry.field(description="The case's number.")
    type: str = strawberry.field(description="Its type: one of those that ship.")
    risk_types: list[str] = strawberry.field(description="The risks that it bears; none is [].")
    level: Level = strawberry.field(description="How far it is to be escalated.")
    precedent: int = strawberry.field(description="The option that is about the same.")
    outcome: OutcomeKind = strawberry.field(description="What is to be found.")
    remedy: RemedyKind = strawberry.field(description="What is to be done.")
    compensation: CompensationBand = strawberry.field(description="How much is to be paid.")

    def to_model(self) -> domain.DrillAnswer:
        return domain.DrillAnswer(
            type=self.type,
            risk_types=tuple(sorted(set(self.risk_types))),
            level=self.level,
            precedent=self.precedent,
            outcome=self.outcome,
            remedy=self.remedy,
            compensation=self.compensation,
        )


@refuses(*ANY, UnknownCodeError)
class DrillError(UserError):
    """Why it was not done."""


@strawberry.type(description="What became of an answer, or of a drill.")
class DrillPayload(MutationPayload):
    errors: list[DrillError] = errors_field()
    drill: Drill | None = strawberry.field(description="The drill as it stands.")


@strawberry.type
class DrillQuery:
    """``Query`` inherits this."""

    @resolved(
        description="A drill of simulated cases: the same seed, size and language give the same "
        "one to everybody. What is right is not told before it is finished.",
        searches=500,
    )
    async def drill(
        self,
        info: Info,
        seed: Annotated[int, strawberry.argument(description="From 0 to 999,999.")],
        size: Annotated[int, strawberry.argument(description="How many cases, 3 to 20.")] = 10,
        language: LanguageArgument = None,
    ) -> Drill:
        return await _drill(info, DrillKey(seed, size, info.context.language_of(language)))

    @resolved(description="One's own last twenty drills, the newest first.", searches=100)
    async def drills(self, info: Info) -> list[DrillSitting]:
        taken = await info.context.uses.drills.taken(info.context.identity)
        return [DrillSitting.from_model(each) for each in taken]

    @resolved(
        description="Drills that at least two people have finished: twenty, the latest first.",
        searches=100,
    )
    async def drill_sessions(self, info: Info) -> list[DrillSession]:
        found = await info.context.uses.drills.sessions()
        return [DrillSession.from_model(each) for each in found]

    @resolved(
        description="How far those agree who have finished a drill, in one branch and between "
        "branches; of the whole bank, as counts without names.",
        searches=500,
    )
    async def drill_agreement(
        self, info: Info, drill: Annotated[str, strawberry.argument(description="Its `code`.")]
    ) -> DrillAgreement:
        made = await info.context.uses.drills.drill(DrillKey.of(drill))
        return DrillAgreement.of(made, await info.context.uses.drills.agreement(made))


@strawberry.type
class DrillMutation:
    """``Mutation`` inherits this."""

    @resolved(
        description="Keeps what one makes of a simulated case; it may be changed until the drill "
        "is finished.",
        searches=500,
    )
    async def answer_drill(
        self,
        info: Info,
        input: Annotated[  # noqa: A002 - the API's name
            AnswerDrillInput, strawberry.argument(description="The answer.")
        ],
    ) -> DrillPayload:
        return await _acted(info, input, partial(_answer, info, input))

    @resolved(
        description="Finishes a drill whose cases are all answered: it then says what was right.",
        searches=500,
    )
    async def finish_drill(
        self,
        info: Info,
        input: Annotated[  # noqa: A002 - the API's name
            FinishDrillInput, strawberry.argument(description="Which one.")
        ],
    ) -> DrillPayload:
        return await _acted(info, input, partial(_finish, info, input))


async def _drill(info: Info, key: DrillKey) -> Drill:
    """As it stands for who asks."""
    drills = info.context.uses.drills
    made = await drills.drill(key)
    return Drill.from_model(made, await drills.sitting(made, info.context.identity))


async def _answer(info: Info, data: AnswerDrillInput, key: RequestKey | None) -> Drill:
    drills, asked = info.context.uses.drills, DrillKey.of(data.drill)
    made = await drills.drill(asked)
    await drills.answer(made, data.case, data.to_model(), info.context.identity, key)
    return await _drill(info, asked)


async def _finish(info: Info, data: FinishDrillInput, key: RequestKey | None) -> Drill:
    drills, asked = info.context.uses.drills, DrillKey.of(data.drill)
    await drills.finish(await drills.drill(asked), info.context.identity, key)
    return await _drill(info, asked)


async def _acted(
    info: Info, data: Any, act: Callable[[RequestKey | None], Awaitable[Drill]]
) -> DrillPayload:
    done = await acted(info, data, act, DrillError)
    return DrillPayload(drill=done.result, **done.payload())
