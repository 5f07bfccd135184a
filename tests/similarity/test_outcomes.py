"""Whether a decision lies outside of what alike cases got."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from graph.domain.case import Decision
from graph.domain.desk import Proposal
from graph.domain.enums import (
    AmountBand,
    OutcomeKind,
)
from graph.domain.money import Money
from graph.queries.cases import DecidedCase
from similarity.outcomes import FEWEST, OutcomeVerdict, check_outcome

AT = datetime(2026, 3, 1, tzinfo=UTC)
UPHELD, REFUSED = OutcomeKind.UPHELD, OutcomeKind.NOT_UPHELD
SMALL = AmountBand.SMALL


def decided(
    number: int, outcome: OutcomeKind, paid: int | None = None, days: int = 3
) -> DecidedCase:
    resolution = Decision(
        round=1,
        outcome=outcome,
        compensation=None if paid is None else Money(paid, "CNY"),
        decided_at=AT + timedelta(days=days),
    )
    return DecidedCase(f"c{number}", AT, resolution, SMALL)


def offer(outcome: OutcomeKind, paid: int | None = None) -> Proposal:
    return Proposal(outcome, compensation=None if paid is None else Money(paid, "CNY"))


PAID = [decided(n, UPHELD, 1_000 + 10 * n) for n in range(20)]


def test_with_few_cases_it_cannot_tell() -> None:
    few = check_outcome(PAID[: FEWEST - 1], offer(REFUSED), SMALL)
    assert few.verdicts == (OutcomeVerdict.INCONCLUSIVE,)
    assert few.against == ()
    assert check_outcome([], offer(UPHELD), None).count == 0


def test_an_outcome_nobody_got_is_unusual() -> None:
    found = check_outcome(PAID, offer(REFUSED), SMALL)
    assert found.verdicts == (OutcomeVerdict.OUTCOME_UNUSUAL,)
    assert found.against[:2] == ("c0", "c1")  # the most alike first
    assert found.outcomes == {UPHELD: 20}


def test_a_minority_is_not_unusual() -> None:
    mixed = [*PAID, *(decided(n, REFUSED) for n in range(100, 103))]
    assert check_outcome(mixed, offer(REFUSED), SMALL).verdicts == (OutcomeVerdict.AS_USUAL,)


def test_compensation_is_judged_within_its_band() -> None:
    def verdicts(paid: int | None, band: AmountBand = SMALL) -> tuple[OutcomeVerdict, ...]:
        return check_outcome(PAID, offer(UPHELD, paid), band).verdicts

    assert verdicts(1_090) == (OutcomeVerdict.AS_USUAL,)
    assert verdicts(2_000) == (OutcomeVerdict.COMPENSATION_HIGH,)
    assert verdicts(100) == (OutcomeVerdict.COMPENSATION_LOW,)
    assert verdicts(None) == (OutcomeVerdict.COMPENSATION_LOW,)
    assert verdicts(2_000, AmountBand.LARGE) == (OutcomeVerdict.AS_USUAL,)


def test_quartiles_by_hand() -> None:
    found = check_outcome(
        [decided(n, UPHELD, n, days=n) for n in range(1, 10)], offer(UPHELD, 5), SMALL
    )
    quartiles = found.compensation[SMALL]
    assert (quartiles.low, quartiles.median, quartiles.high, quartiles.count) == (3, 5, 7, 9)
    assert found.days is not None
    assert found.days.median == 5


@given(st.lists(st.tuples(st.sampled_from(OutcomeKind), st.integers(0, 10**6)), max_size=30))
def test_what_most_got_is_never_unusual(history: list[tuple[OutcomeKind, int]]) -> None:
    alike = [decided(n, outcome, paid) for n, (outcome, paid) in enumerate(history)]
    check = check_outcome(alike, offer(UPHELD, 5), SMALL)
    assert sum(check.outcomes.values()) == check.count == len(history)
    if check.outcomes:
        most = max(check.outcomes, key=lambda kind: check.outcomes[kind])
        again = check_outcome(alike, offer(most), SMALL)
        assert OutcomeVerdict.OUTCOME_UNUSUAL not in again.verdicts
    assert set(check.against) <= {case.id for case in alike}
