"""What hangs together with a case, drawn: each case once, the nearer, the more alike."""

from math import hypot
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from api.console.drawing import ALIKE, DUPLICATE, HEIGHT, WIDTH, drawing


def case(number: int) -> dict[str, Any]:
    return {"id": f"id-{number}", "reference": f"R-{number}"}


def linked(*scores: float, pairs: tuple[tuple[int, int], ...] = ()) -> list[dict[str, Any]]:
    return [
        {
            "complaint": case(number),
            "score": score,
            "linkedWith": [f"id-{b if a == number else a}" for a, b in pairs if number in (a, b)],
        }
        for number, score in enumerate(scores)
    ]


def test_the_more_alike_stands_nearer_and_nobody_stands_on_another() -> None:
    made = drawing({"linked": linked(0.9, 0.8, 0.7), "duplicates": [], "repeats": []})
    assert [node.case["reference"] for node in made.nodes] == ["R-0", "R-1", "R-2"]
    far = [hypot(node.x / 260, node.y / 175) for node in made.nodes]
    assert far == sorted(far)
    assert len({(node.x, node.y) for node in made.nodes}) == 3


def test_what_was_filed_again_stands_once_as_that() -> None:
    made = drawing({"linked": linked(0.9, 0.8), "duplicates": [case(1)], "repeats": []})
    assert [(node.case["reference"], node.joined) for node in made.nodes] == [
        ("R-1", DUPLICATE),
        ("R-0", ALIKE),
    ]


def test_a_line_between_two_is_drawn_once_and_they_stand_side_by_side() -> None:
    links = linked(0.9, 0.8, 0.7, 0.6, pairs=((0, 3),))
    made = drawing({"linked": links, "duplicates": [], "repeats": []})
    assert [node.case["reference"] for node in made.nodes] == ["R-0", "R-3", "R-1", "R-2"]
    assert [(a.case["id"], b.case["id"]) for a, b in made.lines] == [("id-0", "id-3")]


@given(st.lists(st.floats(0, 1), max_size=20), st.integers(0, 10), st.integers(0, 10))
def test_everything_stands_within_the_drawing(
    scores: list[float], duplicates: int, repeats: int
) -> None:
    made = drawing(
        {
            "linked": linked(*scores) or None,
            "duplicates": [case(100 + n) for n in range(duplicates)] or None,
            "repeats": [case(200 + n) for n in range(repeats)],
        }
    )
    assert len(made.nodes) == len(scores) + duplicates + repeats
    assert all(abs(node.x) < WIDTH and abs(node.y) < HEIGHT for node in made.nodes)
