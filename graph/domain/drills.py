"""Training on simulated cases: which drill, and what one person answers. Pure.

A drill is named by its code alone: from it the same cases are made on every machine.
"""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from graph.domain.enums import AmountBand, Language, Level, OutcomeKind, RemedyKind
from graph.errors import InvalidInputError

#: How many cases a drill has.
FEWEST, MOST = 3, 20
LARGEST_SEED = 999_999
#: How many precedents each case offers.
OPTIONS = 4
_CODE = re.compile(r"(ZH|EN)-([0-9]{1,2})-([0-9]{1,6})")


class DrillDimension(StrEnum):
    """What is asked of each case, in the order of the work."""

    TYPE = "TYPE"
    RISK_TYPES = "RISK_TYPES"
    LEVEL = "LEVEL"
    PRECEDENT = "PRECEDENT"
    OUTCOME = "OUTCOME"
    REMEDY = "REMEDY"
    COMPENSATION = "COMPENSATION"


class CompensationBand(StrEnum):
    """How much is paid; the bounds are those of amounts in dispute."""

    NONE = "NONE"
    SMALL = "SMALL"
    MEDIUM = "MEDIUM"
    LARGE = "LARGE"

    @classmethod
    def of(cls, band: AmountBand | None) -> "CompensationBand":
        return cls.NONE if band is None else cls(band.value)


#: Values of the dimensions that have an order, from the lowest: to miss by one counts less.
ORDERED: Mapping[DrillDimension, tuple[str, ...]] = {
    DrillDimension.LEVEL: tuple(Level),
    DrillDimension.COMPENSATION: tuple(CompensationBand),
}


@dataclass(frozen=True, slots=True)
class DrillKey:
    """Raises InvalidInputError: there is no such drill."""

    seed: int
    size: int = 10
    language: Language = Language.ZH

    def __post_init__(self) -> None:
        if not FEWEST <= self.size <= MOST:
            raise InvalidInputError(
                f"A drill has {FEWEST} to {MOST} cases, not {self.size:,}.", path=["size"]
            )
        if not 0 <= self.seed <= LARGEST_SEED:
            raise InvalidInputError(
                f"The seed is a number from 0 to {LARGEST_SEED}.", path=["seed"]
            )

    @property
    def code(self) -> str:
        """What people hand on: language, cases, seed."""
        return f"{self.language}-{self.size}-{self.seed}"

    @classmethod
    def of(cls, code: str) -> "DrillKey":
        """Raises InvalidInputError: it is no drill's code."""
        found = _CODE.fullmatch(code.strip().upper())
        if found is None:
            raise InvalidInputError(
                "A drill's code has its language, its cases and a number, such as ZH-10-2026.",
                path=["drill"],
            )
        try:
            return cls(int(found[3]), int(found[2]), Language(found[1]))
        except InvalidInputError as error:
            error.path = ("drill",)
            raise


@dataclass(frozen=True, slots=True)
class DrillAnswer:
    """What somebody makes of one case, or what is right. ``precedent``: its number, from 1."""

    type: str
    risk_types: tuple[str, ...]
    level: Level
    precedent: int
    outcome: OutcomeKind
    remedy: RemedyKind
    compensation: CompensationBand

    def codes(self, dimension: DrillDimension) -> tuple[str, ...]:
        """What stands there; of risk types any number."""
        if dimension is DrillDimension.RISK_TYPES:
            return tuple(sorted(self.risk_types))
        return (str(getattr(self, dimension.lower())),)

    def category(self, dimension: DrillDimension) -> str:
        """The same as one value: two answers agree where these are equal."""
        return "+".join(self.codes(dimension))

    def to_record(self) -> dict[str, Any]:
        return {each.lower(): list(self.codes(each)) for each in DrillDimension}

    @classmethod
    def from_record(cls, record: Mapping[str, Sequence[str]]) -> "DrillAnswer":
        return cls(
            type=record["type"][0],
            risk_types=tuple(record["risk_types"]),
            level=Level(record["level"][0]),
            precedent=int(record["precedent"][0]),
            outcome=OutcomeKind(record["outcome"][0]),
            remedy=RemedyKind(record["remedy"][0]),
            compensation=CompensationBand(record["compensation"][0]),
        )


@dataclass(frozen=True, slots=True)
class Sitting:
    """One person's answers to one drill, by the number of the case, from 1.

    ``branch``: where the person's cases are; None for several places or the whole bank.
    ``edition``: of the cases that were answered; another one has other cases under the same code.
    """

    person: str
    drill: str
    edition: str
    branch: str | None
    started_at: datetime
    finished_at: datetime | None = None
    answers: Mapping[int, DrillAnswer] = field(default_factory=dict)

    @classmethod
    def from_record(cls, record: Mapping[str, Any]) -> "Sitting":
        stored = json.loads(record["answers"])
        return cls(
            person=record["person"],
            drill=record["drill"],
            edition=record["edition"],
            branch=record.get("branch"),
            started_at=record["startedAt"],
            finished_at=record.get("finishedAt"),
            answers={int(n): DrillAnswer.from_record(each) for n, each in stored.items()},
        )


def answers_json(answers: Mapping[int, DrillAnswer]) -> str:
    """As a node keeps them; the same answers give the same text."""
    return json.dumps({str(n): answers[n].to_record() for n in sorted(answers)})
