"""A complaint, with everything that hangs on it."""

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Self

import strawberry

from graph.domain.enums import OPEN_STATUSES, CatalogueKind, DepartmentRole
from graph.domain.families import FamilyKind
from graph.domain.moments import Moment
from graph.domain.views import ComplaintRecord
from schema import kept
from schema.arguments import After, FirstFound, FirstOfPage, MinScore
from schema.attribution import Handling, RootCauseAttribution, RootCauseCandidate
from schema.catalogue import Branch, Department, Product
from schema.coded import CodedValue
from schema.cursors import scope
from schema.desk.course import CaseCourse
from schema.desk.guidance import Procedure, procedures_for
from schema.enums import (
    AmountBand,
    CaseStatus,
    Channel,
    Level,
    Nature,
    Severity,
    Timeliness,
    TimePrecision,
    Urgency,
)
from schema.events import CaseEventConnection, seq_of
from schema.filters import FilterArgument
from schema.ids import NodeKind, global_id
from schema.money import Money
from schema.node import Node
from schema.paging import page_slice, search_size
from schema.request import Info
from schema.resolution import Resolution
from schema.resolved import resolved
from schema.staff import NAME, name_of

if TYPE_CHECKING:
    from schema.customer import Customer
    from schema.desk.outcomes import OutcomeCheck
    from schema.escalation import Escalation
    from schema.precedent import Precedent
    from schema.similar import LinkedComplaint, SimilarComplaint
    from schema.suggestion import Suggestion

_Customer = Annotated["Customer", strawberry.lazy("schema.customer")]
_Escalation = Annotated["Escalation", strawberry.lazy("schema.escalation")]
_OutcomeCheck = Annotated["OutcomeCheck", strawberry.lazy("schema.desk.outcomes")]
_Linked = Annotated["LinkedComplaint", strawberry.lazy("schema.similar")]
_Similar = Annotated["SimilarComplaint", strawberry.lazy("schema.similar")]
_Suggestion = Annotated["Suggestion", strawberry.lazy("schema.suggestion")]
_Precedent = Annotated["Precedent", strawberry.lazy("schema.precedent")]
_NOT_KEPT = (kept.NotKept(),)
_HISTORY = 20


@strawberry.type(description="A complaint: its text, its classification and what became of it.")
class Complaint(Node):
    reference: str = strawberry.field(description="What people call it by.")
    subject: str | None = strawberry.field(description="Its subject, masked.")
    narrative: str | None = strawberry.field(
        description="What the customer wrote, masked; null if the source has none."
    )
    language: str | None = strawberry.field(description="Main language of the narrative.")
    channel: Channel = strawberry.field(description="How it came in.")
    status: CaseStatus = strawberry.field(description="Where it stands.")
    level: Level = strawberry.field(description="How far it is escalated.")
    rule_level: Level = strawberry.field(
        description="What the rules of escalation say, whatever a person has set."
    )
    nature: Nature | None = strawberry.field(
        description="What the filing is, as its source or a person says; null: nobody has said."
    )
    severity: Severity | None = strawberry.field(description="How severe it is.")
    urgency: Urgency | None = strawberry.field(description="How fast it must be answered.")
    timeliness: Timeliness | None = strawberry.field(
        description="How long after it happened it was filed."
    )
    received_at: datetime = strawberry.field(description="When it was received.")
    received_precision: TimePrecision = strawberry.field(description="How exactly that is known.")
    recorded_at: datetime = strawberry.field(description="When this service took it in.")
    occurred_at: datetime | None = strawberry.field(description="When it happened.")
    due_at: datetime | None = strawberry.field(
        description="When it must be decided, or its review must be done; null while its time "
        "stands still, and in a later round of which no source says when it began."
    )
    decided_at: datetime | None = strawberry.field(description="When it was last decided.")
    decided: bool = strawberry.field(description="Whether it has been decided.")
    duplicate: bool = strawberry.field(
        description="Whether it is the same filing received again before an answer."
    )
    amount: Money | None = strawberry.field(description="The amount in dispute.")
    amount_band: AmountBand | None = strawberry.field(description="How large that is.")
    vulnerable: bool = strawberry.field(description="Whether the customer is vulnerable.")
    assignee: str | None = strawberry.field(description="Who works on it.")
    source_system: str = strawberry.field(description="The system that it came from.")
    source_id: str = strawberry.field(description="Its id there.")
    version: int = strawberry.field(description="1 when registered; grows with every change.")
    model: strawberry.Private[ComplaintRecord]

    @resolved(description="Whether it is still open after its deadline.")
    def overdue(self) -> bool:
        due, past = self.model.due_at, self.model.past
        now = past.at if past else datetime.now(UTC)
        return due is not None and due < now and self.model.status in OPEN_STATUSES

    @resolved(description="What kind of complaint it is.")
    def type(self, info: Info) -> CodedValue | None:
        code = self.model.type
        return None if code is None else CodedValue.of(code, info.context.uses.vocabulary.types)

    @resolved(description="Risks that it bears.")
    def risk_types(self, info: Info) -> list[CodedValue]:
        known = info.context.uses.vocabulary.risk_types
        return [CodedValue.of(code, known) for code in self.model.risk_types]

    @resolved(description="Who filed it; null if the source does not say.")
    async def customer(self, info: Info) -> _Customer | None:
        from schema.customer import Customer

        loader = info.context.loaders.customer()
        return Customer.from_optional(await loader.load(self.model.customer))

    @resolved(description="The product that it is about.")
    async def product(self, info: Info) -> Product | None:
        loader = info.context.loaders.entry(CatalogueKind.PRODUCT)
        return Product.from_optional(await loader.load(self.model.product))

    @resolved(description="The unit of the bank where it arose.")
    async def branch(self, info: Info) -> Branch | None:
        loader = info.context.loaders.entry(CatalogueKind.BRANCH)
        return Branch.from_optional(await loader.load(self.model.branch))

    @resolved(description="The department that answers for it.")
    async def department(self, info: Info) -> Department | None:
        results = await kept.handling(self.model, info) or ()
        lead = next((h.department for h in results if h.role is DepartmentRole.LEAD), None)
        loader = info.context.loaders.entry(CatalogueKind.DEPARTMENT)
        return Department.from_optional(await loader.load(lead))

    @resolved(description="All departments that handle it, the leading one first.")
    async def handled_by(self, info: Info) -> list[Handling] | None:
        results = await kept.handling(self.model, info)
        return None if results is None else [Handling.from_model(model) for model in results]

    @resolved(description="The latest decision.")
    async def resolution(self, info: Info) -> Resolution | None:
        rounds = await kept.rounds(self.model, info)
        return Resolution.from_model(self.model.id, rounds[-1]) if rounds else None

    @resolved(description="The decision of every round, the first one first.")
    async def resolutions(self, info: Info) -> list[Resolution] | None:
        rounds = await kept.rounds(self.model, info)
        return [Resolution.from_model(self.model.id, each) for each in rounds]

    @resolved(description="What it is put down to.")
    async def root_causes(self, info: Info) -> list[RootCauseAttribution]:
        causes = await kept.causes(self.model, info)
        return [RootCauseAttribution.from_model(model) for model in causes]

    @resolved(
        description="The most alike other complaints, best first, duplicates left out.",
        searches=20,
        extensions=_NOT_KEPT,
    )
    async def similar(
        self,
        info: Info,
        first: FirstFound = 10,
        filter: FilterArgument = None,  # noqa: A002 - the API's name
        min_score: MinScore = None,
    ) -> list[_Similar] | None:
        from schema.similar import similar_to

        return await similar_to(self.model, info, first, filter, min_score)

    @resolved(
        description="The complaints that a stored link joins to it, the most alike first, "
        "duplicates left out: for graphs of what hangs together. `similar` searches anew.",
        extensions=_NOT_KEPT,
    )
    async def linked(self, info: Info, first: FirstFound = 10) -> list[_Linked] | None:
        from schema.similar import linked_to

        return await linked_to(self.model, info, first)

    @resolved(
        description="Alike complaints that were decided, the most useful first.",
        searches=50,
        extensions=_NOT_KEPT,
    )
    async def precedents(
        self,
        info: Info,
        first: FirstFound = 10,
        filter: FilterArgument = None,  # noqa: A002 - the API's name
    ) -> list[_Precedent] | None:
        from schema.precedent import precedents_of

        return await precedents_of(self.model, info, first, filter)

    @resolved(
        description="How alike, decided cases ended, against what the customer was offered and has "
        "not yet answered, else against the last decision; null without either.",
        searches=100,
        extensions=_NOT_KEPT,
    )
    async def outcome_check(self, info: Info) -> _OutcomeCheck | None:
        from schema.desk.outcomes import own_check

        return await own_check(info, self.model)

    @resolved(
        description="Filings of the same case received before an answer.", extensions=_NOT_KEPT
    )
    async def duplicates(self, info: Info, first: FirstFound = 10) -> list["Complaint"] | None:
        return await related(self.model, info, FamilyKind.DUPLICATE_OF, first)

    @resolved(description="Filings of the same case after an answer.", extensions=_NOT_KEPT)
    async def repeats(self, info: Info, first: FirstFound = 10) -> list["Complaint"] | None:
        return await related(self.model, info, FamilyKind.REPEATS, first)

    @resolved(
        description="How far it is escalated, who answers for it, and why.", extensions=_NOT_KEPT
    )
    def escalation(self) -> _Escalation | None:
        from schema.escalation import Escalation

        return Escalation.from_model(self.model)

    @resolved(
        description="How the service would classify it: as it was registered, or now for one that "
        "nobody has read; null for others and without a text.",
        searches=20,
        extensions=_NOT_KEPT,
    )
    async def suggestion(self, info: Info) -> _Suggestion | None:
        from schema.suggestion import suggestion_of

        return await suggestion_of(self.model, info)

    @resolved(
        description="Other complaints of the same customer, newest first.", extensions=_NOT_KEPT
    )
    async def customer_history(
        self, info: Info, first: FirstFound = _HISTORY
    ) -> list["Complaint"] | None:
        size = search_size(first, default=_HISTORY)
        loader = info.context.loaders.filed(size + 1)
        results, _ = await loader.load(self.model.customer)
        others = [model for model in results if model.id != self.model.id]
        return [Complaint.from_model(model) for model in others[:size]]

    @resolved(
        description="Alike complaints of the same branch around the same time.",
        searches=20,
        extensions=_NOT_KEPT,
    )
    async def branch_recent(self, info: Info, first: FirstFound = 10) -> list["Complaint"] | None:
        size = search_size(first)
        results = await info.context.loaders.branch_recent(size).load(self.model.id)
        return [Complaint.from_model(model) for model in results[:size]]

    @resolved(
        description="Root causes that alike complaints suggest, the likeliest first.",
        searches=40,
        extensions=_NOT_KEPT,
    )
    async def root_cause_candidates(
        self, info: Info, first: FirstFound = 5
    ) -> list[RootCauseCandidate] | None:
        size = search_size(first, default=5)
        results = await info.context.loaders.causes(size).load(self.model.id)
        return [RootCauseCandidate.from_model(model) for model in results]

    @resolved(
        description="Standard procedures for this kind of complaint, the special ones first.",
        extensions=_NOT_KEPT,
    )
    def guidance(self, info: Info) -> list[Procedure] | None:
        return procedures_for(info, self.model)

    @resolved(
        description="Whether its first registration took too long; null if only the date of its "
        "receipt is known."
    )
    def registered_late(self, info: Info) -> bool | None:
        received = Moment(self.model.received_at, self.model.received_precision)
        return info.context.uses.limits.registered_late(received, self.model.recorded_at)

    @resolved(description=f"Who works on it. {NAME}")
    async def assignee_name(self, info: Info) -> str | None:
        return await name_of(info, self.assignee)

    @resolved(description="For the customer: shows him how far it has come (query `progress`).")
    def progress_token(self, info: Info) -> str:
        return info.context.uses.progress_tokens.sign(self.model.id)

    @resolved(description="Where it stands at the desk, and what can be done next.")
    def course(self) -> CaseCourse:
        return CaseCourse.from_model(self.model)

    @resolved(description="What happened to it, oldest first.")
    async def events(
        self, info: Info, first: FirstOfPage = None, after: After = None
    ) -> CaseEventConnection | None:
        size = page_slice(first, None, None, None).size
        cursors = scope("events", self.model.id)
        seq = seq_of(cursors.decode(after, "after"))
        result = await kept.events(self.model, info, seq, size + 1)
        return CaseEventConnection.from_models(result, size, cursors, seq)

    @classmethod
    def from_model(cls, model: ComplaintRecord) -> Self:
        return cls(
            id=global_id(NodeKind.COMPLAINT, model.id),
            model=model,
            reference=model.reference,
            subject=model.subject,
            narrative=model.narrative,
            language=model.language,
            channel=model.channel,
            status=model.status,
            level=model.level,
            rule_level=model.course.rule_level or Level.GREEN,
            nature=model.nature,
            severity=model.severity,
            urgency=model.urgency,
            timeliness=model.timeliness,
            received_at=model.received_at,
            received_precision=model.received_precision,
            recorded_at=model.recorded_at,
            occurred_at=model.occurred_at,
            due_at=model.due_at,
            decided_at=model.decided_at,
            decided=model.decided,
            duplicate=model.duplicate,
            amount=Money.from_optional(model.amount),
            amount_band=model.amount_band,
            vulnerable=model.vulnerable,
            assignee=model.assignee,
            source_system=model.source_system,
            source_id=model.source_id,
            version=model.version,
        )

    @classmethod
    def from_optional(cls, model: ComplaintRecord | None) -> Self | None:
        return None if model is None else cls.from_model(model)


async def related(
    model: ComplaintRecord, info: Info, kind: FamilyKind, first: int | None
) -> list[Complaint]:
    size = search_size(first)
    loader = info.context.loaders.relatives(kind, size)
    return [Complaint.from_model(other) for other in (await loader.load(model.id))[:size]]
