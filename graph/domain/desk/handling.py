"""Steps that say what a case is and who works on it. Pure."""

from dataclasses import dataclass
from typing import Any, ClassVar

from graph.domain.case import Handling
from graph.domain.desk.standing import Effect, Standing, Taking, deadline
from graph.domain.enums import OPEN_STATUSES, AmountBand, DepartmentRole, Level, Severity, Urgency
from graph.domain.lifecycle import Step
from graph.domain.money import Money
from graph.errors import InvalidInputError


@dataclass(frozen=True, slots=True)
class Classify:
    """A person confirms the classification, or gives it; only what is given changes.

    ``confirm``: what is left out is as the service suggested it (whoever takes the step fills it).
    """

    step: ClassVar[Step] = Step.CLASSIFY
    type: str | None = None
    product: str | None = None
    branch: str | None = None
    severity: Severity | None = None
    urgency: Urgency | None = None
    risk_types: tuple[str, ...] | None = None
    amount: Money | None = None
    amount_band: AmountBand | None = None
    complex_case: bool | None = None
    confirm: bool = False
    note: str | None = None

    def effect(self, case: Standing, taking: Taking) -> Effect:
        given: dict[str, Any] = {
            "type": self.type,
            "severity": self.severity,
            "urgency": self.urgency,
            "riskTypes": None if self.risk_types is None else sorted(set(self.risk_types)),
        }
        properties: dict[str, Any] = {
            name: value for name, value in given.items() if value is not None
        }
        properties |= {"classifiedBy": taking.actor, "classifiedAt": taking.now}
        if self.amount is not None:
            properties |= {
                "amountMinor": self.amount.minor,
                "currency": self.amount.currency,
                "amountBand": self.amount_band,
            }
        if self.complex_case is not None and self.complex_case != case.complex_case:
            if case.status in OPEN_STATUSES:
                properties |= deadline(case, taking.limits, complex_case=self.complex_case)
            else:  # The time of what has ended is over; a later round has that of its kind.
                properties["complex"] = self.complex_case
        return Effect(properties, product=self.product, branch=self.branch, note=self.note)


@dataclass(frozen=True, slots=True)
class CorrectClassification(Classify):
    """A person corrects what was confirmed; the case stays where it is."""

    step: ClassVar[Step] = Step.CORRECT_CLASSIFICATION


@dataclass(frozen=True, slots=True)
class Dispatch:
    """The departments that handle the case, and who works on it."""

    step: ClassVar[Step] = Step.DISPATCH
    lead: str
    assisting: tuple[str, ...] = ()
    assignee: str | None = None
    note: str | None = None

    def effect(self, case: Standing, taking: Taking) -> Effect:
        if self.lead in self.assisting:
            raise InvalidInputError(
                "assisting: the leading department cannot assist itself.", path=["assisting"]
            )
        handling = [Handling(self.lead)]
        handling += [Handling(code, DepartmentRole.ASSISTING) for code in set(self.assisting)]
        return Effect({"assignee": self.assignee}, handling=tuple(handling), note=self.note)


@dataclass(frozen=True, slots=True)
class Transfer(Dispatch):
    """Other departments take the case over."""

    step: ClassVar[Step] = Step.TRANSFER


@dataclass(frozen=True, slots=True)
class Assign:
    step: ClassVar[Step] = Step.ASSIGN
    assignee: str | None
    note: str | None = None

    def effect(self, case: Standing, taking: Taking) -> Effect:
        return Effect({"assignee": self.assignee}, note=self.note)


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
