"""Steps that change the time that a case may take. Pure."""

from dataclasses import dataclass
from typing import ClassVar

from graph.domain.desk.standing import Effect, Standing, Taking, deadline, limit_of, running
from graph.domain.lifecycle import Step, StepNotAllowedError


@dataclass(frozen=True, slots=True)
class Extend:
    """More days to decide, with leave; a reason is asked for."""

    step: ClassVar[Step] = Step.EXTEND
    days: int
    note: str

    def effect(self, case: Standing, taking: Taking) -> Effect:
        if limit_of(case, taking.limits) is None:
            raise StepNotAllowedError(
                "No source says since when this round runs, so there is no deadline to extend."
            )
        taking.limits.check_extension(case.extended_days, self.days)
        days = case.extended_days + self.days
        return Effect(deadline(case, taking.limits, extended_days=days), note=self.note)


@dataclass(frozen=True, slots=True)
class Pause:
    """The case waits for a check outside the bank; the time does not run."""

    step: ClassVar[Step] = Step.PAUSE
    note: str

    def effect(self, case: Standing, taking: Taking) -> Effect:
        if case.paused_at is not None:
            raise StepNotAllowedError("The time limit is paused already; resume it first.")
        return Effect(deadline(case, taking.limits, paused_at=taking.now), note=self.note)


@dataclass(frozen=True, slots=True)
class Resume:
    step: ClassVar[Step] = Step.RESUME
    note: str | None = None

    def effect(self, case: Standing, taking: Taking) -> Effect:
        if case.paused_at is None:
            raise StepNotAllowedError("The time limit is not paused.")
        return Effect(running(case, taking), note=self.note)
