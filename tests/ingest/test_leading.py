"""The causes that an issue goes back to."""

import pytest

from graph.queries.alert_reach import Elsewhere, Reach
from ingest.watching import leading

TREE = {"NARROW": ("WIDE",), "OTHER": ("WIDE",)}


@pytest.mark.parametrize(
    ("causes", "others", "own", "expected"),
    [
        # All have it, and nobody else has.
        ({"A": 64, "B": 10}, {"A": 0, "B": 30}, None, ("A",)),
        # Every complaint has several causes: shares are of complaints, not of causes.
        ({"A": 64, "B": 64, "C": 64}, {"A": 0, "B": 100, "C": 70}, None, ("A",)),
        # Half is enough, less is not.
        ({"A": 32, "B": 31}, {"A": 0, "B": 0}, None, ("A",)),
        # What is half as frequent again as elsewhere sets them apart.
        ({"A": 48, "B": 47}, {"A": 50, "B": 50}, None, ("A",)),
        # The alert's own cause is one, however frequent elsewhere.
        ({"A": 64, "B": 64}, {"A": 100, "B": 0}, "A", ("A", "B")),
        # Of a cause and a wider one the narrower counts; several narrower ones have none of half.
        ({"NARROW": 40, "WIDE": 64}, {}, None, ("NARROW",)),
        ({"NARROW": 30, "OTHER": 30, "WIDE": 60}, {}, None, ("WIDE",)),
        ({"NARROW": 40, "WIDE": 64}, {}, "WIDE", ("NARROW", "WIDE")),
        ({}, {}, None, ()),
    ],
)
def test_an_issue_goes_back_to_what_sets_its_complaints_apart(
    causes: dict[str, int], others: dict[str, int], own: str | None, expected: tuple[str, ...]
) -> None:
    reach = Reach(branches=2, causes=causes, known=64)
    assert leading(reach, Elsewhere(100, others, TREE), own) == expected


def test_where_nothing_else_is_known_half_is_enough() -> None:
    assert leading(Reach(2, {"A": 64}, known=64), Elsewhere(0, {}, {})) == ("A",)
