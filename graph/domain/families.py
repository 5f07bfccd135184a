"""Which filings of one customer are the same matter: received twice, or complained of again.

Both are a pure function of the customer's cases, so they do not depend on the order of arrival.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum


class FamilyKind(StrEnum):
    """``DUPLICATE_OF``: received again before an answer. ``REPEATS``: filed again after one."""

    DUPLICATE_OF = "DUPLICATE_OF"
    REPEATS = "REPEATS"


#: Later than this it is a new matter, however alike (a setting of the rule, not of the bank).
WINDOW = timedelta(days=365)


@dataclass(frozen=True, slots=True)
class Filing:
    """What the rule needs of a case; ``answered_at`` None with ``answered``: date unknown."""

    id: str
    key: str
    received_at: datetime
    answered: bool
    answered_at: datetime | None = None
    product: str | None = None
    type: str | None = None
    has_text: bool = False


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


def relate(filings: Sequence[Filing], likeness: Likeness) -> list[Relation]:
    """Each filing's relation to the latest earlier one of the same matter, if there is one.

    Two filings are of one matter when their products do not differ and their texts are alike;
    without texts, when product and type are the same. A duplicate leads to the filing that it
    duplicates, never to another duplicate.
    """
    originals: list[Filing] = []
    relations = []
    for later in sorted(filings, key=lambda filing: filing.key):
        earlier = next((o for o in reversed(originals) if _same_matter(o, later, likeness)), None)
        if earlier is None:
            originals.append(later)
            continue
        kind = FamilyKind.REPEATS if _answered(earlier, later) else FamilyKind.DUPLICATE_OF
        relations.append(Relation(later.id, earlier.id, kind))
        if kind is FamilyKind.REPEATS:
            originals.append(later)
    return relations


def _same_matter(earlier: Filing, later: Filing, likeness: Likeness) -> bool:
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
