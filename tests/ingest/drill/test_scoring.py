"""Scores and agreement against figures worked out by hand."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from graph.domain.drills import CompensationBand, DrillAnswer, DrillDimension, DrillKey, Sitting
from graph.domain.enums import Language, Level, OutcomeKind, RemedyKind
from ingest.drill.drills import agreement_of, scores
from ingest.drill.making import Drill
from tests.ingest.drill.test_making import MAKER

NOW = datetime(2026, 6, 1, tzinfo=UTC)
DRILL = MAKER.make(DrillKey(11, 10, Language.ZH))
TRUTH = [case.truth for case in DRILL.cases]


def sitting(answers: list[DrillAnswer], person: str = "a", branch: str | None = "BJ") -> Sitting:
    numbered = dict(enumerate(answers, start=1))
    return Sitting(person, DRILL.key.code, DRILL.edition, branch, NOW, NOW, numbered)


def with_levels(levels: str) -> list[DrillAnswer]:
    """The truth, but for the level: a letter each."""
    known = {level.value[0]: level for level in Level}
    return [replace(each, level=known[sign]) for each, sign in zip(TRUTH, levels, strict=True)]


def with_truth(levels: str) -> Drill:
    """The drill with other levels that are right."""
    cases = zip(DRILL.cases, with_levels(levels), strict=True)
    return replace(DRILL, cases=tuple(replace(case, truth=truth) for case, truth in cases))


def test_all_right_is_all_right() -> None:
    for score in scores(DRILL, sitting(TRUTH)):
        assert (score.right.value, score.right.high, score.right.count) == (1, 1, 10)
        # Wilson's interval of 10 in 10.
        assert score.right.low == pytest.approx(0.7225, abs=0.0001)
        assert score.kappa is None or score.kappa.value == 1


def test_levels_are_weighted_by_how_far_they_lie_apart() -> None:
    """Right: GGGGYYYRRR. Given: one Y as G, one G as R, one R as Y.

    Off by one twice, by two once: (1/4 + 1/4 + 1) / 10 = .15. Right are 4 G, 3 Y, 3 R, given
    4 G, 3 Y, 3 R: by chance (2 * 4*3/4 + 2 * 4*3 + 2 * 3*3/4) / 100 = .345.
    """
    drill = with_truth("GGGGYYYRRR")
    found = {s.dimension: s for s in scores(drill, sitting(with_levels("GGGRYYGRRY")))}
    level = found[DrillDimension.LEVEL]
    assert level.right.value == pytest.approx(0.7)
    assert level.kappa is not None
    assert level.kappa.value == pytest.approx(1 - 0.15 / 0.345)
    assert found[DrillDimension.OUTCOME].right.value == 1


def test_risk_types_agree_as_sets() -> None:
    given = [replace(each, risk_types=each.risk_types[::-1]) for each in TRUTH]
    given[0] = replace(given[0], risk_types=())
    found = {s.dimension: s for s in scores(DRILL, sitting(given))}
    assert found[DrillDimension.RISK_TYPES].right.value == pytest.approx(0.9)


def test_of_one_person_nothing_is_told() -> None:
    found = agreement_of(DRILL, [sitting(TRUTH)])
    assert (found.people, found.places, found.rows, found.disputes) == (1, 1, None, None)
    assert agreement_of(DRILL, []).people == 0


def test_pairs_of_one_branch_and_of_two_are_told_apart() -> None:
    """a and b of Beijing say the same; c of Shanghai as in the example above, against both."""
    a, b = (sitting(with_levels("GGGGYYYRRR"), name) for name in ("a", "b"))
    c = sitting(with_levels("GGGRYYGRRY"), "c", "SH")
    found = agreement_of(DRILL, [a, b, c])
    assert (found.people, found.places) == (3, 2)
    assert found.rows is not None
    level = next(row for row in found.rows if row.dimension is DrillDimension.LEVEL)
    assert level.within is not None
    assert level.across is not None
    assert level.every is not None
    apart = 1 - 0.15 / 0.345
    assert (level.within.value, level.within.count) == (1, 1)
    assert (level.across.value, level.across.count) == (pytest.approx(apart), 2)
    assert (level.every.value, level.every.count) == (pytest.approx((1 + 2 * apart) / 3), 3)
    # Of three pairs two differ on three of ten cases.
    assert level.same == pytest.approx(1 - 2 / 3 * 0.3)


def test_who_has_no_branch_of_his_own_is_of_the_whole_bank() -> None:
    people = [sitting(TRUTH, "a", None), sitting(TRUTH, "b", None)]
    found = agreement_of(DRILL, people)
    assert found.places == 1
    assert found.rows is not None
    assert all(row.across is None for row in found.rows)


def test_what_people_differ_on_most_comes_first_with_counts_and_without_names() -> None:
    other = list(TRUTH)
    other[6] = DrillAnswer(
        "OTHER", (), Level.RED, TRUTH[6].precedent % 4 + 1, OutcomeKind.WITHDRAWN,
        RemedyKind.NON_MONETARY, CompensationBand.LARGE,
    )  # fmt: skip
    other[2] = replace(other[2], type="OTHER")
    people = [sitting(TRUTH, "anna"), sitting(TRUTH, "ben"), sitting(other, "cleo", "SH")]
    found = agreement_of(DRILL, people)
    assert found.disputes is not None
    assert [each.number for each in found.disputes[:3]] == [7, 3, 1]
    # Two of three pairs differ, on each dimension that he answers otherwise.
    differing = sum(TRUTH[6].codes(d) != other[6].codes(d) for d in DrillDimension)
    assert found.disputes[0].differing == pytest.approx(2 / 3 * differing / len(DrillDimension))
    assert found.disputes[1].differing == pytest.approx(2 / 3 / len(DrillDimension))
    types = [
        (tally.codes, tally.count, tally.right)
        for tally in found.disputes[1].tallies
        if tally.dimension is DrillDimension.TYPE
    ]
    assert types == [((TRUTH[2].type,), 2, True), (("OTHER",), 1, False)]
    assert not any(name in repr(found) for name in ("anna", "ben", "cleo"))
