"""Which filings of one customer are the same case: received twice, or complained of again.

Both are a pure function of the customer's cases, so they do not depend on the order of arrival.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum


class FamilyKind(StrEnum):
    """``DUPLICATE_OF``: received again before an answer. ``REPEATS``: filed again after one."""

    DUPLICATE_OF = "DUPLICATE_OF"
    REPEATS = "REPEATS"


#: Later than this it is a new case, however alike (a setting of the rule, not of the bank).
WINDOW = timedelta(days=365)


@dataclass(frozen=True, slots=True)
class Filing:
    """What the rule needs of a case; ``answered_at`` None with ``answered``: date unknown.

    ``customer`` None: nobody knows who filed it, so it is nobody's case but by a correction.
    """

    id: str
    key: str
    received_at: datetime
    answered: bool
    answered_at: datetime | None = None
    product: str | None = None
    type: str | None = None
    has_text: bool = False
    customer: str | None = None


@dataclass(frozen=True, slots=True)
class Relation:
    later: str
    earlier: str
    kind: FamilyKind


@dataclass(frozen=True, slots=True)
class Likeness:
    """Cosines of filings with texts, by (earlier id, later id), and from which on they are alike:
    ``same_product`` where both are about one product, ``otherwise`` where that is not known.
    """

    cosines: Mapping[tuple[str, str], float]
    same_product: float
    otherwise: float

    def alike(self, earlier: Filing, later: Filing) -> bool:
        same = earlier.product is not None and earlier.product == later.product
        least = self.same_product if same else self.otherwise
        return self.cosines.get((earlier.id, later.id), -1.0) >= least


@dataclass(frozen=True, slots=True)
class Corrections:
    """Pairs of filings that people know to be one case, or not to be, whatever they look like."""

    same: frozenset[frozenset[str]] = frozenset()
    other: frozenset[frozenset[str]] = frozenset()


@dataclass(slots=True)
class _Case:
    """An original filing with its duplicates: all that is said of one of them holds for all."""

    original: Filing
    ids: list[str] = field(default_factory=list)

    def is_in(self, pairs: frozenset[frozenset[str]], later: Filing) -> bool:
        return any(frozenset((each, later.id)) in pairs for each in self.ids)


def relate(
    filings: Sequence[Filing], likeness: Likeness, corrections: Corrections | None = None
) -> list[Relation]:
    """Each filing's relation to the latest earlier one of the same case, if there is one.

    Two filings of a customer are one case when their products do not differ and their texts are
    alike; without texts, when product and type are the same. What people have recorded goes before
    that. A duplicate leads to the filing that it duplicates, never to another duplicate.
    """
    recorded = corrections or Corrections()
    cases: list[_Case] = []
    relations = []
    for later in sorted(filings, key=lambda filing: filing.key):
        case = _case_of(later, cases, likeness, recorded)
        if case is None:
            cases.append(_Case(later, [later.id]))
            continue
        earlier = case.original
        kind = FamilyKind.REPEATS if _answered(earlier, later) else FamilyKind.DUPLICATE_OF
        relations.append(Relation(later.id, earlier.id, kind))
        if kind is FamilyKind.REPEATS:
            cases.append(_Case(later, [later.id]))
        else:
            case.ids.append(later.id)
    return relations


def _case_of(
    later: Filing, cases: Sequence[_Case], likeness: Likeness, recorded: Corrections
) -> _Case | None:
    latest = cases[::-1]
    known = next((case for case in latest if case.is_in(recorded.same, later)), None)
    if known is not None:
        return known
    return next(
        (
            case
            for case in latest
            if not case.is_in(recorded.other, later)
            and _is_same_case(case.original, later, likeness)
        ),
        None,
    )


def _is_same_case(earlier: Filing, later: Filing, likeness: Likeness) -> bool:
    if earlier.customer is None or earlier.customer != later.customer:
        return False
    if later.received_at - earlier.received_at > WINDOW:
        return False
    if earlier.product and later.product and earlier.product != later.product:
        return False
    if earlier.has_text and later.has_text:
        return likeness.alike(earlier, later)
    return earlier.product == later.product and earlier.type == later.type is not None


def _answered(earlier: Filing, later: Filing) -> bool:
    if earlier.answered_at is None:
        return earlier.answered
    return earlier.answered_at <= later.received_at
