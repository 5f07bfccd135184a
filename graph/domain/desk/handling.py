"""Steps that say what a case is and who works on it. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, ClassVar, Self

from graph.domain.case import Handling
from graph.domain.desk.standing import Effect, Standing, Taking, deadline
from graph.domain.enums import (
    OPEN_STATUSES,
    AmountBand,
    DepartmentRole,
    Level,
    Nature,
    Severity,
    Urgency,
)
from graph.domain.lifecycle import Step
from graph.domain.money import Money
from graph.domain.patch import UNSET, Edit, Unset, patched
from graph.domain.suggestions import Dimension
from graph.errors import InvalidInputError

#: What a suggestion can say of the classification; risks are a dimension of several values.
_SUGGESTED: Mapping[Dimension, tuple[str, type[str]]] = {
    Dimension.NATURE: ("nature", Nature),
    Dimension.TYPE: ("type", str),
    Dimension.PRODUCT: ("product", str),
    Dimension.SEVERITY: ("severity", Severity),
    Dimension.URGENCY: ("urgency", Urgency),
}


@dataclass(frozen=True, slots=True)
class Classify:
    """A person confirms the classification, or changes it.

    ``confirm``: also what the service suggests, where neither this step nor anybody before has
    set a value; ``suggested`` is that, filled in by whoever takes the step. ``amount_band``: of
    ``amount``.
    """

    step: ClassVar[Step] = Step.CLASSIFY
    nature: Edit[Nature | None] = UNSET
    type: Edit[str | None] = UNSET
    product: Edit[str | None] = UNSET
    branch: Edit[str | None] = UNSET
    severity: Edit[Severity | None] = UNSET
    urgency: Edit[Urgency | None] = UNSET
    risk_types: Edit[tuple[str, ...]] = UNSET
    amount: Edit[Money | None] = UNSET
    amount_band: AmountBand | None = None
    complex_case: Edit[bool] = UNSET
    confirm: bool = False
    suggested: Mapping[Dimension, tuple[str, ...]] = field(default_factory=dict)
    note: str | None = None

    def effect(self, case: Standing, taking: Taking) -> Effect:
        said, taken = self._with_suggested(case)
        values: dict[str, Any] = {
            "nature": said.nature,
            "type": said.type,
            "severity": said.severity,
            "urgency": said.urgency,
            "riskTypes": UNSET if said.risk_types is UNSET else sorted(set(said.risk_types)),
        }
        properties = {name: value for name, value in values.items() if value is not UNSET}
        properties |= {"classifiedBy": taking.actor, "classifiedAt": taking.now}
        if said.amount is not UNSET:
            properties |= {
                "amountMinor": said.amount.minor if said.amount else None,
                "currency": said.amount.currency if said.amount else None,
                "amountBand": said.amount_band if said.amount else None,
            }
        if said.complex_case is not UNSET and said.complex_case != case.complex_case:
            if case.status in OPEN_STATUSES:
                properties |= deadline(case, taking.limits, complex_case=said.complex_case)
            else:  # The time of what has ended is over; a later round has that of its kind.
                properties["complex"] = said.complex_case
        return Effect(
            properties, product=said.product, branch=said.branch, suggested=taken, note=self.note
        )

    def _with_suggested(self, case: Standing) -> tuple[Self, tuple[tuple[Dimension, str], ...]]:
        """The step with what is taken of the suggestion, and that by itself."""
        changes: dict[str, Any] = {}
        taken: list[tuple[Dimension, str]] = []
        for dimension, (name, kind) in _SUGGESTED.items():
            value = next(iter(self.suggested.get(dimension, ())), None)
            if value and getattr(self, name) is UNSET and getattr(case, name) is None:
                changes[name] = kind(value)
                taken.append((dimension, value))
        if self.risk_types is UNSET:
            risks = self.suggested.get(Dimension.RISK_TYPES, ())
            new = [risk for risk in dict.fromkeys(risks) if risk not in case.risk_types]
            if new:
                changes["risk_types"] = (*case.risk_types, *new)
                taken += [(Dimension.RISK_TYPES, risk) for risk in new]
        return replace(self, **changes), tuple(taken)


@dataclass(frozen=True, slots=True)
class CorrectClassification(Classify):
    """A person corrects what was confirmed; the case stays where it is."""

    step: ClassVar[Step] = Step.CORRECT_CLASSIFICATION


@dataclass(frozen=True, slots=True)
class Dispatch:
    """The departments that handle the case, and who works on it."""

    step: ClassVar[Step] = Step.DISPATCH
    lead: str
    assisting: Edit[tuple[str, ...]] = UNSET
    assignee: Edit[str | None] = UNSET
    note: str | None = None

    def effect(self, case: Standing, taking: Taking) -> Effect:
        if not isinstance(self.assisting, Unset) and self.lead in self.assisting:
            raise InvalidInputError(
                "assisting: the leading department cannot assist itself.", path=["assisting"]
            )
        others = sorted(set(patched(self.assisting, case.assisting)) - {self.lead})
        handling = (Handling(self.lead), *(Handling(c, DepartmentRole.ASSISTING) for c in others))
        return Effect(_assigned(self.assignee), handling=handling, note=self.note)


@dataclass(frozen=True, slots=True)
class Transfer(Dispatch):
    """Another department takes the case over; where the lead stays, so does the work on it."""

    step: ClassVar[Step] = Step.TRANSFER

    def effect(self, case: Standing, taking: Taking) -> Effect:
        effect = Dispatch.effect(self, case, taking)
        return replace(effect, status=case.status) if self.lead == case.lead else effect


@dataclass(frozen=True, slots=True)
class Assign:
    step: ClassVar[Step] = Step.ASSIGN
    assignee: Edit[str | None] = UNSET
    note: str | None = None

    def effect(self, case: Standing, taking: Taking) -> Effect:
        return Effect(_assigned(self.assignee), note=self.note)


def _assigned(assignee: Edit[str | None]) -> dict[str, Any]:
    return {} if isinstance(assignee, Unset) else {"assignee": assignee}


@dataclass(frozen=True, slots=True)
class Plain:
    """A step that says nothing beside that it is taken."""

    note: str | None = None

    def effect(self, case: Standing, taking: Taking) -> Effect:
        return Effect(note=self.note)


@dataclass(frozen=True, slots=True)
class Investigate(Plain):
    step: ClassVar[Step] = Step.INVESTIGATE


@dataclass(frozen=True, slots=True)
class SetLevel:
    """A person raises or lowers the level; what the rules say stays beside it."""

    step: ClassVar[Step] = Step.SET_LEVEL
    level: Level
    note: str

    def effect(self, case: Standing, taking: Taking) -> Effect:
        return Effect({"level": self.level, "levelBy": taking.actor}, note=self.note)
