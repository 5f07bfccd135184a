"""What registering a complaint would do: shown while it is typed, and nothing is stored."""

from datetime import UTC, datetime
from typing import Annotated

import strawberry

from graph.domain.escalation import Fired
from graph.domain.evidence import TextField
from graph.domain.families import FamilyKind
from graph.errors import InvalidInputError
from ingest import registration_preview
from schema.arguments import FirstFound
from schema.complaint import Complaint
from schema.enums import Level
from schema.paging import search_size
from schema.precedent import Precedent
from schema.registration import (
    RegisterComplaintError,
    RegisterComplaintInput,
    named_as_sent,
    to_record,
    without,
)
from schema.request import Info
from schema.resolved import resolved
from schema.rulebook import EscalationRule
from schema.suggestion import Suggestion


@strawberry.type(description="A rule of escalation that would fire, and on what.")
class FiringRule:
    rule: EscalationRule = strawberry.field(description="The rule.")
    sentence: str | None = strawberry.field(
        description="The sentence that it rests on, masked; null where it rests on no text."
    )


@strawberry.type(
    description="What registering would do. What cannot be taken stands in `errors` and is left "
    "out of the rest."
)
class RegistrationPreview:
    model: strawberry.Private[registration_preview.RegistrationPreview]
    errors: list[RegisterComplaintError] = strawberry.field(
        description="What would have to be mended. A narrative that is still empty is no error."
    )

    @resolved(description="The subject as it would be stored, masked.")
    def subject(self) -> str | None:
        return self.model.case.subject

    @resolved(description="The narrative as it would be stored, masked.")
    def narrative(self) -> str | None:
        return self.model.case.narrative

    @resolved(description="The deadline.")
    def due_at(self) -> datetime | None:
        return self.model.case.due_at

    @resolved(description="The level that the rules would set.")
    def level(self) -> Level:
        return self.model.verdict.level

    @resolved(description="The rules that would fire on the complaint by itself.")
    def rules(self) -> list[FiringRule]:
        case = self.model.case

        def sentence(fired: Fired) -> str | None:
            evidence = fired.evidence
            text = case.subject if evidence.text is TextField.SUBJECT else case.narrative
            return evidence.span.cut(text) if evidence.span else None

        return [
            FiringRule(rule=EscalationRule.from_model(each.rule), sentence=sentence(each))
            for each in self.model.verdict.fired
        ]

    @resolved(description="How it would be classified; null without a text.")
    def suggestion(self) -> Suggestion | None:
        made = self.model.suggestion
        return None if made is None else Suggestion.from_model(made, self.model.case.text or "")

    @resolved(description="The customer's case within your reach that it would duplicate.")
    async def duplicate_of(self, info: Info) -> Complaint | None:
        return await self._related(info, FamilyKind.DUPLICATE_OF)

    @resolved(
        description="The customer's answered case within your reach that it would complain of "
        "again."
    )
    async def repeats(self, info: Info) -> Complaint | None:
        return await self._related(info, FamilyKind.REPEATS)

    @resolved(
        description="Cases within your reach of whoever files it, known by the numbers that were "
        "sent, newest first."
    )
    async def customer_complaints(self, info: Info, first: FirstFound = 10) -> list[Complaint]:
        size, loader = search_size(first), info.context.loaders.complaints()
        return [Complaint.from_model(each) for each in await loader.load(self.model.filed[:size])]

    @resolved(description="Decided cases that are alike, the most useful first.")
    async def precedents(self, info: Info, first: FirstFound = 5) -> list[Precedent] | None:
        size, text = search_size(first, default=5), self.model.case.text
        if not text:
            return []
        asked, ranking = info.context.sight.asked(None), info.context.loaders.ranking
        results = await ranking.of_text(text, asked, first=size)
        return [Precedent.from_model(model) for model in results]

    async def _related(self, info: Info, kind: FamilyKind) -> Complaint | None:
        relation = self.model.relation
        known = [relation.earlier] if relation and relation.kind is kind else []
        loader = info.context.loaders.complaints()
        return next(iter([Complaint.from_model(m) for m in await loader.load(tuple(known))]), None)


@strawberry.type
class RegistrationPreviewQuery:
    """``Query`` inherits this."""

    @resolved(
        description="What registering would do: nothing is stored. For forms, while somebody types "
        "and before it is sent.",
        searches=500,
    )
    async def registration_preview(
        self,
        info: Info,
        input: Annotated[  # noqa: A002 - the API's name
            RegisterComplaintInput,
            strawberry.argument(description="The complaint, as far as it is known."),
        ],
    ) -> RegistrationPreview | None:
        return await _preview(info, input)


async def _preview(info: Info, data: RegisterComplaintInput) -> RegistrationPreview:
    """The preview of what can be taken, with what cannot beside it."""
    uses, now = info.context.uses, datetime.now(UTC)
    errors: list[InvalidInputError] = []
    while True:
        record, problems = await to_record(uses, data, now, partial=True)
        if record is not None:
            try:
                with named_as_sent():
                    model = await uses.previewer.preview(record, scope=info.context.scope)
            except InvalidInputError as error:
                problems = [error]
            else:
                shown = [RegisterComplaintError.from_model(each, "input") for each in errors]
                return RegistrationPreview(model=model, errors=shown)
        errors += problems
        data = without(data, problems)
